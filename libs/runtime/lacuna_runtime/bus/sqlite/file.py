"""The file of the log: its tables, its connections, and the cycle that is one transaction.

WAL with ``synchronous=FULL`` by default: a delivery's promise is "durable", and a cycle is one transaction,
so one fsync pays for all the records of all tasks of a stage. ``NORMAL`` survives any death of the process
too; on power loss it may lose the last transactions, whole cycles with outputs, snapshots and offsets
together, which is safe where the input can be read again (an archive) and not where it can't (a live feed).

One connection writes, under a lock held for the cycle; each thread reads with its own, but in memory, where
there is only one connection.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lacuna_core.errors import ConfigError, CorruptState
from lacuna_core.ports import TopicPartition

MEMORY = ":memory:"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS topics (
    name TEXT PRIMARY KEY, partitions INTEGER NOT NULL, compacted INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS partitions (
    number INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    next_offset INTEGER NOT NULL DEFAULT 0, first_offset INTEGER NOT NULL DEFAULT 0,
    UNIQUE (topic, partition)
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
_VERSION = 1


class LogFile:
    """An open file.

    Parameters
    ----------
    path : Path or str
        The file, or ``:memory:``.
    synchronous : str
        ``FULL`` or ``NORMAL``, see the module.

    Raises
    ------
    ConfigError
        If it can't be opened.
    CorruptState
        If it is no log, or a newer one.
    """

    def __init__(self, path: Path | str, synchronous: str) -> None:
        if synchronous not in ("FULL", "NORMAL"):
            raise ConfigError(f"synchronous {synchronous!r} is neither FULL nor NORMAL")
        self._path = str(path)
        self._lock = threading.RLock()
        self._news = threading.Condition()
        self.version = 0
        self._depth = 0
        self._owner = 0
        self._readers = threading.local()
        self._opened: list[sqlite3.Connection] = []
        try:
            self.writer = self._connect()
            self.writer.execute("PRAGMA page_size = 16384")
            self.writer.execute("PRAGMA journal_mode = WAL")
            self.writer.execute(f"PRAGMA synchronous = {synchronous}")
            self._check_version()
            self.writer.executescript(_SCHEMA)
        except sqlite3.OperationalError as error:
            self.close()
            raise ConfigError(f"log {self._path} can't be opened: {error}") from error
        except sqlite3.DatabaseError as error:
            self.close()
            raise CorruptState(f"log {self._path} is damaged or no log of Lacuna: {error}") from error

    def _check_version(self) -> None:
        (version,) = self.writer.execute("PRAGMA user_version").fetchone()
        if version > _VERSION:
            raise CorruptState(f"log {self._path} has version {version}; this build reads {_VERSION}")
        self.writer.execute(f"PRAGMA user_version = {_VERSION}")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=60.0)
        with self._lock:
            self._opened.append(connection)
        return connection

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
                yield self.writer
            return
        connection: sqlite3.Connection | None = getattr(self._readers, "connection", None)
        if connection is None:
            connection = self._readers.connection = self._connect()
        yield connection

    @contextmanager
    def cycle(self) -> Iterator[sqlite3.Connection]:
        """Open one transaction; a cycle inside a cycle is part of the outer one.

        Yields
        ------
        sqlite3.Connection
            The one that writes.
        """
        with self._lock:
            if self._depth == 0:
                self.writer.execute("BEGIN IMMEDIATE")
                self._owner = threading.get_ident()
            self._depth += 1
            try:
                yield self.writer
            except BaseException:
                self._end("ROLLBACK")
                raise
            ended = self._end("COMMIT")
        if ended:
            with self._news:
                self.version += 1
                self._news.notify_all()

    def _end(self, how: str) -> bool:
        self._depth -= 1
        if self._depth:
            return False
        self._owner = 0
        self.writer.execute(how)
        return True

    def await_news(self, version: int, timeout_s: float) -> None:
        """Sleep until a cycle ends after ``version`` was read.

        Parameters
        ----------
        version : int
            From ``version``, which changes whenever a cycle ends.
        timeout_s : float
            Longest sleep, seconds.
        """
        with self._news:
            self._news.wait_for(lambda: self.version != version, timeout_s)

    def bound(self, number: int, column: str) -> int:
        """Read where a partition starts or ends.

        Parameters
        ----------
        number : int
            Number of the partition.
        column : str
            ``first_offset`` or ``next_offset``.

        Returns
        -------
        int
            The offset.
        """
        with self.reading() as connection:
            found = connection.execute(f"SELECT {column} FROM partitions WHERE number = ?", (number,))
            return int(found.fetchone()[0])

    def partitions(self) -> dict[TopicPartition, tuple[int, bool]]:
        """List all partitions.

        Returns
        -------
        dict
            Number and whether it is compacted, by partition.
        """
        with self.reading() as connection:
            rows = connection.execute(
                "SELECT topic, partition, number, compacted FROM partitions "
                "JOIN topics ON topics.name = topic"
            ).fetchall()
        return {TopicPartition(t, p): (number, bool(compacted)) for t, p, number, compacted in rows}

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()
