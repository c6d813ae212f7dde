"""Ports: what a service may ask of the world. Each has an embedded and a distributed adapter."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from lacuna_core.event import Alert, Event
from lacuna_core.position import IdentityBatch, PositionBatch
from lacuna_core.topics import Topic


@dataclass(frozen=True, slots=True, order=True)
class TopicPartition:
    """One partition of one topic.

    Attributes
    ----------
    topic : str
        Wire name.
    partition : int
        Number.
    """

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to publish.

    Attributes
    ----------
    topic : str
        Wire name.
    partition : int
        Number.
    key : bytes
        Key, meaningful on compacted topics.
    value : bytes
        Encoded message; empty on a compacted topic deletes the key.
    """

    topic: str
    partition: int
    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """A record read.

    Attributes
    ----------
    topic : str
        Wire name.
    partition : int
        Number.
    offset : int
        Place in the partition, from 0.
    key, value : bytes
        As published.
    """

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes


class Delivery(Protocol):
    """Promise that a record is durable."""

    def result(self) -> int:
        """Wait for it.

        Returns
        -------
        int
            Offset of the record.

        Raises
        ------
        Transient
            If it may not have been written.
        """
        ...


class Subscription(Protocol):
    """A reader of fixed partitions for one group."""

    def poll(self, max_records: int, timeout_s: float) -> Sequence[Record]:
        """Read on from the position of each partition.

        Parameters
        ----------
        max_records : int
            Most records to return.
        timeout_s : float
            How long to wait for the first one, seconds.

        Returns
        -------
        sequence of Record
            In offset order within each partition; empty when there are none.
        """
        ...

    def committed(self) -> Mapping[TopicPartition, int]:
        """Read the committed offsets: the next offset to read, by partition.

        Returns
        -------
        mapping of TopicPartition to int
            Partitions never committed are absent.
        """
        ...

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit the next offsets to read.

        Parameters
        ----------
        offsets : mapping of TopicPartition to int
            By partition.
        """
        ...

    def seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Move the read positions.

        Parameters
        ----------
        offsets : mapping of TopicPartition to int
            Next offset to read, by partition.

        Raises
        ------
        CorruptState
            If an offset lies below the start of the log.
        """
        ...

    def pause(self, partitions: Collection[TopicPartition]) -> None:
        """Leave partitions out of the coming polls, so that one that is behind can catch up.

        Parameters
        ----------
        partitions : collection of TopicPartition
            All that are to rest; those not named are read again.
        """
        ...

    def close(self) -> None:
        """Stop reading."""
        ...


class Bus(Protocol):
    """The log: durable, partitioned, ordered within a partition."""

    def create(self, topics: Sequence[Topic]) -> None:
        """Make sure that topics exist with the right number of partitions.

        Parameters
        ----------
        topics : sequence of Topic
            From the topic table.

        Raises
        ------
        ConfigError
            If one exists with another number of partitions.
        """
        ...

    def cycle(self) -> AbstractContextManager[None]:
        """Open one publish-check-commit cycle.

        Embedded, all publishes and commits inside are one transaction. Distributed, leaving it flushes;
        what was published may be there even if the cycle failed, so consumers drop repeats by (origin, seq).

        Returns
        -------
        context manager
            The cycle.
        """
        ...

    def publish(self, records: Sequence[Outgoing]) -> Sequence[Delivery]:
        """Append records.

        Parameters
        ----------
        records : sequence of Outgoing
            In order.

        Returns
        -------
        sequence of Delivery
            One a record; check each before committing what it rests on.
        """
        ...

    def subscribe(self, group: str, partitions: Sequence[TopicPartition]) -> Subscription:
        """Read partitions as a group, from its committed offsets.

        Parameters
        ----------
        group : str
            Consumer group.
        partitions : sequence of TopicPartition
            What to read.

        Returns
        -------
        Subscription
            Positioned at the committed offsets, or at the start of the log.
        """
        ...

    def end_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Read the ends of partitions.

        Parameters
        ----------
        partitions : sequence of TopicPartition
            Which.

        Returns
        -------
        mapping of TopicPartition to int
            Offset that the next record will get.
        """
        ...

    def close(self) -> None:
        """Close the log."""
        ...


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
        One status; ``""`` for all but retracted.
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


class Clock(Protocol):
    """The wall clock, for people and processes only."""

    def now_ms(self) -> int:
        """Read the time.

        Returns
        -------
        int
            Unix milliseconds UTC.
        """
        ...
