"""What every loop tells about its work: one span a cycle, counts and times, the lag of its tasks."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from lacuna_core.message import DeadLetter
from lacuna_core.ports import Clock, Outgoing, Record
from lacuna_core.topics import DEADLETTERS
from lacuna_runtime.codec import decode
from lacuna_runtime.telemetry import names
from lacuna_runtime.telemetry.api import NO_SPAN, Attributes, Reading, Telemetry
from lacuna_runtime.telemetry.names import Metric, SpanName

_MS_PER_S = 1000.0


@dataclass(frozen=True, slots=True)
class TaskView:
    """A running task as seen from outside.

    Attributes
    ----------
    number : int
        Its number.
    pending_rows : int
        Rows that wait for their epoch.
    tick_ms : int or None
        The newest tick that it has finished, Unix milliseconds UTC; None before the first.
    """

    number: int
    pending_rows: int
    tick_ms: int | None


class Watch:
    """What a loop does with its watch; this one, for telemetry that is off, does nothing."""

    def cycle(self, records: Sequence[Record]) -> AbstractContextManager[object]:
        """Span and count one cycle; one that fails is a failed span and counts nothing.

        Parameters
        ----------
        records : sequence of Record
            What was polled.

        Returns
        -------
        context manager
            The cycle's span is current inside.
        """
        return NO_SPAN

    def marked(self, out: Sequence[Outgoing]) -> Sequence[Outgoing]:
        """Give records the trace context of the cycle that publishes them.

        Parameters
        ----------
        out : sequence of Outgoing
            To be published now.

        Returns
        -------
        sequence of Outgoing
            The same records, with headers.
        """
        return out

    def published(self, out: Sequence[Outgoing]) -> None:
        """Count what is durable now, dead letters by their reason.

        Parameters
        ----------
        out : sequence of Outgoing
            Published and checked.
        """

    def restore(self, task: int) -> AbstractContextManager[object]:
        """Span and time the restoring of one task.

        Parameters
        ----------
        task : int
            Its number.

        Returns
        -------
        context manager
            To restore in.
        """
        return NO_SPAN

    def snapshot(self, task: int) -> AbstractContextManager[object]:
        """Span and time the snapshot of one task.

        Parameters
        ----------
        task : int
            Its number.

        Returns
        -------
        context manager
            To make and publish it in.
        """
        return NO_SPAN

    def saved(self, records: Sequence[Outgoing]) -> None:
        """Tell how large a snapshot was.

        Parameters
        ----------
        records : sequence of Outgoing
            All of it.
        """

    def flush(self) -> AbstractContextManager[object]:
        """Span and time the flush of a sink.

        Returns
        -------
        context manager
            To flush in.
        """
        return NO_SPAN

    def tasks(self, views: Callable[[], Iterable[TaskView]], clock: Clock) -> None:
        """Have the tasks looked at whenever metrics are sent, also while the loop hangs.

        Parameters
        ----------
        views : callable
            The running tasks; called from another thread.
        clock : Clock
            What the lag is measured against.
        """

    def close(self) -> None:
        """Have the tasks looked at no more."""


_NO_WATCH = Watch()


def watch_loop(telemetry: Telemetry, loop: str, rows: Callable[[], int]) -> Watch:
    """Make the watch of a loop.

    Parameters
    ----------
    telemetry : Telemetry
        Where to.
    loop : str
        Name of the stage or sink.
    rows : callable
        Rows that the loop has read so far.

    Returns
    -------
    Watch
        One that does nothing when telemetry is off.
    """
    return _LoopWatch(telemetry, loop, rows) if telemetry.on else _NO_WATCH


class _LoopWatch(Watch):
    def __init__(self, telemetry: Telemetry, loop: str, rows: Callable[[], int]) -> None:
        self._telemetry = telemetry
        self._name = loop
        self._rows = rows
        self._stage: Attributes = {names.STAGE.name: loop}
        self._ends: list[Callable[[], None]] = []

    @contextmanager
    def cycle(self, records: Sequence[Record]) -> Iterator[None]:
        rows = self._rows()
        start_s = time.perf_counter()
        with self._telemetry.batch(self._name, [record.headers for record in records]):
            yield
        done = self._rows() - rows
        self._telemetry.observe(names.CYCLE_SECONDS, time.perf_counter() - start_s, self._stage)
        self._telemetry.observe(names.EPOCH_ROWS, done, self._stage)
        self._telemetry.count(names.ROWS_IN, done, self._stage)
        self._telemetry.count(names.RECORDS_IN, len(records), self._stage)

    def marked(self, out: Sequence[Outgoing]) -> Sequence[Outgoing]:
        headers = self._telemetry.inject()
        if not headers:
            return out
        return [Outgoing(o.topic, o.partition, o.key, o.value, headers) for o in out]

    def published(self, out: Sequence[Outgoing]) -> None:
        if not out:
            return
        self._telemetry.count(names.PUBLISHED, len(out), self._stage)
        for reason, count in _dead_reasons(out).items():
            self._telemetry.count(names.DEAD_LETTERS, count, {**self._stage, names.REASON.name: reason})

    def restore(self, task: int) -> AbstractContextManager[object]:
        return self._timed(names.RESTORE_SECONDS, names.RESTORE, self._of(task))

    def snapshot(self, task: int) -> AbstractContextManager[object]:
        return self._timed(names.SNAPSHOT_SECONDS, names.SNAPSHOT, self._of(task))

    def saved(self, records: Sequence[Outgoing]) -> None:
        size = sum(len(record.value) for record in records)
        self._telemetry.observe(names.SNAPSHOT_BYTES, size, self._stage)

    def flush(self) -> AbstractContextManager[object]:
        return self._timed(names.FLUSH_SECONDS, names.FLUSH, self._stage)

    @contextmanager
    def _timed(self, metric: Metric, name: SpanName, attributes: Attributes) -> Iterator[None]:
        start_s = time.perf_counter()
        with self._telemetry.span(name, self._name, attributes):
            yield
        self._telemetry.observe(metric, time.perf_counter() - start_s, self._stage)

    def tasks(self, views: Callable[[], Iterable[TaskView]], clock: Clock) -> None:
        def lags() -> Iterable[Reading]:
            now_ms = clock.now_ms()
            told = [(view, view.tick_ms) for view in views()]
            return [((now_ms - t) / _MS_PER_S, self._of(v.number)) for v, t in told if t is not None]

        def pending() -> Iterable[Reading]:
            return [(view.pending_rows, self._of(view.number)) for view in views()]

        def owned() -> Iterable[Reading]:
            return [(len(list(views())), self._stage)]

        self._ends += [
            self._telemetry.gauge(names.TICK_LAG_SECONDS, lags),
            self._telemetry.gauge(names.PENDING_ROWS, pending),
            self._telemetry.gauge(names.OWNED_TASKS, owned),
        ]

    def _of(self, task: int) -> Attributes:
        return {**self._stage, names.PARTITION.name: task}

    def close(self) -> None:
        for end in self._ends:
            end()
        self._ends = []


def _dead_reasons(out: Sequence[Outgoing]) -> Counter[str]:
    # dead letters are rare, and only the record itself says why it is one
    letters = [decode(o.value)[1] for o in out if o.topic == DEADLETTERS.name]
    return Counter(letter.reason for letter in letters if isinstance(letter, DeadLetter))
