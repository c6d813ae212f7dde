"""Port visits: entry at 3 km, exit beyond 4 km, stops and silences, confidences, the voyage before."""

import json
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.digest import event_id
from lacuna_core.fact import Fact
from lacuna_core.fold import Rows
from lacuna_core.units import MS_PER_H
from lacuna_detection.facts import FactsFold
from tests.reference.sphere_oracle import distance_m
from tests.reference.visit_oracle import Row, visits_of
from tests.unit.detection.random_tracks import PORTS, SEA, random_fleet
from tests.unit.detection.voyages import (
    SHIP,
    START_MS,
    At,
    Says,
    any_ends,
    basin,
    facts_of,
    play,
    port,
    rows_of,
)  # fmt: skip

NORTH = port("north", 40.0, 50.0, group="twins")
SOUTH = port("south", 38.0, 50.0)
KM_DEG = 1 / 111.195


def visits(places: list[At], words: list[Says] | None = None, until_h: float = 500.0) -> list[Fact]:
    fold = FactsFold((basin(NORTH, SOUTH),))
    ends = [START_MS + round(until_h * MS_PER_H)]
    return facts_of(play(fold, rows_of(places, words or []), ends), "port_visit")


def detail(fact: Fact) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fact.detail)
    return found


def off(hours: float, km: float, speed_kn: float | None = 8.0, home: float = 40.0) -> At:
    """A position some kilometers north of a port."""
    return At(hours, home + km * KM_DEG, 50.0, speed_kn)


@pytest.mark.parametrize(
    ("places", "confidence"),
    [
        ([off(0, 20), off(1, 1), off(1.5, 0.5, 0.1), off(2, 20)], 4),
        ([off(0, 20), off(1, 1), off(5.1, 1), off(6, 20)], 4),
        ([off(0, 1), off(0.5, 0.5, 0.1), off(1, 20)], 3),
        ([off(0, 20), off(1, 1), off(1.5, 1), off(2, 20)], 1),
        ([off(0, 1), off(0.5, 1), off(1, 20)], 1),
    ],
    ids=["entry+stop+exit", "entry+silence+exit", "stop+exit", "entry+exit", "exit"],
)
def test_confidence_of_a_closed_visit(places: list[At], confidence: int) -> None:
    closed = visits(places)[-1]
    assert (closed.status, detail(closed)["confidence"]) == ("closed", confidence)
    assert detail(closed)["port_id"] == "north"
    assert detail(closed)["group"] == "twins"


def test_confidence_of_an_open_visit_grows_with_its_first_stop_or_silence() -> None:
    places = [off(0, 20), off(1, 1), off(2, 1, 0.2)]
    assert [detail(f)["confidence"] for f in visits(places)] == [1, 3]
    [only] = visits([off(0, 1), off(1, 1)])
    assert (only.as_of_ms - START_MS, detail(only)["confidence"]) == (5 * MS_PER_H + 1, 2)


def test_entry_and_exit_radii_leave_a_band_between() -> None:
    places = [off(0, 3.1), off(1, 2.9), off(2, 3.9), off(3, 3.1), off(4, 4.1), off(5, 3.5)]
    opened, closed = visits(places, until_h=5.0)
    assert (opened.start_ms, opened.end_ms) == (places[1].t_ms, None)
    assert (closed.start_ms, closed.end_ms) == (places[1].t_ms, places[4].t_ms)


def test_a_craft_without_reported_speed_stops_by_the_speed_its_steps_imply() -> None:
    places = [off(0, 20, None), off(2, 1, None), off(3, 1, None), off(4, 1, None), off(6, 20, None)]
    closed = visits(places)[-1]
    assert detail(closed)["confidence"] == 4
    assert detail(closed)["stopped_ms"] == 3 * MS_PER_H


