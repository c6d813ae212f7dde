"""Killed at random moments, a replay started again ends with the events of an undisturbed one."""

import random
import subprocess
import time
from pathlib import Path

import pytest

from lacuna_runtime.settings import load_settings
from lacuna_runtime.wiring import open_ports
from lacuna_simulator.simulation import simulate
from tests.e2e.command import ARGV, lacuna

KILLS = 25
"""Of each half; the halves run side by side."""


def _store_counts(data: Path) -> tuple[int, int]:
    """Craft and positions in the stores: nothing may be lost or doubled there either."""
    with open_ports(load_settings(command_line={"data": str(data)})) as ports:
        crafts = ports.store.crafts()
        return len(crafts), sum(len(ports.store.read(craft, 0, 2**62)) for craft in crafts)


def _killed(arguments: tuple[str, ...], after_s: float) -> bool:
    """Start the command and kill it; False when it was quicker."""
    with subprocess.Popen([*ARGV, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            process.wait(after_s)
        except subprocess.TimeoutExpired:
            process.kill()
            return True
        assert process.stderr is not None
        assert process.returncode == 0, process.stderr.read()
        return False


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("half", [1, 2])
def test_fifty_kills_change_nothing(half: int, tmp_path: Path) -> None:
    """A kill lands anywhere between the first import and the last commit; whoever finishes starts anew."""
    simulate("caspian-2022", tmp_path / "world", size="tiny", seed=3)
    feeds = tuple(str(tmp_path / "world" / name) for name in ("ais", "adsb"))

    def arguments(name: str) -> tuple[str, ...]:
        folder = tmp_path / name
        return ("replay", *feeds, "--data", str(folder), "--events", str(folder) + ".ndjson", "--json")

    started = time.monotonic()
    undisturbed = lacuna(*arguments("undisturbed"))
    lasted_s = time.monotonic() - started
    assert undisturbed.returncode == 0, undisturbed.stderr
    truth = (tmp_path / "undisturbed.ndjson").read_bytes()
    assert truth.count(b"\n") > 100
    moments = random.Random(half)
    kills, timelines = 0, 0
    while kills < KILLS:
        name = f"killed-{timelines}"
        while kills < KILLS and _killed(arguments(name), moments.uniform(0.35, 1.0) * lasted_s):
            kills += 1
        done = lacuna(*arguments(name))
        assert done.returncode == 0, done.stderr
        assert (tmp_path / f"{name}.ndjson").read_bytes() == truth
        assert _store_counts(tmp_path / name) == _store_counts(tmp_path / "undisturbed")
        timelines += 1
