"""What every bus keeps. A test class of an adapter inherits this and provides ``open_bus``.

An adapter that can't imitate something overrides that test as a strict expected failure with its reason, so
that the difference between the modes is a visible list.
"""

import itertools
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

import pytest

from lacuna_core.errors import ConfigError, CorruptState
from lacuna_core.ports import Bus, Membership, Outgoing, Record, Subscription, TopicPartition
from lacuna_core.topics import Topic

_NUMBER = itertools.count()


def drain(subscription: Subscription, wanted: int, max_records: int = 1000) -> list[Record]:
    """Poll until a number of records is there, or ten seconds are over."""
    found: list[Record] = []
    deadline = time.monotonic() + 10.0
    while len(found) < wanted and time.monotonic() < deadline:
        found += subscription.poll(max_records, 0.5)
    return found


def share_out(members: Sequence[Membership], tasks: int, patience_s: float = 30.0) -> list[frozenset[int]]:
    """Let members take part until every task has one owner and every member has some, or time is over."""
    deadline = time.monotonic() + patience_s
    owned = [member.owned(0.1) for member in members]
    while time.monotonic() < deadline:
        if sorted(n for mine in owned for n in mine) == list(range(tasks)) and all(owned):
            return owned
        owned = [member.owned(0.1) for member in members]
    return owned


