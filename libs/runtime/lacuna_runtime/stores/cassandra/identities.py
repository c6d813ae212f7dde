"""Identities as chunks of a craft and month, merged when read."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import ClassVar

from lacuna_core.position import IdentityBatch
from lacuna_runtime.stores import chunk
from lacuna_runtime.stores.cassandra import crafts
from lacuna_runtime.stores.cassandra.connection import Connection
from lacuna_runtime.stores.cassandra.crafts import CraftRows
from lacuna_runtime.stores.cassandra.statement import Call, Statement
from lacuna_runtime.stores.derived import last_heard
from lacuna_runtime.stores.merge import canonical
from lacuna_runtime.stores.parts import MAX_PARTS, decode_part, identities_of, joinable

_COUNTED = 200_000
"""Craft and months of which this process remembers how many parts it wrote."""
_PUT = Statement("INSERT INTO identity_chunk (craft, month, digest, body) VALUES (?, ?, ?, ?)")
_DROP = Statement("DELETE FROM identity_chunk WHERE craft = ? AND month = ? AND digest = ?")
_MONTH = Statement("SELECT digest, body FROM identity_chunk WHERE craft = ? AND month = ?")
_ALL = Statement("SELECT month, body FROM identity_chunk WHERE craft = ?")


def _put(part: chunk.Chunk) -> Call:
    return Call(_PUT, (part.craft, part.bucket, part.digest, part.body))


class Identities:
    """Identities in Cassandra.

    Parameters
    ----------
    db : Connection
        Where.
    craft_rows : CraftRows
        What is known of a craft now.
    """

    STATEMENTS: ClassVar[tuple[Statement, ...]] = (*crafts.STATEMENTS, _PUT, _DROP, _MONTH, _ALL)

    def __init__(self, db: Connection, craft_rows: CraftRows) -> None:
        self._db = db
        self._craft_rows = craft_rows
        self._parts: OrderedDict[tuple[int, int], int] = OrderedDict()

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
        self._db.write(map(_put, chunks))
        self._join(self._crowded(chunks))
        heard = ((craft, crafts.heard_calls(craft, fields)) for craft, fields in last_heard(batch))
        self._craft_rows.write(batch.domain, heard)

    def _crowded(self, chunks: list[chunk.Chunk]) -> list[tuple[int, int]]:
        """Craft and months to which this process has written many parts; nothing is read to know it."""
        for part in chunks:
            key = (part.craft, part.bucket)
            self._parts[key] = self._parts.pop(key, 0) + 1
        crowded = [
            k for k in dict.fromkeys((c.craft, c.bucket) for c in chunks) if self._parts[k] > MAX_PARTS
        ]
        for key in crowded:
            del self._parts[key]
        while len(self._parts) > _COUNTED:
            self._parts.popitem(last=False)
        return crowded

    def _join(self, months: list[tuple[int, int]]) -> None:
        """Replace the parts of a month by one, by one mutation of one partition."""

        def requests() -> Iterator[list[Call]]:
            found = self._db.read_each(Call(_MONTH, key) for key in months)
            for (craft, month), rows in zip(months, found, strict=True):
                parts = [decode_part(IdentityBatch, craft, month, body) for _, body in rows]
                if not joinable(parts):
                    continue
                whole = canonical(IdentityBatch.concat(parts))
                joined = list(chunk.encode(whole, chunk.month_of(whole.t_ms), max_rows=chunk.SEALED_ROWS))
                kept = {part.digest for part in joined}
                gone = [digest for digest, _ in rows if digest not in kept]
                yield [*map(_put, joined), *(Call(_DROP, (craft, month, digest)) for digest in gone)]

        self._db.write(requests())

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
        return identities_of(craft, self._db.read(_ALL, craft))
