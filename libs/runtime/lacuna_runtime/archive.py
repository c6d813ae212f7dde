"""Loading an archive into the log: sorted by event time, scattered to partitions, ticked as it goes.

A killed import is finished by starting it again, see ``lacuna_runtime.loop.import_log``.
"""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

from lacuna_core.ports import Bus
from lacuna_core.position import Activate, IdentityBatch, PositionBatch, SourceHealth
from lacuna_core.topics import LEDGER, POSITIONS
from lacuna_core.units import MS_PER_MIN, MS_PER_S
from lacuna_runtime.loop.import_log import ArchiveImport, ArchiveSummary
from lacuna_runtime.loop.scatter import Scatter
from lacuna_runtime.loop.spill import TimeSorter

__all__ = ["ArchiveSummary", "load_archive"]

DEFAULT_LATENESS_MS = 5 * MS_PER_MIN
_COUNTED = {PositionBatch: "positions", IdentityBatch: "identities", SourceHealth: "health"}
Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with ``sort`` or ``publish``, rows done, and rows in all (0 while not known)."""


def load_archive(
    batches: Iterable[PositionBatch | IdentityBatch | SourceHealth],
    bus: Bus,
    *,
    lateness_ms: int = DEFAULT_LATENESS_MS,
    activations: Sequence[Activate] = (),
    spill_dir: Path | None = None,
    chunk_rows: int = 2_000_000,
    progress: Progress | None = None,
) -> ArchiveSummary:
    """Put an archive into ``positions``; starting a killed import again finishes it.

    Parameters
    ----------
    batches : iterable of PositionBatch, IdentityBatch or SourceHealth
        In any order of time, the same order each time the import is started.
    bus : Bus
        The log.
    lateness_ms : int
        Lateness of the log.
    activations : sequence of Activate
        Models in force from the first row on.
    spill_dir : Path or None
        Where sorted runs may be put; the system's folder for such when None.
    chunk_rows : int
        Most rows sorted in memory at once; the same each time the import is started.
    progress : callable or None
        Told how far it is.

    Returns
    -------
    ArchiveSummary
        Counts.

    Raises
    ------
    TimelineError
        If the log is past the data, or holds an unfinished import of other data.
    """
    bus.create([POSITIONS, LEDGER])
    with tempfile.TemporaryDirectory(dir=spill_dir, prefix="lacuna-sort-") as folder:
        sorter = TimeSorter(Path(folder), chunk_rows)
        try:
            done = 0
            for batch in batches:
                sorter.add(batch)
                done += len(batch)
                if progress is not None:
                    progress("sort", done, 0)
            return _publish(sorter, done, ArchiveImport(bus, lateness_ms), activations, progress)
        finally:
            sorter.close()


def _publish(
    sorter: TimeSorter,
    total: int,
    target: ArchiveImport,
    activations: Sequence[Activate],
    progress: Progress | None,
) -> ArchiveSummary:
    summary = target.summary
    if not total:
        return summary
    strings, rank = sorter.finish()
    summary.t_min_ms, summary.t_max_ms = sorter.span()
    for (batch_class, _), rows in sorter.rows.items():
        name = _COUNTED[batch_class]
        setattr(summary, name, getattr(summary, name) + rows)
    target.begin(summary.t_min_ms)
    for activate in activations:
        target.broadcast(activate)
    scatter = Scatter(strings, rank)
    done = 0
    for block in sorter.blocks():
        for tick_ms, parts in scatter.epochs(block):
            target.epoch(parts, tick_ms)
        done += sum(len(columns["t_ms"]) for columns in block.values())
        if progress is not None:
            progress("publish", done, total)
    last_ms = (summary.t_max_ms // MS_PER_S + 1) * MS_PER_S + target.lateness_ms
    target.epoch(scatter.rest(), last_ms)
    target.finish()
    return summary
