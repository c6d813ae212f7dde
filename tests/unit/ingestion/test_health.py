"""Counting messages by receiver and slot."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.position import Domain, SourceHealth
from lacuna_core.units import MS_PER_DAY
from lacuna_ingestion.coded import coded
from lacuna_ingestion.health import MAX_SILENCE_MS, SLOT_MS, HealthLedger, count_messages

HEARD = st.lists(st.tuples(st.sampled_from(["", "a", "b"]), st.integers(0, 40)), min_size=1, max_size=60)


def _count(heard: list[tuple[str, int]], source: str = "s") -> SourceHealth:
    receiver = coded([r for r, _ in heard])
    t_ms = np.array([slot * SLOT_MS + 7 for _, slot in heard], np.int64)
    return count_messages(Domain.SEA, source, receiver, t_ms)


@given(HEARD, st.integers(1, 10))
@settings(derandomize=True, max_examples=50, deadline=None)
def test_sums_of_parts_with_every_silent_slot(heard: list[tuple[str, int]], chunk: int) -> None:
    ledger = HealthLedger()
    for at in range(0, len(heard), chunk):
        ledger.add(_count(heard[at : at + chunk]))
    rows = [
        (int(start), receiver, int(n))
        for part in ledger.complete()
        for start, receiver, n in zip(part.start_ms, part.text("receiver"), part.messages, strict=True)
    ]
    counts = Counter(heard)
    last = max(slot for _, slot in heard)
    want = [
        (slot * SLOT_MS, receiver, counts[receiver, slot])
        for slot in range(last + 1)
        for receiver in ("", "a", "b")
        if slot >= min((s for r, s in heard if r == receiver), default=last + 1)
    ]
    assert rows == want


@given(
    st.lists(st.tuples(st.sampled_from(["", "a", "b"]), st.integers(0, 9)), min_size=1, max_size=12),
    st.integers(0, 2),
)
@settings(derandomize=True, max_examples=25, deadline=None)
def test_silence_is_reported_for_a_month(heard: list[tuple[str, int]], more: int) -> None:
    month = MAX_SILENCE_MS // SLOT_MS
    spread = [(receiver, step * (month // 3 + more)) for receiver, step in heard]
    ledger = HealthLedger()
    ledger.add(_count(spread))
    rows = [
        (int(start) // SLOT_MS, receiver, int(n))
        for part in ledger.complete()
        for start, receiver, n in zip(part.start_ms, part.text("receiver"), part.messages, strict=True)
    ]
    counts = Counter(spread)
    last = max(slot for _, slot in spread)
    reported = {
        (slot, receiver) for receiver, at in set(spread) for slot in range(at, min(at + month, last) + 1)
    }
    assert rows == [(slot, receiver, counts[receiver, slot]) for slot, receiver in sorted(reported)]


def test_one_broken_clock_does_not_make_millions_of_slots() -> None:
    sane = [(f"station {i % 300}", 1_700_000_000_000 // SLOT_MS + i) for i in range(600)]
    rogue = ("station 7", 3_800_000_000_000 // SLOT_MS)
    ledger = HealthLedger()
    ledger.add(_count([*sane, rogue]))
    parts = list(ledger.complete())
    assert sum(int(p.messages.sum()) for p in parts) == len(sane) + 1
    a_month_each = 300 * (600 + 31 * MS_PER_DAY // SLOT_MS)
    assert sum(len(p) for p in parts) <= a_month_each
    assert parts[-1].start_ms.tolist()[-1] == rogue[1] * SLOT_MS
    assert max(len(p) for p in parts) <= 50_000


def test_sources_and_domains_are_kept_apart_and_filled_to_the_end_of_the_archive() -> None:
    ledger = HealthLedger()
    ledger.add(_count([("a", 0)], "x"))
    ledger.add(_count([("a", 2)], "y"))
    (table,) = ledger.complete()
    assert table.text("source").tolist() == ["x", "x", "x", "y"]
    assert table.messages.tolist() == [1, 0, 0, 1]
    assert (table.t_ms - table.start_ms == SLOT_MS).all()


def test_many_receivers_over_a_long_time_come_in_bounded_batches() -> None:
    heard = [(f"station {i}", 0) for i in range(3_000)] + [("late", 100)]
    ledger = HealthLedger()
    ledger.add(_count(heard))
    parts = list(ledger.complete())
    assert sum(len(p) for p in parts) == 3_000 * 101 + 1
    assert max(len(p) for p in parts) <= 50_000
    assert sum(int(p.messages.sum()) for p in parts) == len(heard)


def test_nothing_heard_is_no_table() -> None:
    assert list(HealthLedger().complete()) == []
