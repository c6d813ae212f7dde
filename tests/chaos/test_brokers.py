"""Brokers and nodes that die while the season is played."""

import signal
import time
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from deploy.local.cassandra import CassandraCluster
from deploy.local.kafka import KafkaCluster
from lacuna_core.ports import TopicPartition
from lacuna_core.topics import POSITIONS
from lacuna_runtime.bus.kafka import KafkaBus
from lacuna_runtime.sections import CassandraSettings, KafkaSettings
from tests.chaos.under_load import SESSION_MS, under_load
from tests.integration.scenario import Season

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]


def leader_of(settings: KafkaSettings, topic: str, partition: int) -> int:
    """Number of the node that leads a partition."""
    admin = KafkaAdminClient(bootstrap_servers=list(settings.bootstrap))
    try:
        (told,) = admin.describe_topics([topic])
        return next(int(p["leader_id"]) for p in told["partitions"] if p["partition_index"] == partition)
    finally:
        admin.close()


def test_the_leader_of_a_partition_is_killed(
    tmp_path: Path, keyspace: CassandraSettings, tiny: Season
) -> None:
    with KafkaCluster(tmp_path / "kafka", nodes=3) as kafka:
        settings = kafka.settings(session_ms=SESSION_MS)
        with under_load(tmp_path, settings, keyspace, tiny) as load:
            load.wait_work("facts")
            before = load.done("facts")
            leader = leader_of(settings, POSITIONS.name, 0)
            kafka.kill(leader)
            load.recovered("kill -9 of the leader, three brokers", "facts", before)
            kafka.start_node(leader)
            load.finish(tiny)


def test_two_of_three_brokers_go_down_and_come_back(
    tmp_path: Path, keyspace: CassandraSettings, tiny: Season
) -> None:
    with KafkaCluster(tmp_path / "kafka", nodes=3) as kafka:
        settings = kafka.settings(session_ms=SESSION_MS)
        with under_load(tmp_path, settings, keyspace, tiny) as load:
            load.wait_work("facts")
            before = load.done("facts")
            kafka.kill(2)
            kafka.kill(3)
            time.sleep(10.0)
            kafka.start_node(2)
            kafka.start_node(3)
            load.recovered("two of three brokers down for 10 s", "facts", before)
            load.finish(tiny)


def test_what_is_published_fails_until_its_time_is_over(
    tmp_path: Path, keyspace: CassandraSettings, tiny: Season
) -> None:
    """A broker that hangs longer than a delivery may take; everything in flight is given up and redone."""
    with KafkaCluster(tmp_path / "kafka") as kafka:
        settings = kafka.settings(session_ms=SESSION_MS, delivery_ms=3_000, request_ms=2_000)
        with under_load(tmp_path, settings, keyspace, tiny) as load:
            load.wait_work("facts")
            before = load.done("facts")
            kafka.pause(1)
            time.sleep(9.0)
            kafka.resume(1)
            load.recovered("a broker hangs past the delivery time-out", "facts", before)
            load.finish(tiny)


@pytest.mark.parametrize("down", [1, 2])
def test_nodes_of_the_database_go_down_and_come_back(down: int, tmp_path: Path, tiny: Season) -> None:
    with (
        KafkaCluster(tmp_path / "kafka") as kafka,
        CassandraCluster(tmp_path / "cassandra", nodes=3) as cassandra,
    ):
        settings = kafka.settings(session_ms=SESSION_MS)
        with under_load(tmp_path, settings, cassandra.settings(replication=3), tiny) as load:
            load.wait_work("projector")
            nodes = (2, 3)[:down]
            for node in nodes:
                cassandra.kill(node)
            time.sleep(10.0)
            before = load.done("projector")
            for node in nodes:
                cassandra.start_node(node)
            load.recovered(f"{down} of three database nodes down for 10 s", "projector", before)
            load.finish(tiny)


def test_a_log_that_forgot_what_was_not_read_stops_the_service(
    tmp_path: Path, keyspace: CassandraSettings, tiny: Season
) -> None:
    with KafkaCluster(tmp_path / "kafka") as kafka:
        told = kafka.settings(session_ms=SESSION_MS)
        with under_load(tmp_path, told, keyspace, tiny, replicas={"detection": 1}) as load:
            load.wait_work("facts")
            detection = load.stack.processes["detection-0"]
            detection.end(signal.SIGKILL)
            load.loaded()
            bus = load.run.ports.bus
            assert isinstance(bus, KafkaBus)
            everywhere = [TopicPartition(POSITIONS.name, p) for p in range(POSITIONS.partitions)]
            bus.prune(bus.end_offsets(everywhere))
            detection.start()
            assert detection.child is not None
            assert detection.child.wait(90.0) not in (0, None)
            told_at_last = detection.tail()
            assert "positions/" in told_at_last
            assert "reprocess" in told_at_last
