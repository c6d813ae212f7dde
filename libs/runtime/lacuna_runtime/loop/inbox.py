"""What a task has read: repeats dropped, late and future rows set aside, the watermark of its inputs.

Rows, not records, are numbered by their origin (see ``lacuna_runtime.codec.Origin``), so a row published
again in another batch is known again. Late means at or before the last tick of the row's own origin in its
own partition, which the log alone decides, however it is polled. The replicas of ingestion number their rows
each for itself and share one ticker; a tick that is not ahead of the last one, as two tickers may write it
during a take-over, closes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lacuna_core.columns import ColumnBatch
from lacuna_core.flow import Input
from lacuna_core.message import EventBatch, FactBatch, Message
from lacuna_core.ports import TopicPartition
from lacuna_core.position import Activate, Tick
from lacuna_core.units import MS_PER_MIN, NULL_TIME_MS
from lacuna_runtime.codec import Origin
from lacuna_runtime.loop.pending import Pending, RowMessage, pack, unpack
from lacuna_runtime.loop.rowtime import floor_watermark, pick, row_count, row_kind, row_times

FUTURE_MS = MS_PER_MIN
"""A row further than this behind its closing tick has a broken clock."""


@dataclass(slots=True)
class _Source:
    """One origin in one partition, or all replicas of one."""

    watermark_ms: int = NULL_TIME_MS
    next_row: dict[str, int] = field(default_factory=dict)
    unclosed: list[RowMessage] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Activation:
    """A model and the watermark behind which it is in force.

    Attributes
    ----------
    after_ms : int
        Watermark of its origin's last tick before it; rows later than that see it.
    activate : Activate
        The model.
    """

    after_ms: int
    activate: Activate


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Rows with a broken clock in one epoch.

    Attributes
    ----------
    at : TopicPartition
        Where.
    tick_ms : int
        The closing tick.
    rows : int
        How many.
    latest_ms : int
        The furthest.
    """

    at: TopicPartition
    tick_ms: int
    rows: int
    latest_ms: int


