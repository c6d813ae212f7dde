"""Which partitions a query must look at: those of the narrowest index, in the order of time."""

from collections.abc import Iterator, Sequence

from lacuna_core.ports import EventQuery
from lacuna_core.units import MS_PER_DAY
from lacuna_runtime.stores.cassandra.connection import Connection
from lacuna_runtime.stores.cassandra.event_row import (
    BY_CRAFT,
    BY_KIND,
    BY_SQUARE,
    LONG,
    LONG_MS,
    OPEN_END_MS,
    year_of,
)
from lacuna_runtime.stores.cassandra.families import FIRST_BUCKET, LAST_BUCKET, Family
from lacuna_runtime.stores.cassandra.statement import Call, Statement
from lacuna_runtime.stores.cassandra.walk import by_day
from lacuna_runtime.stores.squares import box_squares

EVENT_DAYS = Family("event", Statement("SELECT count(*) FROM event_by_kind WHERE kind = ? AND day = ?"))
_BEFORE_ALL = (-(2**63), "")


def plan(db: Connection, query: EventQuery) -> Iterator[Sequence[Call]]:
    """Give the reads that answer a query.

    Parameters
    ----------
    db : Connection
        Where.
    query : EventQuery
        What to find; flags have no index of their own and narrow afterwards.

    Yields
    ------
    sequence of Call
        Windows in the order of time: all rows of one come before those of the next.
    """
    after = query.after or _BEFORE_ALL
    end_ms = OPEN_END_MS if query.end_ms is None else query.end_ms
    if query.craft is not None:
        yield [Call(BY_CRAFT.behind, (query.craft, *after, end_ms))]
        return
    days = _days(db, query)
    squares = None if query.bbox is None else box_squares(query.bbox)
    by_kind = list(_kind_windows(query, days, after, end_ms))
    years = sorted({year_of(day) for day, _ in days})
    if squares is not None and len(squares) * len(years) <= sum(map(len, by_kind)):
        for year in years:
            yield [Call(BY_SQUARE.behind, (square, year, *after, end_ms)) for square in squares]
        return
    yield from by_kind


def _days(db: Connection, query: EventQuery) -> list[tuple[int, str]]:
    """Days with events of the kinds asked for, sorted."""
    first = FIRST_BUCKET if query.after is None else query.after[0] // MS_PER_DAY
    last = LAST_BUCKET if query.end_ms is None else (query.end_ms - 1) // MS_PER_DAY
    found = EVENT_DAYS.between(db, first, last)
    return [(day, kind) for day, kind in found if not query.kinds or kind in query.kinds]


def _kind_windows(
    query: EventQuery, days: Sequence[tuple[int, str]], after: tuple[int, str], end_ms: int
) -> Iterator[list[Call]]:
    """Every event of the days near the window, and before them the long ones only."""
    near = FIRST_BUCKET if query.start_ms is None else (query.start_ms - LONG_MS) // MS_PER_DAY
    near_ms = min(end_ms, near * MS_PER_DAY)
    far = sorted({(year_of(day), kind) for day, kind in days if day < near})
    for year in sorted({year for year, _ in far}):
        yield [Call(LONG.behind, (kind, year, *after, near_ms)) for y, kind in far if y == year]
    for window in by_day([place for place in days if place[0] >= near]):
        yield [Call(BY_KIND.behind, (kind, day, *after, end_ms)) for day, kind in window]
