"""Counting messages by receiver and slot."""

from collections import Counter

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.position import Domain, SourceHealth
from lacuna_ingestion.health import SLOT_MS, HealthLedger, count_messages

HEARD = st.lists(st.tuples(st.sampled_from(["", "a", "b"]), st.integers(0, 40)), min_size=1, max_size=60)


def _count(heard: list[tuple[str, int]], source: str = "s") -> SourceHealth:
    receiver = pl.Series([r for r, _ in heard], dtype=pl.String)
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
