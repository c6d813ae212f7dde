"""A killed process: what a write confirmed is there, and what it did not is there whole or not at all."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lacuna_core.ports import EventQuery
from lacuna_core.units import MS_PER_DAY
from lacuna_runtime.stores.sqlite import SqliteStore
from tests.contract.store_samples import SHIP, T0_MS

ROOT = Path(__file__).resolve().parents[4]
WRITER = """
import sys
from lacuna_runtime.stores.sqlite import SqliteStore
from tests.contract.store_samples import T0_MS, event, positions
store = SqliteStore.open(sys.argv[1])
i = int(sys.argv[2])
while True:
    store.append(positions([T0_MS + 2 * i, T0_MS + 2 * i + 1], lat_e7=[0, 0], lon_e7=[0, 0]))
    store.put([event(2 * i), event(2 * i + 1)])
    i += 1
    print(i, flush=True)
"""


def run_until_killed(path: Path, first: int, writes: int) -> int:
    """Start a writer, kill it after some confirmed writes; the number it confirmed last."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(first)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for _ in range(writes):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split()
    return int(rest[-1]) if rest else first + writes


@pytest.mark.timeout(120)
def test_kill_nine_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    confirmed = 0
    for writes in (1, 4, 9, 2):
        # Like a consumer whose last commit was lost, each run begins one write before the last confirmed.
        confirmed = run_until_killed(path, max(0, confirmed - 1), writes)
    with SqliteStore.open(path) as store:
        times = store.read(SHIP, T0_MS, T0_MS + MS_PER_DAY).t_ms.tolist()
        events = store.find(EventQuery(limit=10_000))
    assert times == [T0_MS + i for i in range(len(times))]
    assert len(times) // 2 in (confirmed, confirmed + 1)
    assert len(times) % 2 == 0
    assert len(events) // 2 in (confirmed, confirmed + 1)
    assert len(events) % 2 == 0
