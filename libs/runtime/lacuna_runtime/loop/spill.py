"""External sort of columns by time: sorted runs on disk, merged in bounded memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from lacuna_core.columns import ColumnBatch
from lacuna_core.units import I64Array

Columns: TypeAlias = dict[str, npt.NDArray[Any]]
Kind: TypeAlias = tuple[type[ColumnBatch], int]
"""Batch class and domain, 0 for none."""
BLOCK_ROWS = 65_536
_NEVER = np.iinfo(np.int64).max


@dataclass(slots=True)
class _Run:
    kind: Kind
    columns: Columns
    cursor: int = 0

    @property
    def t_ms(self) -> I64Array:
        return self.columns["t_ms"]

    @property
    def left(self) -> int:
        return len(self.t_ms) - self.cursor


class TimeSorter:
    """Sorts batches of several kinds together by time; rows of equal time keep the order in which they came.

    Text columns become uint32 string ids; ``finish`` says which place each has in the sorted table.

    Parameters
    ----------
    spill_dir : Path
        An existing folder for the runs.
    chunk_rows : int
        Most rows sorted in memory at once.
    """

    def __init__(self, spill_dir: Path, chunk_rows: int) -> None:
        self._dir = spill_dir
        self._chunk_rows = chunk_rows
        self._ids: dict[str, int] = {}
        self._held: dict[Kind, list[Columns]] = {}
        self._held_rows = 0
        self._runs: list[_Run] = []
        self._files: list[Path] = []
        self.rows: dict[Kind, int] = {}

    def add(self, batch: ColumnBatch) -> None:
        """Take a batch.

        Parameters
        ----------
        batch : ColumnBatch
            Any number of rows, in any order.
        """
        count = len(batch)
        if not count:
            return
        kind = (type(batch), int(getattr(batch, "domain", 0)))
        ids = [self._ids.setdefault(s, len(self._ids)) for s in batch.strings]
        lookup = np.array(ids, dtype=np.uint32)
        columns = {c.name: lookup[array] if c.text else array for c, array in batch.columns()}
        self._held.setdefault(kind, []).append(columns)
        self.rows[kind] = self.rows.get(kind, 0) + count
        self._held_rows += count
        if self._held_rows >= self._chunk_rows:
            self._sort_held(spill=True)

    def _sort_held(self, *, spill: bool) -> None:
        for kind, parts in self._held.items():
            columns = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
            order = np.argsort(columns["t_ms"], kind="stable")
            columns = {name: array[order] for name, array in columns.items()}
            self._runs.append(_Run(kind, self._write(columns) if spill else columns))
        self._held = {}
        self._held_rows = 0

    def _write(self, columns: Columns) -> Columns:
        path = self._dir / f"run-{len(self._files)}.columns"
        self._files.append(path)
        with path.open("wb") as file:
            for array in columns.values():
                file.write(array.tobytes())
        mapped: Columns = {}
        at = 0
        for name, array in columns.items():
            mapped[name] = np.memmap(path, dtype=array.dtype, mode="r", offset=at, shape=array.shape)
            at += array.nbytes
        return mapped

    def finish(self) -> tuple[tuple[str, ...], npt.NDArray[np.uint32]]:
        """End the input.

        Returns
        -------
        strings : tuple of str
            All strings, sorted.
        rank : numpy.ndarray
            Place in ``strings`` of each string id that the text columns hold, uint32.
        """
        self._sort_held(spill=False)
        strings = tuple(sorted(self._ids))
        place = {s: i for i, s in enumerate(strings)}
        return strings, np.array([place[s] for s in self._ids], dtype=np.uint32)

    def span(self) -> tuple[int, int]:
        """Find the least and greatest time; after ``finish``.

        Returns
        -------
        tuple of (int, int)
            Unix milliseconds UTC.
        """
        return min(int(r.t_ms[0]) for r in self._runs), max(int(r.t_ms[-1]) for r in self._runs)

    def blocks(self) -> Iterator[dict[Kind, Columns]]:
        """Merge the runs.

        Yields
        ------
        dict of Kind to Columns
            The next rows in order of time, about ``BLOCK_ROWS`` of them; no time is cut in two.
        """
        while runs := [run for run in self._runs if run.left]:
            share = max(1, BLOCK_ROWS // len(runs))
            cut = min(int(r.t_ms[r.cursor + share]) if r.left > share else _NEVER for r in runs)
            if all(int(r.t_ms[r.cursor]) >= cut for r in runs):
                cut += 1
            taken: dict[Kind, list[Columns]] = {}
            for run in runs:
                end = run.cursor + int(np.searchsorted(run.t_ms[run.cursor :], cut, side="left"))
                if cut == _NEVER:
                    end = len(run.t_ms)
                if end > run.cursor:
                    part = {n: np.asarray(a[run.cursor : end]) for n, a in run.columns.items()}
                    taken.setdefault(run.kind, []).append(part)
                    run.cursor = end
            yield {kind: _merged(parts) for kind, parts in taken.items()}

    def close(self) -> None:
        """Remove the runs."""
        self._runs = []
        for path in self._files:
            path.unlink(missing_ok=True)


def _merged(parts: Sequence[Columns]) -> Columns:
    if len(parts) == 1:
        return parts[0]
    columns = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    order = np.argsort(columns["t_ms"], kind="stable")
    return {name: array[order] for name, array in columns.items()}
