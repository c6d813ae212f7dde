"""What was put is in the log when ``put`` returns; what failed and is put again changes no output."""

import random
import threading
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from lacuna_core.clock import ManualClock
from lacuna_core.errors import ConfigError, InvalidMessage, Transient
from lacuna_core.ids import partition_of
from lacuna_core.message import FactBatch, LedgerEntry
from lacuna_core.ports import Outgoing, TopicPartition
from lacuna_core.position import IdentityBatch, PositionBatch, SourceHealth, Tick
from lacuna_core.topics import POSITIONS
from lacuna_core.units import MS_PER_DAY, MS_PER_MIN
from lacuna_ingestion.publisher import Publisher, Pushed, replica_number
from lacuna_runtime.bus.sqlite import MEMORY, SqliteBus
from lacuna_runtime.codec import Origin, decode, encode
from lacuna_runtime.loop.row_books import read_claims
from lacuna_runtime.sections import TelemetrySettings
from lacuna_runtime.stage import Stage, run_until_idle
from lacuna_runtime.telemetry.setup import start_telemetry
from tests.contract.demo_fold import DemoFold
from tests.unit.runtime.sea import T0, health, positions
from tests.unit.runtime.telemetry.collector import collecting
from tests.unit.runtime.telemetry.keeping import KeepingBus
from tests.unit.runtime.torn_bus import TornBus

PLACES = [TopicPartition("positions", p) for p in range(16)]
CRAFT = [(1 << 56) + i for i in range(40)]


def fleet(minute: int) -> PositionBatch:
    """All craft once, within a minute."""
    times = [T0 + minute * MS_PER_MIN + 700 * i for i in range(len(CRAFT))]
    return positions(times, craft=CRAFT, lat_e7=[370_000_000 + minute] * len(CRAFT))


def tick_all(bus: SqliteBus, minute: int) -> None:
    tick = Tick(minute, T0 + minute * MS_PER_MIN, 5 * MS_PER_MIN)
    value = encode(tick, Origin("ingestion", 0, minute))
    SqliteBus.publish(bus, [Outgoing("positions", p, b"", value) for p in range(16)])


def rows_in(bus: SqliteBus, kind: type = PositionBatch) -> list[tuple[int, Origin, Pushed]]:
    reader = bus.subscribe("test", PLACES)
    found = []
    while records := reader.poll(1000, 0.0):
        for record in records:
            origin, message = decode(record.value)
            if isinstance(message, kind):
                assert isinstance(message, PositionBatch | IdentityBatch | SourceHealth)
                found.append((record.partition, origin, message))
    return found


def books(bus: SqliteBus) -> list[LedgerEntry]:
    records = bus.subscribe("test", [TopicPartition("ledger", 0)]).poll(1000, 0.0)
    return [m for r in records if isinstance(m := decode(r.value)[1], LedgerEntry)]


def publisher(bus: SqliteBus, name: str = "ingestion-0", now_ms: int = T0) -> Publisher:
    return Publisher(bus, name, ManualClock(now_ms))


def test_rows_go_to_the_partition_of_their_craft_and_health_goes_everywhere() -> None:
    bus = SqliteBus(MEMORY)
    sender = publisher(bus)
    sender.put(fleet(0))
    sender.put(health(T0, 7))
    sender.put(PositionBatch.empty())
    found = rows_in(bus)
    assert sorted(c for _, _, m in found if isinstance(m, PositionBatch) for c in m.craft.tolist()) == CRAFT
    for partition, origin, message in found:
        assert isinstance(message, PositionBatch)
        assert {partition_of(c) for c in message.craft.tolist()} == {partition}
        assert origin.stage == "ingestion"
        assert origin.partition == sender.replica
    assert [p for p, _, _ in sorted(rows_in(bus, SourceHealth), key=lambda r: r[0])] == list(range(16))


def test_replicas_have_numbers_of_their_own_and_never_the_archives() -> None:
    numbers = [replica_number(f"ingestion-{i}") for i in range(1000)]
    assert len(set(numbers)) == 1000
    assert all(0 < n < 2**32 for n in numbers)
    assert replica_number("ingestion-0") == numbers[0]


def _outputs(bus: SqliteBus) -> tuple[Counter[str], int]:
    run_until_idle([Stage(DemoFold(), bus)])
    reader = bus.subscribe("test", [TopicPartition("facts", p) for p in range(16)])
    found: Counter[str] = Counter()
    while records := reader.poll(1000, 0.0):
        for record in records:
            message = decode(record.value)[1]
            if isinstance(message, FactBatch):
                found.update(map(repr, message.rows))
    merged = 0
    for entry in {e.partition: e for e in books(bus) if e.stage == "facts"}.values():
        merged += dict(entry.counts)["merged"]
    return found, merged


def _send(bus: SqliteBus, *, restart: random.Random | None = None) -> None:
    sender = publisher(bus)
    for minute in range(30):
        half = len(CRAFT) // 2
        for part in (slice(0, half), slice(half, None)):
            while True:
                try:
                    sender.put(fleet(minute).take(part))
                    break
                except Transient:
                    if restart is not None and restart.random() < 0.3:
                        sender = publisher(bus)
        tick_all(bus, minute)
    tick_all(bus, 60)