class BusContract:
    """The contract. Names are new in each test, so that the adapters may share one server."""

    patience_s = 30.0
    """How long members may take to share tasks out."""

    @pytest.fixture(autouse=True)
    def names(self) -> None:
        self.mark = f"{os.getpid()}.{next(_NUMBER)}"
        self.rows = Topic(f"contract.rows.{self.mark}", 4, "anything", None)
        self.state = Topic(f"contract.state.{self.mark}", 2, "slot", None, compacted=True)

    def group(self, name: str) -> str:
        return f"{name}.{self.mark}"

    def out(self, partition: int, value: bytes, key: bytes = b"", topic: Topic | None = None) -> Outgoing:
        return Outgoing((topic or self.rows).name, partition, key, value)

    def places(self, topic: Topic | None = None) -> list[TopicPartition]:
        topic = topic or self.rows
        return [TopicPartition(topic.name, p) for p in range(topic.partitions)]

    def open_bus(self) -> AbstractContextManager[Bus]:
        raise NotImplementedError

    def prune(self, bus: Bus, before: dict[TopicPartition, int]) -> None:
        """Make the log forget, by whatever means the adapter has."""
        raise NotImplementedError

    @pytest.fixture
    def bus(self, names: None) -> Iterator[Bus]:
        with self.open_bus() as bus:
            bus.create([self.rows, self.state])
            yield bus

    def test_records_come_in_order_with_offsets_from_zero(self, bus: Bus) -> None:
        sent = [self.out(i % 4, f"{i}".encode(), key=b"k") for i in range(40)]
        deliveries = bus.publish(sent)
        assert [d.result() for d in deliveries] == [i // 4 for i in range(40)]
        found = drain(bus.subscribe(self.group("g"), self.places()), 40)
        for at in self.places():
            mine = [r for r in found if r.partition == at.partition]
            assert [r.offset for r in mine] == list(range(10))
            assert [int(r.value) for r in mine] == list(range(at.partition, 40, 4))
            assert {r.key for r in mine} == {b"k"}

    def test_values_of_a_mebibyte_pass_unchanged(self, bus: Bus) -> None:
        value = bytes(range(256)) * 4096
        bus.publish([self.out(0, value)])[0].result()
        assert drain(bus.subscribe(self.group("g"), self.places()), 1)[0].value == value

    def test_end_offsets_grow_with_what_is_published(self, bus: Bus) -> None:
        assert set(bus.end_offsets(self.places()).values()) == {0}
        for delivery in bus.publish([self.out(1, b"a"), self.out(1, b"b"), self.out(2, b"c")]):
            delivery.result()
        assert list(bus.end_offsets(self.places()).values()) == [0, 2, 1, 0]

    def test_a_group_goes_on_where_it_committed(self, bus: Bus) -> None:
        bus.publish([self.out(0, f"{i}".encode()) for i in range(10)])
        first = bus.subscribe(self.group("g"), self.places())
        assert first.committed() == {}
        drain(first, 10)
        first.commit({self.places()[0]: 7})
        assert first.committed() == {self.places()[0]: 7}
        first.close()
        assert [r.offset for r in drain(bus.subscribe(self.group("g"), self.places()), 3)] == [7, 8, 9]
        assert len(drain(bus.subscribe(self.group("other"), self.places()), 10)) == 10

    def test_a_poll_never_returns_more_than_asked(self, bus: Bus) -> None:
        bus.publish([self.out(i % 4, b"x") for i in range(100)])
        reader = bus.subscribe(self.group("g"), self.places())
        found: list[Record] = []
        while records := reader.poll(3, 0.5):
            assert len(records) <= 3
            found += records
        assert len({(r.partition, r.offset) for r in found}) == len(found) == 100

    def test_no_partition_starves(self, bus: Bus) -> None:
        bus.publish([self.out(0, b"x")] * 500 + [self.out(3, b"y")])
        found = drain(bus.subscribe(self.group("g"), self.places()), 40, max_records=8)
        assert 3 in {r.partition for r in found[:64]}

    def test_seek_goes_back_and_forth(self, bus: Bus) -> None:
        bus.publish([self.out(0, f"{i}".encode()) for i in range(5)])
        reader = bus.subscribe(self.group("g"), self.places())
        drain(reader, 5)
        reader.seek({self.places()[0]: 3})
        assert [r.value for r in drain(reader, 2)] == [b"3", b"4"]
        reader.seek({self.places()[0]: 0})
        assert len(drain(reader, 5)) == 5

    def test_paused_partitions_rest_until_they_are_not_named(self, bus: Bus) -> None:
        bus.publish([self.out(0, b"a"), self.out(1, b"b")])
        reader = bus.subscribe(self.group("g"), self.places())
        reader.pause([self.places()[0]])
        assert [r.value for r in drain(reader, 1)] == [b"b"]
        assert reader.poll(10, 0.1) == []
        reader.pause([])
        assert [r.value for r in drain(reader, 1)] == [b"a"]

    def test_an_empty_log_makes_poll_wait_no_longer_than_told(self, bus: Bus) -> None:
        started = time.monotonic()
        assert bus.subscribe(self.group("g"), self.places()).poll(10, 0.2) == []
        assert 0.15 <= time.monotonic() - started < 5.0

    def test_a_waiting_poll_wakes_when_something_comes(self, bus: Bus) -> None:
        reader = bus.subscribe(self.group("g"), self.places())
        found: list[Record] = []
        thread = threading.Thread(target=lambda: found.extend(reader.poll(10, 20.0)))
        thread.start()
        time.sleep(0.1)
        bus.publish([self.out(2, b"news")])[0].result()
        thread.join(10.0)
        assert [r.value for r in found] == [b"news"]

    def test_a_compacted_topic_keeps_the_newest_of_each_key(self, bus: Bus) -> None:
        bus.publish([self.out(0, f"{i}".encode(), key=b"%d" % (i % 2), topic=self.state) for i in range(6)])
        bus.publish([self.out(0, b"6", key=b"0", topic=self.state)])[0].result()
        self.compact(bus)
        found = drain(bus.subscribe(self.group("g"), self.places(self.state)), 2)
        assert {r.key: r.value for r in found if r.offset < 7} == {b"1": b"5", b"0": b"6"}
        assert [r.offset for r in found if r.offset < 7] == [5, 6]
        assert bus.end_offsets(self.places(self.state))[self.places(self.state)[0]] >= 7

    def compact(self, bus: Bus) -> None:
        """Wait until compaction has been done, where it is not at once; may append records of other keys."""

    def test_a_deleted_key_reads_as_empty(self, bus: Bus) -> None:
        for delivery in bus.publish(
            [self.out(0, b"x", b"k", self.state), self.out(0, b"", b"k", self.state)]
        ):
            delivery.result()
        found = drain(bus.subscribe(self.group("g"), self.places(self.state)), 1)
        assert (found[-1].key, found[-1].value) == (b"k", b"")

    def test_an_offset_below_the_start_of_the_log_is_refused(self, bus: Bus) -> None:
        bus.publish([self.out(0, b"x")] * 10)[-1].result()
        late = bus.subscribe(self.group("late"), self.places())
        late.commit({self.places()[0]: 2})
        self.prune(bus, {self.places()[0]: 5})
        with pytest.raises(CorruptState, match="2"):
            late.seek({self.places()[0]: 2})
        with pytest.raises(CorruptState):
            bus.subscribe(self.group("late"), self.places()).poll(1, 0.0)
        assert [r.offset for r in drain(bus.subscribe(self.group("new"), self.places()), 5)] == [
            5,
            6,
            7,
            8,
            9,
        ]

    def test_a_topic_with_another_number_of_partitions_is_refused(self, bus: Bus) -> None:
        bus.create([self.rows])
        with pytest.raises(ConfigError, match=r"contract\.rows"):
            bus.create([Topic(self.rows.name, 5, "anything", None)])

    def test_a_topic_that_was_not_created_is_refused(self, bus: Bus) -> None:
        with pytest.raises(ConfigError, match="nowhere"):
            bus.subscribe(self.group("g"), [TopicPartition("nowhere", 0)])

    def test_a_cycle_publishes_and_commits(self, bus: Bus) -> None:
        bus.publish([self.out(0, b"in")])
        reader = bus.subscribe(self.group("g"), self.places())
        drain(reader, 1)
        with bus.cycle():
            for delivery in bus.publish([self.out(1, b"out")]):
                delivery.result()
            reader.commit({self.places()[0]: 1})
        assert reader.committed() == {self.places()[0]: 1}
        assert bus.end_offsets(self.places())[self.places()[1]] == 1

    def test_a_failed_cycle_leaves_nothing(self, bus: Bus) -> None:
        reader = bus.subscribe(self.group("g"), self.places())

        def fail() -> None:
            with bus.cycle():
                bus.publish([self.out(0, b"x")])
                reader.commit({self.places()[0]: 1})
                raise RuntimeError("on purpose")

        with pytest.raises(RuntimeError, match="on purpose"):
            fail()
        assert reader.committed() == {}
        assert bus.end_offsets(self.places())[self.places()[0]] == 0
        bus.publish([self.out(0, b"y")])[0].result()
        assert [r.value for r in drain(bus.subscribe(self.group("g"), self.places()), 1)] == [b"y"]

    def test_threads_publish_and_read_at_once(self, bus: Bus) -> None:
        def write(partition: int) -> None:
            for i in range(50):
                with bus.cycle():
                    for delivery in bus.publish([self.out(partition, f"{i}".encode())]):
                        delivery.result()

        found: dict[int, Sequence[Record]] = {}

        def read(partition: int) -> None:
            found[partition] = drain(
                bus.subscribe(self.group(f"g{partition}"), [self.places()[partition]]), 50
            )

        threads = [threading.Thread(target=f, args=(p,)) for p in range(4) for f in (write, read)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30.0)
        for partition in range(4):
            assert [int(r.value) for r in found[partition]] == list(range(50))

    def test_headers_travel_with_a_record(self, bus: Bus) -> None:
        headers = (("traceparent", b"00-1-2-01"), ("empty", b""))
        bus.publish([Outgoing(self.rows.name, 1, b"k", b"v", headers)])[0].result()
        assert drain(bus.subscribe(self.group("g"), self.places()), 1)[0].headers == headers

    def test_start_offsets_tell_what_is_left(self, bus: Bus) -> None:
        assert set(bus.start_offsets(self.places()).values()) == {0}
        bus.publish([self.out(2, b"x")] * 10)[-1].result()
        self.prune(bus, {self.places()[2]: 4})
        assert list(bus.start_offsets(self.places()).values()) == [0, 0, 4, 0]
        assert bus.start_offsets([]) == {}

    def test_assigning_keeps_the_place_of_what_stays(self, bus: Bus) -> None:
        for delivery in bus.publish([self.out(p, f"{p}{i}".encode()) for i in range(6) for p in range(3)]):
            delivery.result()
        first, second, third, _ = self.places()
        reader = bus.subscribe(self.group("g"), [])
        assert reader.poll(10, 0.0) == []
        reader.assign({first: 0, second: 4})
        values = [r.value for r in drain(reader, 8)]
        assert sorted(values) == [b"00", b"01", b"02", b"03", b"04", b"05", b"14", b"15"]
        reader.assign({second: 0, third: 5})
        assert [r.value for r in drain(reader, 1)] == [b"25"]
        for delivery in bus.publish([self.out(0, b"gone"), self.out(1, b"on")]):
            delivery.result()
        assert [r.value for r in drain(reader, 1)] == [b"on"]
        reader.assign({})
        assert reader.poll(10, 0.1) == []
        reader.assign({first: 5})
        assert [r.value for r in drain(reader, 2)] == [b"05", b"gone"]

    def test_assigning_hands_out_what_was_fetched_of_what_stays(self, bus: Bus) -> None:
        for delivery in bus.publish([self.out(i % 2, f"{i}".encode()) for i in range(40)]):
            delivery.result()
        first, second, *_ = self.places()
        reader = bus.subscribe(self.group("g"), [first, second])
        found = drain(reader, 4, max_records=4)
        reader.assign({first: 0})
        found = [r for r in found if r.partition == 0]
        found += drain(reader, 20 - len(found))
        assert [int(r.value) for r in found] == list(range(0, 40, 2))

    def test_assigning_what_is_not_there_is_refused(self, bus: Bus) -> None:
        bus.publish([self.out(0, b"x")] * 10)[-1].result()
        self.prune(bus, {self.places()[0]: 5})
        reader = bus.subscribe(self.group("g"), [])
        with pytest.raises(CorruptState, match="2"):
            reader.assign({self.places()[0]: 2})
        with pytest.raises(ConfigError, match="nowhere"):
            reader.assign({TopicPartition("nowhere", 0): 0})

    def test_a_lone_member_owns_every_task(self, bus: Bus) -> None:
        member = bus.join(self.group("g"), self.rows)
        assert share_out([member], 4) == [frozenset(range(4))]
        assert member.owned(0.0) == frozenset(range(4))

    def test_a_member_commits_offsets_of_any_topic(self, bus: Bus) -> None:
        member = bus.join(self.group("g"), self.state)
        share_out([member], 2)
        at, other = self.places()[3], self.places(self.state)[1]
        assert member.committed([at, other]) == {}
        member.commit({at: 7, other: 2})
        member.commit({})
        assert member.committed([at, other, self.places()[0]]) == {at: 7, other: 2}
        member.close()
        again = bus.join(self.group("g"), self.state)
        assert again.committed([at]) == {at: 7}

    def test_joining_for_a_topic_that_was_not_created_is_refused(self, bus: Bus) -> None:
        with pytest.raises(ConfigError, match="nowhere"):
            bus.join(self.group("g"), Topic("nowhere", 4, "task", None))

    def test_members_of_a_group_share_its_tasks(self, bus: Bus) -> None:
        """Each task has one owner, none sits idle, and who stays takes over from who leaves."""
        first = bus.join(self.group("g"), self.rows)
        assert share_out([first], 4) == [frozenset(range(4))]
        second = bus.join(self.group("g"), self.rows)
        mine, yours = share_out([first, second], 4, self.patience_s)
        assert sorted(mine | yours) == [0, 1, 2, 3]
        assert len(mine) == len(yours) == 2
        second.close()
        assert share_out([first], 4) == [frozenset(range(4))]
