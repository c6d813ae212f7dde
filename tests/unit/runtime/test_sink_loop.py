"""A sink's offsets are committed after its flush, never before."""

from collections.abc import Iterator

import pytest

from lacuna_core.errors import Transient
from lacuna_core.flow import EVENTS_IN, POSITIONS_IN, Input
from lacuna_core.message import DeadLetter, Message
from lacuna_core.ports import Outgoing, Record, TopicPartition
from lacuna_core.position import PositionBatch, Tick
from lacuna_runtime.bus.sqlite import MEMORY, SqliteBus
from lacuna_runtime.codec import decode
from lacuna_runtime.loop.emit import OriginWriter
from lacuna_runtime.sink_loop import SinkLoop
from lacuna_runtime.stage import run_until_idle
from tests.unit.runtime.sea import T0, positions


class Shelf:
    """A sink that keeps rows in a list, durable only once flushed."""

    name = "shelf"
    inputs: tuple[Input, ...] = (POSITIONS_IN, EVENTS_IN)

    def __init__(self, limit: int = 1000) -> None:
        self.limit = limit
        self.held: list[Message] = []
        self.kept: list[Message] = []
        self.broken = False

    def accept(self, message: Message, record: Record) -> None:
        self.held.append(message)

    def due(self) -> bool:
        return len(self.held) >= self.limit

    def flush(self) -> None:
        if self.broken:
            raise Transient("store away")
        self.kept += self.held
        self.held = []


@pytest.fixture
def bus() -> Iterator[SqliteBus]:
    bus = SqliteBus(MEMORY)
    yield bus
    bus.close()


def fill(bus: SqliteBus, n: int) -> None:
    writer = OriginWriter("ingestion", 0)
    for i in range(n):
        bus.publish(list(writer.write("positions", i % 16, positions([T0 + i]))))
        bus.publish(list(writer.write("positions", i % 16, Tick(i, T0, 0))))


def times(messages: list[Message]) -> list[int]:
    return sorted(int(m.t_ms[0]) - T0 for m in messages if isinstance(m, PositionBatch))


def test_everything_is_accepted_and_flushed_when_idle(bus: SqliteBus) -> None:
    shelf = Shelf()
    loop = SinkLoop(shelf, bus)
    fill(bus, 40)
    assert loop.cycle(0.0)
    assert shelf.kept == []
    assert not loop.cycle(0.0)
    assert times(shelf.kept) == list(range(40))


def test_a_due_sink_is_flushed_at_once(bus: SqliteBus) -> None:
    shelf = Shelf(limit=1)
    fill_first = SinkLoop(shelf, bus)
    fill(bus, 3)
    fill_first.cycle(0.0)
    assert times(shelf.kept) == [0, 1, 2]


def test_what_was_not_flushed_comes_again(bus: SqliteBus) -> None:
    shelf = Shelf()
    loop = SinkLoop(shelf, bus)
    fill(bus, 5)
    loop.cycle(0.0)
    shelf.broken = True
    with pytest.raises(Transient):
        loop.drain()
    again = Shelf()
    run_until_idle([SinkLoop(again, bus)])
    assert times(again.kept) == list(range(5))
    nothing = Shelf()
    run_until_idle([SinkLoop(nothing, bus)])
    assert nothing.kept == []


def test_undecodable_records_become_dead_letters(bus: SqliteBus) -> None:
    shelf = Shelf()
    loop = SinkLoop(shelf, bus)
    bus.publish([Outgoing("events", 3, b"", b"rubbish")])
    fill(bus, 2)
    run_until_idle([loop])
    assert times(shelf.kept) == [0, 1]
    places = [TopicPartition("deadletters", p) for p in range(4)]
    (record,) = bus.subscribe("test", places).poll(10, 0.0)
    letter = decode(record.value)[1]
    assert isinstance(letter, DeadLetter)
    assert (letter.payload, letter.origin) == (b"rubbish", "events/3/0")


def test_it_tells_how_far_it_is_over_restarts(bus: SqliteBus) -> None:
    loop = SinkLoop(Shelf(), bus, poll_records=1)
    fill(bus, 40)
    loop.cycle(0.0)
    first = loop.done()
    assert 0 < first.records < first.end == 80
    run_until_idle([loop])
    assert loop.done() == (80, 80, 80)
    again = SinkLoop(Shelf(), bus)
    assert not again.cycle(0.0)
    assert again.done() == (80, 80, 0)
