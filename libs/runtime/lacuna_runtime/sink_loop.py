"""The loop of every sink: poll, decode, accept, flush, and only then commit."""

from lacuna_core.errors import InvalidMessage
from lacuna_core.ports import Bus, TopicPartition
from lacuna_core.sink import Sink
from lacuna_core.topics import DEADLETTERS
from lacuna_runtime.codec import decode
from lacuna_runtime.loop.dead import DeadLetterLimit, dead_letter_partition, dead_record
from lacuna_runtime.loop.emit import OriginWriter
from lacuna_runtime.loop.rowtime import row_count
from lacuna_runtime.stage import Done


class SinkLoop:
    """A sink on the log.

    Parameters
    ----------
    sink : Sink
        What makes messages durable.
    bus : Bus
        The log.
    poll_records : int
        Most records of one partition at once.
    """

    def __init__(self, sink: Sink, bus: Bus, *, poll_records: int = 64) -> None:
        self.name = sink.name
        self._sink = sink
        self._bus = bus
        bus.create([*dict.fromkeys(spec.topic for spec in sink.inputs), DEADLETTERS])
        partitions = [
            TopicPartition(spec.topic.name, p) for spec in sink.inputs for p in range(spec.topic.partitions)
        ]
        self._subscription = bus.subscribe(sink.name, partitions)
        self._poll_records = poll_records * len(partitions)
        self._limit = DeadLetterLimit(sink.name)
        self._writer = OriginWriter(sink.name, 0)
        self._partitions = partitions
        self._done = dict(self._subscription.committed())
        self._rows = 0
        self._reached: dict[TopicPartition, int] = {}

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
        records = self._subscription.poll(self._poll_records, timeout_s)
        for record in records:
            self._reached[TopicPartition(record.topic, record.partition)] = record.offset + 1
            try:
                _, message = decode(record.value)
            except InvalidMessage as error:
                self._limit.bad()
                letter = dead_record(record, error)
                home = dead_letter_partition(letter.source)
                out = list(self._writer.write(DEADLETTERS.name, home, letter))
                for delivery in self._bus.publish(out):
                    delivery.result()
                continue
            self._limit.good()
            self._rows += row_count(message)
            self._sink.accept(message)
        self._done |= self._reached
        if self._reached and (not records or self._sink.due()):
            self.drain()
        return bool(records)

    def done(self) -> Done:
        """Tell how far the sink is.

        Returns
        -------
        Done
            As of now.
        """
        end = sum(self._bus.end_offsets(self._partitions).values())
        return Done(sum(self._done.values()), end, self._rows)

    def drain(self) -> None:
        """Flush the sink, then commit what it has taken."""
        if not self._reached:
            return
        self._sink.flush()
        self._subscription.commit(self._reached)
        self._reached = {}

    def close(self) -> None:
        """Stop reading."""
        self._subscription.close()
