"""Stages in a row, from an archive to events: waiting for each other, restarted, live in threads."""

import threading
import time
from collections.abc import Sequence

import pytest

from lacuna_core.event import Event
from lacuna_core.fold import Outputs, Rows
from lacuna_core.message import EventBatch
from lacuna_core.ports import TopicPartition
from lacuna_core.position import Activate
from lacuna_core.topics import CONTACTS, TOPICS, Topic
from lacuna_core.units import MS_PER_DAY
from lacuna_runtime.archive import load_archive
from lacuna_runtime.bus.sqlite import MEMORY, SqliteBus
from lacuna_runtime.codec import decode
from lacuna_runtime.stage import Loop, Stage, StageLimits, run, run_until_idle
from tests.contract.demo_fold import DemoFold, DemoState, TallyFold
from tests.unit.runtime.sea import T0, positions


class SilentContacts(DemoFold):
    """Ticks on contacts and says nothing."""

    name = "contacts"
    outputs: tuple[Topic, ...] = (CONTACTS,)
    whole = True

    def step(
        self, state: DemoState, rows: Rows, until_ms: int, activations: tuple[Activate, ...]
    ) -> tuple[DemoState, Outputs]:
        return state, Outputs()


def stages(bus: SqliteBus, **limits: int) -> list[Loop]:
    told = StageLimits(**limits)
    return [
        Stage(DemoFold(), bus, limits=told),
        Stage(SilentContacts(), bus, limits=told),
        Stage(TallyFold(), bus, limits=told),
    ]


def loaded() -> SqliteBus:
    bus = SqliteBus(MEMORY)
    crafts = [(1 << 56) + i % 7 for i in range(700)]
    times = [T0 + i * 3 * MS_PER_DAY // 700 for i in range(700)]
    load_archive([positions(times, craft=crafts)], bus, activations=[Activate("params", "m1", "{}")])
    return bus


def events(bus: SqliteBus) -> Sequence[Event]:
    everywhere = [TopicPartition("events", p) for p in range(TOPICS["events"].partitions)]
    records = bus.subscribe("test", everywhere).poll(100_000, 0.0)
    found = [decode(r.value)[1] for r in records]
    return sorted((e for m in found if isinstance(m, EventBatch) for e in m.rows), key=lambda e: e.event_id)


@pytest.fixture(scope="module")
def expected() -> Sequence[Event]:
    bus = loaded()
    run_until_idle(stages(bus))
    found = events(bus)
    bus.close()
    # every third position is told, the silence between any two, and the last one where it is due: the two
    # ships heard last were heard less than ten minutes before the end
    assert len(found) == 7 * 33 + 7 * 99 + 5
    return found


def test_stages_rebuilt_after_every_cycle_say_the_same(expected: Sequence[Event]) -> None:
    bus = loaded()
    turns = 0
    busy = True
    while busy:
        limits = {"poll_records": 1 + turns % 3, "snapshot_rows": (1, 40, 1 << 40)[turns % 3]}
        busy = sum(loop.cycle(0.0) for loop in stages(bus, **limits)) > 0
        turns += 1
    assert turns > 4
    assert events(bus) == expected
    bus.close()


def test_stages_live_in_threads_say_the_same_and_drain(expected: Sequence[Event]) -> None:
    bus = loaded()
    stop = threading.Event()
    threads = [threading.Thread(target=run, args=(loop, stop)) for loop in stages(bus, poll_records=4)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 60.0
    while len(events(bus)) < len(expected) and time.monotonic() < deadline:
        time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join(30.0)
        assert not thread.is_alive()
    assert events(bus) == expected
    home = TopicPartition("state.assess", 0)
    assert bus.end_offsets([home])[home] > 0
    bus.close()