@pytest.mark.parametrize("seed", range(6))
def test_what_failed_and_is_put_again_gives_the_same_outputs(seed: int) -> None:
    whole = SqliteBus(MEMORY)
    _send(whole)
    torn = TornBus(failures=25, seed=seed)
    _send(torn, restart=random.Random(seed))
    assert torn.failures == 0
    expected, nothing_merged = _outputs(whole)
    outputs, merged = _outputs(torn)
    assert outputs == expected
    assert nothing_merged == 0
    assert merged > 0


@pytest.mark.parametrize("later_ms", [0, 1, 30 * MS_PER_DAY])
def test_a_number_is_never_used_twice(later_ms: int) -> None:
    """A killed process may have sent rows that its successor can't see yet."""
    bus = SqliteBus(MEMORY)
    bus.create([POSITIONS])
    used: list[int] = [0]
    for start in range(4):
        before = {origin.seq for _, origin, _ in rows_in(bus)}
        publisher(bus, now_ms=T0 + start * later_ms).put(fleet(start))
        new = [origin.seq for _, origin, _ in rows_in(bus) if origin.seq not in before]
        assert min(new) - max(used) >= 1_000_000_000
        used += new


def test_numbers_stay_ahead_when_the_log_has_forgotten_the_last_life() -> None:
    forgetful, remembering = SqliteBus(MEMORY), SqliteBus(MEMORY)
    publisher(remembering).put(fleet(0))
    publisher(forgetful, now_ms=T0 + 8 * MS_PER_DAY).put(fleet(0))
    assert rows_in(forgetful)[0][1].seq > rows_in(remembering)[0][1].seq


def test_two_processes_of_one_name_find_each_other_out() -> None:
    bus = SqliteBus(MEMORY)
    frozen = publisher(bus)
    frozen.put(fleet(0))
    successor = publisher(bus)
    successor.put(fleet(1))
    with pytest.raises(ConfigError, match=r"service\.instance.*'ingestion-0'"):
        frozen.put(fleet(2))
    successor.put(fleet(3))


def test_what_cannot_be_written_concerns_its_sender_alone() -> None:
    bus = SqliteBus(MEMORY)
    sender = publisher(bus)
    sender.put(fleet(0))
    with pytest.raises(InvalidMessage):
        sender.put(positions([T0], receiver="\ud800"))
    sender.put(fleet(1))
    streams: dict[int, list[tuple[int, int]]] = {}
    for partition, origin, message in rows_in(bus):
        streams.setdefault(partition, []).append((origin.seq, len(message)))
    for numbered in streams.values():
        assert all(a + n == b for (a, n), (b, _) in pairwise(numbered))


def test_the_books_say_what_is_durable_and_add_up() -> None:
    bus = TornBus(failures=3, seed=4)
    sender = publisher(bus)
    for minute in range(20):
        while True:
            try:
                sender.put(fleet(minute))
                break
            except Transient:
                continue
    sender.note(non_position=5, dead=2)
    sender.close()
    messages = next(e for e in books(bus) if e.stage == "ingestion")
    assert (messages.partition, messages.t_ms) == (sender.replica, T0)
    assert dict(messages.counts) == {"in": 807, "published": 800, "non_position": 5, "dead": 2, "spooled": 0}
    there: dict[int, set[int]] = {}
    for partition, origin, message in rows_in(bus):
        there.setdefault(partition, set()).update(range(origin.seq, origin.seq + len(message)))
    claims = [c for e in books(bus) if e.stage == "ingestion.rows" for c in read_claims(e)]
    assert sum(c.rows for c in claims) == 800
    for claim in claims:
        assert there[claim.partition].issuperset(range(claim.first, claim.first + claim.rows))


def test_many_threads_put_at_once_and_nothing_is_lost() -> None:
    bus = SqliteBus(MEMORY)
    sender = publisher(bus)
    failed: list[BaseException] = []

    def push(thread: int) -> None:
        try:
            for i in range(25):
                sender.put(positions([T0 + 1000 * (25 * thread + i)], craft=CRAFT[i]))
        except BaseException as error:  # noqa: BLE001 - told by the main thread
            failed.append(error)

    threads = [threading.Thread(target=push, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    batches = [m for _, _, m in rows_in(bus) if isinstance(m, PositionBatch)]
    times = np.sort(np.concatenate([b.t_ms for b in batches]))
    assert times.tolist() == [T0 + 1000 * i for i in range(200)]


def test_what_is_put_carries_the_trace_of_its_batch() -> None:
    log = SqliteBus(MEMORY)
    keeping = KeepingBus(log)
    with collecting() as collector:
        settings = TelemetrySettings(exporter="otlp", endpoint=collector.endpoint, sample_ratio=1.0)
        telemetry = start_telemetry(settings, "ingestion", "ingestion-0")
        Publisher(keeping, "ingestion-0", ManualClock(T0), telemetry).put(fleet(0))
        assert telemetry.shutdown(10.0)
    (span,) = [s for s in collector.spans if s.name == "publish positions"]
    places = [TopicPartition("positions", p) for p in range(16)]
    records = keeping.subscribe("test", places).poll(1000, 0.0)
    assert records
    mine = [span.trace_id.hex().encode(), span.span_id.hex().encode()]
    assert all(dict(r.headers)["traceparent"].split(b"-")[1:3] == mine for r in records)
    log.close()
