"""What an event query says in SQL."""

from typing import Any

from lacuna_core.event import RETRACTED
from lacuna_core.ports import ANY_STATUS, EventQuery
from lacuna_core.units import E7_PER_DEG
from lacuna_runtime.stores.squares import box_squares


def _end_in_box(end: str, bbox: tuple[float, float, float, float]) -> tuple[str, list[int]]:
    west, south, east, north = (round(degrees * E7_PER_DEG) for degrees in bbox)
    joint = "AND" if west <= east else "OR"
    # The meridian of 180 degrees has two names.
    lon = f"{end}_lon_e7"
    inside = f"({lon} >= ? {joint} {lon} <= ?)"
    values = [south, north, west, east]
    if 1_800_000_000 in (west, east) or -1_800_000_000 in (west, east):
        inside = f"({inside} OR abs({lon}) = 1800000000)"
    return f"({end}_lat_e7 BETWEEN ? AND ? AND {inside})", values


def _box(bbox: tuple[float, float, float, float]) -> tuple[str, list[Any]]:
    at_start, start_values = _end_in_box("start", bbox)
    at_end, end_values = _end_in_box("end", bbox)
    condition, values = f"({at_start} OR {at_end})", [*start_values, *end_values]
    squares = box_squares(bbox)
    if squares is None:
        return condition, values
    marks = ", ".join("?" * len(squares))
    near = f"event_id IN (SELECT event_id FROM event_square WHERE square IN ({marks}))"
    return f"{near} AND {condition}", [*squares, *values]


def _interval(query: EventQuery) -> tuple[list[str], list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    if query.end_ms is not None:
        parts.append("start_ms < ?")
        values.append(query.end_ms)
    if query.start_ms is not None:
        parts.append("(end_ms IS NULL OR end_ms > ? OR start_ms >= ?)")
        values += [query.start_ms, query.start_ms]
    if query.min_duration_ms is not None:
        parts.append("coalesce(end_ms, as_of_ms) - start_ms >= ?")
        values.append(query.min_duration_ms)
    if query.after is not None:
        parts.append("(start_ms, event_id) > (?, ?)")
        values += query.after
    return parts, values


def where(query: EventQuery) -> tuple[str, list[Any]]:
    """Write the condition of a query over the table of newest revisions.

    Parameters
    ----------
    query : EventQuery
        What to find.

    Returns
    -------
    condition : str
        SQL with question marks.
    values : list
        What they stand for.
    """
    parts, values = _interval(query)
    if not query.status:
        parts.append("status <> ?")
        values.append(RETRACTED)
    elif query.status != ANY_STATUS:
        parts.append("status = ?")
        values.append(query.status)
    if query.kinds:
        parts.append(f"kind IN ({', '.join('?' * len(query.kinds))})")
        values += query.kinds
    if query.verdict:
        parts.append("verdict = ?")
        values.append(query.verdict)
    if query.craft is not None:
        parts.append("event_id IN (SELECT event_id FROM event_craft WHERE craft = ?)")
        values.append(query.craft)
    if query.mids:
        marks = ", ".join("?" * len(query.mids))
        parts.append(f"event_id IN (SELECT event_id FROM event_craft WHERE mid IN ({marks}))")
        values += query.mids
    if query.bbox is not None:
        condition, box_values = _box(query.bbox)
        parts.append(condition)
        values += box_values
    return " AND ".join(parts) or "TRUE", values
