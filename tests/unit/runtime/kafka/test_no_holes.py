"""Whatever fails on the way, what stands in a partition is a prefix of what was sent to it."""

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from deploy.local.kafka import KafkaCluster
from deploy.local.tools import MissingTool
from lacuna_core.errors import ConfigError, Transient
from lacuna_core.ports import Delivery, Outgoing, TopicPartition
from lacuna_core.topics import Topic
from lacuna_runtime.bus.kafka import KafkaBus

pytestmark = pytest.mark.timeout(120)
_NUMBER = itertools.count()
_PATIENCE_MS = 1_500


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    """A broker of our own, because it is stopped and wakes again."""
    try:
        with KafkaCluster(tmp_path_factory.mktemp("holes")) as cluster:
            yield cluster
    except MissingTool as missing:
        pytest.skip(str(missing))


@pytest.fixture
def topic() -> Topic:
    return Topic(f"holes.{next(_NUMBER)}", 2, "anything", None)


@pytest.fixture
def bus(cluster: KafkaCluster, topic: Topic) -> Iterator[KafkaBus]:
    bus = KafkaBus(
        cluster.settings(delivery_ms=_PATIENCE_MS, request_ms=5_000, in_flight_bytes=2 << 20), "holes"
    )
    bus.create([topic])
    bus.publish([out(topic, b"before", 0), out(topic, b"before", 1)])[1].result()
    yield bus
    cluster.resume(1)
    bus.close()


def out(topic: Topic, value: bytes, partition: int = 0) -> Outgoing:
    return Outgoing(topic.name, partition, b"", value)


def outcome(delivery: Delivery) -> type[BaseException] | None:
    """How waiting for a delivery ends."""
    try:
        delivery.result()
    except (Transient, ConfigError) as error:
        return type(error)
    return None


def log_of(bus: KafkaBus, topic: Topic, partition: int = 0) -> list[bytes]:
    """All values of a partition, up to its end."""
    at = TopicPartition(topic.name, partition)
    end = bus.end_offsets([at])[at]
    reader = bus.subscribe("holes.look", [])
    reader.assign({at: 0})
    found: list[bytes] = []
    deadline = time.monotonic() + 20.0
    while len(found) < end and time.monotonic() < deadline:
        found += [record.value for record in reader.poll(1000, 0.5)]
    reader.close()
    return found[1:]


def once_awake(do: Callable[[], Sequence[Delivery]]) -> None:
    """Publish until the broker has come to itself and the loss is known."""
    deadline = time.monotonic() + 30.0
    while time.monotonic() < deadline:
        with suppress(Transient):
            for delivery in do():
                delivery.result()
            return


def test_nothing_follows_a_record_that_the_broker_refuses(
    bus: KafkaBus, cluster: KafkaCluster, topic: Topic
) -> None:
    """The second record is too large for the topic: the ones behind it must not be written."""
    admin = KafkaAdminClient(bootstrap_servers=list(cluster.bootstrap))
    narrow = {"max.message.bytes": "2000"}
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, narrow)])
    admin.close()
    large = random.Random(1).randbytes(5_000)
    sent = bus.publish([out(topic, b"first"), out(topic, large), *[out(topic, b"behind")] * 50])
    assert {outcome(delivery) for delivery in sent[1:]} == {ConfigError}
    time.sleep(0.5)
    assert log_of(bus, topic) == ([b"first"] if outcome(sent[0]) is None else [])


def test_what_is_not_durable_in_time_is_given_up_for_good(
    bus: KafkaBus, cluster: KafkaCluster, topic: Topic
) -> None:
    """A broker sleeps, all give up together; when it wakes it may write what it had, nothing behind it."""
    cluster.pause(1)
    sent = [*bus.publish([out(topic, b"on its way", 0), out(topic, b"on its way", 1)])]
    time.sleep(0.3)
    for _ in range(20):
        sent += bus.publish([out(topic, b"behind", 0), out(topic, b"behind", 1)])
    started = time.monotonic()
    assert {outcome(delivery) for delivery in sent} == {Transient}
    assert time.monotonic() - started < _PATIENCE_MS / 1000 + 5.0
    cluster.resume(1)
    once_awake(lambda: bus.publish([out(topic, b"next", 0), out(topic, b"next", 1)]))
    time.sleep(0.5)
    for partition in (0, 1):
        found = log_of(bus, topic, partition)
        assert b"behind" not in found
        assert b"next" in found


def test_who_has_not_heard_of_a_loss_may_not_go_on(
    bus: KafkaBus, cluster: KafkaCluster, topic: Topic
) -> None:
    """This thread publishes and does not look; another one finds out that its record was lost."""
    cluster.pause(1)
    bus.publish([out(topic, b"lost")])
    outcomes: list[type[BaseException] | None] = []
    beside = threading.Thread(
        target=lambda: outcomes.append(outcome(bus.publish([out(topic, b"lost", 1)])[0]))
    )
    beside.start()
    beside.join(30.0)
    assert outcomes == [Transient]
    cluster.resume(1)
    with pytest.raises(Transient):
        bus.publish([out(topic, b"behind the hole")])
    once_awake(lambda: bus.publish([out(topic, b"after all is known")]))
    assert b"behind the hole" not in log_of(bus, topic)
    assert log_of(bus, topic)[-1] == b"after all is known"


def test_leaving_a_cycle_waits_for_what_was_published_inside(
    bus: KafkaBus, cluster: KafkaCluster, topic: Topic
) -> None:
    with bus.cycle():
        with bus.cycle():
            bus.publish([out(topic, b"x")] * 100)
        bus.publish([out(topic, b"y")])
    assert log_of(bus, topic) == [b"x"] * 100 + [b"y"]
    cluster.pause(1)
    with pytest.raises(Transient), bus.cycle():
        bus.publish([out(topic, b"z")])


def test_publishing_waits_while_too_much_is_on_its_way(
    bus: KafkaBus, cluster: KafkaCluster, topic: Topic
) -> None:
    """Memory is bounded: two mebibytes at most wait for a broker that sleeps, then publishing gives up."""
    cluster.pause(1)
    with pytest.raises(Transient, match="not durable"):
        bus.publish([out(topic, bytes(900_000))] * 3)
    cluster.resume(1)
    once_awake(lambda: bus.publish([out(topic, bytes(800_000))] * 20))
    assert log_of(bus, topic)[-20:] == [bytes(800_000)] * 20
