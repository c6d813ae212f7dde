"""Gaps: every silence over one hour, said at its thresholds, however the rows are cut into calls."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.fact import Fact
from lacuna_core.units import MS_PER_H
from lacuna_detection.facts import FactsFold
from tests.reference.gap_oracle import gaps_of
from tests.unit.detection.random_tracks import random_fleet
from tests.unit.detection.voyages import START_MS, At, Says, any_ends, facts_of, play, rows_of

END_MS = START_MS + 200 * MS_PER_H
MS = 1 / MS_PER_H


def gaps(places: list[At], words: list[Says] | None = None, until_h: float = 200.0) -> list[Fact]:
    rows = rows_of(places, words or [])
    return facts_of(play(FactsFold(()), rows, [START_MS + round(until_h * MS_PER_H)]), "gap")


def detail(fact: Fact) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fact.detail)
    return found


def test_a_silence_of_exactly_one_hour_is_none_and_one_millisecond_more_is() -> None:
    assert gaps([At(0, 40, 50), At(1, 40, 50)], until_h=1.5) == []
    [one] = gaps([At(0, 40, 50), At(1 + MS, 40, 50)], until_h=1.5)
    assert (one.status, one.as_of_ms - START_MS) == ("closed", MS_PER_H + 1)


def test_it_opens_at_the_timer_and_is_revised_at_each_threshold() -> None:
    found = gaps([At(0, 40, 50), At(31, 41, 50, 9.9)])
    assert [(f.status, f.as_of_ms - START_MS) for f in found[:6]] == [
        *(("open", h * MS_PER_H + 1) for h in (1, 6, 12, 24, 30)),
        ("closed", 31 * MS_PER_H),
    ]
    assert {(f.anchor_t_ms, f.anchor_digest) for f in found[:6]} == {(START_MS, found[0].anchor_digest)}
    closed = detail(found[5])
    assert closed["hours"] == 31.0
    assert closed["distance_nm"] == pytest.approx(60.04, abs=0.01)
    assert closed["implied_speed_kn"] == pytest.approx(60.04 / 31, abs=0.001)
    assert detail(found[0])["distance_nm"] is None


def test_cruise_speed_needs_twenty_samples_and_ignores_slow_ones() -> None:
    def track(n: int) -> list[At]:
        return [At(i / 10, 40, 50, 11.2) for i in range(n)] + [At(n / 10, 40, 50, 0.5)]

    assert detail(gaps(track(19))[0])["cruise_kn"] is None
    twenty = detail(gaps(track(20))[0])
    assert (twenty["cruise_kn"], twenty["p99_kn"], twenty["positions_12h"]) == (11.25, 11.25, 21)


def test_identity_counts_as_of_the_fact_and_a_new_draught_only_when_said_in_the_silence() -> None:
    words = [
        Says(0, name="ALFA", draught_dm=42), Says(0.5, draught_dm=43), Says(20, name="BETA", draught_dm=60),
    ]  # fmt: skip
    found = [detail(f) for f in gaps([At(0, 40, 50), At(25, 40, 50)], words)]
    assert [d["name"] for d in found[:5]] == ["ALFA", "ALFA", "ALFA", "BETA", "BETA"]
    assert {d["draught_start_dm"] for d in found[:5]} == {43}
    assert [d["draught_end_dm"] for d in found[:5]] == [None, None, None, 60, 60]
    assert found[0]["length_m"] == 80


@settings(max_examples=40, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_equal_to_the_slow_way(seed: int) -> None:
    places, words = random_fleet(seed)
    rng = random.Random(seed)
    until_ms = START_MS + rng.randrange(300 * MS_PER_H)
    places = [p for p in places if p.t_ms <= until_ms]
    found = facts_of(play(FactsFold(()), rows_of(places, words), [until_ms]), "gap")
    expected = []
    for craft in sorted({p.craft for p in places}):
        rows = rows_of([p for p in places if p.craft == craft])
        speeds = [None if s == 65_535 else s / 10 for s in rows.sea.speed_dkn.tolist()]
        expected += [{"craft": craft} | said for said in gaps_of(rows.sea.t_ms.tolist(), speeds, until_ms)]
    keys = ("hours", "positions_12h", "cruise_kn", "p99_kn")
    seen = [
        {"craft": f.crafts[0], "as_of_ms": f.as_of_ms, "status": f.status, "start_ms": f.start_ms}
        | {key: detail(f)[key] for key in keys}
        for f in found
    ]
    order = ("craft", "as_of_ms", "start_ms")
    for word in expected:
        word["hours"] = float(f"{word['hours']:.9g}")
    assert sorted(seen, key=lambda d: [d[k] for k in order]) == sorted(
        expected, key=lambda d: [d[k] for k in order]
    )


@settings(max_examples=30, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32), restart=st.booleans())
def test_the_same_however_the_rows_are_cut(seed: int, restart: bool) -> None:
    rows = rows_of(*random_fleet(seed))
    ends = any_ends(random.Random(seed), rows, 15)
    whole = facts_of(play(FactsFold(()), rows, ends[-1:]), "gap")
    assert facts_of(play(FactsFold(()), rows, ends, restart), "gap") == whole
