"""Archives: nothing lost, nothing doubled, however the import ends."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.columns import ColumnBatch
from lacuna_core.errors import TimelineError, Transient
from lacuna_core.ids import partition_of
from lacuna_core.message import LedgerEntry, Message
from lacuna_core.ports import Delivery, Outgoing, TopicPartition
from lacuna_core.position import (
    MAX_ROWS,
    Activate,
    Domain,
    IdentityBatch,
    PositionBatch,
    SourceHealth,
    Tick,
)
from lacuna_core.units import MS_PER_DAY
from lacuna_runtime.archive import load_archive
from lacuna_runtime.bus.sqlite import MEMORY, SqliteBus
from lacuna_runtime.codec import decode
from lacuna_runtime.loop.row_books import read_claims
from lacuna_runtime.loop.rowtime import floor_watermark
from lacuna_runtime.loop.scatter import EPOCH_MS
from tests.unit.runtime.sea import T0, health, positions
from tests.unit.runtime.torn_bus import TornBus

PLACES = [TopicPartition("positions", p) for p in range(16)]


@pytest.fixture
def bus() -> Iterator[SqliteBus]:
    bus = SqliteBus(MEMORY)
    yield bus
    bus.close()


def fleet(n: int, seed: int = 1, span_ms: int = MS_PER_DAY) -> list[PositionBatch]:
    rng = np.random.default_rng(seed)
    return [
        positions(
            (T0 + rng.integers(0, span_ms, n // 4)).tolist(),
            craft=(rng.integers(0, 50, n // 4) + (1 << 56)).tolist(),
            receiver=[f"r{i}" for i in rng.integers(0, 40, n // 4)],
            domain=domain,
        )
        for domain in (Domain.SEA, Domain.AIR, Domain.SEA, Domain.SEA)
    ]


def names(n: int) -> IdentityBatch:
    values: dict[str, Any] = {c.name: np.zeros(n) for c in IdentityBatch.SCHEMA if not c.text}
    texts = {c.name: "" for c in IdentityBatch.SCHEMA if c.text}
    values |= {"t_ms": T0 + np.arange(n) * 1000, "craft": np.arange(n) + (1 << 56)}
    return IdentityBatch.build(
        {**values, **texts, "name": [f"SHIP {i}" for i in range(n)]}, domain=Domain.SEA
    )


def read(bus: SqliteBus) -> list[tuple[int, Message]]:
    reader = bus.subscribe("test", PLACES)
    found: list[tuple[int, Message]] = []
    while records := reader.poll(1000, 0.0):
        found += [(r.partition, decode(r.value)[1]) for r in records]
    return found


def values(bus: SqliteBus, place: TopicPartition) -> list[bytes]:
    return [r.value for r in bus.subscribe("test", [place]).poll(100_000, 0.0)]


def books(bus: SqliteBus) -> list[LedgerEntry]:
    found = [decode(value)[1] for value in values(bus, TopicPartition("ledger", 0))]
    return [m for m in found if isinstance(m, LedgerEntry)]


def rows(batches: Sequence[ColumnBatch]) -> Counter[tuple[Any, ...]]:
    counted: Counter[tuple[Any, ...]] = Counter()
    for batch in batches:
        columns = [batch.text(c.name) if c.text else array for c, array in batch.columns()]
        lead = (type(batch).__name__, getattr(batch, "domain", None))
        counted.update((*lead, *row) for row in zip(*(c.tolist() for c in columns), strict=True))
    return counted


@given(seed=st.integers(0, 1000), chunk_rows=st.sampled_from([40, 100, 10_000]))
@settings(derandomize=True, max_examples=15, deadline=None)
def test_every_row_arrives_once_in_its_partition_and_never_late(seed: int, chunk_rows: int) -> None:
    bus = SqliteBus(MEMORY)
    sent: list[PositionBatch | IdentityBatch] = [*fleet(400, seed), names(30)]
    summary = load_archive(sent, bus, chunk_rows=chunk_rows)
    found = read(bus)
    batches = [m for _, m in found if isinstance(m, PositionBatch | IdentityBatch)]
    assert rows(batches) == rows(sent)
    assert (summary.positions, summary.identities) == (400, 30)
    watermark = dict.fromkeys(range(16), -(2**62))
    for partition, message in found:
        if isinstance(message, Tick):
            watermark[partition] = floor_watermark(message.t_ms, message.lateness_ms)
        elif isinstance(message, PositionBatch | IdentityBatch):
            assert {partition_of(c) for c in message.craft.tolist()} == {partition}
            assert (message.t_ms > watermark[partition]).all()
            assert (np.diff(message.t_ms) >= 0).all()
            assert len(message) <= MAX_ROWS
    assert summary.t_max_ms is not None
    assert set(watermark.values()) == {watermark[0]}
    assert watermark[0] >= summary.t_max_ms
    bus.close()


def test_ticks_come_as_data_time_passes(bus: SqliteBus) -> None:
    summary = load_archive(fleet(4000, span_ms=5 * EPOCH_MS), bus)
    ticks = [m.t_ms for p, m in read(bus) if p == 0 and isinstance(m, Tick)]
    assert len(ticks) == summary.ticks
    assert [t % EPOCH_MS for t in ticks[:-1]] == [0] * (len(ticks) - 1)
    assert len(ticks) in (5, 6)


def test_ticks_come_before_an_epoch_grows_too_large(bus: SqliteBus) -> None:
    n = 150_000
    load_archive([positions((T0 + np.arange(n) * 20).tolist())], bus)
    home = partition_of(int(positions([T0]).craft[0]))
    in_epoch, largest = 0, 0
    for partition, message in read(bus):
        if partition == home and isinstance(message, PositionBatch):
            in_epoch += len(message)
            largest = max(largest, in_epoch)
        elif isinstance(message, Tick):
            in_epoch = 0
    assert 40_000 < largest <= 65_536


def test_health_and_models_go_everywhere_and_partial_counts_are_summed(bus: SqliteBus) -> None:
    model = Activate("params", "abc", "{}")
    load_archive([health(T0, 5), health(T0, 7), health(T0, 1, "b"), *fleet(8)], bus, activations=[model])
    found = read(bus)
    for partition in range(16):
        mine = [m for p, m in found if p == partition]
        assert mine[0] == model
        (batch,) = (m for m in mine if isinstance(m, SourceHealth))
        told = dict(zip(batch.text("receiver").tolist(), batch.messages.tolist(), strict=True))
        assert told == {"a": 12, "b": 1}


def test_an_empty_archive_leaves_the_log_alone(bus: SqliteBus) -> None:
    summary = load_archive([PositionBatch.empty(domain=Domain.SEA)], bus)
    assert (summary.records, summary.t_min_ms, read(bus)) == (0, None, [])


def test_earlier_data_is_refused_by_name(bus: SqliteBus) -> None:
    load_archive(fleet(100), bus)
    before = bus.end_offsets(PLACES)
    with pytest.raises(TimelineError, match="--data"):
        load_archive(fleet(100, seed=2), bus)
    assert bus.end_offsets(PLACES) == before


def test_later_data_is_appended(bus: SqliteBus) -> None:
    first = fleet(100)
    later = [b.take(slice(None)) for b in first]
    moved = [
        PositionBatch(
            **{c.name: a + 2 * MS_PER_DAY if c.name == "t_ms" else a for c, a in b.columns()},
            strings=b.strings, domain=b.domain,
        )
        for b in later
    ]  # fmt: skip
    load_archive(first, bus)
    load_archive(moved, bus)
    batches = [m for _, m in read(bus) if isinstance(m, PositionBatch)]
    assert rows(batches) == rows([*first, *moved])


class DyingBus(SqliteBus):
    """A bus whose process is killed after some cycles with records."""

    cycles_left = 1 << 30

    def publish(self, records: Sequence[Outgoing]) -> Sequence[Delivery]:  # type: ignore[override]
        if records:
            if self.cycles_left == 0:
                raise KeyboardInterrupt
            self.cycles_left -= 1
        return super().publish(records)


@pytest.mark.parametrize("cycles", [0, 1, 3])
def test_a_killed_import_is_finished_by_starting_it_again(tmp_path: Path, cycles: int) -> None:
    data = fleet(20_000, span_ms=40 * EPOCH_MS)
    whole = SqliteBus(MEMORY)
    load_archive(data, whole, chunk_rows=6000)
    bus = DyingBus(tmp_path / "bus.db", synchronous="NORMAL")
    bus.cycles_left = cycles
    with pytest.raises(KeyboardInterrupt):
        load_archive(data, bus, chunk_rows=6000)
    bus.close()
    again = SqliteBus(tmp_path / "bus.db")
    summary = load_archive(data, again, chunk_rows=6000)
    assert (summary.resumed_records > 0) == (cycles > 0)
    assert read(again) == read(whole)
    with pytest.raises(TimelineError, match="has reached"):
        load_archive(data, again, chunk_rows=6000)
    again.close()
    whole.close()


@pytest.mark.parametrize("seed", range(5))
def test_an_import_torn_in_each_partition_is_finished_by_starting_it_again(seed: int) -> None:
    data = fleet(20_000, span_ms=40 * EPOCH_MS)
    whole = SqliteBus(MEMORY)
    load_archive(data, whole, chunk_rows=6000)
    torn = TornBus(failures=6, seed=seed)
    starts = 0
    while True:
        starts += 1
        try:
            load_archive(data, torn, chunk_rows=6000)
            break
        except Transient:
            continue
    assert starts > 1
    for place in PLACES:
        assert values(torn, place) == values(whole, place)
    assert books(torn)[-1] == books(whole)[-1]


def test_the_books_claim_every_row(bus: SqliteBus) -> None:
    load_archive([*fleet(400), names(30), health(T0, 5)], bus)
    (entry,) = books(bus)
    claimed: Counter[str] = Counter()
    for claim in read_claims(entry):
        claimed[claim.kind] += claim.rows
    assert claimed == {"sea": 300, "air": 100, "sea_identity": 30, "health": 16}
    last = [m for p, m in read(bus) if p == 0 and isinstance(m, Tick)][-1]
    assert entry.t_ms == last.t_ms


def test_other_data_than_the_unfinished_import_is_refused(tmp_path: Path) -> None:
    bus = DyingBus(tmp_path / "bus.db")
    bus.cycles_left = 2
    with pytest.raises(KeyboardInterrupt):
        load_archive(fleet(20_000, span_ms=40 * EPOCH_MS), bus)
    before = bus.end_offsets(PLACES)
    bus.cycles_left = 1000
    with pytest.raises(TimelineError, match="unfinished import"):
        load_archive(fleet(20_000, seed=9, span_ms=40 * EPOCH_MS), bus)
    assert bus.end_offsets(PLACES) == before
    bus.close()


def test_progress_is_told_and_nothing_is_left_behind(bus: SqliteBus, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    load_archive(
        fleet(400), bus, spill_dir=tmp_path, chunk_rows=100, progress=lambda *step: told.append(step)
    )
    assert told[-1] == ("publish", 400, 400)
    assert ("sort", 400, 0) in told
    assert list(tmp_path.iterdir()) == []
