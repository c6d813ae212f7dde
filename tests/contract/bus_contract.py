"""What every bus keeps. A test class of an adapter inherits this and provides ``open_bus``.

An adapter that can't imitate something overrides that test as a strict expected failure with its reason, so
that the difference between the modes is a visible list.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

import pytest

from lacuna_core.errors import ConfigError, CorruptState
from lacuna_core.ports import Bus, Outgoing, Record, Subscription, TopicPartition
from lacuna_core.topics import Topic

ROWS = Topic("contract.rows", 4, "anything", None)
STATE = Topic("contract.state", 2, "slot", None, compacted=True)


def out(partition: int, value: bytes, key: bytes = b"", topic: Topic = ROWS) -> Outgoing:
    return Outgoing(topic.name, partition, key, value)


def places(topic: Topic = ROWS) -> list[TopicPartition]:
    return [TopicPartition(topic.name, p) for p in range(topic.partitions)]


def drain(subscription: Subscription, wanted: int, max_records: int = 1000) -> list[Record]:
    """Poll until a number of records is there, or ten seconds are over."""
    found: list[Record] = []
    deadline = time.monotonic() + 10.0
    while len(found) < wanted and time.monotonic() < deadline:
        found += subscription.poll(max_records, 0.5)
    return found


class BusContract:
    """The contract."""

    def open_bus(self) -> AbstractContextManager[Bus]:
        raise NotImplementedError

    def prune(self, bus: Bus, before: dict[TopicPartition, int]) -> None:
        """Make the log forget, by whatever means the adapter has."""
        raise NotImplementedError

    @pytest.fixture
    def bus(self) -> Iterator[Bus]:
        with self.open_bus() as bus:
            bus.create([ROWS, STATE])
            yield bus

    def test_records_come_in_order_with_offsets_from_zero(self, bus: Bus) -> None:
        sent = [out(i % 4, f"{i}".encode(), key=b"k") for i in range(40)]
        deliveries = bus.publish(sent)
        assert [d.result() for d in deliveries] == [i // 4 for i in range(40)]
        found = drain(bus.subscribe("g", places()), 40)
        for at in places():
            mine = [r for r in found if r.partition == at.partition]
            assert [r.offset for r in mine] == list(range(10))
            assert [int(r.value) for r in mine] == list(range(at.partition, 40, 4))
            assert {r.key for r in mine} == {b"k"}

    def test_values_of_a_mebibyte_pass_unchanged(self, bus: Bus) -> None:
        value = bytes(range(256)) * 4096
        bus.publish([out(0, value)])[0].result()
        assert drain(bus.subscribe("g", places()), 1)[0].value == value

    def test_end_offsets_grow_with_what_is_published(self, bus: Bus) -> None:
        assert set(bus.end_offsets(places()).values()) == {0}
        for delivery in bus.publish([out(1, b"a"), out(1, b"b"), out(2, b"c")]):
            delivery.result()
        assert list(bus.end_offsets(places()).values()) == [0, 2, 1, 0]

    def test_a_group_goes_on_where_it_committed(self, bus: Bus) -> None:
        bus.publish([out(0, f"{i}".encode()) for i in range(10)])
        first = bus.subscribe("g", places())
        assert first.committed() == {}
        drain(first, 10)
        first.commit({places()[0]: 7})
        assert first.committed() == {places()[0]: 7}
        first.close()
        assert [r.offset for r in drain(bus.subscribe("g", places()), 3)] == [7, 8, 9]
        assert len(drain(bus.subscribe("other", places()), 10)) == 10

    def test_a_poll_never_returns_more_than_asked(self, bus: Bus) -> None:
        bus.publish([out(i % 4, b"x") for i in range(100)])
        reader = bus.subscribe("g", places())
        found: list[Record] = []
        while records := reader.poll(3, 0.5):
            assert len(records) <= 3
            found += records
        assert len({(r.partition, r.offset) for r in found}) == len(found) == 100

    def test_no_partition_starves(self, bus: Bus) -> None:
        bus.publish([out(0, b"x")] * 500 + [out(3, b"y")])
        found = drain(bus.subscribe("g", places()), 40, max_records=8)
        assert 3 in {r.partition for r in found[:64]}

    def test_seek_goes_back_and_forth(self, bus: Bus) -> None:
        bus.publish([out(0, f"{i}".encode()) for i in range(5)])
        reader = bus.subscribe("g", places())
        drain(reader, 5)
        reader.seek({places()[0]: 3})
        assert [r.value for r in drain(reader, 2)] == [b"3", b"4"]
        reader.seek({places()[0]: 0})
        assert len(drain(reader, 5)) == 5

    def test_paused_partitions_rest_until_they_are_not_named(self, bus: Bus) -> None:
        bus.publish([out(0, b"a"), out(1, b"b")])
        reader = bus.subscribe("g", places())
        reader.pause([places()[0]])
        assert [r.value for r in drain(reader, 1)] == [b"b"]
        assert reader.poll(10, 0.1) == []
        reader.pause([])
        assert [r.value for r in drain(reader, 1)] == [b"a"]

    def test_an_empty_log_makes_poll_wait_no_longer_than_told(self, bus: Bus) -> None:
        started = time.monotonic()
        assert bus.subscribe("g", places()).poll(10, 0.2) == []
        assert 0.15 <= time.monotonic() - started < 5.0

    def test_a_waiting_poll_wakes_when_something_comes(self, bus: Bus) -> None:
        reader = bus.subscribe("g", places())
        found: list[Record] = []
        thread = threading.Thread(target=lambda: found.extend(reader.poll(10, 20.0)))
        thread.start()
        time.sleep(0.1)
        bus.publish([out(2, b"news")])[0].result()
        thread.join(10.0)
        assert [r.value for r in found] == [b"news"]

    def test_a_compacted_topic_keeps_the_newest_of_each_key(self, bus: Bus) -> None:
        bus.publish([out(0, f"{i}".encode(), key=b"%d" % (i % 2), topic=STATE) for i in range(6)])
        bus.publish([out(0, b"6", key=b"0", topic=STATE)])[0].result()
        self.compact(bus)
        found = drain(bus.subscribe("g", places(STATE)), 2)
        assert {r.key: r.value for r in found} == {b"1": b"5", b"0": b"6"}
        assert bus.end_offsets(places(STATE))[places(STATE)[0]] == 7

    def compact(self, bus: Bus) -> None:
        """Wait until compaction has been done, where it is not at once."""

    def test_an_offset_below_the_start_of_the_log_is_refused(self, bus: Bus) -> None:
        bus.publish([out(0, b"x")] * 10)[-1].result()
        late = bus.subscribe("late", places())
        late.commit({places()[0]: 2})
        self.prune(bus, {places()[0]: 5})
        with pytest.raises(CorruptState, match="2"):
            late.seek({places()[0]: 2})
        with pytest.raises(CorruptState):
            bus.subscribe("late", places()).poll(1, 0.0)
        assert [r.offset for r in drain(bus.subscribe("new", places()), 5)] == [5, 6, 7, 8, 9]

    def test_a_topic_with_another_number_of_partitions_is_refused(self, bus: Bus) -> None:
        bus.create([ROWS])
        with pytest.raises(ConfigError, match=r"contract\.rows"):
            bus.create([Topic(ROWS.name, 5, "anything", None)])

    def test_a_topic_that_was_not_created_is_refused(self, bus: Bus) -> None:
        with pytest.raises(ConfigError, match="nowhere"):
            bus.subscribe("g", [TopicPartition("nowhere", 0)])

    def test_a_cycle_publishes_and_commits(self, bus: Bus) -> None:
        bus.publish([out(0, b"in")])
        reader = bus.subscribe("g", places())
        drain(reader, 1)
        with bus.cycle():
            for delivery in bus.publish([out(1, b"out")]):
                delivery.result()
            reader.commit({places()[0]: 1})
        assert reader.committed() == {places()[0]: 1}
        assert bus.end_offsets(places())[places()[1]] == 1

    def test_a_failed_cycle_leaves_nothing(self, bus: Bus) -> None:
        reader = bus.subscribe("g", places())

        def fail() -> None:
            with bus.cycle():
                bus.publish([out(0, b"x")])
                reader.commit({places()[0]: 1})
                raise RuntimeError("on purpose")

        with pytest.raises(RuntimeError, match="on purpose"):
            fail()
        assert reader.committed() == {}
        assert bus.end_offsets(places())[places()[0]] == 0
        bus.publish([out(0, b"y")])[0].result()
        assert [r.value for r in drain(bus.subscribe("g", places()), 1)] == [b"y"]

    def test_threads_publish_and_read_at_once(self, bus: Bus) -> None:
        def write(partition: int) -> None:
            for i in range(50):
                with bus.cycle():
                    for delivery in bus.publish([out(partition, f"{i}".encode())]):
                        delivery.result()

        found: dict[int, Sequence[Record]] = {}

        def read(partition: int) -> None:
            found[partition] = drain(bus.subscribe(f"g{partition}", [places()[partition]]), 50)

        threads = [threading.Thread(target=f, args=(p,)) for p in range(4) for f in (write, read)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30.0)
        for partition in range(4):
            assert [int(r.value) for r in found[partition]] == list(range(50))

    def test_members_of_a_group_share_its_partitions(self, bus: Bus) -> None:
        """Two readers of one group that name the same partitions get each record once between them."""
        bus.publish([out(i % 4, f"{i}".encode()) for i in range(20)])
        first, second = bus.subscribe("shared", places()), bus.subscribe("shared", places())
        found = [r.value for r in (*first.poll(100, 2.0), *second.poll(100, 2.0))]
        assert sorted(found, key=int) == [f"{i}".encode() for i in range(20)]
