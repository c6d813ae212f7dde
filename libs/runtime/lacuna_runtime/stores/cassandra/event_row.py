"""An event as a row, and the places in which its newest revision is looked up."""

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from lacuna_core.event import Event
from lacuna_core.units import MS_PER_DAY, NULL_I32
from lacuna_runtime.stores.cassandra.statement import Call, Statement
from lacuna_runtime.stores.squares import squares_at

OPEN_END_MS = 2**63 - 1
"""The end of an event that is open."""
LONG_MS = 7 * MS_PER_DAY
"""From this length on an event is looked up among the long ones, too."""
Values: TypeAlias = tuple[Any, ...]


class EventRow(NamedTuple):
    """One revision with the columns that searches narrow by, in the order in which they are read."""

    start_ms: int
    event_id: str
    generation: int
    revision: int
    kind: str
    status: str
    verdict: str
    end_ms: int
    as_of_ms: int
    start_lat_e7: int
    start_lon_e7: int
    end_lat_e7: int
    end_lon_e7: int
    crafts: tuple[int, ...]
    body: bytes

    @property
    def rank(self) -> tuple[int, int]:
        """Generation and revision: the highest stays."""
        return self.generation, self.revision


COLUMNS = ", ".join(EventRow._fields)
NARROWING = ", ".join(name for name in EventRow._fields if name != "body")


def event_row(event: Event, body: bytes) -> EventRow:
    """Write an event as a row.

    Parameters
    ----------
    event : Event
        A numbered event.
    body : bytes
        As it is served.

    Returns
    -------
    EventRow
        Without nulls, which would be tombstones.
    """

    def place(value_e7: int | None) -> int:
        return NULL_I32 if value_e7 is None else value_e7

    return EventRow(
        start_ms=event.start_ms,
        event_id=event.event_id,
        generation=event.generation,
        revision=event.revision,
        kind=event.kind,
        status=event.status,
        verdict=event.verdict,
        end_ms=OPEN_END_MS if event.end_ms is None else event.end_ms,
        as_of_ms=event.as_of_ms,
        start_lat_e7=place(event.start_lat_e7),
        start_lon_e7=place(event.start_lon_e7),
        end_lat_e7=place(event.end_lat_e7),
        end_lon_e7=place(event.end_lon_e7),
        crafts=event.crafts,
        body=body,
    )


@dataclass(frozen=True, slots=True)
class Index:
    """One table in which events are looked up.

    Attributes
    ----------
    put : Statement
        Takes the own columns of the key, the row and a timestamp.
    drop : Statement
        Takes a timestamp, the partition, start and id.
    behind : Statement
        Takes the partition, the start and id behind which to begin, and the start before which to end.
    """

    put: Statement
    drop: Statement
    behind: Statement


def _index(table: str, own: tuple[str, ...], partition: tuple[str, ...]) -> Index:
    names = (*own, *EventRow._fields)
    where = " AND ".join(f"{name} = ?" for name in partition)
    return Index(
        Statement(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
            " USING TIMESTAMP ?"
        ),
        Statement(f"DELETE FROM {table} USING TIMESTAMP ? WHERE {where} AND start_ms = ? AND event_id = ?"),
        Statement(
            f"SELECT {COLUMNS} FROM {table} WHERE {where}"
            " AND (start_ms, event_id) > (?, ?) AND (start_ms) < (?)"
        ),
    )


BY_KIND = _index("event_by_kind", ("day",), ("kind", "day"))
BY_CRAFT = _index("event_by_craft", ("craft",), ("craft",))
BY_SQUARE = _index("event_by_square", ("square", "year"), ("square", "year"))
LONG = _index("event_long", ("year",), ("kind", "year"))
INDEXES = (BY_KIND, BY_CRAFT, BY_SQUARE, LONG)


def year_of(day: int) -> int:
    """Year of a day.

    Parameters
    ----------
    day : int
        Days since 1970.

    Returns
    -------
    int
        For example 2022.
    """
    return 1970 + int(np.datetime64(day, "D").astype("datetime64[Y]").astype(np.int64))


class Place(NamedTuple):
    """One row of one index."""

    table: Index
    partition: Values
    own: Values
    start_ms: int
    event_id: str

    def put(self, row: EventRow) -> Call:
        """Write a revision there, unless a higher one is or was.

        Parameters
        ----------
        row : EventRow
            The revision.

        Returns
        -------
        Call
            An upsert.
        """
        return Call(self.table.put, (*self.own, *row, _timestamp(row)))

    def drop(self, row: EventRow) -> Call:
        """Take away every revision below one that is elsewhere.

        Parameters
        ----------
        row : EventRow
            The revision that is elsewhere.

        Returns
        -------
        Call
            A deletion.
        """
        return Call(self.table.drop, (_timestamp(row), *self.partition, self.start_ms, self.event_id))


def _timestamp(row: EventRow) -> int:
    return row.generation << 32 | row.revision


def places_of(row: EventRow) -> set[Place]:
    """Give the places in which a revision is looked up.

    Parameters
    ----------
    row : EventRow
        Its body does not matter.

    Returns
    -------
    set of Place
        By kind and day, by craft, by degree square and year, and among the long ones.
    """
    day = row.start_ms // MS_PER_DAY
    year = year_of(day)
    ends = [
        (None if lat == NULL_I32 else lat, None if lon == NULL_I32 else lon)
        for lat, lon in ((row.start_lat_e7, row.start_lon_e7), (row.end_lat_e7, row.end_lon_e7))
    ]
    found: list[tuple[Index, Values, Values]] = [(BY_KIND, (row.kind, day), (day,))]
    found += [(BY_CRAFT, (craft,), (craft,)) for craft in row.crafts]
    found += [(BY_SQUARE, (square, year), (square, year)) for square in squares_at(ends)]
    if row.end_ms - row.start_ms >= LONG_MS:
        found.append((LONG, (row.kind, year), (year,)))
    return {Place(*place, row.start_ms, row.event_id) for place in found}
