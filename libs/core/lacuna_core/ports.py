"""Ports: what a service may ask of the world. Each has an embedded and a distributed adapter."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from lacuna_core.record import Headers, Outgoing, Record, TopicPartition
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
    "Headers", "Membership", "Outgoing", "Record", "Subscription", "TopicPartition", "TrackReader",
    "TrackWriter",
]  # fmt: skip


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
    """A reader of named partitions for one group; for one thread at a time.

    Its offsets belong to the group, but it is no member of it: whoever shares work takes a ``Membership``.
    """

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

    def assign(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Change what is read: partitions not named are dropped, new ones are read from the offset given.

        Parameters
        ----------
        offsets : mapping of TopicPartition to int
            Next offset to read, by partition; of those that are read already it is ignored.

        Raises
        ------
        CorruptState
            If the offset of a new one lies below the start of the log.
        ConfigError
            If a topic does not exist.
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


class Membership(Protocol):
    """One member of a group that shares out tasks; for one thread at a time.

    The group shares the partitions of one topic, and a task is a partition number of it. What a member owns
    changes only inside ``owned``, so between two calls nobody else works on the same tasks, unless this
    member was silent for longer than the session; then its commits are refused.
    """

    def owned(self, timeout_s: float) -> frozenset[int]:
        """Take part in the group and tell which tasks are this member's; to be called every few seconds.

        Parameters
        ----------
        timeout_s : float
            How long to wait for a change, seconds; 0 looks and returns.

        Returns
        -------
        frozenset of int
            Task numbers; empty until the group has shared them out.

        Raises
        ------
        Transient
            If the group can't be reached.
        ConfigError
            If another process runs under the same instance name.
        """
        ...

    def committed(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Read the offsets of the group, of any topic.

        Parameters
        ----------
        partitions : collection of TopicPartition
            Which.

        Returns
        -------
        mapping of TopicPartition to int
            Next offset to read; partitions never committed are absent.
        """
        ...

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit the next offsets to read, of any topic.

        Parameters
        ----------
        offsets : mapping of TopicPartition to int
            By partition.

        Raises
        ------
        Transient
            If this member has lost its place in the group, or it is unknown whether the commit was taken:
            drop all state, join again and restore.
        """
        ...

    def close(self) -> None:
        """Stop taking part; a member with an instance name keeps its tasks until its session ends."""
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

    def join(self, group: str, topic: Topic, *, quick: bool = False) -> Membership:
        """Become a member of a group that shares the partitions of a topic out as tasks.

        Parameters
        ----------
        group : str
            Consumer group.
        topic : Topic
            Its partition numbers are the tasks; nothing of it is read.
        quick : bool
            For tasks without state: who ends or falls silent is replaced within seconds. Otherwise a member
            that comes back within its session finds its tasks as it left them.

        Returns
        -------
        Membership
            Owns nothing before its first ``owned``.
        """
        ...

    def start_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Read where partitions start.

        Parameters
        ----------
        partitions : sequence of TopicPartition
            Which.

        Returns
        -------
        mapping of TopicPartition to int
            Offset of the oldest record that the log still has.
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
