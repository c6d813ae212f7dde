"""Ports of the stores: tracks, identities, events, alerts; ``lacuna_core.ports`` passes these names on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lacuna_core.event import Alert, Event
from lacuna_core.position import IdentityBatch, PositionBatch

ANY_STATUS = "any"
"""In an ``EventQuery``: retracted events too."""


class TrackWriter(Protocol):
    """Writes positions and identities."""

    def append(self, batch: PositionBatch) -> None:
        """Store positions; storing the same again changes nothing.

        Parameters
        ----------
        batch : PositionBatch
            Any craft, any order.
        """
        ...

    def append_identities(self, batch: IdentityBatch) -> None:
        """Store identities; storing the same again changes nothing.

        Parameters
        ----------
        batch : IdentityBatch
            Any craft, any order.
        """
        ...


class TrackReader(Protocol):
    """Reads positions and identities."""

    def read(self, craft: int, start_ms: int, end_ms: int) -> PositionBatch:
        """Read the track of a craft.

        Parameters
        ----------
        craft : int
            Craft key.
        start_ms, end_ms : int
            Half-open interval, Unix milliseconds UTC.

        Returns
        -------
        PositionBatch
            Sorted by time, no row twice.
        """
        ...

    def identities(self, craft: int) -> IdentityBatch:
        """Read what a craft said of itself.

        Parameters
        ----------
        craft : int
            Craft key.

        Returns
        -------
        IdentityBatch
            Sorted by time.
        """
        ...

    def crafts(self) -> Sequence[int]:
        """List the craft that have a track.

        Returns
        -------
        sequence of int
            Craft keys, ascending.
        """
        ...


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Which events to find; every field narrows.

    Attributes
    ----------
    kinds : tuple of str
        Event kinds; empty for all.
    craft : int or None
        One craft.
    start_ms, end_ms : int or None
        Events whose interval meets this half-open interval; an open event goes on for ever, an event without
        length counts as its instant.
    bbox : tuple of float or None
        West, south, east, north in degrees, of either end; west > east crosses the antimeridian.
    status : str
        One status; ``""`` for all but retracted, ``ANY_STATUS`` for all.
    verdict : str
        One verdict; ``""`` for all.
    min_duration_ms : int or None
        Shortest interval; open events count to ``as_of_ms``.
    mids : tuple of int
        Events of a craft with one of these maritime identification digits; empty for all.
    after : tuple of (int, str) or None
        Only events behind this (start, event id) in the order.
    limit : int
        Most events to return.
    """

    kinds: tuple[str, ...] = ()
    craft: int | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    status: str = ""
    verdict: str = ""
    min_duration_ms: int | None = None
    mids: tuple[int, ...] = ()
    after: tuple[int, str] | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class EncodedEvent:
    """One revision as it is served: JSON written once, when the event was stored.

    Attributes
    ----------
    event_id : str
        The event.
    generation, revision : int
        Which revision.
    start_ms : int
        Start of its interval; with the id, its place in the order.
    body : bytes
        The object of ``event_record`` with ``detail`` as an object, UTF-8.
    """

    event_id: str
    generation: int
    revision: int
    start_ms: int
    body: bytes


class EventWriter(Protocol):
    """Writes events and alerts."""

    def put(self, events: Sequence[Event]) -> None:
        """Upsert by (id, generation, revision).

        Parameters
        ----------
        events : sequence of Event
            Numbered events, any order.
        """
        ...

    def put_alerts(self, alerts: Sequence[Alert]) -> None:
        """Upsert by (event id, generation, revision).

        Parameters
        ----------
        alerts : sequence of Alert
            Any order.
        """
        ...


class EventReader(Protocol):
    """Reads events and alerts."""

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
        ...

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
        ...

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
        ...

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
        ...

    def revisions_encoded(self, event_id: str) -> Sequence[EncodedEvent]:
        """Read all revisions of an event as ``revisions`` does, without decoding.

        Parameters
        ----------
        event_id : str
            Its id.

        Returns
        -------
        sequence of EncodedEvent
            Ascending (generation, revision).
        """
        ...

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
        ...
