"""The loop of every sink: poll, decode, accept, flush, and only then commit."""

from lacuna_core.errors import InvalidMessage
from lacuna_core.ports import Bus, TopicPartition
from lacuna_core.sink import Sink
from lacuna_core.topics import DEADLETTERS
from lacuna_runtime.codec import decode
from lacuna_runtime.loop.dead import DeadLetterLimit, dead_letter_partition, dead_record
from lacuna_runtime.loop.emit import OriginWriter


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
        bus.create([*dict.fromkeys(topic for topic, _ in sink.inputs), DEADLETTERS])
        partitions = [TopicPartition(t.name, p) for t, _ in sink.inputs for p in range(t.partitions)]
        self._subscription = bus.subscribe(sink.name, partitions)
        self._poll_records = poll_records * len(partitions)
        self._limit = DeadLetterLimit(sink.name)
        self._writer = OriginWriter(sink.name, 0)
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
            self._sink.accept(message)
        if self._reached and (not records or self._sink.due()):
            self.drain()
        return bool(records)

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
