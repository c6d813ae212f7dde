"""The loop at work on a bus in memory: late rows, broken clocks, repeats, models, ledgers, restarts."""

from collections.abc import Iterator

import pytest

from lacuna_core.clock import ManualClock
from lacuna_core.errors import CorruptState
from lacuna_core.fact import Fact
from lacuna_core.flow import POSITIONS_IN, Input
from lacuna_core.fold import Outputs, Rows
from lacuna_core.ids import partition_of
from lacuna_core.message import DeadLetter, FactBatch, LedgerEntry, Message
from lacuna_core.ports import Outgoing, TopicPartition
from lacuna_core.position import Activate, Domain, PositionBatch, Tick
from lacuna_core.topics import CONTACTS, TOPICS, Topic, state_topic
from lacuna_core.units import MS_PER_H
from lacuna_runtime.bus.sqlite import MEMORY, SqliteBus
from lacuna_runtime.codec import Origin, decode, encode
from lacuna_runtime.loop.emit import OriginWriter
from lacuna_runtime.stage import Stage, StageLimits, run_until_idle
from tests.contract.demo_fold import DemoFold, DemoState
from tests.unit.runtime.sea import SHIP, T0, health, positions

HOME = partition_of(SHIP)
LATENESS_MS = 60_000


@pytest.fixture
def bus() -> Iterator[SqliteBus]:
    bus = SqliteBus(MEMORY)
    bus.create(list(TOPICS.values()))
    yield bus
    bus.close()


def publish(bus: SqliteBus, writer: OriginWriter, *messages: Message) -> None:
    for message in messages:
        bus.publish(list(writer.write("positions", HOME, message)))


def tick(t_ms: int) -> Tick:
    return Tick(t_ms, t_ms, LATENESS_MS)


def stage(bus: SqliteBus, **limits: int) -> Stage[object]:
    return Stage(DemoFold(), bus, tasks=[HOME], limits=StageLimits(**limits), clock=ManualClock(0))  # type: ignore[arg-type]


def read(bus: SqliteBus, topic: str) -> list[Message]:
    everywhere = [TopicPartition(topic, p) for p in range(TOPICS[topic].partitions)]
    return [decode(r.value)[1] for r in bus.subscribe("test", everywhere).poll(10_000, 0.0)]


def facts(bus: SqliteBus, kind: str = "third") -> list[Fact]:
    rows = [row for m in read(bus, "facts") if isinstance(m, FactBatch) for row in m.rows]
    return [row for row in rows if row.kind == kind]


def counts(bus: SqliteBus) -> dict[str, int]:
    entries = [m for m in read(bus, "ledger") if isinstance(m, LedgerEntry)]
    for entry in entries:
        told = dict(entry.counts)
        assert told["in"] == told["accepted"] + told["merged"] + told["late"] + told["quarantined"]
    return {name: rows for name, rows in entries[-1].counts if not name.startswith("out.")}


def test_rows_wait_for_their_watermark(bus: SqliteBus) -> None:
    writer = OriginWriter("ingestion", 0)
    publish(bus, writer, positions([T0, T0 + 2000, T0 + 1000]), tick(T0 + LATENESS_MS + 2000))
    run_until_idle([stage(bus)])
    assert facts(bus) == []
    publish(bus, writer, tick(T0 + LATENESS_MS + 3000))
    run_until_idle([stage(bus)])
    assert [f.as_of_ms for f in facts(bus)] == [T0 + 2000]


def test_late_rows_are_counted_and_not_folded(bus: SqliteBus) -> None:
    writer = OriginWriter("ingestion", 0)
    publish(bus, writer, positions([T0 + 5000]), tick(T0 + LATENESS_MS + 6000))
    publish(bus, writer, positions([T0 + 5999, T0 + 6000]), tick(T0 + MS_PER_H))
    run_until_idle([stage(bus)])
    assert counts(bus) == {"in": 3, "accepted": 2, "merged": 0, "late": 1, "quarantined": 0}


