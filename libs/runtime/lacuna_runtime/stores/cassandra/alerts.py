"""Alerts in the order in which they are walked: by time and event."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import ClassVar

from lacuna_core.event import Alert
from lacuna_core.units import MS_PER_DAY
from lacuna_runtime.stores.cassandra.connection import Connection
from lacuna_runtime.stores.cassandra.families import FIRST_BUCKET, LAST_BUCKET, Family
from lacuna_runtime.stores.cassandra.statement import Call, Statement
from lacuna_runtime.stores.cassandra.walk import by_day, walk
from lacuna_runtime.stores.event_json import check_alert

_BATCH = 20
"""Alerts of one partition written by one request."""
_PUT = Statement(
    "INSERT INTO alert (topic, day, as_of_ms, event_id, generation, revision, kind, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_BEHIND = Statement(
    "SELECT as_of_ms, event_id, generation, revision, topic, kind, body FROM alert"
    " WHERE topic = ? AND day = ? AND (as_of_ms, event_id) > (?, ?)"
)
ALERT_DAYS = Family("alert", Statement("SELECT count(*) FROM alert WHERE topic = ? AND day = ?"))


class Alerts:
    """Alerts in Cassandra.

    Parameters
    ----------
    db : Connection
        Where.
    """

    STATEMENTS: ClassVar[tuple[Statement, ...]] = (_PUT, _BEHIND, *ALERT_DAYS.STATEMENTS)

    def __init__(self, db: Connection) -> None:
        self._db = db

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
        groups: dict[tuple[str, int], list[Call]] = {}
        for item in alerts:
            check_alert(item)
            place = (item.topic, item.as_of_ms // MS_PER_DAY)
            key = (item.as_of_ms, item.event_id, item.generation, item.revision)
            groups.setdefault(place, []).append(Call(_PUT, (*place, *key, item.kind, item.body)))
        self._db.write(
            group[at : at + _BATCH] for group in groups.values() for at in range(0, len(group), _BATCH)
        )
        ALERT_DAYS.renew(self._db, ((day, topic, (topic, day)) for topic, day in sorted(groups)))

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
        return list(islice(self._highest(topic, after or (-(2**63), ""), limit), limit))

    def _highest(self, topic: str, after: tuple[int, str], limit: int) -> Iterator[Alert]:
        days = ALERT_DAYS.between(self._db, max(after[0] // MS_PER_DAY, FIRST_BUCKET), LAST_BUCKET)
        places = [(day, name) for day, name in days if topic in ("", name)]
        windows = ([Call(_BEHIND, (name, day, *after)) for day, name in window] for window in by_day(places))
        held: Alert | None = None
        for as_of_ms, event_id, generation, revision, name, kind, body in walk(
            self._db, windows, lambda row: row[:4], limit
        ):
            # One alert an event and instant: a cursor can't tell two of them apart.
            if held is not None and (held.as_of_ms, held.event_id) != (as_of_ms, event_id):
                yield held
            held = Alert(name, event_id, generation, revision, kind, as_of_ms, body)
        if held is not None:
            yield held
