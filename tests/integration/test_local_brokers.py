"""The harness that everything else real runs on: its servers are real, its own, and gone when it is."""

import json
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cassandra import ConsistencyLevel, OperationTimedOut, ReadTimeout, WriteTimeout
from cassandra.query import SimpleStatement
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from deploy.local import cassandra_probe, kafka_probe
from deploy.local.cassandra import CassandraCluster
from deploy.local.jars import read_lock, write_lock
from deploy.local.kafka import KafkaCluster
from deploy.local.maven import jars
from deploy.local.ports import free_ports
from deploy.local.shared import Answer
from deploy.local.tools import MissingTool, find_java, find_maven
from deploy.local.waiting import Watched
from lacuna_core.errors import ConfigError, InvalidInput
from lacuna_runtime.bus.kafka.options import client_options
from lacuna_runtime.sections import CassandraSettings, KafkaSettings

DEATH_S = 10.0
CALL_MS = 60_000


@pytest.fixture(scope="module")
def tools() -> None:
    """What a cluster of one's own needs; skips with the advice where something is missing."""
    try:
        jars("kafka")
        jars("cassandra")
    except MissingTool as missing:
        pytest.skip(str(missing))


def options(settings: KafkaSettings) -> dict[str, Any]:
    return client_options(settings.model_copy(update={"request_ms": 5_000}), "test")


def produce(settings: KafkaSettings, topic: str, values: list[bytes]) -> None:
    producer = KafkaProducer(**options(settings), acks="all", delivery_timeout_ms=CALL_MS)
    try:
        for sent in [producer.send(topic, value, partition=0) for value in values]:
            sent.get(CALL_MS / 1_000)
    finally:
        producer.close()


def consume(settings: KafkaSettings, topic: str) -> list[bytes]:
    consumer = KafkaConsumer(**options(settings), group_id=None)
    try:
        at = TopicPartition(topic, 0)
        consumer.assign([at])
        consumer.seek_to_beginning(at)
        end = consumer.end_offsets([at])[at]
        found: list[bytes] = []
        deadline = time.monotonic() + CALL_MS / 1_000
        while len(found) < end and time.monotonic() < deadline:
            found += [r.value for records in consumer.poll(500).values() for r in records]
        return found
    finally:
        consumer.close()


def create(settings: KafkaSettings, topic: str) -> None:
    with KafkaAdminClient(**options(settings)) as admin:
        admin.create_topics({topic: {"num_partitions": 1, "replication_factor": settings.replication}})


def topic_name() -> str:
    return f"local-{secrets.token_hex(4)}"


def await_end(pid: int) -> bool:
    try:
        with Watched(pid) as watched:
            return watched.gone(DEATH_S)
    except ProcessLookupError:
        return True


def test_a_record_goes_through_the_shared_broker(kafka: KafkaSettings) -> None:
    topic = topic_name()
    create(kafka, topic)
    values = [b"a", b"b", secrets.token_bytes(2**20 - 100)]
    # the client's own limit is a MiB with its overhead; the broker's is above
    produce(kafka, topic, values)
    assert consume(kafka, topic) == values


def test_a_row_goes_through_the_shared_node(cassandra: CassandraSettings) -> None:
    keyspace = f"local_{secrets.token_hex(4)}"
    with cassandra_probe.session(cassandra) as session:
        session.execute(
            f"CREATE KEYSPACE {keyspace} WITH replication = "
            "{'class': 'NetworkTopologyStrategy', 'datacenter1': 1}"
        )
        session.execute(f"CREATE TABLE {keyspace}.t (k int PRIMARY KEY, v text)")
        session.execute(f"INSERT INTO {keyspace}.t (k, v) VALUES (1, 'one')")
        assert [(r.k, r.v) for r in session.execute(f"SELECT * FROM {keyspace}.t")] == [(1, "one")]
        session.execute(f"DROP KEYSPACE {keyspace}")


HARNESS = """
import json, sys, threading, time
from pathlib import Path
from deploy.local.kafka import KafkaCluster
cluster = KafkaCluster(Path(sys.argv[1]))
starter = threading.Thread(target=cluster.start)
starter.start()
starter.join()
time.sleep(0.5)
print(json.dumps(cluster.pids), flush=True)
time.sleep(600)
"""


