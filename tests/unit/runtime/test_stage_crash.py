"""kill -9 at random moments: nothing lost, nothing doubled."""

import multiprocessing
import random
import signal
import time
from multiprocessing.context import ForkProcess
from multiprocessing.synchronize import Event
from pathlib import Path

from lacuna_core.ports import TopicPartition
from lacuna_core.position import Tick
from lacuna_core.topics import TOPICS
from lacuna_runtime.bus.sqlite import SqliteBus
from lacuna_runtime.loop.emit import OriginWriter
from lacuna_runtime.stage import Stage, StageLimits
from tests.contract.demo_fold import DemoFold
from tests.unit.runtime.sea import T0, positions

KILLS = 8


def work(path: Path, snapshot_rows: int, ready: Event) -> None:
    """What the process that is killed does."""
    bus = SqliteBus(path, synchronous="NORMAL")
    limits = StageLimits(poll_records=2, snapshot_rows=snapshot_rows)
    stage = Stage(DemoFold(), bus, tasks=range(4), limits=limits)
    ready.set()
    while stage.cycle(0.0):
        pass


def log(path: Path, epochs: int = 200) -> None:
    """An external log: four partitions, a ship in each."""
    bus = SqliteBus(path, synchronous="NORMAL")
    bus.create(list(TOPICS.values()))
    writer = OriginWriter("ingestion", 0)
    with bus.cycle():
        for i in range(epochs):
            t_ms = T0 + 60_000 * i
            for partition in range(4):
                times = [t_ms + 1000 * k for k in range(3)]
                rows = positions(times, craft=(1 << 56) + partition, receiver=["a", "b", "c"])
                bus.publish(list(writer.write("positions", partition, rows)))
                bus.publish(list(writer.write("positions", partition, Tick(i, t_ms + 90_000, 60_000))))
    bus.close()


def start(path: Path, snapshot_rows: int) -> ForkProcess:
    # forked, so that a start costs no imports
    context = multiprocessing.get_context("fork")
    ready = context.Event()
    child = context.Process(target=work, args=(path, snapshot_rows, ready))
    child.start()
    assert ready.wait(60.0)
    return child


def published(path: Path) -> list[tuple[str, int, int, bytes]]:
    bus = SqliteBus(path)
    places = [TopicPartition(name, p) for name in ("facts", "reception") for p in range(16)]
    reader = bus.subscribe("test", places)
    found = []
    while records := reader.poll(10_000, 0.0):
        found += [(r.topic, r.partition, r.offset, r.value) for r in records]
    bus.close()
    return sorted(found)


def test_killed_at_random_moments_the_outputs_are_the_same(tmp_path: Path) -> None:
    rng = random.Random(5)
    log(tmp_path / "calm.db")
    log(tmp_path / "killed.db")
    start(tmp_path / "calm.db", 1 << 40).join(120.0)
    kills = 0
    for _ in range(KILLS):
        child = start(tmp_path / "killed.db", rng.choice([50, 200, 1 << 40]))
        time.sleep(rng.uniform(0.0, 0.1))
        child.kill()
        child.join(60.0)
        kills += child.exitcode == -signal.SIGKILL
    last = start(tmp_path / "killed.db", 200)
    last.join(120.0)
    assert last.exitcode == 0
    assert kills >= KILLS // 2
    calm = published(tmp_path / "calm.db")
    assert published(tmp_path / "killed.db") == calm
    assert len(calm) > 1000
