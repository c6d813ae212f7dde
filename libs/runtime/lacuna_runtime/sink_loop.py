"""The loop of every sink: poll, decode, accept, flush, and only then commit."""

from collections.abc import Iterable, Sequence

from lacuna_core.errors import InvalidMessage
from lacuna_core.ids import PARTITIONS
from lacuna_core.ports import Bus, Outgoing, Record, TopicPartition
from lacuna_core.sink import Sink
from lacuna_core.topics import DEADLETTERS, state_topic
from lacuna_runtime.codec import decode
from lacuna_runtime.loop.dead import DeadLetterLimit, dead_letter_partition, dead_record
from lacuna_runtime.loop.emit import OriginWriter
from lacuna_runtime.loop.rowtime import row_count
from lacuna_runtime.stage import Done
from lacuna_runtime.telemetry.api import OFF, Telemetry
from lacuna_runtime.telemetry.watch import watch_loop


class SinkLoop:
    """A sink on the log.

    Replicas share the partition numbers of ``state.<sink>``: who has number p reads partition p of every
    input. A sink keeps no state, so a task that comes is read on from the committed offsets.

    Parameters
    ----------
    sink : Sink
        What makes messages durable.
    bus : Bus
        The log.
    poll_records : int
        Most records of one partition at once.
    telemetry : Telemetry
        Where it tells about its work.
    """

    def __init__(self, sink: Sink, bus: Bus, *, poll_records: int = 64, telemetry: Telemetry = OFF) -> None:
        self.name = sink.name
        self._sink = sink
        self._bus = bus
        home = state_topic(sink.name)
        bus.create([*dict.fromkeys(spec.topic for spec in sink.inputs), DEADLETTERS, home])
        self._member = bus.join(sink.name, home, quick=True)
        self._subscription = bus.subscribe(sink.name, [])
        self._poll_records = poll_records
        self._limit = DeadLetterLimit(sink.name)
        self._writer = OriginWriter(sink.name, 0)
        self._owned: frozenset[int] = frozenset()
        self._done: dict[TopicPartition, int] = {}
        self._rows = 0
        self._reached: dict[TopicPartition, int] = {}
        self._watch = watch_loop(telemetry, sink.name, lambda: self._rows)

    def _partitions(self, owned: Iterable[int]) -> list[TopicPartition]:
        numbers = frozenset(owned) & frozenset(range(PARTITIONS))
        return [
            TopicPartition(spec.topic.name, p)
            for spec in self._sink.inputs
            for p in sorted(numbers)
            if p < spec.topic.partitions
        ]

    def _settle(self, owned: frozenset[int]) -> None:
        """Make durable what was taken, then read what is owned now."""
        mine = self._partitions(owned)
        kept = frozenset(mine)
        # flushed for all, committed for those that stay: who has the others now reads them once more
        if self._reached:
            self._sink.flush()
            stay = {at: offset for at, offset in self._reached.items() if at in kept}
            if stay:
                self._member.commit(stay)
            self._reached = {}
        committed = self._member.committed(mine)
        starts = self._bus.start_offsets([at for at in mine if at not in committed])
        offsets = {at: committed.get(at, starts.get(at, 0)) for at in mine}
        self._subscription.assign(offsets)
        self._done = {at: self._done.get(at, offset) for at, offset in offsets.items()}
        self._owned = owned

    def cycle(self, timeout_s: float = 0.0) -> bool:
        """Take what is there; flush when the sink asks for it or nothing comes.

        Parameters
        ----------
        timeout_s : float
            How long to wait for records, seconds.

        Returns
        -------
        bool
            False when there were no records.
        """
        owned = self._member.owned(0.0 if self._owned else timeout_s)
        if owned != self._owned:
            self._settle(owned)
        if not owned:
            return False
        records = self._subscription.poll(self._poll_records * len(self._done), timeout_s)
        if records:
            with self._watch.cycle(records):
                self._take(records)
        self._done |= self._reached
        if self._reached and (not records or self._sink.due()):
            self.drain()
        return bool(records)

    def _take(self, records: Sequence[Record]) -> None:
        letters: list[Outgoing] = []
        for record in records:
            self._reached[TopicPartition(record.topic, record.partition)] = record.offset + 1
            letters += self._accept(record)
        for delivery in self._bus.publish(self._watch.marked(letters)):
            delivery.result()
        self._watch.published(letters)

    def _accept(self, record: Record) -> Iterable[Outgoing]:
        """Hand a record to the sink; what can't be read becomes a dead letter."""
        try:
            _, message = decode(record.value)
        except InvalidMessage as error:
            self._limit.bad()
            letter = dead_record(record, error)
            return self._writer.write(DEADLETTERS.name, dead_letter_partition(letter.source), letter)
        self._limit.good()
        self._rows += row_count(message)
        self._sink.accept(message, record)
        return ()

    def done(self) -> Done:
        """Tell how far the sink is.

        Returns
        -------
        Done
            As of now.
        """
        end = sum(self._bus.end_offsets(list(self._done)).values())
        return Done(sum(self._done.values()), end, self._rows)

    def drain(self) -> None:
        """Flush the sink, then commit what it has taken."""
        if not self._reached:
            return
        with self._watch.flush():
            self._sink.flush()
        self._member.commit(self._reached)
        self._reached = {}

    def close(self) -> None:
        """Stop reading and leave the group."""
        self._watch.close()
        self._subscription.close()
        self._member.close()
