"""Connections to one SQLite file: a writer behind a lock, and readers that wait for nobody."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue

from lacuna_core.errors import ConfigError, CorruptState, Transient
from lacuna_runtime.stores.sqlite.migrate import migrate

MEMORY = ":memory:"
_BUSY_TIMEOUT_S = 10.0


class Connections:
    """Opens, lends and closes connections.

    Parameters
    ----------
    path : str or Path
        The file, or ``:memory:``, where readers share the writer's connection.

    Raises
    ------
    ConfigError
        If the file can't be opened or written.
    CorruptState
        If it is no store of this program's schema.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = str(path)
        self._lock = threading.RLock()
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue()
        self._closed = False
        try:
            self._writer = self._open()
        except sqlite3.OperationalError as error:
            raise ConfigError(f"store {self._path} can't be opened: {error}") from error
        try:
            if self._path != MEMORY:
                self._writer.execute("PRAGMA journal_mode = WAL")
            # FULL, because the log commits its offsets once a flush has returned.
            self._writer.execute("PRAGMA synchronous = FULL")
            migrate(self._writer, self._path)
        except CorruptState:
            self._writer.close()
            raise
        except sqlite3.OperationalError as error:
            self._writer.close()
            raise ConfigError(f"store {self._path} can't be written: {error}") from error
        except sqlite3.DatabaseError as error:
            self._writer.close()
            raise CorruptState(f"{self._path} is no store of Lacuna: {error}") from error

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA mmap_size = 268435456")
        connection.execute("PRAGMA temp_store = MEMORY")
        return connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Open one transaction; leaving it well commits, an error rolls it back.

        Yields
        ------
        sqlite3.Connection
            The writer.

        Raises
        ------
        Transient
            If the file is locked, full or away.
        """
        with self._lock:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise Transient(f"store {self._path} can't be written now: {error}") from error
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except sqlite3.OperationalError as error:
                self._roll_back()
                raise Transient(f"store {self._path} can't be written now: {error}") from error
            except BaseException:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for reads; all reads inside see one state of the store.

        Yields
        ------
        sqlite3.Connection
            A reader, in a transaction of its own.
        """
        if self._path == MEMORY:
            with self._lock:
                yield self._writer
            return
        try:
            connection = self._idle.get_nowait()
        except Empty:
            connection = self._open()
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if self._closed:
                connection.close()
            else:
                self._idle.put(connection)

    def close(self) -> None:
        """Close every connection that is not lent, and the lent ones as they come back."""
        self._closed = True
        while not self._idle.empty():
            self._idle.get_nowait().close()
        with self._lock:
            self._writer.close()
