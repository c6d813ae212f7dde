"""Ports: what a service may ask of the world. Each has an embedded and a distributed adapter."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from lacuna_core.store_ports import (
    ANY_STATUS,
    EncodedEvent,
    EventQuery,
    EventReader,
    EventWriter,
    TrackReader,
    TrackWriter,
)
from lacuna_core.topics import Topic

__all__ = [
    "ANY_STATUS", "Bus", "Clock", "Delivery", "EncodedEvent", "EventQuery", "EventReader", "EventWriter",
    "Outgoing", "Record", "Subscription", "TopicPartition", "TrackReader", "TrackWriter",
]  # fmt: skip


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
