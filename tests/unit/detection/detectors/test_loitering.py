"""Loitering: slow clock hours in a row, from four hours on, not in port, not across silences."""

import json
import math
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.fact import Fact
from lacuna_core.units import MS_PER_H
from lacuna_detection.facts import FactsFold
from tests.reference.loiter_oracle import loitering_of
from tests.reference.sphere_oracle import distance_m
from tests.reference.visit_oracle import nearest
from tests.unit.detection.detectors.test_port_visit import slow_rows
from tests.unit.detection.random_tracks import PORTS, SEA, random_fleet
from tests.unit.detection.voyages import START_MS, At, any_ends, facts_of, play, rows_of


def loitering(places: list[At], until_h: float = 100.0) -> list[Fact]:
    ends = [START_MS + round(until_h * MS_PER_H)]
    return facts_of(play(FactsFold((SEA,)), rows_of(places), ends), "loitering")


def drift(first_h: float, last_h: float, speed_kn: float, lat_deg: float = 43.0) -> list[At]:
    """A position every six minutes, going north at a constant speed."""
    n = round((last_h - first_h) * 10) + 1
    return [At(first_h + i / 10, lat_deg + speed_kn * i / 10 / 60.04, 51.0, None) for i in range(n)]


def test_four_slow_hours_open_it_and_speed_closes_it() -> None:
    slow = drift(0, 6, 1.0)
    fast = drift(6.1, 9, 10.0, slow[-1].lat_deg + 1 / 60)
    opened, closed = loitering(slow + fast, until_h=9.0)
    assert (opened.status, opened.as_of_ms - START_MS, opened.end_ms) == ("open", 4 * MS_PER_H, None)
    assert opened.start_ms == closed.start_ms == START_MS
    assert (closed.status, closed.as_of_ms - START_MS) == ("closed", 7 * MS_PER_H)
    assert closed.end_ms is not None
    assert closed.end_ms - START_MS == round(5.9 * MS_PER_H)
    detail = json.loads(closed.detail)
    assert (detail["hours"], detail["slow_hours"]) == (6.0, 6)
    assert detail["mean_speed_kn"] == pytest.approx(1.0, abs=0.01)


def test_under_four_hours_it_is_not_said() -> None:
    slow = drift(0, 4.4, 1.0)
    shorter = drift(0.5, 4.4, 1.0)
    fast = drift(4.5, 8, 10.0, 44.0)
    assert [f.status for f in loitering(slow + fast)] == ["open", "closed"]
    assert loitering(shorter + fast) == []


def test_a_silence_of_more_than_an_hour_closes_it_at_the_timer() -> None:
    found = loitering(drift(0, 5.5, 0.5))
    assert [(f.status, f.as_of_ms - START_MS) for f in found] == [
        ("open", 4 * MS_PER_H),
        ("closed", round(6.5 * MS_PER_H) + 1),
    ]
    assert found[1].end_ms == START_MS + round(5.5 * MS_PER_H)


def test_a_ship_at_its_berth_does_not_loiter() -> None:
    berth = [At(i / 10, 40.0, 50.0, 0.0) for i in range(100)]
    assert loitering(berth) == []


@settings(max_examples=40, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_equal_to_the_slow_way(seed: int) -> None:
    places, _ = random_fleet(seed, n=120)
    until_ms = START_MS + random.Random(seed).randrange(300 * MS_PER_H)
    places = [p for p in places if p.t_ms <= until_ms]
    found = facts_of(play(FactsFold((SEA,)), rows_of(places), [until_ms]), "loitering")
    for craft in sorted({p.craft for p in places}):
        rows = slow_rows(rows_of([p for p in places if p.craft == craft]))
        steps, inside = [], False
        for i, row in enumerate(rows):
            inside = nearest(row, PORTS)[1] <= (4_000 if inside else 3_000)
            before = rows[max(i - 1, 0)]
            step_m = distance_m(before.lat_deg, before.lon_deg, row.lat_deg, row.lon_deg)
            steps.append((row.t_ms, math.floor(step_m * 1000 + 0.5), inside))
        expected = loitering_of(steps, until_ms)
        assert [brief(f) for f in found if f.crafts == (craft,)] == [rounded(e) for e in expected]


def brief(fact: Fact) -> dict[str, Any]:
    said = json.loads(fact.detail)
    return {
        "as_of_ms": fact.as_of_ms, "status": fact.status, "start_ms": fact.start_ms, "end_ms": fact.end_ms,
        "hours": said["hours"], "slow_hours": said["slow_hours"], "nm": round(said["distance_nm"], 4),
    }  # fmt: skip


def rounded(said: dict[str, Any]) -> dict[str, Any]:
    return {key: said[key] for key in ("as_of_ms", "status", "start_ms", "end_ms", "slow_hours")} | {
        "hours": float(f"{said['run_ms'] / MS_PER_H:.9g}"),
        "nm": round(said["run_mm"] / 1_852_000, 4),
    }


@settings(max_examples=30, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32), restart=st.booleans())
def test_the_same_however_the_rows_are_cut(seed: int, restart: bool) -> None:
    rows = rows_of(*random_fleet(seed, n=120))
    ends = any_ends(random.Random(seed), rows, 15)
    whole = facts_of(play(FactsFold((SEA,)), rows, ends[-1:]), "loitering")
    assert facts_of(play(FactsFold((SEA,)), rows, ends, restart), "loitering") == whole
