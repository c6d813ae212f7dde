"""One import as the writer of ``positions``, resumable because its records are a function of the data.

The group ``ingestion.archive`` commits the ends of ``positions`` when an import begins and again when it is
complete, so records behind its offsets belong to an unfinished one. The records of an import depend on the
data and on those offsets alone (row numbers start at offset times ``MAX_ROWS``, more than any row before can
have), so starting again makes the same bytes; those that are there are compared, byte for byte, and passed
over, the rest is appended. Other data shows at the first record that differs. A log whose publish fails half
way holds a prefix of the import in each partition, not the same one in all, which is passed over just so.

With each flush goes an entry of the ledger, see ``lacuna_runtime.loop.row_books``.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lacuna_core.columns import ColumnBatch
from lacuna_core.errors import TimelineError
from lacuna_core.flow import POSITIONS_IN
from lacuna_core.message import Message
from lacuna_core.ports import Bus, Outgoing, Record, TopicPartition
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
from lacuna_core.topics import LEDGER, POSITIONS
from lacuna_runtime.codec import Origin, encode
from lacuna_runtime.loop.emit import OriginWriter
from lacuna_runtime.loop.look import last_ticks, read_range
from lacuna_runtime.loop.row_books import Claim, row_entry
from lacuna_runtime.loop.rowtime import floor_watermark, row_kind

GROUP = "ingestion.archive"
_EVERYWHERE = tuple(TopicPartition(POSITIONS.name, p) for p in range(POSITIONS.partitions))
_STAGE = POSITIONS_IN.producers[0].stage
_CYCLE_RECORDS = 256
_OTHER_DATA = (
    "this log holds an unfinished import of other data: start that one again, or give this one a data folder "
    "of its own with --data"
)
_STREAMS: tuple[tuple[type, int], ...] = (
    (PositionBatch, Domain.SEA), (PositionBatch, Domain.AIR), (IdentityBatch, Domain.SEA),
    (IdentityBatch, Domain.AIR), (SourceHealth, 0), (Activate, 0),
)  # fmt: skip


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


class ArchiveImport:
    """One import as the writer of ``positions``.

    Parameters
    ----------
    bus : Bus
        The log.
    lateness_ms : int
        Lateness of the log.
    """

    def __init__(self, bus: Bus, lateness_ms: int) -> None:
        self._bus = bus
        self.lateness_ms = lateness_ms
        self.summary = ArchiveSummary()
        self._writer = OriginWriter(_STAGE, 0)
        self._left: dict[int, Iterator[Record]] = {}
        self._out: list[Outgoing] = []
        self._first: dict[int, int] = {}
        self._rows: Counter[tuple[int, str]] = Counter()
        self._tick_seq = 0
        self._tick_ms = 0
        self._offsets = bus.subscribe(GROUP, _EVERYWHERE)

    def begin(self, t_min_ms: int) -> None:
        """Find out where the log stands.

        Parameters
        ----------
        t_min_ms : int
            Time of the first row.

        Raises
        ------
        TimelineError
            If the log is past it.
        """
        ends = self._bus.end_offsets(_EVERYWHERE)
        starts = self._offsets.committed() or ends
        tick = last_ticks(self._bus, {_EVERYWHERE[0]: starts[_EVERYWHERE[0]]}).get(_EVERYWHERE[0])
        if tick is not None and t_min_ms <= (reached_ms := floor_watermark(tick.t_ms, tick.lateness_ms)):
            raise TimelineError(
                f"the data starts at {format_time(t_min_ms)}, but this log has reached "
                f"{format_time(reached_ms + 1)}: give the replay a data folder of its own with --data"
            )
        self._offsets.commit(starts)
        self._tick_seq = starts[_EVERYWHERE[0]]
        for at in _EVERYWHERE:
            self._left[at.partition] = read_range(self._bus, at, starts[at], ends[at])
            self._first[at.partition] = starts[at] * MAX_ROWS
            for batch_class, domain in _STREAMS:
                self._writer.start_at(at, batch_class, domain, starts[at] * MAX_ROWS)

    def broadcast(self, message: Message) -> None:
        """Put a message into every partition.

        Parameters
        ----------
        message : Message
            A tick or an activation.
        """
        for at in _EVERYWHERE:
            self._put(at.partition, message)

    def epoch(self, parts: Iterable[tuple[int, ColumnBatch]], tick_ms: int) -> None:
        """Put the rows of an epoch into their partitions and tick.

        Parameters
        ----------
        parts : iterable of (int, ColumnBatch)
            Partition and batch.
        tick_ms : int
            Time of the tick, Unix milliseconds UTC.
        """
        for partition, batch in parts:
            self._put(partition, batch)  # type: ignore[arg-type]  # a batch class is a message
            self._rows[partition, row_kind(batch)] += len(batch)
        self.broadcast(Tick(self._tick_seq, tick_ms, self.lateness_ms))
        self._tick_seq += 1
        self._tick_ms = tick_ms
        self.summary.ticks += 1
        if len(self._out) >= _CYCLE_RECORDS:
            self._flush()

    def _put(self, partition: int, message: Message) -> None:
        for record in self._writer.write(POSITIONS.name, partition, message):
            there = next(self._left[partition], None)
            if there is None:
                self._out.append(record)
                self.summary.records += 1
            elif there.value == record.value:
                self.summary.resumed_records += 1
            else:
                raise TimelineError(_OTHER_DATA)

    def _flush(self) -> None:
        claims = [
            Claim(partition, kind, self._first[partition], rows)
            for (partition, kind), rows in self._rows.items()
        ]
        # numbered by its tick, so that an import started again writes the same entry
        origin = Origin(_STAGE, 0, self._tick_seq)
        entry = encode(row_entry(0, self._tick_ms, claims), origin)
        with self._bus.cycle():
            for delivery in self._bus.publish([*self._out, Outgoing(LEDGER.name, 0, b"", entry)]):
                delivery.result()
        self._out = []

    def finish(self) -> None:
        """Append the rest and mark the import as complete.

        Raises
        ------
        TimelineError
            If the log holds more than this import.
        """
        if any(next(left, None) is not None for left in self._left.values()):
            raise TimelineError(_OTHER_DATA)
        with self._bus.cycle():
            self._flush()
            self._offsets.commit(self._bus.end_offsets(_EVERYWHERE))
