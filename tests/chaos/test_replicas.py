"""G1 across modes: the small season, one and three detection processes, other bites: the same bytes."""

import time
from pathlib import Path
from typing import Any

import pytest

from deploy.local.kafka import KafkaCluster
from lacuna_runtime.sections import CassandraSettings
from lacuna_standalone.audit import audit_ports, audit_record
from tests.chaos.conftest import RECOVERIES
from tests.integration.scenario import Season, live

pytestmark = [pytest.mark.slow, pytest.mark.timeout(580)]


@pytest.mark.parametrize(
    ("detection", "stage"),
    [
        (1, {}),
        (3, {"poll_records": 7, "pending_rows": 50_000, "snapshot_rows": 30_000}),
    ],
    ids=["one", "three"],
)
def test_the_small_season(
    detection: int, stage: dict[str, Any], tmp_path: Path, keyspace: CassandraSettings, small: Season
) -> None:
    replicas = {"detection": detection, "flight-correlation": 1, "query": 1}
    with (
        KafkaCluster(tmp_path / "kafka") as kafka,
        live(tmp_path, kafka.settings(), keyspace, replicas=replicas, overrides={"stage": stage}) as run,
    ):
        started = time.monotonic()
        run.load(small.job)
        run.wait_idle(400.0)
        took_s = time.monotonic() - started
        RECOVERIES.append((f"no fault: the small season, {detection} detection", "all", took_s))
        run.expect(small)
        books = audit_ports(run.stack.settings, run.ports)
        assert books.balanced, audit_record(books)