def test_the_voyage_remembers_where_it_came_from_and_how_far_it_went() -> None:
    call = [off(0, 20), off(1, 1, 0.0), off(2, 1, 0.0), off(3, 6)]
    passing = [off(9, 1, 9.0), off(9.2, 6)]
    away = [At(12, 39.0, 50.0, 9.0)]
    back = [At(20, 38.0, 50.0, 0.0)]
    words = [Says(0, draught_dm=30), Says(1.5, draught_dm=55)]
    found = visits(call + passing + away + back, words)
    first = next(f for f in found if f.status == "closed")
    assert (detail(first)["draught_entry_dm"], detail(first)["draught_exit_dm"]) == (30, 55)
    last = detail(found[-1])
    assert last["port_id"] == "south"
    assert last["voyage_max_excursion_nm"] == pytest.approx(120.08, abs=0.01)
    assert last["previous"] == {
        "port_id": "north", "group": "twins", "end_ms": call[-1].t_ms, "confidence": 4,
        "anchor_t_ms": first.anchor_t_ms, "anchor_digest": f"{first.anchor_digest:016x}",
        "event_id": event_id("port_visit", (SHIP,), first.anchor_t_ms, first.anchor_digest),
    }  # fmt: skip


def test_without_ports_nobody_is_in_port() -> None:
    rows = rows_of([off(0, 20), off(1, 1, 0.0), off(9, 20)])
    assert facts_of(play(FactsFold(()), rows, [START_MS + 10 * MS_PER_H]), "port_visit") == []


def slow_rows(rows: Rows) -> list[Row]:
    """Rows of one craft with the speed the rules look at."""
    sea = rows.sea
    lat, lon = sea.lat_e7 * 1e-7, sea.lon_e7 * 1e-7
    found = []
    for i, t_ms in enumerate(sea.t_ms.tolist()):
        speed = None if sea.speed_dkn[i] == 65_535 else sea.speed_dkn[i] / 10
        if speed is None and i and t_ms > sea.t_ms[i - 1]:
            step_nm = distance_m(lat[i - 1], lon[i - 1], lat[i], lon[i]) / 1852
            speed = float(np.floor(step_nm * MS_PER_H / (t_ms - sea.t_ms[i - 1]) * 10 + 0.5)) / 10
        found.append(Row(t_ms, float(lat[i]), float(lon[i]), speed))
    return found


@settings(max_examples=40, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_equal_to_the_slow_way(seed: int) -> None:
    places, _ = random_fleet(seed)
    until_ms = START_MS + random.Random(seed).randrange(300 * MS_PER_H)
    places = [p for p in places if p.t_ms <= until_ms]
    found = facts_of(play(FactsFold((SEA,)), rows_of(places), [until_ms]), "port_visit")
    for craft in sorted({p.craft for p in places}):
        rows = slow_rows(rows_of([p for p in places if p.craft == craft]))
        expected = visits_of(rows, PORTS, until_ms)
        assert [brief(f) for f in found if f.crafts == (craft,)] == expected


def brief(fact: Fact) -> dict[str, Any]:
    said = detail(fact)
    previous, away_nm = said["previous"], said["voyage_max_excursion_nm"]
    return {
        "as_of_ms": fact.as_of_ms, "status": fact.status, "start_ms": fact.start_ms, "end_ms": fact.end_ms,
        "port_id": said["port_id"], "confidence": said["confidence"], "stopped_ms": said["stopped_ms"],
        "gap_ms": said["gap_ms"], "previous": previous and (previous["port_id"], previous["end_ms"]),
        "excursion_m": None if away_nm is None else round(away_nm * 1852),
    }  # fmt: skip


@settings(max_examples=30, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32), restart=st.booleans())
def test_the_same_however_the_rows_are_cut(seed: int, restart: bool) -> None:
    rows = rows_of(*random_fleet(seed))
    ends = any_ends(random.Random(seed), rows, 15)
    whole = facts_of(play(FactsFold((SEA,)), rows, ends[-1:]), "port_visit")
    assert facts_of(play(FactsFold((SEA,)), rows, ends, restart), "port_visit") == whole
