"""Reads craft profiles and exposure."""

import json
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any, ClassVar

import numpy as np

from lacuna_core.ids import PARTITIONS
from lacuna_core.position import Domain
from lacuna_core.profile import CraftProfile, CraftQuery, Exposure, Identity, LastPosition
from lacuna_core.units import MS_PER_DAY
from lacuna_runtime.stores.cassandra.blocks import block_of, may_hold
from lacuna_runtime.stores.cassandra.connection import Connection, Row
from lacuna_runtime.stores.cassandra.craft_match import craft_match
from lacuna_runtime.stores.cassandra.crafts import IDENTITY
from lacuna_runtime.stores.cassandra.statement import Call, Statement
from lacuna_runtime.stores.exposure import clipped

_BLOCKS_AT_ONCE = 32
_PAGE_ROWS = 500
_COLUMNS = ("craft", "domain", "first_ms", "last_ms", "last_position", *IDENTITY)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM craft WHERE block = ?"
_PROFILE = Statement(f"{_SELECT} AND craft = ?")
_BEHIND = Statement(f"{_SELECT} AND craft > ?")
_HEARD = Statement("SELECT craft, last_ms FROM craft WHERE block = ?")
_BLOCKS = Statement("SELECT block FROM craft_block WHERE domain = ? AND block >= ?")
_DAYS = Statement("SELECT day FROM track_tally WHERE shard = ? AND day >= ? AND day <= ?")
_EXPOSURE = Statement("SELECT craft, hours FROM exposure WHERE day = ? AND shard = ?")
_INT32 = np.iinfo(np.int32)


def _profile(row: Row) -> CraftProfile:
    craft, domain, first_ms, last_ms, last, *identity = row
    return CraftProfile(
        craft=craft,
        domain=Domain(domain),
        first_ms=first_ms,
        last_ms=last_ms,
        last=LastPosition(*json.loads(last)) if last else None,
        identity=Identity(**dict(zip(IDENTITY, identity, strict=True))),
    )


class Profiles:
    """Craft profiles and exposure in Cassandra.

    Parameters
    ----------
    db : Connection
        Where.
    """

    STATEMENTS: ClassVar[tuple[Statement, ...]] = (_PROFILE, _BEHIND, _HEARD, _BLOCKS, _DAYS, _EXPOSURE)

    def __init__(self, db: Connection) -> None:
        self._db = db

    def profile(self, craft: int) -> CraftProfile | None:
        """Read one craft.

        Parameters
        ----------
        craft : int
            Craft key.

        Returns
        -------
        CraftProfile or None
            None when nothing of it was ever stored.
        """
        rows = self._db.read(_PROFILE, block_of(craft), craft)
        return _profile(rows[0]) if rows else None

    def profiles(self, query: CraftQuery) -> Sequence[CraftProfile]:
        """List craft.

        Parameters
        ----------
        query : CraftQuery
            Which; a text is looked for in every craft of the domain.

        Returns
        -------
        sequence of CraftProfile
            Ascending by craft key.
        """
        matches = craft_match(query)
        found = (row for row in self._walk(query) if matches(row[0], dict(zip(_COLUMNS, row, strict=True))))
        return [_profile(row) for row in islice(found, query.limit)]

    def _walk(self, query: CraftQuery) -> Iterator[Row]:
        after = -1 if query.after is None else query.after
        blocks = self._blocks(query.domain, block_of(after) if after >= 0 else 0)
        if query.craft is not None:
            blocks = [block for block in blocks if block == block_of(query.craft)]
        if query.mids:
            blocks = [block for block in blocks if may_hold(block, query.mids)]
        page_rows = min(_PAGE_ROWS, query.limit)
        for at in range(0, len(blocks), _BLOCKS_AT_ONCE):
            calls = [Call(_BEHIND, (block, after)) for block in blocks[at : at + _BLOCKS_AT_ONCE]]
            yield from chain.from_iterable(self._db.streams(calls, page_rows))

    def _blocks(self, domain: Domain, first: int = 0) -> list[int]:
        return [block for (block,) in self._db.read(_BLOCKS, int(domain), first)]

    def crafts(self) -> Sequence[int]:
        """List the craft that have a track.

        Returns
        -------
        sequence of int
            Craft keys, ascending.
        """
        blocks = sorted({block for domain in Domain for block in self._blocks(domain)})
        found = self._db.read_each(Call(_HEARD, (block,)) for block in blocks)
        return [craft for rows in found for craft, last_ms in rows if last_ms is not None]

    def exposure(self, start_ms: int, end_ms: int) -> Exposure:
        """Read when craft were heard.

        Parameters
        ----------
        start_ms, end_ms : int
            Half-open interval, Unix milliseconds UTC; hours that begin in it count.

        Returns
        -------
        Exposure
            Sorted by (day, craft); hours outside the interval are cleared.
        """
        first, last = (
            min(max(day, int(_INT32.min)), int(_INT32.max))
            for day in (start_ms // MS_PER_DAY, (end_ms - 1) // MS_PER_DAY)
        )
        found = self._db.read_each(Call(_DAYS, (shard, first, last)) for shard in range(PARTITIONS))
        places = sorted((day, shard) for shard, rows in enumerate(found) for (day,) in rows)
        tables = [
            _united(place[0], rows)
            for place, rows in zip(
                places, self._db.read_each(Call(_EXPOSURE, place) for place in places), strict=True
            )
        ]
        table = np.concatenate(tables) if tables else np.empty((0, 3), np.int64)
        table = table[np.lexsort((table[:, 1], table[:, 0]))]
        return clipped(table[:, 1], table[:, 0], table[:, 2], start_ms, end_ms)


def _united(day: int, rows: Sequence[Any]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Day, craft and hours, one row a craft; notes of one craft come one after another."""
    table = np.array(rows, np.int64).reshape(-1, 2)
    craft, hours = table[:, 0], table[:, 1]
    starts = np.flatnonzero(np.concatenate([[True], craft[1:] != craft[:-1]])[: len(craft)])
    united = np.bitwise_or.reduceat(hours, starts) if len(starts) else hours
    return np.stack([np.full(len(starts), day, np.int64), craft[starts], united], axis=1)
