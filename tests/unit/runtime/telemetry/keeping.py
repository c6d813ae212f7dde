"""A bus that keeps the headers of its records, as the distributed log does."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from lacuna_core.ports import (
    Bus,
    Delivery,
    Headers,
    Membership,
    Outgoing,
    Record,
    Subscription,
    TopicPartition,
)
from lacuna_core.topics import Topic


class _Delivery:
    def __init__(self, inner: Delivery, bus: "KeepingBus", record: Outgoing) -> None:
        self._inner = inner
        self._bus = bus
        self._record = record

    def result(self) -> int:
        offset = self._inner.result()
        at = TopicPartition(self._record.topic, self._record.partition)
        self._bus.headers[at, offset] = self._record.headers
        return offset


class _Subscription:
    def __init__(self, inner: Subscription, bus: "KeepingBus") -> None:
        self._inner = inner
        self._bus = bus

    def poll(self, max_records: int, timeout_s: float) -> Sequence[Record]:
        kept = self._bus.headers
        return [
            replace(r, headers=kept.get((TopicPartition(r.topic, r.partition), r.offset), ()))
            for r in self._inner.poll(max_records, timeout_s)
        ]

    def committed(self) -> Mapping[TopicPartition, int]:
        return self._inner.committed()

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        self._inner.commit(offsets)

    def seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        self._inner.seek(offsets)

    def assign(self, offsets: Mapping[TopicPartition, int]) -> None:
        self._inner.assign(offsets)

    def pause(self, partitions: Collection[TopicPartition]) -> None:
        self._inner.pause(partitions)

    def close(self) -> None:
        self._inner.close()


class KeepingBus:
    """Any bus, and headers beside it."""

    def __init__(self, inner: Bus) -> None:
        self._inner = inner
        self.headers: dict[tuple[TopicPartition, int], Headers] = {}

    def create(self, topics: Sequence[Topic]) -> None:
        self._inner.create(topics)

    def cycle(self) -> AbstractContextManager[None]:
        return self._inner.cycle()

    def publish(self, records: Sequence[Outgoing]) -> Sequence[Delivery]:
        return [_Delivery(d, self, r) for d, r in zip(self._inner.publish(records), records, strict=True)]

    def subscribe(self, group: str, partitions: Sequence[TopicPartition]) -> Subscription:
        return _Subscription(self._inner.subscribe(group, partitions), self)

    def join(self, group: str, topic: Topic, *, quick: bool = False) -> Membership:
        return self._inner.join(group, topic)

    def start_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        return self._inner.start_offsets(partitions)

    def end_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        return self._inner.end_offsets(partitions)

    def close(self) -> None:
        self._inner.close()
