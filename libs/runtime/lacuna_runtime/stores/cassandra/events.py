"""Events with all their revisions; the newest of each is what searches see.

Every revision is written before the revisions of its event are read: of two writers at least one sees both.
The indexes are then written with timestamps made of generation and revision, so that they come out the same
whoever writes first.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import ClassVar

from lacuna_core.event import Event
from lacuna_core.ports import EncodedEvent, EventQuery
from lacuna_runtime.stores.cassandra.connection import Connection
from lacuna_runtime.stores.cassandra.event_match import event_match
from lacuna_runtime.stores.cassandra.event_plan import EVENT_DAYS, plan
from lacuna_runtime.stores.cassandra.event_row import (
    BY_KIND,
    COLUMNS,
    INDEXES,
    NARROWING,
    EventRow,
    Place,
    event_row,
    places_of,
)
from lacuna_runtime.stores.cassandra.statement import Call, Statement
from lacuna_runtime.stores.cassandra.walk import walk
from lacuna_runtime.stores.event_json import decode_event, encode_event

_BATCH = 20
"""Rows of one partition written by one request."""
_ENCODED = "event_id, generation, revision, start_ms, body"
_PUT = Statement(f"INSERT INTO event ({COLUMNS}) VALUES ({', '.join('?' * len(EventRow._fields))})")
_KNOWN = Statement(f"SELECT {NARROWING} FROM event WHERE event_id = ?")
_NEWEST = Statement("SELECT body FROM event WHERE event_id = ? LIMIT 1")
_REVISIONS = Statement(
    f"SELECT {_ENCODED} FROM event WHERE event_id = ? ORDER BY generation ASC, revision ASC"
)


class Events:
    """Events in Cassandra.

    Parameters
    ----------
    db : Connection
        Where.
    """

    STATEMENTS: ClassVar[tuple[Statement, ...]] = (
        _PUT, _KNOWN, _NEWEST, _REVISIONS, *EVENT_DAYS.STATEMENTS,
        *(statement for index in INDEXES for statement in (index.put, index.drop, index.behind)),
    )  # fmt: skip

    def __init__(self, db: Connection) -> None:
        self._db = db

    def put(self, events: Sequence[Event]) -> None:
        """Upsert by (id, generation, revision).

        Parameters
        ----------
        events : sequence of Event
            Numbered events, any order.
        """
        rows = [event_row(event, encode_event(event)) for event in events]
        self._db.write(Call(_PUT, row) for row in rows)
        changes = list(self._changes(rows))
        self._db.write(_batches(changes))
        days = {place.partition for place, _ in changes if place.table is BY_KIND}
        EVENT_DAYS.renew(self._db, ((day, kind, (kind, day)) for kind, day in sorted(days)))

    def _changes(self, rows: Sequence[EventRow]) -> Iterator[tuple[Place, Call]]:
        """What changes in the indexes: where the newest revisions are, and where they are no longer."""
        bodies = {(row.event_id, *row.rank): row.body for row in rows}
        ids = sorted({row.event_id for row in rows})
        known = self._db.read_each(Call(_KNOWN, (event_id,)) for event_id in ids)
        for found in known:
            revisions = [EventRow._make((*values, b"")) for values in found]
            newest = max(revisions, key=lambda row: row.rank)
            body = bodies.get((newest.event_id, *newest.rank))
            if body is None:
                continue  # what we wrote is older: who wrote the newest has seen to the indexes
            here = places_of(newest)
            newest = newest._replace(body=body)
            yield from ((place, place.put(newest)) for place in here)
            left = set().union(*map(places_of, revisions)) - here
            yield from ((place, place.drop(newest)) for place in left)

    def get(self, event_id: str) -> Event | None:
        """Read the newest revision of an event.

        Parameters
        ----------
        event_id : str
            Its id.

        Returns
        -------
        Event or None
            Highest (generation, revision).
        """
        rows = self._db.read(_NEWEST, event_id)
        return decode_event(rows[0][0]) if rows else None

    def revisions(self, event_id: str) -> Sequence[Event]:
        """Read all revisions of an event.

        Parameters
        ----------
        event_id : str
            Its id.

        Returns
        -------
        sequence of Event
            Ascending (generation, revision).
        """
        return [decode_event(e.body) for e in self.revisions_encoded(event_id)]

    def revisions_encoded(self, event_id: str) -> Sequence[EncodedEvent]:
        """Read all revisions of an event without decoding.

        Parameters
        ----------
        event_id : str
            Its id.

        Returns
        -------
        sequence of EncodedEvent
            Ascending (generation, revision).
        """
        return [EncodedEvent(*row) for row in self._db.read(_REVISIONS, event_id)]

    def find(self, query: EventQuery) -> Sequence[Event]:
        """Find the newest revisions that match.

        Parameters
        ----------
        query : EventQuery
            What to find.

        Returns
        -------
        sequence of Event
            Ordered by (start, event id).
        """
        return [decode_event(e.body) for e in self.find_encoded(query)]

    def find_encoded(self, query: EventQuery) -> Sequence[EncodedEvent]:
        """Find as ``find`` does, without decoding.

        Parameters
        ----------
        query : EventQuery
            What to find.

        Returns
        -------
        sequence of EncodedEvent
            Ordered by (start, event id).
        """
        found = islice(self._matching(query), query.limit)
        return [EncodedEvent(r.event_id, r.generation, r.revision, r.start_ms, r.body) for r in found]

    def _matching(self, query: EventQuery) -> Iterator[EventRow]:
        matches = event_match(query)
        last = None
        for values in walk(self._db, plan(self._db, query), itemgetter(0, 1), query.limit):
            row = EventRow(*values)
            # An event with two ends in the box is found in two squares.
            if (row.start_ms, row.event_id) != last and matches(row):
                yield row
            last = (row.start_ms, row.event_id)


def _batches(changes: Iterable[tuple[Place, Call]]) -> Iterator[list[Call]]:
    """Changes of one partition as one request."""
    groups: dict[tuple[object, ...], list[Call]] = {}
    for place, call in changes:
        group = groups.setdefault((place.table, place.partition), [])
        group.append(call)
    for group in groups.values():
        yield from (group[at : at + _BATCH] for at in range(0, len(group), _BATCH))
