"""The services as processes over a real log and real stores give what the embedded mode gives."""

from pathlib import Path

import pytest

from deploy.local.kafka import KafkaCluster
from lacuna_runtime.sections import CassandraSettings
from tests.integration.scenario import live, season

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500)]


def test_the_tiny_season_gives_the_same_events_and_positions(
    tmp_path: Path, keyspace: CassandraSettings
) -> None:
    wanted = season(tmp_path, "tiny")
    replicas = {"detection": 2, "flight-correlation": 1, "query": 1, "gateway": 1}
    with (
        KafkaCluster(tmp_path / "kafka") as kafka,
        live(tmp_path, kafka.settings(), keyspace, replicas=replicas) as run,
    ):
        run.load(wanted.job)
        print("idle after", run.wait_idle(180.0))
        run.expect(wanted)
        assert all(p.running for p in run.stack.processes.values())
        assert run.stack.stop() == dict.fromkeys(run.stack.processes, 0)
