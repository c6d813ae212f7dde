"""The loop of every fold: poll, fold, publish, check the deliveries, snapshot when due, commit."""

import threading
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

S = TypeVar("S")


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
        Longest time on the clock between two snapshots of a task that has taken rows.
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


class Stage(Generic[S]):
    """A fold on the log. One cycle is one transaction on SQLite, at-least-once elsewhere.

    An error leaves the stage as it is: build a new one, which restores itself, and go on.

    Parameters
    ----------
    fold : Fold
        The logic.
    bus : Bus
        The log; the stage's topics are created here.
    tasks : sequence of int or None
        Tasks to run, all when None.
    limits : StageLimits
        How much at once.
    clock : Clock or None
        Spaces snapshots, nothing else.
    """

    def __init__(
        self,
        fold: Fold[S],
        bus: Bus,
        *,
        tasks: Sequence[int] | None = None,
        limits: StageLimits | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.name = fold.name
        self._bus = bus
        self._limits = limits or StageLimits()
        self._clock: Clock = clock or SystemClock()
        topics = (*(spec.topic for spec in fold.inputs), *fold.outputs, DEADLETTERS, LEDGER)
        bus.create([*dict.fromkeys(topics), state_topic(fold.name)])
        numbers = ((0,) if fold.whole else tuple(range(PARTITIONS))) if tasks is None else tuple(tasks)
        self._tasks = {number: StageTask(fold, number) for number in numbers}
        self._owner = {at: task for task in self._tasks.values() for at in task.partitions}
        self._subscription = bus.subscribe(fold.name, list(self._owner))
        committed = self._subscription.committed()
        for task in self._tasks.values():
            task.restore(bus, committed, self._limits.poll_records * len(task.partitions))
        self._rows_before = sum(task.rows_read for task in self._tasks.values())
        now_ms = self._clock.now_ms()
        # staggered, so that the tasks of a stage don't all write at once
        stagger_ms = self._limits.snapshot_ms // len(self._tasks)
        self._saved_ms = {n: now_ms - i * stagger_ms for i, n in enumerate(self._tasks)}

    def cycle(self, timeout_s: float = 0.0) -> bool:
        """Poll, fold what is complete, publish, check, snapshot, commit.

        Parameters
        ----------
        timeout_s : float
            How long to wait for records, seconds.

        Returns
        -------
        bool
            False when there were no records.
        """
        self._subscription.pause(
            [
                at
                for task in self._tasks.values()
                if task.pending_rows > self._limits.pending_rows
                for at in task.ahead()
            ]
        )
        records = self._subscription.poll(self._limits.poll_records * len(self._owner), timeout_s)
        if not records:
            return False
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
        return True

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
        return Done(records, end, sum(task.rows_read for task in tasks) - self._rows_before)

    def _due(self, number: int) -> bool:
        rows = self._tasks[number].rows_since_snapshot
        waited_ms = self._clock.now_ms() - self._saved_ms[number]
        return rows >= self._limits.snapshot_rows or (rows > 0 and waited_ms >= self._limits.snapshot_ms)

    def _finish(self, out: Sequence[Outgoing], due: Sequence[int], moved: Sequence[int]) -> None:
        with self._bus.cycle():
            for delivery in self._bus.publish(out):
                delivery.result()
            for number in due:
                for delivery in self._bus.publish(self._tasks[number].snapshot()):
                    delivery.result()
                self._saved_ms[number] = self._clock.now_ms()
            offsets = {at: o for number in moved for at, o in self._tasks[number].offsets.items()}
            self._subscription.commit(offsets)

    def drain(self) -> None:
        """Write a snapshot of every task that has moved, so that the next start is quick."""
        due = [number for number, task in self._tasks.items() if task.rows_since_snapshot]
        self._finish([], due, due)

    def close(self) -> None:
        """Stop reading."""
        self._subscription.close()


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
