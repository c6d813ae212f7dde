"""The Kafka bus keeps the contract, on a real broker."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from lacuna_core.errors import ConfigError, CorruptState, Transient
from lacuna_core.ports import Bus, Membership, TopicPartition
from lacuna_core.topics import Topic
from lacuna_runtime.bus.kafka import KafkaBus
from lacuna_runtime.bus.kafka.membership import KafkaMembership
from lacuna_runtime.sections import KafkaSettings
from tests.contract.bus_contract import BusContract, drain, share_out

pytestmark = pytest.mark.timeout(120)


def alter(settings: KafkaSettings, kind: ConfigResourceType, name: str, **configs: str) -> None:
    """Change settings of a topic or broker; an underscore stands for a dot."""
    admin = KafkaAdminClient(bootstrap_servers=list(settings.bootstrap))
    try:
        changed = {key.replace("_", "."): value for key, value in configs.items()}
        admin.alter_configs([ConfigResource(kind, name, changed)])
    finally:
        admin.close()


def take_part(member: Membership, until: Callable[[frozenset[int]], bool]) -> None:
    """Take part until something holds, or thirty seconds are over."""
    deadline = time.monotonic() + 30.0
    while time.monotonic() < deadline and not until(member.owned(0.1)):
        pass


class TestKafka(BusContract):
    @pytest.fixture(autouse=True)
    def server(self, kafka: KafkaSettings) -> None:
        self.settings = kafka.model_copy(update={"session_ms": 6_000})

    @contextmanager
    def open_bus(self, instance: str = "") -> Iterator[Bus]:
        bus = KafkaBus(self.settings, instance)
        try:
            yield bus
        finally:
            bus.close()

    def prune(self, bus: Bus, before: dict[TopicPartition, int]) -> None:
        assert isinstance(bus, KafkaBus)
        bus.prune(before)

    def compact(self, bus: Bus) -> None:
        """Make segments short and the cleaner busy, then wait until the old record of a key has gone."""
        name = self.state.name
        alter(self.settings, ConfigResourceType.BROKER, "1", log_cleaner_backoff_ms="200")
        alter(
            self.settings,
            ConfigResourceType.TOPIC,
            name,
            segment_ms="300",
            min_cleanable_dirty_ratio="0.01",
        )
        at = self.places(self.state)[0]
        deadline = time.monotonic() + 60.0
        while time.monotonic() < deadline:
            time.sleep(0.4)
            bus.publish([self.out(0, b"x", b"filler", self.state)])[0].result()
            reader = bus.subscribe(self.group("compact"), [at])
            first = drain(reader, 1)[0]
            reader.close()
            if first.offset >= 5:
                return

    @pytest.mark.xfail(
        reason="a distributed log has no transactions here: what a failed cycle published may be there, "
        "so consumers drop repeats",
        strict=True,
    )
    def test_a_failed_cycle_leaves_nothing(self, bus: Bus) -> None:
        super().test_a_failed_cycle_leaves_nothing(bus)

    def test_everything_is_there_after_opening_again(self) -> None:
        with self.open_bus() as bus:
            bus.create([self.rows])
            bus.publish([self.out(2, b"kept")])[0].result()
            bus.subscribe(self.group("g"), self.places()).commit({self.places()[2]: 0})
        with self.open_bus() as bus:
            reader = bus.subscribe(self.group("g"), self.places())
            assert reader.committed() == {self.places()[2]: 0}
            assert [r.value for r in drain(reader, 1)] == [b"kept"]

    def test_topics_are_kept_as_the_table_says(self, bus: Bus) -> None:
        names = [self.rows.name, self.state.name]
        admin = KafkaAdminClient(bootstrap_servers=list(self.settings.bootstrap))
        try:
            found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
        finally:
            admin.close()
        rows, state = ({k: v["value"] for k, v in found["topic"][name].items()} for name in names)
        assert (rows["cleanup.policy"], rows["retention.ms"]) == ("delete", "-1")
        assert state["cleanup.policy"] == "compact"
        assert int(rows["max.message.bytes"]) > 1 << 20

    def test_two_who_create_at_once_do_no_harm(self) -> None:
        topics = [Topic(f"contract.race.{i}.{self.mark}", 2, "anything", None) for i in range(5)]
        failures: list[BaseException] = []

        def create() -> None:
            try:
                with self.open_bus() as bus:
                    bus.create(topics)
                    assert len(bus.end_offsets([TopicPartition(t.name, 1) for t in topics])) == 5
            except BaseException as error:  # noqa: BLE001 - asserted below
                failures.append(error)

        threads = [threading.Thread(target=create) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60.0)
        assert failures == []

    def test_an_offset_behind_the_end_of_the_log_is_refused(self, bus: Bus) -> None:
        bus.publish([self.out(0, b"x")])[0].result()
        reader = bus.subscribe(self.group("g"), [])
        reader.assign({self.places()[0]: 50})
        with pytest.raises(CorruptState, match=r"offset 50 .*made anew"):
            drain(reader, 1)

    def test_a_partition_that_is_not_there_is_refused_before_anything_is_sent(self, bus: Bus) -> None:
        with pytest.raises(ConfigError, match="no partition 9"):
            bus.publish([self.out(0, b"good"), self.out(9, b"bad")])
        assert bus.end_offsets(self.places())[self.places()[0]] == 0

    def test_a_record_that_is_too_large_is_refused_before_anything_is_sent(self, bus: Bus) -> None:
        with pytest.raises(ConfigError, match="1048577"):
            bus.publish([self.out(0, b"good"), self.out(0, bytes((1 << 20) + 1))])
        assert bus.end_offsets(self.places())[self.places()[0]] == 0

    def test_a_named_member_finds_its_tasks_again(self) -> None:
        """It does not leave when it closes, so nobody moves for a restart."""
        with self.open_bus("a") as bus, self.open_bus("b") as other:
            bus.create([self.rows])
            first, second = (b.join(self.group("g"), self.rows) for b in (bus, other))
            before = share_out([first, second], 4)
            first.close()
            again = bus.join(self.group("g"), self.rows)
            assert share_out([again, second], 4) == before

    def test_a_named_member_who_stays_away_is_replaced(self) -> None:
        with self.open_bus("a") as bus, self.open_bus("b") as other:
            bus.create([self.rows])
            away, stays = (b.join(self.group("g"), self.rows) for b in (bus, other))
            share_out([away, stays], 4)
            away.close()
            assert len(stays.owned(1.0)) == 2
            assert share_out([stays], 4) == [frozenset(range(4))]

    def test_a_second_process_of_one_name_ends_the_first(self) -> None:
        """Its commits are refused, and it learns why even when it commits nothing."""
        with self.open_bus("a") as bus, self.open_bus("a") as twin:
            bus.create([self.rows])
            first = bus.join(self.group("g"), self.rows)
            share_out([first], 4)
            share_out([twin.join(self.group("g"), self.rows)], 4)
            with pytest.raises(ConfigError, match=r"service\.instance"):
                first.commit({self.places()[0]: 1})
            with pytest.raises(ConfigError, match=r"service\.instance"):
                take_part(first, lambda owned: False)

    def test_a_commit_waits_while_the_group_shares_out_anew(self) -> None:
        """What a member gives up is its own until it takes part again, so its last work is kept."""
        with self.open_bus() as bus, self.open_bus() as other:
            bus.create([self.rows])
            first = bus.join(self.group("g"), self.rows)
            share_out([first], 4)
            second = other.join(self.group("g"), self.rows)
            beside = threading.Thread(target=take_part, args=(second, lambda owned: len(owned) == 2))
            beside.start()
            offset = 0
            while len(first.owned(0.0)) == 4 and offset < 10_000:
                offset += 1
                first.commit(dict.fromkeys(self.places(), offset))
            take_part(first, lambda _: not beside.is_alive())
            assert 0 < offset < 10_000
            assert len(first.owned(0.0)) == 2
            assert first.committed(self.places()) == dict.fromkeys(self.places(), offset)

    def test_a_member_who_was_silent_for_too_long_loses_its_tasks_and_hears_of_it(self) -> None:
        """Like a process that was stopped: others have worked on its tasks, so its state is worth nothing."""
        with self.open_bus() as bus, self.open_bus() as other:
            bus.create([self.rows])
            silent, stays = bus.join(self.group("g"), self.rows), other.join(self.group("g"), self.rows)
            had, _ = share_out([silent, stays], 4)
            assert isinstance(silent, KafkaMembership)
            silent._client._net.call_soon_threadsafe(lambda: time.sleep(10.0))
            take_part(stays, lambda owned: len(owned) == 4)
            stays.commit(dict.fromkeys(self.places(), 9))
            with pytest.raises(Transient):
                silent.commit(dict.fromkeys(self.places(), 5))
            assert not had & silent.owned(0.0)
            assert silent.committed(self.places()) == dict.fromkeys(self.places(), 9)
            assert [len(owned) for owned in share_out([silent, stays], 4)] == [2, 2]
