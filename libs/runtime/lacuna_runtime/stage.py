"""The loop of every fold: poll, fold, publish, check the deliveries, snapshot when due, commit."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

from lacuna_core.clock import SystemClock
from lacuna_core.fold import Fold
from lacuna_core.ids import PARTITIONS
from lacuna_core.ports import Bus, Clock, Outgoing, Record, TopicPartition
from lacuna_core.topics import DEADLETTERS, LEDGER, state_topic
from lacuna_core.units import MS_PER_MIN
from lacuna_runtime.task import StageTask
from lacuna_runtime.telemetry.api import OFF, Telemetry
from lacuna_runtime.telemetry.watch import TaskView, watch_loop

S = TypeVar("S")
_LOG = logging.getLogger(__name__)
_RESTORE_S = 2.0
"""From here on, restoring lets the other tasks and the group have their turn."""


@dataclass(frozen=True, slots=True)
class StageLimits:
    """How much a stage takes at once; none of it changes what comes out.

    Attributes
    ----------
    poll_records : int
        Most records of one partition in one cycle.
    pending_rows : int
        From this many waiting rows on, a task reads only the partitions that hold the others up.
    snapshot_rows : int
        Rows of one task between two of its snapshots.
    snapshot_ms : int
        Longest time on the clock between two snapshots of a task that reads on.
    """

    poll_records: int = 64
    pending_rows: int = 1 << 20
    snapshot_rows: int = 2_000_000
    snapshot_ms: int = 5 * MS_PER_MIN


class Done(NamedTuple):
    """How far a loop is.

    Attributes
    ----------
    records : int
        Records behind it, those of earlier starts included.
    end : int
        Records that its inputs hold.
    rows : int
        Rows read since it was built.
    """

    records: int
    end: int
    rows: int


class Loop(Protocol):
    """Something that works in cycles until told to stop."""

    def cycle(self, timeout_s: float) -> bool:
        """Do what there is to do.

        Parameters
        ----------
        timeout_s : float
            How long to wait for it, seconds.

        Returns
        -------
        bool
            False when there was nothing.
        """
        ...

    def done(self) -> Done:
        """Tell how far it is.

        Returns
        -------
        Done
            As of now.
        """
        ...

    def drain(self) -> None:
        """Make everything durable before stopping."""
        ...

    def close(self) -> None:
        """Stop reading."""
        ...


class Stage(Generic[S]):
    """A fold on the log. One cycle is one transaction on SQLite, at-least-once elsewhere.

    Replicas share the tasks of a stage through its group. A task that comes is restored before it is read
    on, a few a cycle, so that the others go on and the group hears of this member meanwhile; a task that
    goes is dropped with its state. An error leaves the stage as it is: build a new one, it restores itself.

    Parameters
    ----------
    fold : Fold
        The logic.
    bus : Bus
        The log; the stage's topics are created here.
    tasks : sequence of int or None
        Tasks to run if the group gives them, all when None.
    limits : StageLimits
        How much at once.
    clock : Clock or None
        Spaces snapshots and tells the lag, nothing else.
    telemetry : Telemetry
        Where it tells about its work.
    """

    def __init__(
        self,
        fold: Fold[S],
        bus: Bus,
        *,
        tasks: Sequence[int] | None = None,
        limits: StageLimits | None = None,
        clock: Clock | None = None,
        telemetry: Telemetry = OFF,
    ) -> None:
        self.name = fold.name
        self._fold = fold
        self._bus = bus
        self._limits = limits or StageLimits()
        self._clock: Clock = clock or SystemClock()
        home = state_topic(fold.name)
        topics = (*(spec.topic for spec in fold.inputs), *fold.outputs, DEADLETTERS, LEDGER)
        bus.create([*dict.fromkeys(topics), home])
        every = (0,) if fold.whole else range(PARTITIONS)
        self._allowed = frozenset(every if tasks is None else tasks)
        self._member = bus.join(fold.name, home)
        self._subscription = bus.subscribe(fold.name, [])
        self._tasks: dict[int, StageTask[S]] = {}
        self._owner: dict[TopicPartition, StageTask[S]] = {}
        self._rows_before: dict[int, int] = {}
        self._saved_ms: dict[int, int] = {}
        self._watch = watch_loop(telemetry, fold.name, self._rows_read)
        self._watch.tasks(self._views, self._clock)

    @property
    def tasks(self) -> tuple[int, ...]:
        """Tasks that are restored and running, ascending."""
        return tuple(sorted(self._tasks))

    def cycle(self, timeout_s: float = 0.0) -> bool:
        """Restore what came, or poll, fold what is complete, publish, check, snapshot, commit.

        Parameters
        ----------
        timeout_s : float
            How long to wait for records, seconds.

        Returns
        -------
        bool
            False when there was nothing to do.

        Raises
        ------
        Transient
            If the log is away or another member has the tasks: close this stage and build it anew.
        CorruptState
            If a task can't be restored, or too many records can't be read.
        """
        waiting = self._settle(self._member.owned(0.0 if self._tasks else timeout_s) & self._allowed)
        if not self._tasks:
            return False
        self._subscription.pause(
            [
                at
                for task in self._tasks.values()
                if task.pending_rows > self._limits.pending_rows
                for at in task.ahead()
            ]
        )
        wait_s = 0.0 if waiting else timeout_s
        records = self._subscription.poll(self._limits.poll_records * len(self._owner), wait_s)
        if not records:
            return waiting
        with self._watch.cycle(records):
            self._work(records)
        return True

    def _work(self, records: Sequence[Record]) -> None:
        shares: dict[int, list[Record]] = {}
        for record in records:
            owner = self._owner[TopicPartition(record.topic, record.partition)]
            shares.setdefault(owner.number, []).append(record)
        out: list[Outgoing] = []
        for number, share in sorted(shares.items()):
            self._tasks[number].receive(share)
            out += self._tasks[number].advance()
        due = [n for n in sorted(shares) if self._due(n)]
        self._finish(out, due, sorted(shares))

    def _rows_read(self) -> int:
        return sum(task.rows_read for task in self._tasks.values())

    def _views(self) -> list[TaskView]:
        # called from another thread: the list is taken in one step, its tasks may move meanwhile
        running = list(self._tasks.values())
        return [TaskView(task.number, task.pending_rows, task.tick_ms) for task in running]

    def _settle(self, owned: frozenset[int]) -> bool:
        """Drop the tasks that went, restore some that came; True when more of them wait."""
        gone = self._tasks.keys() - owned
        for number in gone:
            del self._tasks[number]
        come = sorted(owned - self._tasks.keys())
        enough_s = time.monotonic() + _RESTORE_S
        restored = 0
        while restored < len(come) and (not restored or time.monotonic() < enough_s):
            self._restore(come[restored])
            restored += 1
        if gone or come:
            self._owner = {at: task for task in self._tasks.values() for at in task.partitions}
            self._subscription.assign({at: task.offsets.get(at, 0) for at, task in self._owner.items()})
        return restored < len(come)

    def _restore(self, number: int) -> None:
        task = StageTask(self._fold, number)
        committed = self._member.committed(task.partitions)
        started_s = time.monotonic()
        with self._watch.restore(number):
            task.restore(self._bus, committed, self._limits.poll_records * len(task.partitions))
        if task.offsets:
            took_s = time.monotonic() - started_s
            _LOG.info(
                "%s: task %d restored in %.2f s, %d rows read", self.name, number, took_s, task.rows_read
            )
        # what this group never committed is read from where the log starts, which may be above 0
        new = [at for at in task.partitions if at not in task.offsets]
        task.offsets |= self._bus.start_offsets(new)
        self._tasks[number] = task
        self._rows_before[number] = task.rows_read
        # staggered, so that the tasks of a stage don't all write at once
        stagger_ms = number * self._limits.snapshot_ms // PARTITIONS
        self._saved_ms[number] = self._clock.now_ms() - stagger_ms

    def done(self) -> Done:
        """Tell how far the stage is.

        Returns
        -------
        Done
            As of now.
        """
        tasks = self._tasks.values()
        records = sum(offset for task in tasks for offset in task.offsets.values())
        end = sum(self._bus.end_offsets(list(self._owner)).values())
        rows = sum(task.rows_read - self._rows_before[task.number] for task in tasks)
        return Done(records, end, rows)

    def _due(self, number: int) -> bool:
        task = self._tasks[number]
        waited_ms = self._clock.now_ms() - self._saved_ms[number]
        # a task that sees ticks alone must not fall behind the start of the log either
        late = task.has_moved and waited_ms >= self._limits.snapshot_ms
        return late or task.rows_since_snapshot >= self._limits.snapshot_rows

    def _finish(self, out: Sequence[Outgoing], due: Sequence[int], moved: Sequence[int]) -> None:
        with self._bus.cycle():
            for delivery in self._bus.publish(self._watch.marked(out)):
                delivery.result()
            for number in due:
                self._save(number)
            offsets = {at: o for number in moved for at, o in self._tasks[number].offsets.items()}
            self._member.commit(offsets)
        self._watch.published(out)

    def _save(self, number: int) -> None:
        with self._watch.snapshot(number):
            records = self._tasks[number].snapshot()
            for delivery in self._bus.publish(records):
                delivery.result()
        self._watch.saved(records)
        self._saved_ms[number] = self._clock.now_ms()

    def drain(self) -> None:
        """Write a snapshot of every task that has moved, so that the next start is quick."""
        due = [number for number, task in self._tasks.items() if task.has_moved]
        self._finish([], due, due)

    def close(self) -> None:
        """Stop reading and leave the group."""
        self._watch.close()
        self._subscription.close()
        self._member.close()


def run_until_idle(loops: Sequence[Loop]) -> None:
    """Work until no loop finds anything more, in turns; for replays.

    Parameters
    ----------
    loops : sequence of Loop
        In the order in which data flows.
    """
    busy = True
    while busy:
        busy = False
        for loop in loops:
            while loop.cycle(0.0):
                busy = True
    for loop in loops:
        loop.drain()


def run(loop: Loop, stop: threading.Event, *, wait_s: float = 0.2) -> None:
    """Work until told to stop, then drain; for live use, one thread a loop.

    Parameters
    ----------
    loop : Loop
        What to run.
    stop : threading.Event
        Checked between cycles; a signal handler may set it.
    wait_s : float
        Longest wait for records, seconds.
    """
    while not stop.is_set():
        loop.cycle(wait_s)
    loop.drain()
