"""Positions as chunks: written once whatever is repeated, merged when read."""

from collections.abc import Sequence
from typing import ClassVar

from lacuna_core.position import PositionBatch
from lacuna_core.units import MS_PER_DAY
from lacuna_runtime.stores import chunk
from lacuna_runtime.stores.cassandra import crafts, joining, notes
from lacuna_runtime.stores.cassandra.blocks import block_of
from lacuna_runtime.stores.cassandra.connection import Connection
from lacuna_runtime.stores.cassandra.crafts import CraftRows
from lacuna_runtime.stores.cassandra.joining import quarter_of
from lacuna_runtime.stores.cassandra.statement import Call, Statement
from lacuna_runtime.stores.derived import reaches
from lacuna_runtime.stores.merge import canonical
from lacuna_runtime.stores.parts import decode_part, track_of

_REACH = Statement("SELECT first_ms, last_ms FROM craft WHERE block = ? AND craft = ?")
_CHUNKS = Statement(
    "SELECT day, start_ms, end_ms, body FROM track_chunk"
    " WHERE craft = ? AND quarter = ? AND day >= ? AND day <= ?",
)


class Tracks:
    """Tracks in Cassandra.

    Parameters
    ----------
    db : Connection
        Where.
    craft_rows : CraftRows
        What is known of a craft now.
    """

    STATEMENTS: ClassVar[tuple[Statement, ...]] = (
        *crafts.STATEMENTS,
        *joining.STATEMENTS,
        *notes.STATEMENTS,
        _REACH,
        _CHUNKS,
    )

    def __init__(self, db: Connection, craft_rows: CraftRows) -> None:
        self._db = db
        self._craft_rows = craft_rows

    def append(self, batch: PositionBatch) -> None:
        """Store positions; storing the same again changes nothing.

        Chunks are written before their notes, and the notes of a day are read only then: of two writers of
        one day at least one sees the parts of both, and joins them where they overlap.

        Parameters
        ----------
        batch : PositionBatch
            Any craft, any order.
        """
        if not len(batch):
            return
        batch = canonical(batch)
        chunks = list(chunk.encode(batch, chunk.day_of(batch.t_ms)))
        noted = notes.notes_of(chunks, batch)
        self._db.write(joining.put_chunks(chunks))
        notes.put_notes(self._db, noted)
        days = notes.known_notes(self._db, sorted({(note.craft, note.day) for note in noted}))
        joining.join(self._db, [found for found in days.values() if joining.asks_to_join(found)])
        notes.renew_tallies(self._db, noted)
        self._craft_rows.write(batch.domain, ((r.craft, crafts.reach_calls(r)) for r in reaches(batch)))

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
        parts = []
        for found in self._db.read_each(self._quarters(craft, start_ms, end_ms)):
            for day, first_ms, last_ms, body in found:
                if first_ms < end_ms and last_ms >= start_ms:
                    parts.append(decode_part(PositionBatch, craft, day, body))
        return track_of(craft, parts, start_ms, end_ms)

    def _quarters(self, craft: int, start_ms: int, end_ms: int) -> Sequence[Call]:
        """What to read: only the time in which the craft was heard, however long the interval is."""
        reach = self._db.read(_REACH, block_of(craft), craft)
        if not reach or reach[0][0] is None:
            return []
        first = max(start_ms, reach[0][0]) // MS_PER_DAY
        last = (min(end_ms, reach[0][1] + 1) - 1) // MS_PER_DAY
        if first > last:
            return []
        quarters = range(quarter_of(first), quarter_of(last) + 1)
        return [Call(_CHUNKS, (craft, quarter, first, last)) for quarter in quarters]
