"""Join the parts of a craft's day: when they are many, or when they may hold a position twice.

A projector that died between its writing and its commit reads again and cuts its chunks elsewhere. What it
had written and what it writes now overlap: reading merges them, but their rows would be counted twice. So
parts that overlap in time are replaced by one that holds each row once, and the number of rows is right
again.

The joined part is written and the others are deleted by ONE mutation of ONE partition: no replica ever shows
the day without its rows. Whatever is deleted is contained in what was written with it, so no order of
writers loses a row: at worst a part is there twice, until the day is joined again.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from lacuna_core.position import PositionBatch
from lacuna_runtime.stores import chunk
from lacuna_runtime.stores.cassandra.connection import Connection, Row
from lacuna_runtime.stores.cassandra.notes import Note, notes_of
from lacuna_runtime.stores.cassandra.statement import Call, Statement
from lacuna_runtime.stores.merge import canonical
from lacuna_runtime.stores.parts import MAX_PARTS, decode_part, joinable

TOGETHER_BYTES = 64 * 1024
PUT_CHUNK = Statement(
    "INSERT INTO track_chunk (craft, quarter, day, digest, position_count, start_ms, end_ms, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_DROP = Statement("DELETE FROM track_chunk WHERE craft = ? AND quarter = ? AND day = ? AND digest = ?")
_DAY = Statement("SELECT digest, body FROM track_chunk WHERE craft = ? AND quarter = ? AND day = ?")
STATEMENTS = (PUT_CHUNK, _DROP, _DAY)


def quarter_of(day: int) -> int:
    """Quarter of a day.

    Parameters
    ----------
    day : int
        Days since 1970.

    Returns
    -------
    int
        Quarters since 1970.
    """
    month = int(np.datetime64(day, "D").astype("datetime64[M]").astype(np.int64))
    return month // 3


def put_chunk(part: chunk.Chunk) -> Call:
    """Write a chunk.

    Parameters
    ----------
    part : Chunk
        Of a track.

    Returns
    -------
    Call
        An upsert of the same row, however often it is done.
    """
    quarter = quarter_of(part.bucket)
    return Call(
        PUT_CHUNK,
        (part.craft, quarter, part.bucket, part.digest, part.rows, part.start_ms, part.end_ms, part.body),
    )


def put_chunks(parts: Iterable[chunk.Chunk]) -> Iterator[Sequence[Call]]:
    """Write chunks, those of one partition together: a month of a craft costs what a day does.

    Parameters
    ----------
    parts : iterable of Chunk
        Of tracks, those of one craft in a row.

    Yields
    ------
    sequence of Call
        Of one partition, at most ``TOGETHER_BYTES`` of bodies.
    """
    together: list[chunk.Chunk] = []
    size = 0
    for part in parts:
        same = together and (part.craft, quarter_of(part.bucket)) == (
            together[-1].craft,
            quarter_of(together[-1].bucket),
        )
        if together and (not same or size + len(part.body) > TOGETHER_BYTES):
            yield [put_chunk(p) for p in together]
            together, size = [], 0
        together.append(part)
        size += len(part.body)
    if together:
        yield [put_chunk(p) for p in together]


def asks_to_join(notes: Sequence[Note]) -> bool:
    """Tell whether the parts of a day should be one.

    Parameters
    ----------
    notes : sequence of Note
        All of one craft and day.

    Returns
    -------
    bool
        True when they overlap, or when many are not full.
    """
    if sum(note.rows < chunk.SEALED_ROWS for note in notes) > MAX_PARTS:
        return True
    reach_ms, full = None, False
    for note in sorted(notes, key=lambda n: (n.start_ms, n.end_ms)):
        # A full part may end at the time at which the next one begins: they were cut so.
        if reach_ms is not None and (note.start_ms < reach_ms or (note.start_ms == reach_ms and not full)):
            return True
        reach_ms, full = note.end_ms, note.rows >= chunk.SEALED_ROWS
    return False


def join(db: Connection, days: Sequence[Sequence[Note]]) -> None:
    """Join the parts of some days.

    Parameters
    ----------
    db : Connection
        Where.
    days : sequence of sequence of Note
        All notes of each craft and day; they are replaced by those of the joined parts.
    """
    renewed: list[list[Call]] = []
    calls = [_day(notes[0]) for notes in days]

    def requests() -> Iterator[list[Call]]:
        for notes, found in zip(days, db.read_each(calls), strict=True):
            joined = _joined(notes[0], found)
            if joined is None:
                continue
            chunks, rows = joined
            kept = {part.digest for part in chunks}
            gone = [digest for digest, _ in found if digest not in kept]
            day = _day(notes[0]).values
            yield [*map(put_chunk, chunks), *(Call(_DROP, (*day, digest)) for digest in gone)]
            fresh = [note.put() for note in notes_of(chunks, rows)]
            renewed.append([*fresh, *(note.drop() for note in notes if note.digest not in kept)])

    db.write(requests())
    db.write(renewed)


def _day(note: Note) -> Call:
    return Call(_DAY, (note.craft, quarter_of(note.day), note.day))


def _joined(note: Note, found: Iterable[Row]) -> tuple[list[chunk.Chunk], PositionBatch] | None:
    """The rows of a day and the chunks that hold them; None when they don't fit into one batch."""
    parts = [decode_part(PositionBatch, note.craft, note.day, body) for _, body in found]
    if not parts or not joinable(parts):
        return None
    rows = canonical(PositionBatch.concat(parts))
    return list(chunk.encode(rows, chunk.day_of(rows.t_ms), max_rows=chunk.SEALED_ROWS)), rows
