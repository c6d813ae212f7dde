"""Whether a row is what a query asks for; the embedded store says the same in SQL."""

from collections.abc import Callable
from typing import TypeAlias

from lacuna_core.event import RETRACTED
from lacuna_core.ports import ANY_STATUS, EventQuery
from lacuna_core.units import E7_PER_DEG, NULL_I32
from lacuna_runtime.stores.cassandra.event_row import OPEN_END_MS, EventRow
from lacuna_runtime.stores.derived import mid_of

Match: TypeAlias = Callable[[EventRow], bool]
_ANTIMERIDIAN_E7 = 1_800_000_000


def _box_match(bbox: tuple[float, float, float, float]) -> Match:
    west, south, east, north = (round(degrees * E7_PER_DEG) for degrees in bbox)
    # The meridian of 180 degrees has two names.
    both_names = _ANTIMERIDIAN_E7 in (abs(west), abs(east))

    def holds(lat: int, lon: int) -> bool:
        if NULL_I32 in (lat, lon) or not south <= lat <= north:
            return False
        inside = west <= lon <= east if west <= east else lon >= west or lon <= east
        return inside or (both_names and abs(lon) == _ANTIMERIDIAN_E7)

    return lambda row: holds(row.start_lat_e7, row.start_lon_e7) or holds(row.end_lat_e7, row.end_lon_e7)


def _status_match(status: str) -> Match | None:
    if status == ANY_STATUS:
        return None
    return (lambda row: row.status == status) if status else (lambda row: row.status != RETRACTED)


def _time_matches(query: EventQuery) -> list[Match]:
    checks: list[Match] = []
    if query.end_ms is not None:
        end_ms = query.end_ms
        checks.append(lambda row: row.start_ms < end_ms)
    if query.start_ms is not None:
        start_ms = query.start_ms
        checks.append(lambda row: row.end_ms > start_ms or row.start_ms >= start_ms)
    if query.min_duration_ms is not None:
        shortest_ms = query.min_duration_ms
        checks.append(
            lambda row: (
                (row.as_of_ms if row.end_ms == OPEN_END_MS else row.end_ms) - row.start_ms >= shortest_ms
            )
        )
    return checks


def event_match(query: EventQuery) -> Match:
    """Make the condition of a query.

    Parameters
    ----------
    query : EventQuery
        What to find; ``after`` and ``limit`` are no part of the condition.

    Returns
    -------
    callable
        True for a row that is asked for.
    """
    checks = _time_matches(query)
    status = _status_match(query.status)
    if status is not None:
        checks.append(status)
    if query.kinds:
        kinds = frozenset(query.kinds)
        checks.append(lambda row: row.kind in kinds)
    if query.verdict:
        checks.append(lambda row: row.verdict == query.verdict)
    if query.craft is not None:
        checks.append(lambda row: query.craft in row.crafts)
    if query.mids:
        mids = frozenset(query.mids)
        checks.append(lambda row: any(mid_of(craft) in mids for craft in row.crafts))
    if query.bbox is not None:
        checks.append(_box_match(query.bbox))
    return lambda row: all(check(row) for check in checks)
