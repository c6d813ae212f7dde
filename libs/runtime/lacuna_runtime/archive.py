"""Loading an archive into the log: sorted by event time, scattered to partitions, ticked as it goes.

A killed import is finished by starting it again. The group ``ingestion.archive`` commits the ends of
``positions`` when an import begins and again when it is complete, so records behind its offsets belong to
an unfinished one. The records of an import are a function of the data and of those offsets alone (row
numbers start at offset times ``MAX_ROWS``, more than any row before can have), so starting again makes the same
bytes; those that are there already are compared, byte for byte, and passed over, the rest is appended. Other
data than before is found out at the first record that differs, before anything is written.
"""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from lacuna_core.columns import ColumnBatch
from lacuna_core.errors import TimelineError
from lacuna_core.flow import POSITIONS_IN
from lacuna_core.message import Message
from lacuna_core.ports import Bus, Outgoing, Record, Subscription, TopicPartition
from lacuna_core.position import (
    MAX_ROWS,
    Activate,
    Domain,
    IdentityBatch,
    PositionBatch,
    SourceHealth,
    Tick,
)
from lacuna_core.timestamps import format_time
from lacuna_core.topics import POSITIONS
from lacuna_core.units import MS_PER_MIN, MS_PER_S, NULL_TIME_MS

from lacuna_runtime.codec import decode
from lacuna_runtime.loop.emit import OriginWriter
from lacuna_runtime.loop.rowtime import floor_watermark
from lacuna_runtime.loop.scatter import Scatter
from lacuna_runtime.loop.spill import TimeSorter

