"""The audit itself: read the books, read the log once, compare."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lacuna_core.errors import InvalidMessage
from lacuna_core.fold import Fold
from lacuna_core.message import LedgerEntry
from lacuna_core.ports import Bus, TopicPartition
from lacuna_core.position import Tick
from lacuna_core.profile import AccountReader
from lacuna_core.topics import LEDGER, POSITIONS, Topic
from lacuna_core.units import NULL_TIME_MS
from lacuna_runtime.audit.books import Books, read_books
from lacuna_runtime.audit.compare import damage, fold_hop, ingestion_hop, projector_hop, rows_hop
from lacuna_runtime.audit.tally import Emitted, Expected, PartitionTally, Reader
from lacuna_runtime.audit.verdict import AuditReport
from lacuna_runtime.codec import decode
from lacuna_runtime.loop.inbox import FUTURE_MS
from lacuna_runtime.loop.look import Looker, last_ticks
from lacuna_runtime.loop.row_books import out_count
from lacuna_runtime.loop.sink_books import Sunk, read_sunk

SINK = "projector"
_LEDGER_AT = TopicPartition(LEDGER.name, 0)


def audit(
    bus: Bus, accounts: AccountReader, folds: Sequence[Fold[Any]], sink_topics: Sequence[Topic]
) -> AuditReport:
    """Account for every row of the log at every hop.

    Parameters
    ----------
    bus : Bus
        The log; it may be written while it is read: what is behind the books is waiting.
    accounts : AccountReader
        The stores, for the books of the projector.
    folds : sequence of Fold
        Every fold, in the order in which data moves; only their names, inputs and outputs are looked at.
    sink_topics : sequence of Topic
        What the projector reads.

    Returns
    -------
    AuditReport
        One hop a stage.

    Raises
    ------
    Transient
        If the log is away.
    """
    with Looker(bus) as looker:
        return _Audit(bus, looker, accounts, folds, sink_topics).run()


class _Audit:
    def __init__(
        self,
        bus: Bus,
        looker: Looker,
        accounts: AccountReader,
        folds: Sequence[Fold[Any]],
        sink_topics: Sequence[Topic],
    ) -> None:
        self._bus = bus
        self._looker = looker
        self._accounts = accounts
        self._folds = folds
        self._sink_topics = sink_topics
        inputs = [spec.topic for fold in folds for spec in fold.inputs]
        outputs = [topic for fold in folds for topic in fold.outputs]
        self._topics = list(dict.fromkeys((POSITIONS, *inputs, *outputs, *sink_topics)))
        self._replicated = frozenset(
            producer.stage for fold in folds for spec in fold.inputs for producer in spec.producers
            if producer.replicas
        )  # fmt: skip
        self._tallies: list[PartitionTally] = []
        self._first: dict[TopicPartition, int] = {}
        self._expected: dict[tuple[str, int], Expected] = {}
        self._emitted: dict[tuple[str, int, str], Emitted] = {}

    def run(self) -> AuditReport:
        bus = self._bus
        places = [TopicPartition(t.name, p) for t in self._topics for p in range(t.partitions)]
        self._first = dict(bus.start_offsets(places))
        lateness_ms = self._lateness_ms()
        since_ms = self._since_ms()
        sunk = read_sunk(self._accounts.account().ledger, SINK)
        # the books first: what is read afterwards holds at least what they count
        books = read_books(self._entries(), since_ms)
        self._expect(books, lateness_ms, cut=since_ms is not None)
        ends = bus.end_offsets(places)
        for topic in self._topics:
            self._read([at for at in places if at.topic == topic.name], ends, sunk)
        hops = [ingestion_hop(books), rows_hop(books, self._of([POSITIONS]), self._first)]
        for fold in self._folds:
            hop = fold_hop(fold, books, self._expected, self._emitted, self._reads(fold))
            for tally in self._tallies:
                hop.imbalances += damage(tally, fold.name, whole=self._first[tally.at] == 0)
            hops.append(hop)
        if self._sink_topics:
            hops.append(projector_hop(sunk, self._of(self._sink_topics), self._first))
        return AuditReport(tuple(hops), since_ms)

    def _of(self, topics: Sequence[Topic]) -> list[PartitionTally]:
        names = {topic.name for topic in topics}
        return [tally for tally in self._tallies if tally.at.topic in names]

    def _reads(self, fold: Fold[Any]) -> list[PartitionTally]:
        return self._of([spec.topic for spec in fold.inputs])

    def _entries(self) -> Iterator[LedgerEntry]:
        start = self._bus.start_offsets([_LEDGER_AT])[_LEDGER_AT]
        end = self._bus.end_offsets([_LEDGER_AT])[_LEDGER_AT]
        for record in self._looker.read({_LEDGER_AT: (start, end)}):
            try:
                message = decode(record.value)[1]
            except InvalidMessage:
                continue  # the projector reads the ledger too, and books its dead letters
            if isinstance(message, LedgerEntry):
                yield message

    def _lateness_ms(self) -> int:
        at = TopicPartition(POSITIONS.name, 0)
        tick = last_ticks(self._bus, self._bus.end_offsets([at])).get(at)
        return tick.lateness_ms if tick else 0

    def _since_ms(self) -> int | None:
        """Find the time from which on the log holds every row; None when it holds all."""
        read = {spec.topic.name for fold in self._folds for spec in fold.inputs}
        cut = [at for at in self._first if self._first[at] > 0 and at.topic in read]
        firsts = [tick for at in cut if (tick := self._first_tick(at)) is not None]
        if not cut:
            return None
        # a row that its epoch kept is at most this far behind the tick that closed it
        return max((tick.t_ms for tick in firsts), default=0) + FUTURE_MS + 1

    def _first_tick(self, at: TopicPartition) -> Tick | None:
        end = self._bus.end_offsets([at])[at]
        for record in self._looker.read({at: (self._first[at], end)}):
            try:
                message = decode(record.value)[1]
            except InvalidMessage:
                continue
            if isinstance(message, Tick):
                return message
        return None

    def _expect(self, books: Books, lateness_ms: int, *, cut: bool) -> None:
        for fold in self._folds:
            for task in (0,) if fold.whole else range(max(s.topic.partitions for s in fold.inputs)):
                known = books.tasks.get((fold.name, task))
                if known and cut and known.base is None:
                    # nothing of what it counts is in the log as a whole
                    known = None
                    del books.tasks[fold.name, task]
                after_ms = _watermark(known.base if known else None, lateness_ms)
                until_ms = _watermark(known.newest if known else None, lateness_ms)
                self._expected[fold.name, task] = Expected(after_ms, until_ms)
                for topic in fold.outputs:
                    if known and out_count(topic.name) in dict(known.newest.counts):
                        self._emitted[fold.name, task, topic.name] = Emitted(after_ms, until_ms)

    def _read(
        self,
        places: Sequence[TopicPartition],
        ends: Mapping[TopicPartition, int],
        sunk: Mapping[TopicPartition, Sunk],
    ) -> None:
        tallies = {
            at: PartitionTally(
                at, self._readers(at), self._replicated, self._emitted, sunk.get(at, Sunk()).offset
            )
            for at in places
        }
        for record in self._looker.read({at: (self._first[at], ends[at]) for at in places}):
            tally = tallies[TopicPartition(record.topic, record.partition)]
            try:
                origin, message = decode(record.value)
            except InvalidMessage:
                tally.dead += 1
                continue
            tally.take(record.offset, origin, message)
        for tally in tallies.values():
            tally.finish()
            self._tallies.append(tally)

    def _readers(self, at: TopicPartition) -> list[Reader]:
        readers = []
        for fold in self._folds:
            for spec in fold.inputs:
                if spec.topic.name != at.topic:
                    continue
                producers = frozenset(producer.stage for producer in spec.producers)
                expected = self._expected[fold.name, 0 if fold.whole else at.partition]
                readers.append(Reader(producers, frozenset(spec.kinds), expected))
        return readers


def _watermark(entry: LedgerEntry | None, lateness_ms: int) -> int:
    return NULL_TIME_MS if entry is None else entry.t_ms - lateness_ms - 1
