"""One tiny world, played once, and its feed read back by a decoder that is not ours."""

from pathlib import Path

import pytest

from lacuna_simulator.simulation import simulate
from lacuna_simulator.truth import Truth
from tests.unit.simulator.reading import Message, read_feed

SEED = 7


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    """Play the tiny size; folder and truth."""
    out = tmp_path_factory.mktemp("world") / "tiny"
    return out, simulate("caspian-2022", out, size="tiny", seed=SEED)


@pytest.fixture(scope="session")
def messages(world: tuple[Path, Truth]) -> list[Message]:
    """Read its whole AIS feed."""
    return read_feed(world[0] / "ais")