GROUP = "ingestion.archive"
DEFAULT_LATENESS_MS = 5 * MS_PER_MIN
_EVERYWHERE = tuple(TopicPartition(POSITIONS.name, p) for p in range(POSITIONS.partitions))
_ORIGIN = POSITIONS_IN.producers[0]
_CYCLE_RECORDS = 256
Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with ``sort`` or ``publish``, rows done, and rows in all (0 while not known)."""


@dataclass(slots=True)
class ArchiveSummary:
    """What an import put into the log.

    Attributes
    ----------
    positions, identities, health : int
        Rows.
    records : int
        Records appended.
    resumed_records : int
        Records that an earlier, killed import had left and that were passed over.
    ticks : int
        Ticks, of each partition.
    t_min_ms, t_max_ms : int or None
        Least and greatest time of the rows; None without rows.
    """

    positions: int = 0
    identities: int = 0
    health: int = 0
    records: int = 0
    resumed_records: int = 0
    ticks: int = 0
    t_min_ms: int | None = None
    t_max_ms: int | None = None


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
    bus.create([POSITIONS])
    with tempfile.TemporaryDirectory(dir=spill_dir, prefix="lacuna-sort-") as folder:
        sorter = TimeSorter(Path(folder), chunk_rows)
        try:
            done = 0
            for batch in batches:
                sorter.add(batch)
                done += len(batch)
                if progress is not None:
                    progress("sort", done, 0)
            return _publish(sorter, done, _Import(bus, lateness_ms), activations, progress)
        finally:
            sorter.close()


def _publish(
    sorter: TimeSorter,
    total: int,
    target: "_Import",
    activations: Sequence[Activate],
    progress: Progress | None,
) -> ArchiveSummary:
    summary = target.summary
    if not total:
        return summary
    strings, rank = sorter.finish()
    summary.t_min_ms, summary.t_max_ms = sorter.span()
    for (batch_class, _), rows in sorter.rows.items():
        name = {PositionBatch: "positions", IdentityBatch: "identities", SourceHealth: "health"}[batch_class]
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


@dataclass(slots=True)
class _Partition:
    """What a killed import left in one partition, read as it is passed over."""

    at: TopicPartition
    reader: Subscription
    next_offset: int
    end: int
    read: list[Record] = field(default_factory=list)

    def next_value(self) -> bytes | None:
        if self.next_offset >= self.end:
            return None
        if not self.read:
            records = list(self.reader.poll(64, 1.0))
            self.read = records[::-1]
            if not records:
                return None
        record = self.read.pop()
        self.next_offset = record.offset + 1
        return record.value


class _Import:
    """One import as the writer of ``positions``."""

    def __init__(self, bus: Bus, lateness_ms: int) -> None:
        self._bus = bus
        self.lateness_ms = lateness_ms
        self.summary = ArchiveSummary()
        self._writer = OriginWriter(_ORIGIN.stage, 0)
        self._left: dict[int, _Partition] = {}
        self._out: list[Outgoing] = []
        self._tick_seq = 0
        self._offsets = bus.subscribe(GROUP, _EVERYWHERE)

    def begin(self, t_min_ms: int) -> None:
        ends = self._bus.end_offsets(_EVERYWHERE)
        starts = self._offsets.committed() or ends
        reached_ms = last_watermark(self._bus, _EVERYWHERE[0], starts[_EVERYWHERE[0]])
        if t_min_ms <= reached_ms:
            raise TimelineError(
                f"the data starts at {format_time(t_min_ms)}, but this log has reached "
                f"{format_time(reached_ms + 1)}: give the replay a data folder of its own with --data"
            )
        self._offsets.commit(starts)
        self._tick_seq = starts[_EVERYWHERE[0]]
        for at in _EVERYWHERE:
            reader = self._bus.subscribe(GROUP, [at])
            self._left[at.partition] = _Partition(at, reader, starts[at], ends[at])
            for batch_class, domain in _STREAMS:
                self._writer.start_at(at, batch_class, domain, starts[at] * MAX_ROWS)

    def broadcast(self, message: Message) -> None:
        for at in _EVERYWHERE:
            self._put(at.partition, message)

    def epoch(self, parts: Iterable[tuple[int, ColumnBatch]], tick_ms: int) -> None:
        for partition, batch in parts:
            self._put(partition, batch)  # type: ignore[arg-type]  # a batch class is a message
        self.broadcast(Tick(self._tick_seq, tick_ms, self.lateness_ms))
        self._tick_seq += 1
        self.summary.ticks += 1
        if len(self._out) >= _CYCLE_RECORDS:
            self._flush()

    def _put(self, partition: int, message: Message) -> None:
        for record in self._writer.write(POSITIONS.name, partition, message):
            there = self._left[partition].next_value()
            if there is None:
                self._out.append(record)
                self.summary.records += 1
            elif there == record.value:
                self.summary.resumed_records += 1
            else:
                raise TimelineError(self._other_data())

    def _other_data(self) -> str:
        return (
            "this log holds an unfinished import of other data: start that one again, or give this one a "
            "data folder of its own with --data"
        )

    def _flush(self) -> None:
        with self._bus.cycle():
            for delivery in self._bus.publish(self._out):
                delivery.result()
        self._out = []

    def finish(self) -> None:
        if any(left.next_value() is not None for left in self._left.values()):
            raise TimelineError(self._other_data())
        with self._bus.cycle():
            for delivery in self._bus.publish(self._out):
                delivery.result()
            self._offsets.commit(self._bus.end_offsets(_EVERYWHERE))
        self._out = []


_STREAMS: tuple[tuple[type, int], ...] = (
    (PositionBatch, Domain.SEA), (PositionBatch, Domain.AIR), (IdentityBatch, Domain.SEA),
    (IdentityBatch, Domain.AIR), (SourceHealth, 0), (Activate, 0),
)  # fmt: skip


def last_watermark(bus: Bus, at: TopicPartition, end: int) -> int:
    """Find how far the ticks of a partition have come.

    Parameters
    ----------
    bus : Bus
        The log.
    at : TopicPartition
        Where to look.
    end : int
        Look below this offset.

    Returns
    -------
    int
        Watermark of the last tick, Unix milliseconds UTC; ``NULL_TIME_MS`` when there is none.
    """
    reader = bus.subscribe("ingestion.look", [at])
    window = 64
    while end > 0:
        start = max(0, end - window)
        reader.seek({at: start})
        found = NULL_TIME_MS
        at_offset = start
        while at_offset < end:
            records = [r for r in reader.poll(window, 1.0) if r.offset < end]
            if not records:
                break
            at_offset = records[-1].offset + 1
            for record in records:
                message = decode(record.value)[1]
                if isinstance(message, Tick):
                    found = floor_watermark(message.t_ms, message.lateness_ms)
        if found != NULL_TIME_MS or start == 0:
            return found
        window *= 4
    return NULL_TIME_MS
