"""Whoever ticks, time in the log never stands and never goes back, and doubled ticks change nothing."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

import pytest

from lacuna_core.clock import ManualClock
from lacuna_core.errors import ConfigError, TimelineError, Transient
from lacuna_core.fact import Heard
from lacuna_core.message import FactBatch, LedgerEntry, Message
from lacuna_core.ports import Membership, Outgoing, TopicPartition
from lacuna_core.position import Tick
from lacuna_core.topics import Topic
from lacuna_core.units import MS_PER_MIN
from lacuna_ingestion.ticker import Ticker
from lacuna_runtime.bus.sqlite import MEMORY, SqliteBus
from lacuna_runtime.codec import Origin, decode, encode
from lacuna_runtime.loop.emit import OriginWriter
from lacuna_runtime.stage import Stage, run_until_idle
from tests.contract.demo_fold import DemoFold
from tests.unit.runtime.sea import T0, positions

PLACES = [TopicPartition("positions", p) for p in range(16)]
LATENESS_MS = 300_000


class _Seat:
    """A membership that owns the task while it is its turn."""

    def __init__(self, bus: "SharedBus", number: int) -> None:
        self._bus = bus
        self._number = number

    def owned(self, timeout_s: float) -> frozenset[int]:
        return frozenset({0}) if self._number in self._bus.owners else frozenset()

    def committed(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        return {}

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        raise AssertionError("a ticker commits nothing")

    def close(self) -> None:
        self._bus.owners.discard(self._number)


class SharedBus(SqliteBus):
    """A log whose groups have several members; the test says who owns the task."""

    def __init__(self) -> None:
        super().__init__(MEMORY)
        self.owners: set[int] = set()
        self._joined = 0

    def join(self, group: str, topic: Topic, *, quick: bool = False) -> Membership:
        self._joined += 1
        return _Seat(self, self._joined)


@pytest.fixture
def bus() -> Iterator[SharedBus]:
    bus = SharedBus()
    bus.owners = {1}
    yield bus
    bus.close()


class Running:
    """A ticker with a clock of its own, moved by the test."""

    def __init__(self, bus: SqliteBus, now_ms: int, *, lateness_ms: int = LATENESS_MS) -> None:
        self.clock = ManualClock(now_ms)
        self.elapsed_s = 0.0
        self.ticker = Ticker(
            bus, self.clock, lateness_ms=lateness_ms, tick_ms=2_000, monotonic_s=lambda: self.elapsed_s
        )

    def pass_time(self, by_ms: int) -> bool:
        self.clock.advance(by_ms)
        self.elapsed_s += by_ms / 1000
        return self.ticker.cycle(0.0)


def ticks(bus: SqliteBus, partition: int = 3) -> list[Tick]:
    reader = bus.subscribe("test", [PLACES[partition]])
    messages = [decode(r.value)[1] for r in reader.poll(1000, 0.0)]
    return [m for m in messages if isinstance(m, Tick)]


def assert_forward(found: list[Tick]) -> None:
    assert all(b.seq == a.seq + 1 and b.t_ms > a.t_ms for a, b in pairwise(found))


def test_every_partition_is_ticked_at_the_clocks_whole_second(bus: SharedBus) -> None:
    one = Running(bus, T0 + 1_234)
    assert one.ticker.cycle()
    assert not one.pass_time(1_999)
    assert one.pass_time(1)
    expected = [Tick(0, T0 + 1_000, LATENESS_MS), Tick(1, T0 + 3_000, LATENESS_MS)]
    assert all(ticks(bus, p) == expected for p in range(16))
    assert one.ticker.done().records == 2


def test_who_does_not_own_the_task_does_not_tick(bus: SharedBus) -> None:
    first, second = Running(bus, T0), Running(bus, T0)
    assert first.ticker.cycle()
    assert not second.ticker.cycle()
    assert (first.ticker.active, second.ticker.active) == (True, False)
    assert len(ticks(bus)) == 1


@pytest.mark.parametrize("skew_ms", [-40_000, -1_500, 0, 1_500, 40_000])
def test_a_take_over_goes_on_forward_whatever_the_clocks_say(bus: SharedBus, skew_ms: int) -> None:
    both = {1: Running(bus, T0), 2: Running(bus, T0 + skew_ms)}
    for turn in (1, 2, 1, 2):
        bus.owners = {turn}
        for _ in range(5):
            for one in both.values():
                one.pass_time(2_000)
    for partition in range(16):
        found = ticks(bus, partition)
        assert len(found) == 20
        assert_forward(found)


def test_a_clock_that_was_set_back_is_caught_up_with_at_half_speed(bus: SharedBus) -> None:
    one = Running(bus, T0)
    one.ticker.cycle()
    one.clock.advance(-20_000)
    for _ in range(25):
        one.pass_time(2_000)
    found = ticks(bus)
    assert_forward(found)
    assert found[1].t_ms - found[0].t_ms == 1_000
    assert found[-1].t_ms == one.clock.now_ms()


def test_a_ticker_that_died_between_two_partitions_is_gone_on_from(bus: SharedBus) -> None:
    Running(bus, T0).ticker.cycle()
    later = encode(Tick(1, T0 + 2_000, LATENESS_MS), Origin("ingestion", 0, 1))
    bus.publish([Outgoing("positions", p, b"", later) for p in range(5)])
    bus.owners = {2}
    assert Running(bus, T0 + 1_500).ticker.cycle()
    assert ticks(bus, 2)[-1] == ticks(bus, 9)[-1] == Tick(2, T0 + 3_000, LATENESS_MS)
    assert all(b.t_ms > a.t_ms and b.seq > a.seq for p in range(16) for a, b in pairwise(ticks(bus, p)))


def test_rows_behind_the_last_tick_do_not_hide_it(bus: SharedBus) -> None:
    Running(bus, T0).ticker.cycle()
    writer = OriginWriter("ingestion", 7)
    bus.publish([r for i in range(300) for r in writer.write("positions", 0, positions([T0 + i]))])
    bus.owners = {2}
    Running(bus, T0).ticker.cycle()
    assert [t.seq for t in ticks(bus, 1)] == [0, 1]


def test_a_log_of_the_future_is_refused(bus: SharedBus) -> None:
    Running(bus, T0).ticker.cycle()
    bus.owners = {2, 3}
    assert Running(bus, T0 - MS_PER_MIN).ticker.cycle()
    with pytest.raises(TimelineError, match="set the clock, or give the live log") as refused:
        Running(bus, T0 - MS_PER_MIN - 2_000).ticker.cycle()
    assert "\n" not in str(refused.value)


def test_another_lateness_is_refused(bus: SharedBus) -> None:
    Running(bus, T0).ticker.cycle()
    bus.owners = {2}
    with pytest.raises(ConfigError, match=r"ingestion\.lateness_ms is 1000, but this log has 300000"):
        Running(bus, T0, lateness_ms=1_000).ticker.cycle()


def test_a_tick_that_may_not_be_written_is_said(bus: SharedBus, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Running(bus, T0)

    def away(records: object) -> object:
        raise Transient("away")

    monkeypatch.setattr(bus, "publish", away)
    with pytest.raises(Transient):
        one.ticker.cycle()
    assert one.ticker.done().records == 0


def _log(*, doubled: bool) -> SqliteBus:
    """Three ships for two hours, some rows late or far ahead, ticked once or by two tickers."""
    bus = SqliteBus(MEMORY)
    writer = OriginWriter("ingestion", 5)
    bus.create([spec.topic for spec in DemoFold.inputs])
    for minute in range(120):
        t_ms = T0 + minute * MS_PER_MIN
        times = [t_ms, t_ms + 500, t_ms + (90_000 if minute % 7 == 0 else 900)]
        if minute % 11 == 10:
            times.append(t_ms - 10 * MS_PER_MIN)
        rows = positions(times, craft=[(1 << 56) + minute % 3] * len(times))
        bus.publish(list(writer.write("positions", 0, rows)))
        old = Tick(max(0, minute - 1), t_ms - MS_PER_MIN, LATENESS_MS)
        tick = Tick(minute, t_ms, LATENESS_MS)
        for told in [old, tick, tick, old] if doubled and minute else [tick]:
            bus.publish([Outgoing("positions", 0, b"", encode(told, Origin("ingestion", 0, told.seq)))])
    return bus


def _outputs(bus: SqliteBus) -> tuple[Counter[tuple[str, int, bytes]], LedgerEntry]:
    """Rows of the fold, each with its number, and its last books; where it ticks depends on the polls."""
    run_until_idle([Stage(DemoFold(), bus, tasks=[0])])
    places = [TopicPartition(topic, p) for topic in ("facts", "reception") for p in range(16)]
    reader = bus.subscribe("test", places)
    found: Counter[tuple[str, int, bytes]] = Counter()
    while records := reader.poll(1000, 0.0):
        for record in records:
            origin, message = decode(record.value)
            for i, one in enumerate(single_rows(message)):
                value = encode(one, Origin(origin.stage, origin.partition, origin.seq + i))
                found[record.topic, record.partition, value] += 1
    books = bus.subscribe("test", [TopicPartition("ledger", 0)]).poll(1000, 0.0)
    last = decode(books[-1].value)[1]
    assert isinstance(last, LedgerEntry)
    return found, last


def single_rows(message: Message) -> list[Message]:
    if isinstance(message, FactBatch):
        return [FactBatch((fact,)) for fact in message.rows]
    if isinstance(message, Heard):
        return [message.take(slice(i, i + 1)).compact() for i in range(len(message))]
    return []


def test_doubled_and_old_ticks_change_nothing() -> None:
    rows, books = _outputs(_log(doubled=False))
    assert (rows, books) == _outputs(_log(doubled=True))
    assert {topic for topic, _, _ in rows} == {"facts", "reception"}
    counts = dict(books.counts)
    assert counts["late"] > 0
    assert counts["quarantined"] > 0
