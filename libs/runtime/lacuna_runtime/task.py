"""One task of a stage: a fold's state, what it has read, and what it has numbered."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np

from lacuna_core.errors import CorruptState, InvalidMessage, Transient
from lacuna_core.fold import Fold
from lacuna_core.message import LedgerEntry, Message
from lacuna_core.ports import Bus, Outgoing, Record, TopicPartition
from lacuna_core.position import Activate, Tick
from lacuna_core.topics import DEADLETTERS, LEDGER
from lacuna_core.units import NULL_TIME_MS, U8Array
from lacuna_runtime.codec import decode
from lacuna_runtime.loop.dead import DeadLetterLimit, broken_clock, dead_letter_partition, dead_record
from lacuna_runtime.loop.emit import OriginWriter
from lacuna_runtime.loop.inbox import Inbox
from lacuna_runtime.loop.restore import SILENCE_S, newest_snapshot
from lacuna_runtime.loop.route import route, ticked_partitions
from lacuna_runtime.loop.row_books import out_count
from lacuna_runtime.loop.rowtime import MS_PER_S, row_count
from lacuna_runtime.loop.snapshot import Saved, snapshot_records

S = TypeVar("S")
_STATE = "state."
_PENDING = "task.pending"
_UNCLOSED = "task.unclosed."


class StageTask(Generic[S]):
    """Folds the rows of its partitions and says what to publish; touches no bus but to restore itself.

    The watermark of a tick is the last millisecond before the whole second ``t - lateness``: a second is
    taken whole or not at all, so merging the repeats of one second never depends on where epochs are cut. All
    epochs that are complete go into one call of the fold, cut only at activations (which are in force for the
    rows behind the last tick before them) and where one call would hold too many rows. What the fold emits is
    put in order of time before its rows are numbered, so the numbers are those that other cuts would give.

    Parameters
    ----------
    fold : Fold
        The logic.
    number : int
        Task number; it reads this partition of every input, or all of them when the fold is whole.
    """

    def __init__(self, fold: Fold[S], number: int) -> None:
        self.fold = fold
        self.number = number
        widest = max(spec.topic.partitions for spec in fold.inputs)
        self._inbox = Inbox(fold.inputs, range(widest) if fold.whole else (number,))
        self.partitions = tuple(self._inbox.partitions())
        self._ticked = ticked_partitions(fold.outputs, number, whole=fold.whole)
        self._writer = OriginWriter(fold.name, number)
        self._limit = DeadLetterLimit(fold.name)
        self._state: S = fold.initial(number)
        self._watermark_ms = NULL_TIME_MS
        self._accepted = 0
        self._merged = 0
        self._emitted: Counter[str] = Counter()
        self._snapshots = 0
        self._at_snapshot = 0
        self._saved_offsets: dict[TopicPartition, int] = {}
        self.offsets: dict[TopicPartition, int] = {}
        self._out: list[Outgoing] = []

    @property
    def pending_rows(self) -> int:
        """Rows that wait for their epoch."""
        return self._inbox.pending.rows

    @property
    def tick_ms(self) -> int | None:
        """The newest tick that is finished, Unix milliseconds UTC; None before the first."""
        if self._watermark_ms == NULL_TIME_MS:
            return None
        return self._watermark_ms + 1 + self._inbox.lateness_ms

    @property
    def rows_since_snapshot(self) -> int:
        """Rows read since the last snapshot, those that the fold does not take included."""
        return self.rows_read - self._at_snapshot

    @property
    def has_moved(self) -> bool:
        """Whether anything was read since the last snapshot, were it ticks alone."""
        return self.offsets != self._saved_offsets

    @property
    def rows_read(self) -> int:
        """Rows folded, and rows that the fold does not take since the start."""
        return self._accepted + self._inbox.passed_over

    def ahead(self) -> list[TopicPartition]:
        """List the partitions that wait for others.

        Returns
        -------
        list of TopicPartition
            Reading them further would only fill memory.
        """
        return self._inbox.ahead()

    def receive(self, records: Iterable[Record]) -> None:
        """Take records of this task's partitions, in offset order within each.

        Parameters
        ----------
        records : iterable of Record
            As polled.

        Raises
        ------
        CorruptState
            If too many can't be read.
        """
        for record in records:
            at = TopicPartition(record.topic, record.partition)
            self.offsets[at] = record.offset + 1
            try:
                origin, message = decode(record.value)
            except InvalidMessage as error:
                if not self._writer.muted:
                    self._limit.bad()
                letter = dead_record(record, error)
                self._write(DEADLETTERS.name, dead_letter_partition(letter.source), letter)
                continue
            self._limit.good()
            self._inbox.take(at, origin, message)

    def advance(self) -> list[Outgoing]:
        """Fold every complete epoch.

        Returns
        -------
        list of Outgoing
            What to publish before ``offsets`` may be committed.
        """
        inbox = self._inbox
        target_ms = inbox.watermark()
        moved = target_ms > self._watermark_ms
        while self._watermark_ms < target_ms:
            in_force = [a for a in inbox.activations if a.after_ms <= self._watermark_ms]
            later = [a for a in inbox.activations if a.after_ms > self._watermark_ms]
            inbox.activations = later
            self._forward([a.activate for a in in_force])
            stop_ms = min([target_ms, *(a.after_ms for a in later)])
            until_ms = inbox.pending.bound(self._watermark_ms, stop_ms)
            self._step(until_ms, tuple(a.activate for a in in_force))
            if until_ms == stop_ms:
                self._tick()
        for found in inbox.broken_clocks:
            letter = broken_clock(found)
            self._write(DEADLETTERS.name, dead_letter_partition(letter.source), letter)
        inbox.broken_clocks = []
        if moved:
            self._write(LEDGER.name, 0, self._ledger())
        out, self._out = self._out, []
        return out

    def _step(self, until_ms: int, activations: tuple[Activate, ...]) -> None:
        rows, accepted, merged = self._inbox.pending.take(until_ms)
        self._accepted += accepted
        self._merged += merged
        self._state, outputs = self.fold.step(self._state, rows, until_ms, activations)
        for topic, partition, message in route(self.fold.name, outputs, self._watermark_ms, until_ms):
            self._write(topic, partition, message)
            self._emitted[topic] += row_count(message)
        self._watermark_ms = until_ms

    def _forward(self, activations: Sequence[Activate]) -> None:
        for activate in activations:
            for topic, partition in self._ticked:
                self._write(topic, partition, activate)

    def _tick(self) -> None:
        lateness_ms = self._inbox.lateness_ms
        t_ms = self._watermark_ms + 1 + lateness_ms
        # numbered by its second, so that other cuts give the same tick the same number
        tick = Tick(max(0, (self._watermark_ms + 1) // MS_PER_S), t_ms, lateness_ms)
        for topic, partition in self._ticked:
            self._write(topic, partition, tick)

    def _ledger(self) -> LedgerEntry:
        counts = {
            "accepted": self._accepted,
            "merged": self._merged,
            "late": self._inbox.late,
            "quarantined": self._inbox.quarantined,
        }
        counts["in"] = sum(counts.values())
        counts |= {out_count(t.name): self._emitted[t.name] for t in self.fold.outputs}
        t_ms = self._watermark_ms + 1 + self._inbox.lateness_ms
        return LedgerEntry(self.fold.name, self.number, t_ms, tuple(sorted(counts.items())))

    def _write(self, topic: str, partition: int, message: Message) -> None:
        self._out += self._writer.write(topic, partition, message)

    def snapshot(self) -> list[Outgoing]:
        """Write the state as it stands at ``offsets``.

        Returns
        -------
        list of Outgoing
            Records of the state topic, to be published in the cycle that commits ``offsets``.
        """
        inbox = self._inbox.dump()
        unclosed: list[U8Array] = inbox.pop("unclosed")
        arrays: dict[str, np.ndarray[Any, Any]] = {
            _STATE + name: array for name, array in self.fold.dump(self._state).items()
        }
        arrays[_PENDING] = self._inbox.pending.dump()
        arrays |= {f"{_UNCLOSED}{i}": packed for i, packed in enumerate(unclosed) if len(packed)}
        header = {
            "offsets": [[at.topic, at.partition, offset] for at, offset in sorted(self.offsets.items())],
            "watermark_ms": self._watermark_ms,
            "inbox": inbox,
            "writer": self._writer.dump(),
            "rows": [self._accepted, self._merged],
            "emitted": dict(self._emitted),
        }
        self._snapshots += 1
        self._at_snapshot = self.rows_read
        self._saved_offsets = dict(self.offsets)
        saved = Saved(self._snapshots, self.fold.version, header, arrays)
        return snapshot_records(self.fold.name, self.number, saved)

    def _load(self, saved: Saved) -> None:
        header, arrays = saved.header, saved.arrays
        inbox = dict(header["inbox"])
        nothing = np.empty(0, np.uint8)
        inbox["unclosed"] = [arrays.get(f"{_UNCLOSED}{i}", nothing) for i in range(len(inbox["sources"]))]
        self._inbox.load(inbox)
        self._inbox.pending.load(arrays[_PENDING])
        self._writer.load(header["writer"])
        self._watermark_ms = header["watermark_ms"]
        self._accepted, self._merged = header["rows"]
        self._emitted = Counter(header.get("emitted", {}))
        self._at_snapshot = self.rows_read
        self._snapshots = saved.number
        self.offsets = {TopicPartition(t, p): offset for t, p, offset in header["offsets"]}
        self._saved_offsets = dict(self.offsets)
        state = {n.removeprefix(_STATE): a for n, a in arrays.items() if n.startswith(_STATE)}
        self._state = self.fold.load(state)

    def restore(self, bus: Bus, committed: Mapping[TopicPartition, int], poll_records: int) -> None:
        """Become what this task was when it committed: newest whole snapshot, then replay, nothing emitted.

        A group that was away for long may have lost its offsets while its snapshots are still there; then the
        snapshot alone says where to go on, and what is emitted once more is dropped by its row numbers.

        Parameters
        ----------
        bus : Bus
            The log.
        committed : mapping of TopicPartition to int
            Committed offsets of the group; empty when it never ran.
        poll_records : int
            Most records to read at once.

        Raises
        ------
        CorruptState
            If the snapshot is of another version of the fold, or the log no longer reaches back to it.
        """
        mine = {at: committed[at] for at in self.partitions if at in committed}
        saved = newest_snapshot(bus, self.fold, self.number, mine, poll_records)
        if saved is not None:
            self._load(saved)
        start = {at: self.offsets.get(at, 0) for at in mine}
        self._replay(bus, start, mine, poll_records)

    def _replay(
        self, bus: Bus, start: Mapping[TopicPartition, int], end: Mapping[TopicPartition, int], limit: int
    ) -> None:
        behind = {at for at in end if start[at] < end[at]}
        reader = bus.subscribe(f"{self.fold.name}.replay", list(end))
        self._writer.muted = True
        try:
            reader.seek(start)
            deadline = time.monotonic() + SILENCE_S
            while behind:
                reader.pause([at for at in end if at not in behind])
                records = reader.poll(limit, 1.0)
                if records:
                    deadline = time.monotonic() + SILENCE_S
                elif time.monotonic() > deadline:
                    raise Transient(f"stage {self.fold.name}: the log shows nothing below {min(behind)}")
                self.receive(r for r in records if r.offset < end[TopicPartition(r.topic, r.partition)])
                # a position test: what was read may end below the committed offset where the log has a hole
                behind -= {at for at in behind if self.offsets.get(at, 0) >= end[at]}
                behind -= {at for r in records if r.offset >= end[at := TopicPartition(r.topic, r.partition)]}
                self.advance()
        except CorruptState as error:
            raise CorruptState(
                f"stage {self.fold.name}: task {self.number} can't be restored, {error}; reprocess instead"
            ) from error
        finally:
            reader.close()
        self._writer.muted = False
