"""Events with all their revisions; the newest of each is what searches see."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from lacuna_core.event import Alert, Event
from lacuna_core.ports import EncodedEvent, EventQuery
from lacuna_runtime.stores.derived import mid_of
from lacuna_runtime.stores.event_json import check_alert, decode_event, encode_event
from lacuna_runtime.stores.sqlite.connection import Connections
from lacuna_runtime.stores.sqlite.search import where
from lacuna_runtime.stores.squares import squares_of

_ENCODED = "event_id, generation, revision, start_ms, body"
_UPSERT = (
    "INSERT INTO event (event_id, generation, revision, kind, status, verdict, start_ms, end_ms, as_of_ms,"
    " start_lat_e7, start_lon_e7, end_lat_e7, end_lon_e7, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO UPDATE SET"
    " generation = excluded.generation, revision = excluded.revision, kind = excluded.kind,"
    " status = excluded.status, verdict = excluded.verdict, start_ms = excluded.start_ms,"
    " end_ms = excluded.end_ms, as_of_ms = excluded.as_of_ms, start_lat_e7 = excluded.start_lat_e7,"
    " start_lon_e7 = excluded.start_lon_e7, end_lat_e7 = excluded.end_lat_e7,"
    " end_lon_e7 = excluded.end_lon_e7, body = excluded.body"
    " WHERE (excluded.generation, excluded.revision) >= (generation, revision)"
)
_INDEXED = ("event_craft", "event_square")


def _columns(event: Event, body: bytes) -> tuple[Any, ...]:
    return (
        event.event_id, event.generation, event.revision, event.kind, event.status, event.verdict,
        event.start_ms, event.end_ms, event.as_of_ms, event.start_lat_e7, event.start_lon_e7,
        event.end_lat_e7, event.end_lon_e7, body,
    )  # fmt: skip


def _index(db: sqlite3.Connection, event: Event) -> None:
    """Point from craft and degree squares to the event; what an older revision pointed from goes."""
    for table in _INDEXED:
        db.execute(f"DELETE FROM {table} WHERE event_id = ?", (event.event_id,))
    db.executemany(
        "INSERT OR IGNORE INTO event_craft (craft, event_id, mid) VALUES (?, ?, ?)",
        [(craft, event.event_id, mid_of(craft)) for craft in event.crafts],
    )
    db.executemany(
        "INSERT OR IGNORE INTO event_square (square, event_id) VALUES (?, ?)",
        [(square, event.event_id) for square in squares_of(event)],
    )


class Events:
    """Events and alerts in SQLite.

    Parameters
    ----------
    connections : Connections
        Where.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def put(self, events: Sequence[Event]) -> None:
        """Upsert by (id, generation, revision).

        Parameters
        ----------
        events : sequence of Event
            Numbered events, any order.
        """
        encoded = [(event, encode_event(event)) for event in events]
        with self._connections.writing() as db:
            db.executemany(
                "INSERT INTO event_revision (event_id, generation, revision, start_ms, body)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET start_ms = excluded.start_ms,"
                " body = excluded.body",
                [(e.event_id, e.generation, e.revision, e.start_ms, body) for e, body in encoded],
            )
            for event, body in encoded:
                if db.execute(_UPSERT, _columns(event, body)).rowcount:
                    _index(db, event)

    def put_alerts(self, alerts: Sequence[Alert]) -> None:
        """Upsert by (event id, generation, revision).

        Parameters
        ----------
        alerts : sequence of Alert
            Any order.

        Raises
        ------
        InvalidMessage
            If the body of one is no JSON object: it could not be served.
        """
        for item in alerts:
            check_alert(item)
        with self._connections.writing() as db:
            db.executemany(
                "INSERT OR REPLACE INTO alert (event_id, generation, revision, topic, kind, as_of_ms, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(a.event_id, a.generation, a.revision, a.topic, a.kind, a.as_of_ms, a.body) for a in alerts],
            )

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
        with self._connections.reading() as db:
            row = db.execute("SELECT body FROM event WHERE event_id = ?", (event_id,)).fetchone()
        return decode_event(row[0]) if row else None

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
        sql = f"SELECT {_ENCODED} FROM event_revision WHERE event_id = ? ORDER BY generation, revision"
        with self._connections.reading() as db:
            return [EncodedEvent(*row) for row in db.execute(sql, (event_id,))]

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
        condition, values = where(query)
        sql = f"SELECT {_ENCODED} FROM event WHERE {condition} ORDER BY start_ms, event_id LIMIT ?"
        with self._connections.reading() as db:
            return [EncodedEvent(*row) for row in db.execute(sql, [*values, query.limit])]

    def alerts(self, topic: str, after: tuple[int, str] | None, limit: int) -> Sequence[Alert]:
        """Read alerts.

        Parameters
        ----------
        topic : str
            One alert topic, ``""`` for all.
        after : tuple of (int, str) or None
            Only alerts behind this (as_of, event id) in the order.
        limit : int
            Most alerts to return.

        Returns
        -------
        sequence of Alert
            Ordered by (as_of, event id); of one event and time only the highest (generation, revision).
        """
        parts, values = ["1"], []  # type: tuple[list[str], list[Any]]
        if topic:
            parts.append("topic = ?")
            values.append(topic)
        if after is not None:
            parts.append("(as_of_ms, event_id) > (?, ?)")
            values += after
        # One alert an event and instant, or a page could end between two that its cursor can't tell apart.
        sql = (
            "SELECT topic, event_id, generation, revision, kind, as_of_ms, body FROM alert AS a"
            f" WHERE {' AND '.join(parts)} AND NOT EXISTS (SELECT 1 FROM alert AS b WHERE"
            " b.event_id = a.event_id AND b.as_of_ms = a.as_of_ms AND"
            " (b.generation, b.revision) > (a.generation, a.revision)"
            f"{' AND b.topic = a.topic' if topic else ''})"
            " ORDER BY as_of_ms, event_id LIMIT ?"
        )
        with self._connections.reading() as db:
            return [Alert(*row) for row in db.execute(sql, [*values, limit])]
