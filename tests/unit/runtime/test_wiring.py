"""The switch: what each mode opens."""

import gc
from pathlib import Path

import pytest

from lacuna_core.errors import ConfigError, CorruptState, Transient
from lacuna_core.ports import TopicPartition
from lacuna_core.topics import TOPICS
from lacuna_runtime.settings import load_settings
from lacuna_runtime.wiring import open_ports


def test_embedded_opens_everything_and_closes_it(tmp_path: Path) -> None:
    settings = load_settings(command_line={"data": tmp_path})
    with open_ports(settings) as ports:
        places = [TopicPartition(name, 0) for name in TOPICS]
        assert set(ports.bus.end_offsets(places).values()) == {0}
        assert list(ports.store.crafts()) == []
        assert ports.store.get("nothing") is None
        with pytest.raises(ConfigError, match="in use"):
            open_ports(settings)
    with open_ports(settings):
        pass


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_distributed_asks_the_log_that_is_set(tmp_path: Path) -> None:
    """Nobody listens on that port: the switch chose Kafka, and the error says where it looked."""
    settings = load_settings(
        command_line={
            "mode": "distributed",
            "data": tmp_path,
            "kafka": {"bootstrap": ["127.0.0.1:1"], "request_ms": 1_000},
        }
    )
    with open_ports(settings) as ports, pytest.raises(Transient, match=r"127\.0\.0\.1:1"):
        assert ports.bus
    assert not list(tmp_path.iterdir())
    gc.collect()  # the client leaves a refused socket to the collector


def test_a_damaged_log_is_refused_and_the_folder_let_go(tmp_path: Path) -> None:
    (tmp_path / "bus.db").write_bytes(b"rubbish" * 5000)
    settings = load_settings(command_line={"data": tmp_path})
    for _ in range(2):
        with pytest.raises(CorruptState, match=r"bus\.db"):
            open_ports(settings)