def test_broken_clocks_are_quarantined_and_summed_up(bus: SqliteBus) -> None:
    ahead = [T0 + 60_000, T0 + 60_001, T0 + 10**9]
    publish(bus, OriginWriter("ingestion", 0), positions(ahead), tick(T0), tick(T0 + MS_PER_H))
    run_until_idle([stage(bus)])
    assert counts(bus) == {"in": 3, "accepted": 1, "merged": 0, "late": 0, "quarantined": 2}
    (letter,) = (m for m in read(bus, "deadletters") if isinstance(m, DeadLetter))
    assert letter.reason == "future_time"
    assert letter.detail.startswith("2 rows")


def test_repeats_of_a_transmission_are_merged(bus: SqliteBus) -> None:
    publish(
        bus, OriginWriter("ingestion", 0), positions([T0, T0 + 1000, T0 + 2000], receiver=["b", "x", "y"]),
        positions([T0 + 300, T0 + 2100], receiver=["a", "z"]), tick(T0 + MS_PER_H),
    )  # fmt: skip
    run_until_idle([stage(bus)])
    assert counts(bus) == {"in": 5, "accepted": 3, "merged": 2, "late": 0, "quarantined": 0}
    assert [f.detail for f in facts(bus)] == ['{"receiver":"y|z","rows":3}']


def test_rows_published_again_are_dropped_however_they_are_cut(bus: SqliteBus) -> None:
    rows = positions([T0 + 1000 * i for i in range(6)])
    bus.publish([Outgoing("positions", HOME, b"", encode(rows, Origin("ingestion", 0, 0)))])
    again = encode(rows.take(slice(0, 4)), Origin("ingestion", 0, 0))
    overlap = encode(
        PositionBatch.concat([rows.take(slice(4, 6)), positions([T0 + 6000])]), Origin("ingestion", 0, 4)
    )
    bus.publish([Outgoing("positions", HOME, b"", value) for value in (again, overlap)])
    publish(bus, OriginWriter("ingestion", 0), tick(T0 + MS_PER_H))
    run_until_idle([stage(bus)])
    assert counts(bus)["in"] == 7


def test_other_origins_are_ignored(bus: SqliteBus) -> None:
    publish(bus, OriginWriter("simulator", 0), positions([T0]), tick(T0 + MS_PER_H))
    run_until_idle([stage(bus)])
    assert read(bus, "facts") == []


def test_replicas_of_ingestion_write_under_one_ticker(bus: SqliteBus) -> None:
    """Equal row numbers of two replicas are different rows; either of them may tick for both."""
    first, second = OriginWriter("ingestion", 7), OriginWriter("ingestion", 8)
    publish(bus, first, positions([T0, T0 + 1000]))
    publish(bus, second, positions([T0 + 2000, T0 + 3000]), tick(T0 + MS_PER_H))
    publish(bus, OriginWriter("ingestion", 7), positions([T0, T0 + 1000]))
    publish(bus, first, tick(T0 + 2 * MS_PER_H))
    run_until_idle([stage(bus)])
    assert counts(bus)["accepted"] == 4
    assert counts(bus)["in"] == 4


def test_a_tick_of_a_ticker_that_was_replaced_closes_nothing(bus: SqliteBus) -> None:
    writer = OriginWriter("ingestion", 0)
    publish(bus, writer, tick(T0 + MS_PER_H))
    stale = tick(T0)
    publish(bus, writer, positions([T0 + MS_PER_H]), stale, tick(T0 + 2 * MS_PER_H))
    run_until_idle([stage(bus)])
    assert counts(bus) == {"in": 1, "accepted": 1, "merged": 0, "late": 0, "quarantined": 0}