class Inbox:
    """Everything read and not yet folded.

    Parameters
    ----------
    inputs : tuple of Input
        Topics and the producers that close their epochs; other origins are ignored.
    partitions : iterable of int
        Partitions that this task reads of every input.
    """

    def __init__(self, inputs: tuple[Input, ...], partitions: Iterable[int]) -> None:
        self._sources: dict[tuple[TopicPartition, str, int], _Source] = {}
        self.pending = Pending()
        self.activations: list[Activation] = []
        self.lateness_ms = 0
        self.late = 0
        self.quarantined = 0
        self.passed_over = 0
        """Rows read that the stage does not take, since it started."""
        self._kinds = {spec.topic.name: frozenset(spec.kinds) for spec in inputs}
        self._replicated = {
            (spec.topic.name, p.stage) for spec in inputs for p in spec.producers if p.replicas
        }
        self.broken_clocks: list[Quarantined] = []
        for topic, producers, _ in inputs:
            for partition in partitions:
                for producer in producers:
                    for stage, task in producer.origins(partition):
                        self._sources[TopicPartition(topic.name, partition), stage, task] = _Source()

    def partitions(self) -> list[TopicPartition]:
        """List what is read.

        Returns
        -------
        list of TopicPartition
            In order.
        """
        return sorted({at for at, _, _ in self._sources})

    def take(self, at: TopicPartition, origin: Origin, message: Message) -> None:
        """Take one message of an input.

        Parameters
        ----------
        at : TopicPartition
            Where it stood.
        origin : Origin
            Who published it.
        message : Message
            Decoded.
        """
        shared = (at.topic, origin.stage) in self._replicated
        source = self._sources.get((at, origin.stage, 0 if shared else origin.partition))
        if source is None:
            return
        if isinstance(message, Tick):
            self._close(at, source, message)
        elif isinstance(message, Activate):
            self._activate(at, source, origin, message)
        elif isinstance(message, ColumnBatch | FactBatch | EventBatch):
            kinds = self._kinds[at.topic]
            if kinds and row_kind(message) not in kinds:
                self.passed_over += row_count(message)
                return
            rows = self._unseen(at, source, origin, message)
            if rows is not None:
                late = row_times(rows) <= source.watermark_ms
                self.late += int(np.count_nonzero(late))
                source.unclosed.append(pick(rows, ~late) if late.any() else rows)

    def _stream(self, at: TopicPartition, origin: Origin, name: str) -> str:
        """Whose numbers these are, within the source."""
        shared = (at.topic, origin.stage) in self._replicated
        return f"{name}@{origin.partition}" if shared and origin.partition else name

    def _unseen(
        self, at: TopicPartition, source: _Source, origin: Origin, message: RowMessage
    ) -> RowMessage | None:
        stream = self._stream(at, origin, f"{type(message).__name__}.{int(getattr(message, 'domain', 0))}")
        count = row_count(message)
        known = source.next_row.get(stream, 0) - origin.seq
        if known >= count:
            return None
        source.next_row[stream] = origin.seq + count
        return pick(message, np.arange(count) >= known) if known > 0 else message

    def _activate(self, at: TopicPartition, source: _Source, origin: Origin, activate: Activate) -> None:
        stream = self._stream(at, origin, "Activate")
        if origin.seq < source.next_row.get(stream, 0):
            return
        source.next_row[stream] = origin.seq + 1
        # every partition and every upstream task carries its own copy of one activation
        activation = Activation(source.watermark_ms, activate)
        if activation not in self.activations:
            self.activations.append(activation)

    def _close(self, at: TopicPartition, source: _Source, tick: Tick) -> None:
        watermark_ms = floor_watermark(tick.t_ms, tick.lateness_ms)
        if watermark_ms <= source.watermark_ms:
            return
        self.lateness_ms = tick.lateness_ms
        for message in source.unclosed:
            times = row_times(message)
            broken = times > tick.t_ms + FUTURE_MS
            count = int(np.count_nonzero(broken))
            if count:
                self.quarantined += count
                self.broken_clocks.append(Quarantined(at, tick.t_ms, count, int(times.max())))
                message = pick(message, ~broken)
            self.pending.add(message)
        source.unclosed = []
        source.watermark_ms = watermark_ms

    def watermark(self) -> int:
        """Find the watermark that every origin of every partition has reached.

        Returns
        -------
        int
            Unix milliseconds UTC, ``NULL_TIME_MS`` before the first ticks.
        """
        return min(source.watermark_ms for source in self._sources.values())

    def ahead(self) -> list[TopicPartition]:
        """List the partitions that others hold up.

        Returns
        -------
        list of TopicPartition
            Those whose every origin is past the common watermark.
        """
        reached: dict[TopicPartition, int] = {}
        for (at, _, _), source in self._sources.items():
            reached[at] = min(reached.get(at, source.watermark_ms), source.watermark_ms)
        common = min(reached.values())
        return [at for at, watermark_ms in reached.items() if watermark_ms > common]

    def dump(self) -> dict[str, Any]:
        """Write everything but the pending rows as plain JSON values, and the unclosed ones as arrays.

        Returns
        -------
        dict
            ``sources``, ``activations``, counts; ``unclosed`` holds a uint8 array a source.
        """
        return {
            "sources": [
                [*at_tuple(at), stage, task, source.watermark_ms, source.next_row]
                for (at, stage, task), source in self._sources.items()
            ],
            "unclosed": [pack(source.unclosed) for source in self._sources.values()],
            "activations": [
                [a.after_ms, a.activate.kind, a.activate.digest, a.activate.body] for a in self.activations
            ],
            "counts": [self.lateness_ms, self.late, self.quarantined],
        }

    def load(self, state: dict[str, Any]) -> None:
        """Read what ``dump`` wrote.

        Parameters
        ----------
        state : dict
            As dumped.
        """
        for row, packed in zip(state["sources"], state["unclosed"], strict=True):
            topic, partition, stage, task, watermark_ms, next_row = row
            source = _Source(watermark_ms, dict(next_row), unpack(packed))
            self._sources[TopicPartition(topic, partition), stage, task] = source
        self.activations = [Activation(after, Activate(*rest)) for after, *rest in state["activations"]]
        self.lateness_ms, self.late, self.quarantined = state["counts"]


def at_tuple(at: TopicPartition) -> tuple[str, int]:
    """Take a partition apart.

    Parameters
    ----------
    at : TopicPartition
        Any.

    Returns
    -------
    tuple of (str, int)
        Topic and number.
    """
    return at.topic, at.partition
