"""What each reader of a partition must have counted, worked out from the log alone.

A row is late, or of a broken clock, by its own origin's ticks in its own partition (see
``lacuna_runtime.loop.inbox``), so both follow from the order of the log. How far a task had read when it
wrote its newest entry does not, so rows that are set aside behind the tick of that entry may or may not be in
it: those are bounds. Rows that a fold is given are exact.
"""

from dataclasses import dataclass, field

import numpy as np

from lacuna_core.columns import ColumnBatch
from lacuna_core.event import Alert
from lacuna_core.message import EventBatch, FactBatch, Message
from lacuna_core.ports import TopicPartition
from lacuna_core.position import Activate, Tick
from lacuna_core.units import NULL_TIME_MS, I64Array
from lacuna_runtime.audit.streams import Key, Stream
from lacuna_runtime.codec import Origin
from lacuna_runtime.loop.inbox import FUTURE_MS
from lacuna_runtime.loop.rowtime import floor_watermark, row_count, row_kind, row_times

RowMessage = ColumnBatch | FactBatch | EventBatch


@dataclass(slots=True)
class Expected:
    """What one task of a fold must have counted by its newest entry.

    Attributes
    ----------
    after_ms, until_ms : int
        Watermarks of the entry to count from, and of the newest one.
    due : int
        Rows between them.
    late_least, late_most : int
        Bounds of the late rows.
    quarantined_least, quarantined_most : int
        Bounds of the rows with a broken clock.
    waiting : int
        Rows behind the newest entry.
    """

    after_ms: int
    until_ms: int
    due: int = 0
    late_least: int = 0
    late_most: int = 0
    quarantined_least: int = 0
    quarantined_most: int = 0
    waiting: int = 0

    def late(self, rows: int, source_ms: int) -> None:
        """Take late rows, by the watermark that their source had."""
        self.late_most += rows
        if self.after_ms == NULL_TIME_MS and source_ms < self.until_ms:
            self.late_least += rows

    def quarantined(self, rows: int, tick_ms: int) -> None:
        """Take rows with a broken clock, by the watermark of the tick that closed them."""
        self.quarantined_most += rows
        if self.after_ms == NULL_TIME_MS and tick_ms <= self.until_ms:
            self.quarantined_least += rows

    def closed(self, times: I64Array) -> None:
        """Take rows whose epoch is over."""
        self.due += int(np.count_nonzero((times > self.after_ms) & (times <= self.until_ms)))
        self.waiting += int(np.count_nonzero(times > self.until_ms))


@dataclass(frozen=True, slots=True)
class Reader:
    """One task as the reader of one partition.

    Attributes
    ----------
    producers : frozenset of str
        Stages whose rows it takes.
    kinds : frozenset of str
        Kinds of row that it takes, all when empty.
    expected : Expected
        Where it counts.
    """

    producers: frozenset[str]
    kinds: frozenset[str]
    expected: Expected


@dataclass(slots=True)
class _Source:
    watermark_ms: int = NULL_TIME_MS
    unclosed: list[tuple[str, I64Array]] = field(default_factory=list)


@dataclass(slots=True)
class Emitted:
    """What a task of a fold wrote to a topic by its newest entry.

    Attributes
    ----------
    after_ms, until_ms : int
        As in ``Expected``.
    rows : int
        Rows between them.
    """

    after_ms: int
    until_ms: int
    rows: int = 0


class PartitionTally:
    """Counts the rows of one partition.

    Parameters
    ----------
    at : TopicPartition
        Which.
    readers : list of Reader
        Who reads it.
    replicated : frozenset of str
        Stages whose replicas share one ticker.
    emitted : dict of (str, int, str) to Emitted
        Where the rows of each stage, task and topic are counted; those of others are not.
    sink_offset : int
        Where the projector counts rows up to.
    """

    def __init__(
        self,
        at: TopicPartition,
        readers: list[Reader],
        replicated: frozenset[str],
        emitted: dict[tuple[str, int, str], Emitted],
        sink_offset: int,
    ) -> None:
        self.at = at
        self._readers = readers
        self._replicated = replicated
        self._emitted = emitted
        self._sink_offset = sink_offset
        self._sources: dict[tuple[str, int], _Source] = {}
        self.streams: dict[Key, Stream] = {}
        self.sunk = 0
        """Rows below the sink's offset, repeats included."""
        self.unsunk = 0
        self.dead = 0
        self.repeats = 0
        self.behind: dict[tuple[str, int], int] = {}
        """Rows that stand behind a tick of their origin that closed them, by origin."""

    def take(self, offset: int, origin: Origin, message: Message) -> None:
        """Take a record.

        Parameters
        ----------
        offset : int
            Where it stood.
        origin : Origin
            Who published it.
        message : Message
            Decoded.
        """
        rows = 0 if isinstance(message, Tick | Activate) else row_count(message)
        if offset < self._sink_offset:
            self.sunk += rows
        else:
            self.unsunk += rows
        if isinstance(message, Tick):
            self._close(origin, message)
        elif isinstance(message, ColumnBatch | FactBatch | EventBatch):
            known = self._known(origin, row_kind(message), rows)
            if known < rows:
                self._rows(origin, row_kind(message), row_times(message)[known:])
        elif isinstance(message, Alert) and not self._known(origin, "alerts", 1):
            self._count_emitted(origin, np.array([message.as_of_ms]))

    def _known(self, origin: Origin, kind: str, rows: int) -> int:
        stream = self.streams.setdefault((origin.stage, origin.partition, kind), Stream())
        known = stream.take(origin.seq, rows)
        self.repeats += known
        return known

    def _source(self, origin: Origin) -> _Source:
        task = 0 if origin.stage in self._replicated else origin.partition
        return self._sources.setdefault((origin.stage, task), _Source())

    def _rows(self, origin: Origin, kind: str, times: I64Array) -> None:
        self._count_emitted(origin, times)
        source = self._source(origin)
        late = times <= source.watermark_ms
        behind = int(np.count_nonzero(late))
        if behind:
            self.behind[origin.stage, origin.partition] = (
                self.behind.get((origin.stage, origin.partition), 0) + behind
            )
            for expected in self._takers(origin.stage, kind):
                expected.late(behind, source.watermark_ms)
        source.unclosed.append((kind, times[~late]))

    def _count_emitted(self, origin: Origin, times: I64Array) -> None:
        emitted = self._emitted.get((origin.stage, origin.partition, self.at.topic))
        if emitted is not None:
            emitted.rows += int(np.count_nonzero((times > emitted.after_ms) & (times <= emitted.until_ms)))

    def _takers(self, stage: str, kind: str) -> list[Expected]:
        return [
            reader.expected
            for reader in self._readers
            if stage in reader.producers and (not reader.kinds or kind in reader.kinds)
        ]

    def _close(self, origin: Origin, tick: Tick) -> None:
        source = self._source(origin)
        watermark_ms = floor_watermark(tick.t_ms, tick.lateness_ms)
        if watermark_ms <= source.watermark_ms:
            return
        for kind, times in source.unclosed:
            broken = times > tick.t_ms + FUTURE_MS
            count = int(np.count_nonzero(broken))
            for expected in self._takers(origin.stage, kind):
                if count:
                    expected.quarantined(count, watermark_ms)
                expected.closed(times[~broken])
        source.unclosed = []
        source.watermark_ms = watermark_ms

    def finish(self) -> None:
        """Count what no tick has closed."""
        for (stage, _), source in self._sources.items():
            for kind, times in source.unclosed:
                for expected in self._takers(stage, kind):
                    expected.waiting += len(times)
            source.unclosed = []