def test_a_model_is_in_force_behind_the_tick_before_it(bus: SqliteBus) -> None:
    writer = OriginWriter("ingestion", 0)
    publish(bus, writer, positions([T0, T0 + 1000, T0 + 2000]), tick(T0 + LATENESS_MS + 5000))
    publish(bus, writer, Activate("params", "m2"), positions([T0 + 5000 + 1000 * i for i in range(3)]))
    publish(bus, writer, tick(T0 + MS_PER_H))
    run_until_idle([stage(bus)])
    assert [(f.as_of_ms - T0, f.status) for f in facts(bus)] == [(2000, "open"), (7000, "m2")]
    passed_on = [m for m in read(bus, "facts") if isinstance(m, Activate | Tick)]
    assert [type(m) for m in passed_on] == [Tick, Activate, Tick]


def test_undecodable_records_are_kept_and_passed_over(bus: SqliteBus) -> None:
    bus.publish([Outgoing("positions", HOME, b"", b"rubbish")])
    publish(bus, OriginWriter("ingestion", 0), positions([T0]), tick(T0 + MS_PER_H))
    run_until_idle([stage(bus)])
    (letter,) = (m for m in read(bus, "deadletters") if isinstance(m, DeadLetter))
    assert (letter.payload, letter.reason, letter.origin) == (b"rubbish", "damaged", f"positions/{HOME}/0")
    assert counts(bus)["in"] == 1


def test_too_many_undecodable_records_stop_the_stage(bus: SqliteBus) -> None:
    bus.publish([Outgoing("positions", HOME, b"", b"rubbish")] * 100)
    with pytest.raises(CorruptState, match="100 records in a row"):
        run_until_idle([stage(bus, poll_records=1000)])


def test_one_in_a_hundred_undecodable_records_stops_the_stage(bus: SqliteBus) -> None:
    good = Outgoing("positions", HOME, b"", encode(tick(T0), Origin("ingestion", 0, 0)))
    bad = Outgoing("positions", HOME, b"", b"rubbish")
    bus.publish(([good] * 89 + [bad]) * 12)
    with pytest.raises(CorruptState, match="12 of 1080 records"):
        run_until_idle([stage(bus)])


def fill(bus: SqliteBus, epochs: int) -> None:
    writer = OriginWriter("ingestion", 0)
    for i in range(epochs):
        publish(
            bus, writer, positions([T0 + 10_000 * i, T0 + 10_000 * i + 5000]), tick(T0 + 10_000 * i + 70_000)
        )


def damage(bus: SqliteBus, slot: bytes) -> None:
    home = TopicPartition(state_topic("facts").name, HOME)
    for record in bus.subscribe("test.damage", [home]).poll(100, 0.0):
        if record.key.startswith(slot):
            bus.publish([Outgoing(home.topic, HOME, record.key, record.value[:-1] + b"?")])


def test_a_restart_numbers_on_and_says_nothing_twice(bus: SqliteBus) -> None:
    fill(bus, 30)
    first = stage(bus, poll_records=3, snapshot_rows=8)
    for _ in range(7):
        assert first.cycle(0.0)
    damage(bus, b"A")
    run_until_idle([stage(bus, poll_records=5)])
    other = SqliteBus(MEMORY)
    other.create(list(TOPICS.values()))
    fill(other, 30)
    run_until_idle([stage(other)])
    assert facts(bus) == facts(other)
    assert len(facts(bus)) == 20
    assert counts(bus) == counts(other)


def test_a_snapshot_of_another_version_is_refused(bus: SqliteBus) -> None:
    fill(bus, 3)
    run_until_idle([stage(bus)])

    class Newer(DemoFold):
        version = 4

    with pytest.raises(CorruptState, match="version 3, this build reads version 4"):
        Stage(Newer(), bus, tasks=[HOME]).cycle()


def test_a_log_that_forgot_too_much_is_refused(bus: SqliteBus) -> None:
    fill(bus, 30)
    first = stage(bus, poll_records=4)
    for _ in range(3):
        first.cycle(0.0)
    bus.prune({TopicPartition("positions", HOME): 2})
    with pytest.raises(CorruptState, match="can't be restored"):
        stage(bus).cycle()


