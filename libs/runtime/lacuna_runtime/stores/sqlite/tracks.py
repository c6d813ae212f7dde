"""Positions and identities as chunks, written once whatever is repeated, merged when read."""

import sqlite3
from collections.abc import Sequence
from typing import Any

import numpy as np

from lacuna_core.errors import CorruptState, InvalidInput
from lacuna_core.ids import Scheme, craft_scheme, format_craft
from lacuna_core.position import Domain, IdentityBatch, PositionBatch
from lacuna_core.timestamps import format_time
from lacuna_core.units import MS_PER_DAY
from lacuna_runtime.stores import chunk
from lacuna_runtime.stores.merge import canonical, changes_only, unite_witnesses
from lacuna_runtime.stores.sqlite.connection import Connections
from lacuna_runtime.stores.sqlite.derived import note_identities, note_positions

_MAX_STRINGS = 65_535
"""Most strings that the 16-bit text columns of one batch can number."""
_MAX_PARTS = 12
"""Parts of one craft and day from which they are joined to one, so that a read stays one seek."""


_INSERT = (
    "INSERT INTO track_chunk (craft, day, digest, domain, position_count, start_ms, end_ms, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def _values(chunks: Sequence[chunk.Chunk]) -> list[tuple[Any, ...]]:
    return [(c.craft, c.bucket, c.digest, c.domain, c.rows, c.start_ms, c.end_ms, c.body) for c in chunks]


def _joinable(parts: Sequence[PositionBatch] | Sequence[IdentityBatch]) -> bool:
    return len(set().union(*(part.strings for part in parts))) <= _MAX_STRINGS


def _domain_of(craft: int) -> Domain:
    return Domain.SEA if craft_scheme(craft) is Scheme.MMSI else Domain.AIR


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
        return [key for key in keys if db.execute(sql, key).fetchone()[0] > _MAX_PARTS]

    def _join(self, db: sqlite3.Connection, craft: int, day: int) -> None:
        """Replace the parts of a day by as few as hold its rows; a full day keeps several full parts."""
        sql = "SELECT body, day FROM track_chunk WHERE craft = ? AND day = ? ORDER BY start_ms"
        parts = [self._decode(PositionBatch, craft, d, body) for body, d in db.execute(sql, (craft, day))]
        if not _joinable(parts):
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
        parts = []
        for body, day in found:
            rows = self._decode(PositionBatch, craft, day, body)
            at, to = np.searchsorted(rows.t_ms, (start_ms, end_ms))
            parts.append(rows.take(slice(int(at), int(to))))
        if not any(len(p) for p in parts):
            return PositionBatch.empty(domain=_domain_of(craft))
        if not _joinable(parts):
            raise InvalidInput(
                f"track of {format_craft(craft)} has more than {_MAX_STRINGS} receiver names in this"
                " interval, expected a shorter one"
            )
        return unite_witnesses(canonical(PositionBatch.concat(parts))).compact()

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
        sql = f"SELECT body, month FROM identity_chunk WHERE craft = ? {newest_first}"
        with self._connections.reading() as db:
            found = db.execute(sql, (craft,)).fetchall()
        parts: list[IdentityBatch] = []
        strings: set[str] = set()
        for body, month in found:
            part = self._decode(IdentityBatch, craft, month, body)
            strings.update(part.strings)
            if len(strings) > _MAX_STRINGS:
                break
            parts.append(part)
        if not parts:
            return IdentityBatch.empty(domain=_domain_of(craft))
        return changes_only(canonical(IdentityBatch.concat(parts))).compact()

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

    @staticmethod
    def _decode(kind: type[chunk.B], craft: int, bucket: int, body: bytes) -> chunk.B:
        try:
            return chunk.decode(kind, craft, body)
        except CorruptState as error:
            if kind is PositionBatch:
                when = f"track of {format_craft(craft)} on {format_time(bucket * MS_PER_DAY)[:10]}"
            else:
                when = f"identities of {format_craft(craft)} in {1970 + bucket // 12}-{bucket % 12 + 1:02d}"
            raise CorruptState(f"{when}: {error}") from error
