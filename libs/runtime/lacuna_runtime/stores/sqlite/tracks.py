"""Positions and identities as chunks, written once whatever is repeated, merged when read."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from lacuna_core.position import IdentityBatch, PositionBatch
from lacuna_core.units import MS_PER_DAY
from lacuna_runtime.stores import chunk
from lacuna_runtime.stores.merge import canonical
from lacuna_runtime.stores.parts import MAX_PARTS, decode_part, identities_of, joinable, track_of
from lacuna_runtime.stores.sqlite.connection import Connections
from lacuna_runtime.stores.sqlite.derived import note_identities, note_positions

_INSERT = (
    "INSERT INTO track_chunk (craft, day, digest, domain, position_count, start_ms, end_ms, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def _values(chunks: Sequence[chunk.Chunk]) -> list[tuple[Any, ...]]:
    return [(c.craft, c.bucket, c.digest, c.domain, c.rows, c.start_ms, c.end_ms, c.body) for c in chunks]


class Tracks:
    """Tracks and identities in SQLite.

    Parameters
    ----------
    connections : Connections
        Where.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def append(self, batch: PositionBatch) -> None:
        """Store positions; storing the same again changes nothing.

        Parameters
        ----------
        batch : PositionBatch
            Any craft, any order.
        """
        if not len(batch):
            return
        batch = canonical(batch)
        days = chunk.day_of(batch.t_ms)
        chunks = list(chunk.encode(batch, days))
        with self._connections.writing() as db:
            db.executemany(f"{_INSERT} ON CONFLICT DO NOTHING", _values(chunks))
            note_positions(db, batch, days)
            for craft, day in self._crowded(db, sorted({(c.craft, c.bucket) for c in chunks})):
                self._join(db, craft, day)

    def _crowded(self, db: sqlite3.Connection, keys: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        sql = "SELECT count(*) FROM track_chunk WHERE craft = ? AND day = ?"
        return [key for key in keys if db.execute(sql, key).fetchone()[0] > MAX_PARTS]

    def _join(self, db: sqlite3.Connection, craft: int, day: int) -> None:
        """Replace the parts of a day by as few as hold its rows; a full day keeps several full parts."""
        sql = "SELECT body, day FROM track_chunk WHERE craft = ? AND day = ? ORDER BY start_ms"
        parts = [decode_part(PositionBatch, craft, d, body) for body, d in db.execute(sql, (craft, day))]
        if not joinable(parts):
            return
        rows = canonical(PositionBatch.concat(parts))
        joined = list(chunk.encode(rows, chunk.day_of(rows.t_ms), max_rows=chunk.SEALED_ROWS))
        db.execute("DELETE FROM track_chunk WHERE craft = ? AND day = ?", (craft, day))
        db.executemany(_INSERT, _values(joined))

    def append_identities(self, batch: IdentityBatch) -> None:
        """Store identities; storing the same again changes nothing.

        Parameters
        ----------
        batch : IdentityBatch
            Any craft, any order.
        """
        if not len(batch):
            return
        batch = canonical(batch)
        chunks = list(chunk.encode(batch, chunk.month_of(batch.t_ms)))
        with self._connections.writing() as db:
            db.executemany(
                "INSERT INTO identity_chunk (craft, month, digest, body)"
                " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [(c.craft, c.bucket, c.digest, c.body) for c in chunks],
            )
            note_identities(db, batch)

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
            Sorted by time; a transmission heard by several receivers is one row with their names joined.

        Raises
        ------
        InvalidInput
            If the interval holds more receiver names than one batch can number.
        CorruptState
            If a chunk is damaged.
        """
        sql = (
            "SELECT body, day FROM track_chunk WHERE craft = ? AND day BETWEEN ? AND ?"
            " AND start_ms < ? AND end_ms >= ? ORDER BY start_ms, end_ms, digest"
        )
        days = (start_ms // MS_PER_DAY, (end_ms - 1) // MS_PER_DAY)
        with self._connections.reading() as db:
            found = db.execute(sql, (craft, *days, end_ms, start_ms)).fetchall()
        parts = [decode_part(PositionBatch, craft, day, body) for body, day in found]
        return track_of(craft, parts, start_ms, end_ms)

    def identities(self, craft: int) -> IdentityBatch:
        """Read what a craft said of itself, as changes.

        Parameters
        ----------
        craft : int
            Craft key.

        Returns
        -------
        IdentityBatch
            Sorted by time; rows that say nothing new are left out. A number that thousands use may have
            more names than one batch can hold: then the newest that fit.
        """
        newest_first = "ORDER BY month DESC, chunk_id DESC"
        sql = f"SELECT month, body FROM identity_chunk WHERE craft = ? {newest_first}"
        with self._connections.reading() as db:
            found = db.execute(sql, (craft,)).fetchall()
        return identities_of(craft, found)

    def crafts(self) -> Sequence[int]:
        """List the craft that have a track.

        Returns
        -------
        sequence of int
            Craft keys, ascending.
        """
        with self._connections.reading() as db:
            sql = "SELECT craft FROM craft WHERE last_ms IS NOT NULL ORDER BY craft"
            return [craft for (craft,) in db.execute(sql)]
