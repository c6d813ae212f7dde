"""Reading named partitions; the group is asked for nothing but offsets."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from kafka import errors

from lacuna_core.errors import CorruptState
from lacuna_core.ports import Record, TopicPartition
from lacuna_runtime.bus.kafka.bounded import close_quietly
from lacuna_runtime.bus.kafka.client import Client
from lacuna_runtime.bus.kafka.failures import translated
from lacuna_runtime.bus.kafka.offsets import GroupOffsets
from lacuna_runtime.bus.kafka.places import unwired, unwired_record, wire, wired
from lacuna_runtime.bus.kafka.shares import Shares

FETCH_OPTIONS: dict[str, Any] = {
    # the longest value fits twice, so a batch of the largest record always passes
    "max_partition_fetch_bytes": 2 << 20,
    "fetch_max_bytes": 16 << 20,
    # partitions that come while a fetch waits for news must wait for it
    "fetch_max_wait_ms": 200,
    "auto_offset_reset": "none",
    "enable_auto_commit": False,
    "allow_auto_create_topics": False,
    "metrics_enabled": False,
}
_ENOUGH_BYTES = 2 << 20
"""Of a partition of which so much waits nothing more is fetched."""
_MANY = 1 << 20


class KafkaSubscription:
    """A reader of named partitions; for one thread at a time.

    Parameters
    ----------
    consumer : Client
        Without a group.
    offsets : GroupOffsets
        Offsets of the group.
    check : callable
        Refuses partitions that do not exist.
    timeout_ms : int
        Longest wait for an answer.
    """

    def __init__(
        self,
        consumer: Client,
        offsets: GroupOffsets,
        check: Callable[[Collection[TopicPartition]], None],
        timeout_ms: int,
    ) -> None:
        self._consumer = consumer
        self._offsets = offsets
        self._check = check
        self._timeout_ms = timeout_ms
        self._shares = Shares()
        self._paused: frozenset[TopicPartition] = frozenset()
        self._resting: frozenset[TopicPartition] = frozenset()
        self._unplaced: set[TopicPartition] = set()
        self.on_close: Callable[[], None] = lambda: None

    def start(self, partitions: Sequence[TopicPartition]) -> None:
        """Read partitions from the committed offsets, which are asked for when they are first needed.

        Parameters
        ----------
        partitions : sequence of TopicPartition
            Which.
        """
        self._read_only(partitions)
        self._unplaced = set(partitions)

    def poll(self, max_records: int, timeout_s: float) -> Sequence[Record]:
        """Read on; every partition gets its share of ``max_records``."""
        deadline = time.monotonic() + timeout_s
        self._place()
        self._fetch(0.0)
        while True:
            records = self._shares.take(max_records, self._paused)
            left_s = deadline - time.monotonic()
            if records or left_s <= 0:
                return records
            self._fetch(left_s)

    def _fetch(self, timeout_s: float) -> None:
        if not self._shares.places:
            time.sleep(timeout_s)
            return
        self._rest()
        try:
            with translated("reading"):
                batches = self._consumer.poll(timeout_ms=int(timeout_s * 1000), max_records=_MANY)
        except CorruptState as error:
            raise self._explain(error) from error
        for place, found in batches.items():
            at = TopicPartition(place.topic, place.partition)
            self._shares.put(at, map(unwired_record, found))

    def _rest(self) -> None:
        """Let the client rest where the caller wants it, or where enough is waiting."""
        resting = (self._paused | self._shares.full(_ENOUGH_BYTES)) & frozenset(self._shares.places)
        if resting != self._resting:
            self._consumer.resume(*wired(self._resting - resting))
            self._consumer.pause(*wired(resting - self._resting))
            self._resting = resting

    def _explain(self, error: CorruptState) -> CorruptState:
        cause = error.__cause__
        if not isinstance(cause, errors.OffsetOutOfRangeError):
            return error
        asked = unwired(cause.args[0])
        at, offset = min(asked.items())
        with translated("reading where partitions start"):
            found = self._consumer.bounds([at], end=False, timeout_ms=self._timeout_ms)
        return _out_of_range(at, offset, found[at])

    def _place(self) -> None:
        if not self._unplaced:
            return
        places = list(self._unplaced)
        committed = self._offsets.read(places)
        starts = self._starts(places)
        self._seek({at: committed.get(at, starts[at]) for at in places}, starts)

    def _starts(self, places: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        with translated("reading where partitions start"):
            return self._consumer.bounds(places, end=False, timeout_ms=self._timeout_ms)

    def _seek(self, offsets: Mapping[TopicPartition, int], starts: Mapping[TopicPartition, int]) -> None:
        for at, offset in offsets.items():
            if offset < starts[at]:
                raise _out_of_range(at, offset, starts[at])
        for at, offset in offsets.items():
            self._consumer.seek(wire(at), offset)
            self._shares.drop(at)
            self._unplaced.discard(at)

    def _read_only(self, places: Collection[TopicPartition]) -> None:
        self._check(places)
        with translated("changing what is read"):
            self._consumer.assign(wired(places))
        self._shares.keep(places)
        wanted = frozenset(places)
        self._resting &= wanted
        self._unplaced &= wanted

    def committed(self) -> Mapping[TopicPartition, int]:
        """Read the committed offsets."""
        return self._offsets.read(list(self._shares.places))

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit the next offsets to read; refused while the group has members, they commit themselves."""
        self._offsets.write(offsets)

    def seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Move the read positions."""
        self._seek(offsets, self._starts(offsets))

    def assign(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Change what is read; partitions that stay go on where they are."""
        new = {at: offset for at, offset in offsets.items() if at not in self._shares.places}
        self._check(new)
        starts = self._starts(new)
        for at, offset in new.items():
            if offset < starts[at]:
                raise _out_of_range(at, offset, starts[at])
        self._read_only(offsets)
        self._seek(new, starts)

    def pause(self, partitions: Collection[TopicPartition]) -> None:
        """Leave partitions out of the coming polls; those not named are read again."""
        self._paused = frozenset(partitions)

    def close(self) -> None:
        """Stop reading."""
        self._offsets.close()
        close_quietly(self._consumer.close, "a reader")
        self.on_close()


def _out_of_range(at: TopicPartition, offset: int, start: int) -> CorruptState:
    if offset < start:
        return CorruptState(
            f"{at.topic}/{at.partition}: offset {offset} was pruned, the log starts at {start}; what lies "
            "between is lost, so reprocess from what is there or bring the log back"
        )
    return CorruptState(
        f"{at.topic}/{at.partition}: offset {offset} lies behind the end of the log, which starts at "
        f"{start}; the log was cut or made anew, so reprocess into a new group or bring the log back"
    )
