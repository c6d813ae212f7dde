"""The bus: topics, publishing, and the only way by which the log forgets."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lacuna_core.errors import ConfigError
from lacuna_core.ports import Membership, Outgoing, Subscription, TopicPartition
from lacuna_core.topics import Topic
from lacuna_runtime.bus.sqlite.file import LogFile
from lacuna_runtime.bus.sqlite.membership import SqliteMembership
from lacuna_runtime.bus.sqlite.place import Place
from lacuna_runtime.bus.sqlite.subscription import SqliteSubscription


@dataclass(frozen=True, slots=True)
class _Delivered:
    offset: int

    def result(self) -> int:
        """Offset of the record; durable once its cycle has ended."""
        return self.offset


class SqliteBus:
    """A bus in one SQLite file.

    Parameters
    ----------
    path : Path or str
        The file, or ``:memory:``.
    synchronous : str
        ``FULL`` or ``NORMAL``, see ``lacuna_runtime.bus.sqlite.file``.
    """

    def __init__(self, path: Path | str, *, synchronous: str = "FULL") -> None:
        self._file = LogFile(path, synchronous)
        self._places = self._read_places()

    def _read_places(self) -> dict[TopicPartition, Place]:
        return {at: Place(*known) for at, known in self._file.partitions().items()}

    def _place(self, at: TopicPartition) -> Place:
        found = self._places.get(at)
        if found is None:
            raise ConfigError(f"topic {at.topic} has no partition {at.partition}: it was not created")
        return found

    def create(self, topics: Sequence[Topic]) -> None:
        """Make sure that topics exist with the right number of partitions."""
        try:
            with self._file.cycle() as writer:
                known = dict(writer.execute("SELECT name, partitions FROM topics").fetchall())
                for topic in topics:
                    if known.get(topic.name, topic.partitions) != topic.partitions:
                        raise ConfigError(
                            f"topic {topic.name} has {known[topic.name]} partitions, not {topic.partitions}"
                        )
                    if topic.name not in known:
                        self._create_one(writer, topic)
                        known[topic.name] = topic.partitions
        finally:
            self._places = self._read_places()

    def _create_one(self, writer: sqlite3.Connection, topic: Topic) -> None:
        writer.execute("INSERT INTO topics VALUES (?, ?, ?)", (topic.name, topic.partitions, topic.compacted))
        writer.executemany(
            "INSERT INTO partitions (topic, partition) VALUES (?, ?)",
            [(topic.name, p) for p in range(topic.partitions)],
        )

    @contextmanager
    def cycle(self) -> Iterator[None]:
        """Open one transaction; a cycle inside a cycle is part of the outer one."""
        with self._file.cycle():
            yield

    def publish(self, records: Sequence[Outgoing]) -> Sequence[_Delivered]:
        """Append records, in the open cycle or in one of their own."""
        ends: dict[Place, int] = {}
        delivered: list[_Delivered] = []
        rows: list[tuple[int, bytes, bytes]] = []
        with self._file.cycle() as writer:
            for record in records:
                at = self._place(TopicPartition(record.topic, record.partition))
                if at not in ends:
                    ends[at] = self._file.bound(at.number, "next_offset")
                if at.compacted:
                    self._publish_newest(writer, at, ends[at], record)
                else:
                    rows.append((at.row(ends[at]), record.key, record.value))
                delivered.append(_Delivered(ends[at]))
                ends[at] += 1
            writer.executemany("INSERT INTO records VALUES (?, ?, ?)", rows)
            writer.executemany(
                "UPDATE partitions SET next_offset = ? WHERE number = ?",
                [(end, at.number) for at, end in ends.items()],
            )
        return delivered

    def _publish_newest(self, writer: sqlite3.Connection, at: Place, offset: int, record: Outgoing) -> None:
        """Append a record and drop the older one of its key; an empty value stands as the deletion."""
        key = (at.number, record.key)
        old = writer.execute("SELECT place FROM newest WHERE number = ? AND key = ?", key).fetchone()
        if old is not None:
            writer.execute("DELETE FROM records WHERE place = ?", old)
        writer.execute("INSERT OR REPLACE INTO newest VALUES (?, ?, ?)", (*key, at.row(offset)))
        writer.execute("INSERT INTO records VALUES (?, ?, ?)", (at.row(offset), record.key, record.value))

    def subscribe(self, group: str, partitions: Sequence[TopicPartition]) -> Subscription:
        """Read partitions as a group, from its committed offsets."""
        return SqliteSubscription(self._file, group, {at: self._place(at) for at in partitions}, self._place)

    def join(self, group: str, topic: Topic, *, quick: bool = False) -> Membership:
        """Own every task: one file has one process, so nobody else is there to share with."""
        for number in range(topic.partitions):
            self._place(TopicPartition(topic.name, number))
        return SqliteMembership(self._file, group, frozenset(range(topic.partitions)), self._place)

    def start_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Read where partitions start."""
        return {at: self._file.bound(self._place(at).number, "first_offset") for at in partitions}

    def end_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Read the ends of partitions."""
        return {at: self._file.bound(self._place(at).number, "next_offset") for at in partitions}

    def prune(self, before: Mapping[TopicPartition, int]) -> None:
        """Delete the records below an offset; the only way by which this log forgets.

        Parameters
        ----------
        before : mapping of TopicPartition to int
            First offset to keep.
        """
        with self._file.cycle() as writer:
            for topic_partition, offset in before.items():
                at = self._place(topic_partition)
                keep = min(offset, self._file.bound(at.number, "next_offset"))
                span = (at.row(0), at.row(keep))
                writer.execute("DELETE FROM records WHERE place >= ? AND place < ?", span)
                writer.execute("DELETE FROM newest WHERE place >= ? AND place < ?", span)
                writer.execute(
                    "UPDATE partitions SET first_offset = max(first_offset, ?) WHERE number = ?",
                    (keep, at.number),
                )

    def close(self) -> None:
        """Close the log and all its connections."""
        self._file.close()
