"""The switch: what embedded opens, and what this build has not."""

from pathlib import Path

import pytest

from lacuna_core.errors import ConfigError, CorruptState
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


def test_distributed_is_not_in_this_build() -> None:
    with pytest.raises(ConfigError, match="distributed is not available in this build"):
        open_ports(load_settings(command_line={"mode": "distributed"}))


def test_a_damaged_log_is_refused_and_the_folder_let_go(tmp_path: Path) -> None:
    (tmp_path / "bus.db").write_bytes(b"rubbish" * 5000)
    settings = load_settings(command_line={"data": tmp_path})
    for _ in range(2):
        with pytest.raises(CorruptState, match=r"bus\.db"):
            open_ports(settings)