@pytest.fixture
def harness(tools: None, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that started a broker from a thread which has ended since."""
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", HARNESS, str(tmp_path / "kafka")]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as child:
        yield child
        child.kill()


def test_no_broker_outlives_a_killed_harness(harness: subprocess.Popen[str]) -> None:
    assert harness.stdout is not None
    pids = list(json.loads(harness.stdout.readline()).values())
    assert len(pids) == 1
    with Watched(pids[0]) as broker:  # alive, although the thread that started it is not
        harness.send_signal(signal.SIGKILL)
        assert broker.gone(DEATH_S)


def test_a_port_of_somebody_else_is_refused_by_name(kafka: KafkaSettings, tmp_path: Path) -> None:
    port = int(kafka.bootstrap[0].rsplit(":", 1)[1])
    with pytest.raises(ConfigError, match=rf"127\.0\.0\.1:{port} is taken"):
        KafkaCluster(tmp_path, port=port).start()


def test_a_foreign_broker_is_not_taken_for_ours(kafka: KafkaSettings) -> None:
    amiss = kafka_probe.probe(kafka, "A" * 22, brokers=1)
    assert amiss is not None
    assert "another cluster" in amiss


def test_a_foreign_node_is_not_taken_for_ours(cassandra: CassandraSettings) -> None:
    amiss = cassandra_probe.probe(cassandra, "lacuna-other", nodes=1)
    assert amiss is not None
    assert "another cluster" in amiss


def test_two_who_fetch_at_once_get_the_same_jars(tools: None, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as both:
        first, second = both.map(lambda _: jars("kafka", cache=tmp_path), range(2))
    assert first == second
    assert all(file.is_file() for file in first.values())
    assert [p.name for p in tmp_path.iterdir() if p.is_dir()] == [p.stem for p in tmp_path.glob("*.lock")]


def test_a_damaged_jar_is_refused_by_name(tools: None, tmp_path: Path) -> None:
    victim = jars("kafka", cache=tmp_path)["kafka-clients"]
    with victim.open("r+b") as file:
        file.seek(1_000)
        file.write(b"damage")
    with pytest.raises(InvalidInput, match=r"kafka-clients-.*is not the jar of the lock"):
        jars("kafka", cache=tmp_path)


def test_a_fetched_jar_that_the_lock_does_not_know_is_never_kept(tools: None, tmp_path: Path) -> None:
    lock, cache = tmp_path / "jars.lock", tmp_path / "cache"
    wanted = read_lock("kafka")
    other = wanted[0].__class__.parse(str(wanted[0])[:-64] + "0" * 64)
    write_lock({"kafka": [other, *wanted[1:]]}, lock)
    with pytest.raises(InvalidInput, match=wanted[0].artifact):
        jars("kafka", cache=cache, lock=lock)
    assert not [p for p in cache.iterdir() if p.is_dir()]


def test_another_java_is_named_and_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = tmp_path / "java"
    newer.write_text("#!/bin/sh\necho 'openjdk version \"25.0.1\" 2025-10-21' >&2\n")
    newer.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(MissingTool) as told:
        find_java(tmp_path / "nothing")
    assert f"{newer} is 25" in str(told.value)
    assert "install openjdk-17" in str(told.value)
    assert "\n" not in str(told.value)


def test_missing_maven_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingTool, match=r"^Kafka and Cassandra are fetched by Maven: install maven$"):
        find_maven()


def test_a_broker_with_users_asks_for_the_password(tools: None, tmp_path: Path) -> None:
    with KafkaCluster(tmp_path / "kafka", security="sasl_ssl") as cluster:
        wrong = tmp_path / "wrong"
        wrong.write_text("wrong")
        for user, file in cluster.password_files.items():
            known = cluster.settings(username=user, password_file=file)
            assert kafka_probe.probe(known, cluster.plan.cluster_id, brokers=1) is None
            assert oct(file.stat().st_mode)[-3:] == "600"
        refused = cluster.settings(password_file=wrong)
        amiss = kafka_probe.probe(refused, cluster.plan.cluster_id, brokers=1)
        assert amiss is not None
        assert "Authentication" in amiss
        assert "wrong" not in amiss


def test_a_node_with_roles_asks_for_the_password(tools: None, tmp_path: Path) -> None:
    with CassandraCluster(tmp_path / "cassandra", tls=True, auth=True) as cluster:
        born = tmp_path / "born"
        born.write_text("cassandra")
        name = cluster.plan.cluster_name
        assert cassandra_probe.probe(cluster.settings(), name, nodes=1) is None
        assert cassandra_probe.probe(cluster.settings(password_file=born), name, nodes=1) is not None
        assert cassandra_probe.probe(cluster.settings(tls=None), name, nodes=1) is not None


@pytest.mark.slow
def test_three_brokers_carry_on_without_one(tools: None, tmp_path: Path) -> None:
    topic = topic_name()
    started = time.monotonic()
    with KafkaCluster(tmp_path / "kafka", nodes=3) as cluster:
        print(f"three brokers: {time.monotonic() - started:.1f} s")
        create(cluster.settings(), topic)
        cluster.kill(2)
        left = cluster.settings(bootstrap=(cluster.bootstrap[0], cluster.bootstrap[2]))
        produce(left, topic, [b"without the second"])
        cluster.start_node(2)
        # a client must not begin with a frozen broker: it would wait for it
        others = cluster.settings(bootstrap=cluster.bootstrap[:2])
        cluster.pause(3)
        produce(others, topic, [b"while the third is frozen"])
        cluster.resume(3)
        assert consume(cluster.settings(), topic) == [b"without the second", b"while the third is frozen"]
        pids = cluster.pids
    assert len(pids) == 3
    assert all(await_end(pid) for pid in pids.values())


def patiently(session: Any, query: str) -> Any:
    """Run a statement on a quorum; the others ask a dead node too until they know that it is dead."""
    statement = SimpleStatement(query, consistency_level=ConsistencyLevel.QUORUM)
    deadline = time.monotonic() + CALL_MS / 1_000
    while True:
        try:
            return session.execute(statement)
        except (OperationTimedOut, ReadTimeout, WriteTimeout):
            if time.monotonic() > deadline:
                raise


@pytest.mark.slow
def test_three_nodes_hold_a_quorum_without_one(tools: None, tmp_path: Path) -> None:
    started = time.monotonic()
    with CassandraCluster(tmp_path / "cassandra", nodes=3) as cluster:
        print(f"three nodes: {time.monotonic() - started:.1f} s")
        with cassandra_probe.session(cluster.settings()) as session:
            session.execute(
                "CREATE KEYSPACE k WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 3}"
            )
            session.execute("CREATE TABLE k.t (k int PRIMARY KEY)")
            cluster.kill(3)
            for key in range(20):
                patiently(session, f"INSERT INTO k.t (k) VALUES ({key})")
            assert patiently(session, "SELECT count(*) FROM k.t").one()[0] == 20
        cluster.start_node(3)


@pytest.mark.slow
def test_up_keeps_its_data_and_down_ends_it(tools: None, tmp_path: Path) -> None:
    kafka_port, cassandra_port = free_ports(2, 1)
    folder = str(tmp_path / "brokers")
    ports = ["--kafka-port", str(kafka_port), "--cassandra-port", str(cassandra_port)]
    settings = KafkaSettings(bootstrap=(f"127.0.0.1:{kafka_port}",))
    topic = topic_name()
    try:
        told = local("up", "--folder", folder, *ports, "--detach")
        assert f"LACUNA__KAFKA__BOOTSTRAP='[\"127.0.0.1:{kafka_port}\"]'" in told.stdout
        assert f"LACUNA__CASSANDRA__PORT={cassandra_port}" in told.stdout
        create(settings, topic)
        produce(settings, topic, [b"kept"])
        assert "kafka node-1: process" in local("status", "--folder", folder).stdout
        again = local("up", "--folder", folder, *ports)
        assert (again.returncode, again.stderr.count("\n")) == (2, 1)
        local("down", "--folder", folder)
        assert "nothing runs" in local("status", "--folder", folder).stdout
        local("up", "--folder", folder, *ports, "--detach")
        assert consume(settings, topic) == [b"kept"]
    finally:
        local("down", "--folder", folder)


def test_a_supervisor_ends_with_the_one_it_serves(tools: None, tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "600"]) as served:
        try:
            command = [sys.executable, "-m", "deploy.local", "supervise", "kafka"]
            command += ["--folder", str(tmp_path), "--until-pid", str(served.pid)]
            with subprocess.Popen(command, stderr=subprocess.DEVNULL) as supervisor:
                answer = tmp_path / "kafka.json"
                deadline = time.monotonic() + 60
                while not answer.exists() and time.monotonic() < deadline:
                    time.sleep(0.1)
                assert Answer.model_validate_json(answer.read_text()).checked()["bootstrap"]
                broker = int((tmp_path / "kafka" / "node-1" / "node.pid").read_text())
                served.kill()
                served.wait(DEATH_S)
                assert supervisor.wait(DEATH_S) == 0
                assert await_end(broker)
        finally:
            served.kill()


def local(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.local", *arguments],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
