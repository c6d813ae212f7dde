"""Processes that die, hang, come and go while the season is played."""

import signal
import time
from pathlib import Path

import pytest

from deploy.local.kafka import KafkaCluster
from lacuna_runtime.sections import CassandraSettings
from tests.chaos.under_load import ONE_OF_EACH, SESSION_MS, under_load
from tests.integration.scenario import Season

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.mark.parametrize(
    ("service", "group"), [("detection", "facts"), ("flight-correlation", "legs"), ("query", "projector")]
)
def test_a_service_killed_and_killed_again_while_it_restores(
    service: str, group: str, tmp_path: Path, keyspace: CassandraSettings, tiny: Season
) -> None:
    with KafkaCluster(tmp_path / "kafka") as kafka:
        settings = kafka.settings(session_ms=SESSION_MS)
        with under_load(tmp_path, settings, keyspace, tiny) as load:
            victim = load.stack.processes[f"{service}-0"]
            load.wait_work(group)
            victim.end(signal.SIGKILL)
            for pause_s in (2.5, 4.0):
                victim.start()
                time.sleep(pause_s)
                victim.end(signal.SIGKILL)
            before = load.done(group)
            victim.start()
            load.recovered(f"kill -9 of {service}, three times", group, before)
            load.finish(tiny)


def test_a_process_that_hangs_longer_than_its_session_and_wakes_up(
    tmp_path: Path, keyspace: CassandraSettings, tiny: Season
) -> None:
    with KafkaCluster(tmp_path / "kafka") as kafka:
        settings = kafka.settings(session_ms=SESSION_MS)
        with under_load(tmp_path, settings, keyspace, tiny, replicas=ONE_OF_EACH | {"detection": 2}) as load:
            zombie = load.stack.processes["detection-0"]
            load.wait_work("facts")
            zombie.send(signal.SIGSTOP)
            before = load.done("facts")
            time.sleep(2 * SESSION_MS / 1000)
            load.recovered("SIGSTOP past the session", "facts", before)
            zombie.send(signal.SIGCONT)
            load.finish(tiny)
            assert zombie.running


def test_a_third_replica_joins_and_leaves_under_load(
    tmp_path: Path, keyspace: CassandraSettings, small: Season
) -> None:
    with KafkaCluster(tmp_path / "kafka") as kafka:
        settings = kafka.settings(session_ms=SESSION_MS)
        with under_load(tmp_path, settings, keyspace, small, replicas=ONE_OF_EACH | {"detection": 2}) as load:
            load.wait_work("facts")
            third = load.stack.add("detection")
            before = load.done("facts")
            third.start()
            load.recovered("a third replica joins", "facts", before)
            load.stack.wait_ready()
            before = load.done("facts")
            assert load.behind("facts"), "the season is over before the replica leaves"
            assert third.end() == 0
            load.recovered("a third replica leaves", "facts", before)
            load.finish(small)