class NothingFold(DemoFold):
    """Reads every partition and says nothing."""

    name = "contacts"
    outputs: tuple[Topic, ...] = (CONTACTS,)
    whole = True

    def step(
        self, state: DemoState, rows: Rows, until_ms: int, activations: tuple[Activate, ...]
    ) -> tuple[DemoState, Outputs]:
        return state, Outputs()


def test_a_partition_far_ahead_waits_instead_of_filling_memory(bus: SqliteBus) -> None:
    """Fifteen partitions hold one tick an hour, one holds fifty rows a minute."""
    writer = OriginWriter("ingestion", 0)
    for partition in range(16):
        dense = partition == HOME
        for i in range(60) if dense else (59,):
            t_ms = T0 + i * 60_000
            if dense:
                rows = positions([t_ms + 1000 * k for k in range(50)])
                bus.publish(list(writer.write("positions", partition, rows)))
            bus.publish(list(writer.write("positions", partition, tick(t_ms + LATENESS_MS + 60_000))))
    loop: Stage[DemoState] = Stage(NothingFold(), bus, limits=StageLimits(poll_records=1, pending_rows=100))
    most = 0
    while loop.cycle(0.0):
        (task,) = loop._tasks.values()
        most = max(most, task.pending_rows)
    assert dict(counts(bus))["in"] == 3000
    assert most <= 150


def test_a_snapshot_makes_old_records_dispensable(bus: SqliteBus) -> None:
    fill(bus, 30)
    run_until_idle([stage(bus)])
    bus.prune({TopicPartition("positions", HOME): 60})
    again = stage(bus)
    assert not again.cycle(0.0)


def test_a_group_whose_offsets_were_forgotten_goes_on_from_its_snapshot(bus: SqliteBus) -> None:
    """Brokers forget the offsets of a group after days; the state must not start anew beside its old rows."""
    fill(bus, 30)
    run_until_idle([stage(bus)])
    before, told = facts(bus), counts(bus)
    with bus._file.cycle() as writer:
        writer.execute("DELETE FROM offsets")
    again = stage(bus)
    assert not again.cycle(0.0)
    assert (facts(bus), counts(bus)) == (before, told)


class SeaOnly(DemoFold):
    """A fold that aircraft don't concern."""

    inputs: tuple[Input, ...] = (POSITIONS_IN.only("sea"),)


def sea_stage(bus: SqliteBus) -> Stage[DemoState]:
    return Stage(SeaOnly(), bus, tasks=[HOME], clock=ManualClock(0))


def test_rows_that_a_fold_does_not_take_are_read_past(bus: SqliteBus) -> None:
    writer = OriginWriter("ingestion", 0)
    air = positions([T0, T0 + 1000, T0 + 10**9], domain=Domain.AIR)
    publish(bus, writer, positions([T0]), air, health(T0, 5), tick(T0 + MS_PER_H))
    mine = sea_stage(bus)
    run_until_idle([mine])
    assert counts(bus) == {"in": 1, "accepted": 1, "merged": 0, "late": 0, "quarantined": 0}
    assert not [m for m in read(bus, "deadletters") if isinstance(m, DeadLetter)]
    done = mine.done()
    assert (done.records, done.end, done.rows) == (4, 4, 5)


def test_a_fold_that_nothing_concerns_still_keeps_its_place(bus: SqliteBus) -> None:
    publish(bus, OriginWriter("ingestion", 0), positions([T0], domain=Domain.AIR), tick(T0 + MS_PER_H))
    run_until_idle([sea_stage(bus)])
    home = TopicPartition(state_topic("facts").name, HOME)
    assert bus.end_offsets([home]) == {home: 1}
    again = sea_stage(bus)
    assert not again.cycle()
    assert (again.done().records, again.done().rows) == (2, 0)
