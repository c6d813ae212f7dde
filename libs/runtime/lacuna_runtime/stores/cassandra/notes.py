"""One note a chunk: the hours in which it heard the craft, and what it holds.

Exposure, the number of positions and the question whether chunks overlap are answered from the notes, which
are small, and never from the chunks.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import numpy as np

from lacuna_core.ids import partition_of
from lacuna_core.position import PositionBatch
from lacuna_runtime.stores.cassandra.connection import Connection
from lacuna_runtime.stores.cassandra.statement import Call, Statement
from lacuna_runtime.stores.cassandra.tally import Tally
from lacuna_runtime.stores.chunk import Chunk
from lacuna_runtime.stores.exposure import hours_heard

_BATCH = 60
"""Notes of one partition written by one request."""
_ASK = 100
"""Craft of one partition asked for by one request."""
_PUT = Statement(
    "INSERT INTO exposure (day, shard, craft, digest, hours, position_count, start_ms, end_ms)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_DROP = Statement("DELETE FROM exposure WHERE day = ? AND shard = ? AND craft = ? AND digest = ?")
_OF = Statement(
    "SELECT craft, digest, position_count, start_ms, end_ms FROM exposure"
    " WHERE day = ? AND shard = ? AND craft IN ?"
)
_TALLY = Tally(
    Statement("SELECT count(*), sum(position_count), max(end_ms) FROM exposure WHERE day = ? AND shard = ?"),
    Statement(
        "INSERT INTO track_tally (chunks, positions, newest_ms, day, shard) VALUES (?, ?, ?, ?, ?)"
        " USING TIMESTAMP ?"
    ),
)
STATEMENTS = (_PUT, _DROP, _OF, _TALLY.count, _TALLY.keep)


_shard_of = lru_cache(1 << 16)(partition_of)


class Note(NamedTuple):
    """What a chunk holds."""

    craft: int
    day: int
    digest: bytes
    hours: int
    rows: int
    start_ms: int
    end_ms: int

    @property
    def place(self) -> tuple[int, int]:
        """Partition of the note: day and shard."""
        return self.day, _shard_of(self.craft)

    def put(self) -> Call:
        """Write it.

        Returns
        -------
        Call
            An upsert.
        """
        return Call(
            _PUT, (*self.place, self.craft, self.digest, self.hours, self.rows, self.start_ms, self.end_ms)
        )

    def drop(self) -> Call:
        """Take it away.

        Returns
        -------
        Call
            A deletion.
        """
        return Call(_DROP, (*self.place, self.craft, self.digest))


def notes_of(chunks: Sequence[Chunk], batch: PositionBatch) -> list[Note]:
    """Note what chunks hold.

    Parameters
    ----------
    chunks : sequence of Chunk
        All chunks of a batch, in order.
    batch : PositionBatch
        The rows of which they were made.

    Returns
    -------
    list of Note
        In the same order.
    """
    counts = np.array([c.rows for c in chunks], np.int64)
    hours = hours_heard(batch.t_ms, np.cumsum(counts) - counts).tolist()
    return [
        Note(c.craft, c.bucket, c.digest, h, c.rows, c.start_ms, c.end_ms)
        for c, h in zip(chunks, hours, strict=True)
    ]


def known_notes(db: Connection, days: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[Note]]:
    """Read what is noted of some craft and days.

    Parameters
    ----------
    db : Connection
        Where.
    days : iterable of (int, int)
        Craft and day.

    Returns
    -------
    dict of (int, int) to list of Note
        By craft and day, hours left out; nothing for those without a note.
    """
    groups: dict[tuple[int, int], list[int]] = {}
    for craft, day in days:
        groups.setdefault((day, _shard_of(craft)), []).append(craft)
    calls = [
        Call(_OF, (*place, crafts[at : at + _ASK]))
        for place, crafts in groups.items()
        for at in range(0, len(crafts), _ASK)
    ]
    found: dict[tuple[int, int], list[Note]] = {}
    for call, rows in zip(calls, db.read_each(calls), strict=True):
        day = call.values[0]
        for craft, digest, count, start_ms, end_ms in rows:
            note = Note(craft, day, digest, 0, count, start_ms, end_ms)
            found.setdefault((craft, day), []).append(note)
    return found


def put_notes(db: Connection, notes: Iterable[Note]) -> None:
    """Write notes, many of a partition by one request.

    Parameters
    ----------
    db : Connection
        Where.
    notes : iterable of Note
        Any order.
    """

    def requests() -> Iterator[list[Call]]:
        ordered = sorted(notes, key=lambda note: note.place)
        for _, group in groupby(ordered, key=lambda note: note.place):
            calls = [note.put() for note in group]
            yield from (calls[at : at + _BATCH] for at in range(0, len(calls), _BATCH))

    db.write(requests())


def renew_tallies(db: Connection, notes: Iterable[Note]) -> None:
    """Count the partitions of some notes anew.

    Parameters
    ----------
    db : Connection
        Where.
    notes : iterable of Note
        Those that were written.
    """
    places = sorted({note.place for note in notes})
    _TALLY.renew(db, ((place, place) for place in places))
