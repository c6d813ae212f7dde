"""Reading fixed partitions as a group."""

import sqlite3
import time
from collections.abc import Callable, Collection, Mapping, Sequence

from lacuna_core.errors import CorruptState
from lacuna_core.ports import Record, TopicPartition
from lacuna_runtime.bus.sqlite.file import LogFile
from lacuna_runtime.bus.sqlite.offsets import commit_offsets, committed_offsets
from lacuna_runtime.bus.sqlite.place import Place


class SqliteSubscription:
    """A reader of fixed partitions; for one thread at a time.

    Parameters
    ----------
    file : LogFile
        The log.
    group : str
        Consumer group.
    places : mapping of TopicPartition to Place
        What to read.
    place_of : callable
        Finds the place of any partition, for ``assign``.
    """

    def __init__(
        self,
        file: LogFile,
        group: str,
        places: Mapping[TopicPartition, Place],
        place_of: Callable[[TopicPartition], Place],
    ) -> None:
        self._file = file
        self._group = group
        self._places = dict(places)
        self._place_of = place_of
        self._paused: frozenset[TopicPartition] = frozenset()
        self._turn = 0
        committed = self.committed()
        self._next = {at: file.bound(p.number, "first_offset") for at, p in self._places.items()}
        self.seek(committed)

    def poll(self, max_records: int, timeout_s: float) -> Sequence[Record]:
        """Read on; every partition gets its share of ``max_records``."""
        deadline = time.monotonic() + timeout_s
        while True:
            version = self._file.version
            records = self._read(max_records)
            left_s = deadline - time.monotonic()
            if records or left_s <= 0:
                return records
            self._file.await_news(version, left_s)

    def _read(self, max_records: int) -> list[Record]:
        active = [at for at in self._places if at not in self._paused]
        if not active:
            return []
        share = max(1, max_records // len(active))
        # whoever comes first changes from poll to poll, so that a small limit starves no partition
        self._turn += 1
        found: list[Record] = []
        with self._file.reading() as connection:
            for i in range(len(active)):
                limit = min(share, max_records - len(found))
                if limit > 0:
                    found += self._read_one(connection, active[(i + self._turn) % len(active)], limit)
        return found

    def _read_one(self, connection: sqlite3.Connection, at: TopicPartition, limit: int) -> list[Record]:
        place = self._places[at]
        rows = connection.execute(
            "SELECT place, key, value FROM records WHERE place >= ? AND place < ? ORDER BY place LIMIT ?",
            (place.row(self._next[at]), place.end, limit),
        ).fetchall()
        records = [Record(at.topic, at.partition, place.offset(row), key, value) for row, key, value in rows]
        if records:
            self._next[at] = records[-1].offset + 1
        return records

    def committed(self) -> Mapping[TopicPartition, int]:
        """Read the committed offsets."""
        return committed_offsets(self._file, self._group, self._places)

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit the next offsets to read, in the open cycle or in one of their own."""
        commit_offsets(self._file, self._group, {self._places[at]: o for at, o in offsets.items()})

    def seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Move the read positions."""
        for at, offset in offsets.items():
            first = self._file.bound(self._places[at].number, "first_offset")
            if offset < first:
                raise CorruptState(
                    f"{at.topic}/{at.partition}: offset {offset} was pruned, the log starts at {first}"
                )
            self._next[at] = offset

    def assign(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Change what is read; partitions that stay go on where they are."""
        new = {at: offset for at, offset in offsets.items() if at not in self._places}
        self._places = {at: self._places.get(at) or self._place_of(at) for at in offsets}
        self._next = {at: self._next[at] for at in offsets if at not in new}
        self.seek(new)

    def pause(self, partitions: Collection[TopicPartition]) -> None:
        """Leave partitions out of the coming polls; those not named are read again."""
        self._paused = frozenset(partitions)

    def close(self) -> None:
        """Stop reading."""
