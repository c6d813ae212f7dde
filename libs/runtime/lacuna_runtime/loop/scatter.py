"""Rows in order of time to the partitions of ``positions``, one epoch after another."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lacuna_core.columns import ColumnBatch
from lacuna_core.position import MAX_ROWS, Domain, IdentityBatch, PositionBatch, SourceHealth
from lacuna_core.topics import POSITIONS
from lacuna_core.units import MS_PER_DAY
from lacuna_kernels.order import partitions
from lacuna_runtime.loop.spill import Columns, Kind

EPOCH_MS = MS_PER_DAY
"""Longest data time between two ticks. A record costs about half a millisecond whatever it holds, and an
hour of sparse traffic fills none: a day made the import of eleven months of aircraft six times as fast."""
EPOCH_ROWS = 65_536
"""Most rows of one partition between two ticks."""
_SMALL_TABLE = 32
_ORDER = (PositionBatch, IdentityBatch, SourceHealth)
Epoch = tuple[int, list[tuple[int, ColumnBatch]]]
"""Time of the closing tick; partition and batch of at most ``MAX_ROWS`` rows."""


class Scatter:
    """Cuts merged blocks into epochs: ``EPOCH_MS`` of data time, or ``EPOCH_ROWS`` rows of one partition.

    Parameters
    ----------
    strings : tuple of str
        Sorted table of all strings.
    rank : numpy.ndarray
        Place in it of each string id of the blocks' text columns.
    """

    def __init__(self, strings: tuple[str, ...], rank: npt.NDArray[np.uint32]) -> None:
        self._strings = strings
        self._rank = rank
        self._held: dict[tuple[int, Kind], list[Columns]] = {}
        self._counts = np.zeros(POSITIONS.partitions, np.int64)
        self._last_ms = 0
        self._epoch_end_ms = 0

    def epochs(self, block: dict[Kind, Columns]) -> Iterator[Epoch]:
        """Take the next block.

        Parameters
        ----------
        block : dict of Kind to Columns
            Later than all before it.

        Yields
        ------
        tuple
            Epochs that are over.
        """
        for piece in _by_epoch(block):
            first_ms = min(int(c["t_ms"][0]) for c in piece.values())
            last_ms = max(int(c["t_ms"][-1]) for c in piece.values())
            homes = {kind: _homes(kind, columns) for kind, columns in piece.items()}
            counts = np.sum(
                [np.bincount(h, minlength=POSITIONS.partitions) for h in homes.values()], axis=0
            ).astype(np.int64)
            if self._held and first_ms >= self._epoch_end_ms:
                yield self._close(self._epoch_end_ms)
            elif self._held and (self._counts + counts).max() > EPOCH_ROWS:
                yield self._close(self._last_ms)
            self._epoch_end_ms = (first_ms // EPOCH_MS + 1) * EPOCH_MS
            self._hold(piece, homes)
            self._counts += counts
            self._last_ms = last_ms

    def rest(self) -> list[tuple[int, ColumnBatch]]:
        """Give out what the last epoch holds.

        Returns
        -------
        list of (int, ColumnBatch)
            Partition and batch.
        """
        return self._close(0)[1]

    def _hold(self, piece: dict[Kind, Columns], homes: dict[Kind, npt.NDArray[np.uint8]]) -> None:
        for kind, columns in piece.items():
            if kind[0] is SourceHealth:
                summed = _summed(columns)
                for partition in range(POSITIONS.partitions):
                    self._held.setdefault((partition, kind), []).append(summed)
                continue
            order = np.argsort(homes[kind], kind="stable")
            sorted_columns = {name: array[order] for name, array in columns.items()}
            edges = np.searchsorted(homes[kind][order], np.arange(POSITIONS.partitions + 1))
            for partition in range(POSITIONS.partitions):
                start, end = edges[partition], edges[partition + 1]
                if end > start:
                    part = {name: array[start:end] for name, array in sorted_columns.items()}
                    self._held.setdefault((partition, kind), []).append(part)

    def _close(self, tick_ms: int) -> Epoch:
        batches: list[tuple[int, ColumnBatch]] = []
        held = sorted(
            self._held.items(), key=lambda item: (item[0][0], _ORDER.index(item[0][1][0]), item[0][1][1])
        )
        for (partition, kind), parts in held:
            columns = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
            rows = len(columns["t_ms"])
            for first in range(0, rows, MAX_ROWS):
                part = {name: array[first : first + MAX_ROWS] for name, array in columns.items()}
                batches.append((partition, self._batch(kind, part)))
        self._held = {}
        self._counts[:] = 0
        return tick_ms, batches

    def _batch(self, kind: Kind, columns: Columns) -> ColumnBatch:
        batch_class, domain = kind
        texts = [c.name for c in batch_class.SCHEMA if c.text]
        ranks = {name: self._rank[columns[name]] for name in texts}
        strings = self._strings
        if len(strings) > _SMALL_TABLE:
            used = np.unique(np.concatenate(list(ranks.values())))
            strings = tuple(strings[i] for i in used.tolist())
            ranks = {name: np.searchsorted(used, r).astype(np.uint32) for name, r in ranks.items()}
        codes = {name: r.astype(np.uint16) for name, r in ranks.items()}
        extra: dict[str, Any] = {"domain": Domain(domain)} if domain else {}
        return batch_class(**(columns | codes), strings=strings, **extra)


def _homes(kind: Kind, columns: Columns) -> npt.NDArray[np.uint8]:
    if kind[0] is SourceHealth:
        return np.empty(0, np.uint8)
    return partitions(columns["craft"], POSITIONS.partitions)


def _by_epoch(block: dict[Kind, Columns]) -> Iterator[dict[Kind, Columns]]:
    days: Sequence[int] = np.unique(
        np.concatenate([np.unique(c["t_ms"] // EPOCH_MS) for c in block.values()])
    ).tolist()
    if len(days) == 1:
        yield block
        return
    for day in days:
        piece = {}
        for kind, columns in block.items():
            start, end = np.searchsorted(columns["t_ms"], [day * EPOCH_MS, (day + 1) * EPOCH_MS])
            if end > start:
                piece[kind] = {name: array[start:end] for name, array in columns.items()}
        yield piece


def _summed(columns: Columns) -> Columns:
    """Add up the messages of rows that are equal in everything else."""
    names = ("t_ms", "start_ms", "domain_code", "source", "receiver")
    order = np.lexsort([columns[name] for name in reversed(names)])
    ordered = {name: array[order] for name, array in columns.items()}
    new = np.zeros(len(order), bool)
    new[0] = True
    for name in names:
        new[1:] |= ordered[name][1:] != ordered[name][:-1]
    starts = np.flatnonzero(new)
    total = np.add.reduceat(ordered["messages"].astype(np.int64), starts)
    summed = {name: array[starts] for name, array in ordered.items()}
    summed["messages"] = np.minimum(total, np.iinfo(np.uint32).max).astype(np.uint32)
    return summed
