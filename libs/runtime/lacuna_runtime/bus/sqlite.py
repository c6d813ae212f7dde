"""The log on SQLite: one durable file, or memory in tests.

WAL with ``synchronous=FULL`` by default: a delivery's promise is "durable", and a cycle is one transaction,
so one fsync pays for all the records of all tasks of a stage. ``NORMAL`` survives any death of the process
too; on power loss it may lose the last transactions, whole cycles with outputs, snapshots and offsets
together, which is safe where the input can be read again (an archive) and not where it can't (a live feed).

A record's rowid is its partition's number and its offset in one integer, so reading on is a range scan of the
table itself and appending is at the end of a partition's range. One connection writes, under a lock held for
the cycle; each thread reads with its own, but in memory, where there is only one connection.
"""

import sqlite3
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lacuna_core.errors import ConfigError, CorruptState
from lacuna_core.ports import Outgoing, Record, Subscription, TopicPartition
from lacuna_core.topics import Topic

MEMORY = ":memory:"
_OFFSET_BITS = 40
_SCHEMA = """
CREATE TABLE IF NOT EXISTS topics (name TEXT PRIMARY KEY, partitions INTEGER NOT NULL, compacted INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS partitions (
    number INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    next_offset INTEGER NOT NULL DEFAULT 0, first_offset INTEGER NOT NULL DEFAULT 0, UNIQUE (topic, partition)
);
CREATE TABLE IF NOT EXISTS records (place INTEGER PRIMARY KEY, key BLOB NOT NULL, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS newest (
    number INTEGER NOT NULL, key BLOB NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (number, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS offsets (
    consumer TEXT NOT NULL, number INTEGER NOT NULL, next_offset INTEGER NOT NULL,
    PRIMARY KEY (consumer, number)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class _Delivered:
    offset: int

    def result(self) -> int:
        """Offset of the record; durable once its cycle has ended."""
        return self.offset


@dataclass(frozen=True, slots=True)
class _Partition:
    number: int
    compacted: bool

    def place(self, offset: int) -> int:
        return (self.number << _OFFSET_BITS) | offset


class SqliteBus:
    """A bus in one SQLite file.

    Parameters
    ----------
    path : Path or str
        The file, or ``:memory:``.
    synchronous : str
        ``FULL`` or ``NORMAL``, see the module.
    """

    def __init__(self, path: Path | str, *, synchronous: str = "FULL") -> None:
        if synchronous not in ("FULL", "NORMAL"):
            raise ConfigError(f"synchronous {synchronous!r} is neither FULL nor NORMAL")
        self._path = str(path)
        self._lock = threading.RLock()
        self._news = threading.Condition()
        self._version = 0
        self._depth = 0
        self._owner = 0
        self._readers = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._partitions: dict[TopicPartition, _Partition] = {}
        self._writer = self._connect()
        self._writer.execute("PRAGMA page_size = 16384")
        self._writer.execute("PRAGMA journal_mode = WAL")
        self._writer.execute(f"PRAGMA synchronous = {synchronous}")
        self._writer.executescript(_SCHEMA)
        self._load_partitions()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, timeout=60.0, cached_statements=64
        )
        connection.execute("PRAGMA mmap_size = 268435456")
        with self._lock:
            self._opened.append(connection)
        return connection

    def _load_partitions(self) -> None:
        rows = self._writer.execute(
            "SELECT topic, partition, number, compacted FROM partitions JOIN topics ON topics.name = topic"
        )
        self._partitions = {TopicPartition(t, p): _Partition(n, bool(c)) for t, p, n, c in rows}

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Borrow a connection to read with.

        Yields
        ------
        sqlite3.Connection
            Sees this thread's open cycle, if it has one.
        """
        if self._path == MEMORY or self._owner == threading.get_ident():
            with self._lock:
                yield self._writer
            return
        connection = getattr(self._readers, "connection", None)
        if connection is None:
            connection = self._readers.connection = self._connect()
        yield connection

    def number_of(self, at: TopicPartition) -> _Partition:
        """Find a partition.

        Parameters
        ----------
        at : TopicPartition
            Which.

        Returns
        -------
        _Partition
            Its number in the file.

        Raises
        ------
        ConfigError
            If the topic was not created or has fewer partitions.
        """
        found = self._partitions.get(at)
        if found is None:
            raise ConfigError(f"topic {at.topic} has no partition {at.partition}: it was not created")
        return found

    def create(self, topics: Sequence[Topic]) -> None:
        """Make sure that topics exist with the right number of partitions."""
        with self.cycle():
            known = dict(self._writer.execute("SELECT name, partitions FROM topics"))
            for topic in topics:
                if known.get(topic.name, topic.partitions) != topic.partitions:
                    raise ConfigError(
                        f"topic {topic.name} has {known[topic.name]} partitions, not {topic.partitions}"
                    )
                if topic.name in known:
                    continue
                self._writer.execute(
                    "INSERT INTO topics VALUES (?, ?, ?)", (topic.name, topic.partitions, topic.compacted)
                )
                self._writer.executemany(
                    "INSERT INTO partitions (topic, partition) VALUES (?, ?)",
                    [(topic.name, p) for p in range(topic.partitions)],
                )
            self._load_partitions()

    @contextmanager
    def cycle(self) -> Iterator[None]:
        """Open one transaction; a cycle inside a cycle is part of the outer one."""
        with self._lock:
            if self._depth == 0:
                self._writer.execute("BEGIN IMMEDIATE")
                self._owner = threading.get_ident()
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._owner = 0
                    self._writer.execute("ROLLBACK")
                    self._load_partitions()
                raise
            self._depth -= 1
            ended = self._depth == 0
            if ended:
                self._owner = 0
                self._writer.execute("COMMIT")
        if ended:
            with self._news:
                self._version += 1
                self._news.notify_all()

    def publish(self, records: Sequence[Outgoing]) -> Sequence[_Delivered]:
        """Append records, in the open cycle or in one of their own."""
        ends: dict[_Partition, int] = {}
        delivered = []
        rows = []
        with self.cycle():
            for record in records:
                at = self.number_of(TopicPartition(record.topic, record.partition))
                if at not in ends:
                    ends[at] = self._next_offset(at)
                place = at.place(ends[at])
                delivered.append(_Delivered(ends[at]))
                rows.append((place, record.key, record.value))
                ends[at] += 1
                if at.compacted:
                    self._replace(at, record.key, place)
            self._writer.executemany("INSERT INTO records VALUES (?, ?, ?)", rows)
            # a key twice in one call: the earlier record is there only now
            self._drop_replaced([at for at in ends if at.compacted], rows)
            self._writer.executemany(
                "UPDATE partitions SET next_offset = ? WHERE number = ?",
                [(end, at.number) for at, end in ends.items()],
            )
        return delivered

    def _next_offset(self, at: _Partition) -> int:
        row = self._writer.execute("SELECT next_offset FROM partitions WHERE number = ?", (at.number,))
        return int(row.fetchone()[0])

    def _replace(self, at: _Partition, key: bytes, place: int) -> None:
        where = (at.number, key)
        old = self._writer.execute("SELECT place FROM newest WHERE number = ? AND key = ?", where).fetchone()
        if old is not None:
            self._writer.execute("DELETE FROM records WHERE place = ?", old)
        self._writer.execute("INSERT OR REPLACE INTO newest VALUES (?, ?, ?)", (*where, place))

    def _drop_replaced(self, compacted: list[_Partition], rows: list[tuple[int, bytes, bytes]]) -> None:
        if not compacted:
            return
        numbers = {at.number for at in compacted}
        newest: dict[tuple[int, bytes], int] = {}
        replaced = []
        for place, key, _ in rows:
            number = place >> _OFFSET_BITS
            if number in numbers:
                if (number, key) in newest:
                    replaced.append((newest[number, key],))
                newest[number, key] = place
        self._writer.executemany("DELETE FROM records WHERE place = ?", replaced)

    def subscribe(self, group: str, partitions: Sequence[TopicPartition]) -> Subscription:
        """Read partitions as a group, from its committed offsets."""
        return SqliteSubscription(self, group, partitions)

    def end_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Read the ends of partitions."""
        return {at: self._bound(at, "next_offset") for at in partitions}

    def first_offset(self, at: TopicPartition) -> int:
        """Read the start of a partition.

        Parameters
        ----------
        at : TopicPartition
            Which.

        Returns
        -------
        int
            Offset below which records were pruned.
        """
        return self._bound(at, "first_offset")

    def _bound(self, at: TopicPartition, column: str) -> int:
        with self.reading() as connection:
            found = connection.execute(
                f"SELECT {column} FROM partitions WHERE number = ?", (self.number_of(at).number,)
            )
            return int(found.fetchone()[0])

    def prune(self, before: Mapping[TopicPartition, int]) -> None:
        """Delete the records below an offset; the only way by which this log forgets.

        Parameters
        ----------
        before : mapping of TopicPartition to int
            First offset to keep.
        """
        with self.cycle():
            for topic_partition, offset in before.items():
                at = self.number_of(topic_partition)
                keep = min(offset, self._next_offset(at))
                self._writer.execute(
                    "DELETE FROM records WHERE place >= ? AND place < ?", (at.place(0), at.place(keep))
                )
                self._writer.execute(
                    "DELETE FROM newest WHERE number = ? AND place < ?", (at.number, at.place(keep))
                )
                self._writer.execute(
                    "UPDATE partitions SET first_offset = max(first_offset, ?) WHERE number = ?",
                    (keep, at.number),
                )

    def commit_offsets(self, group: str, offsets: Mapping[TopicPartition, int]) -> None:
        """Write the offsets of a group, in the open cycle or in one of their own.

        Parameters
        ----------
        group : str
            Consumer group.
        offsets : mapping of TopicPartition to int
            Next offsets to read.
        """
        with self.cycle():
            self._writer.executemany(
                "INSERT OR REPLACE INTO offsets VALUES (?, ?, ?)",
                [(group, self.number_of(at).number, offset) for at, offset in offsets.items()],
            )

    def await_news(self, version: int, timeout_s: float) -> None:
        """Sleep until something is published after a version was read.

        Parameters
        ----------
        version : int
            From ``version``.
        timeout_s : float
            Longest sleep, seconds.
        """
        with self._news:
            self._news.wait_for(lambda: self._version != version, timeout_s)

    @property
    def version(self) -> int:
        """Number that changes whenever a cycle ends."""
        return self._version

    def close(self) -> None:
        """Close the log and all its connections."""
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()


class SqliteSubscription:
    """A reader of fixed partitions; for one thread at a time.

    Parameters
    ----------
    bus : SqliteBus
        The log.
    group : str
        Consumer group.
    partitions : sequence of TopicPartition
        What to read.
    """

    def __init__(self, bus: SqliteBus, group: str, partitions: Sequence[TopicPartition]) -> None:
        self._bus = bus
        self._group = group
        self._at = {at: bus.number_of(at) for at in partitions}
        self._paused: frozenset[TopicPartition] = frozenset()
        self._turn = 0
        committed = self.committed()
        self._next = {at: committed.get(at, bus.first_offset(at)) for at in self._at}
        self.seek(committed)

    def poll(self, max_records: int, timeout_s: float) -> Sequence[Record]:
        """Read on; every partition gets its share of ``max_records``."""
        deadline = time.monotonic() + timeout_s
        while True:
            version = self._bus.version
            records = self._read(max_records)
            left_s = deadline - time.monotonic()
            if records or left_s <= 0:
                return records
            self._bus.await_news(version, left_s)

    def _read(self, max_records: int) -> list[Record]:
        active = [at for at in self._at if at not in self._paused]
        if not active:
            return []
        share = max(1, max_records // len(active))
        self._turn += 1
        found: list[Record] = []
        with self._bus.reading() as connection:
            for i in range(len(active)):
                at = active[(i + self._turn) % len(active)]
                limit = min(share, max_records - len(found))
                if limit > 0:
                    found += self._read_one(connection, at, limit)
        return found

    def _read_one(self, connection: sqlite3.Connection, at: TopicPartition, limit: int) -> list[Record]:
        partition = self._at[at]
        rows = connection.execute(
            "SELECT place, key, value FROM records WHERE place >= ? AND place < ? ORDER BY place LIMIT ?",
            (partition.place(self._next[at]), partition.place(0) + (1 << _OFFSET_BITS), limit),
        ).fetchall()
        start = partition.place(0)
        records = [Record(at.topic, at.partition, place - start, key, value) for place, key, value in rows]
        if records:
            self._next[at] = records[-1].offset + 1
        return records

    def committed(self) -> Mapping[TopicPartition, int]:
        """Read the committed offsets."""
        with self._bus.reading() as connection:
            rows = dict(
                connection.execute(
                    "SELECT number, next_offset FROM offsets WHERE consumer = ?", (self._group,)
                ).fetchall()
            )
        return {at: rows[p.number] for at, p in self._at.items() if p.number in rows}

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit the next offsets to read."""
        self._bus.commit_offsets(self._group, offsets)

    def seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Move the read positions."""
        for at, offset in offsets.items():
            first = self._bus.first_offset(at)
            if offset < first:
                raise CorruptState(
                    f"{at.topic}/{at.partition}: offset {offset} was pruned, the log starts at {first}"
                )
            self._next[at] = offset

    def pause(self, partitions: Collection[TopicPartition]) -> None:
        """Leave partitions out of the coming polls; those not named are read again."""
        self._paused = frozenset(partitions)

    def close(self) -> None:
        """Stop reading."""
