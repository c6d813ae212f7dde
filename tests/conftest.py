"""Real servers for the tests that want them: one Kafka and one Cassandra a run, shared by its workers."""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lacuna_runtime.sections import CassandraSettings, KafkaSettings


@pytest.fixture(scope="session")
def kafka(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> "KafkaSettings":
    """A broker. It is shared: use topics and groups that nobody else uses."""
    from lacuna_runtime.sections import KafkaSettings

    return KafkaSettings.model_validate(_shared("kafka", request, tmp_path_factory))


@pytest.fixture(scope="session")
def cassandra(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> "CassandraSettings":
    """A node. It is shared: use a keyspace that nobody else uses."""
    from lacuna_runtime.sections import CassandraSettings

    return CassandraSettings.model_validate(_shared("cassandra", request, tmp_path_factory))


@pytest.fixture
def keyspace(cassandra: "CassandraSettings") -> "CassandraSettings":
    """A keyspace of this test's own on that node."""
    return cassandra.model_copy(update={"keyspace": f"test_{secrets.token_hex(4)}"})


def _shared(
    kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, object]:
    from deploy.local.shared import shared
    from deploy.local.tools import MissingTool

    folder, controller = _run_of(request.config, tmp_path_factory.getbasetemp())
    try:
        return shared(kind, folder, controller)
    except MissingTool as missing:
        pytest.skip(str(missing))


def _run_of(config: pytest.Config, basetemp: Path) -> tuple[Path, int]:
    """The folder that all workers of this run share, and the process that lives as long as the run."""
    if hasattr(config, "workerinput"):
        return basetemp.parent / "brokers", os.getppid()
    return basetemp / "brokers", os.getpid()
