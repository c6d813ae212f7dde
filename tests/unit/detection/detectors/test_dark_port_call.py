"""Dark port calls: which ports, in which order, and when none is said at all."""

import json
from typing import Any

import pytest

from lacuna_core.event import VOID, Event
from lacuna_core.fact import Fact
from lacuna_detection.assess import AssessFold
from lacuna_detection.detectors.dark_port_call import DETECTOR
from lacuna_kernels.geodesy import bearing_deg
from lacuna_reference.basins import load_basin
from tests.unit.detection.assess_rows import OTHERS, World, all_day, fix, gap, gap_story, heard, visit

CASPIAN = load_basin("caspian")
PORTS = {p.port_id: p for p in CASPIAN.ports}


def _calls(facts: list[Fact], *, witnesses: bool = True) -> list[Event]:
    place = facts[-1].start
    assert place is not None
    here = (place.lat_e7 / 1e7, place.lon_e7 / 1e7)
    rows = [r for c in OTHERS for r in all_day(c, -24, 120, here)] if witnesses else []
    world = World(facts=facts, heard=heard(rows))
    fold = AssessFold((CASPIAN,), {"dark_port_call": {"max_candidates": 30}})
    return [e for e in world.events(fold) if e.kind == "dark_port_call"]


def _detail(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event.detail)
    return found


def _ports(event: Event) -> list[str]:
    return [c["port_id"] for c in _detail(event)["candidates"]]


@pytest.mark.parametrize(
    ("port", "off", "on", "hours"),
    [
        ("amirabad", (37.6, 53.0), (37.6, 53.0), 36),
        ("anzali", (38.1, 49.9), (38.1, 49.9), 34),
        ("astrakhan", (45.0, 47.95), (45.0, 47.95), 46),
        ("olya", (45.1, 47.8), (45.1, 47.8), 36),
        ("amirabad", (37.9, 52.6), (38.4, 52.2), 46),
    ],
)
def test_a_call_of_ordinary_length_on_a_straight_course_is_among_the_first_three(
    port: str, off: tuple[float, float], on: tuple[float, float], hours: float
) -> None:
    there = (PORTS[port].lat_deg, PORTS[port].lon_deg)
    out = fix(0, off, course=bearing_deg(*off, *there))
    back = fix(hours, on, course=(bearing_deg(*on, *there) + 180) % 360)
    event = _calls(gap_story(out, back))[-1]
    assert event.status == "closed"
    groups = [PORTS[p].group for p in _ports(event)[:3]]
    assert PORTS[port].group in groups


def test_candidates_carry_windows_terms_and_no_probability() -> None:
    event = _calls(gap_story(fix(0, course=160), fix(30, course=340)))[-1]
    detail = _detail(event)
    assert detail["label"] == "possible call, uncalibrated"
    assert event.probabilities == (("call", None), ("off", None))
    first = detail["candidates"][0]
    assert first["rank"] == 1
    assert first["group"] == "amirabad_neka"
    assert set(first["terms"]) == {"approach", "destination", "duration", "gates", "history", "location"}
    assert first["score_ln"] == pytest.approx(sum(first["terms"].values()), abs=1e-5)
    assert first["earliest_arrival"] < first["latest_departure"]
    # the golden slack of 13.3 h or 13.4 h is for a stay of 6 h; a cargo ship's shortest call is 4 h
    assert first["slack_h"] == pytest.approx(15.35, abs=0.06)
    scores = [c["score_ln"] for c in detail["candidates"]]
    assert scores == sorted(scores, reverse=True)
    assert event.evidence[-1] != event.event_id


def test_twelve_hours_there_hide_no_call() -> None:
    """Open, the coast was near enough; at the end it was not, and what was said is taken back."""
    events = _calls(gap_story(fix(0), fix(12.5)))
    assert [(e.status, e.revision) for e in events] == [("open", 1), ("retracted", 2)]
    assert not _calls(gap_story(fix(0, (42.0, 50.5)), fix(7, (42.0, 50.5))))


def test_open_gaps_list_what_is_in_reach_so_far() -> None:
    events = _calls(gap_story(fix(0), None))
    assert [e.status for e in events] == ["open"] * len(events)
    sizes = [_detail(e)["reachable"] for e in events]
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0]


def test_a_void_gap_keeps_its_label_and_reason() -> None:
    event = _calls(gap_story(fix(0), fix(36)), witnesses=False)[-1]
    assert event.verdict == VOID
    assert _detail(event)["label"] == "unobserved, coverage unknown"
    assert _detail(event)["void_reason"] == "all_sources_silent"


@pytest.mark.parametrize(
    "facts",
    [
        [gap(fix(0), fix(5.9))],
        [gap(fix(0, (36.86, 53.38)), fix(36))],
        [gap(fix(0, (40.7, -74.0)), fix(36, (40.7, -74.0)))],
        [gap(fix(0), fix(8, (46.0, 50.0)))],
    ],
    ids=["short", "in port", "other sea", "teleport"],
)
def test_no_call_is_said(facts: list[Fact]) -> None:
    assert _calls(facts) == []


def test_own_habits_and_destination_decide_between_equal_ports() -> None:
    off, on = fix(0, (38.6, 50.6), kn=0.0), fix(72, (41.0, 50.6), kn=0.0)
    plain = _calls([gap(off, on)])[-1]
    calls = [
        visit("anzali", fix(-900 + 100 * k, (37.477, 49.472)), fix(-880 + 100 * k, (37.6, 49.6)))
        for k in range(5)
    ]
    habit = _calls([*calls, gap(off, on)])[-1]
    named = _calls([gap(off, on, destination="BANDAR ANZALI")])[-1]

    def score(event: Event) -> float:
        found = {c["port_id"]: c["score_ln"] for c in _detail(event)["candidates"]}
        return float(found["anzali"] - found["baku"])

    assert score(habit) > score(plain) + 1
    assert score(named) == pytest.approx(score(plain) + 2.0)


def test_a_ship_too_large_for_a_port_is_unlikely_there() -> None:
    off, on = fix(0, (38.1, 49.9)), fix(34, (38.1, 49.9))
    small = _detail(_calls([gap(off, on, length_m=120)])[-1])["candidates"]
    large = _detail(_calls([gap(off, on, length_m=170)])[-1])["candidates"]
    terms = [{c["port_id"]: c["terms"]["gates"] for c in found} for found in (small, large)]
    assert terms[0]["anzali"] == 0
    assert terms[1]["anzali"] == pytest.approx(-3.912023)


def test_the_state_survives_a_snapshot() -> None:
    facts = [
        visit("anzali", fix(-60, (37.477, 49.472)), fix(-40, (37.6, 49.6))),
        *gap_story(fix(0), fix(36)),
    ]
    world = World(facts=facts)
    whole = world.events(AssessFold((CASPIAN,)))
    assert world.events(AssessFold((CASPIAN,)), cuts=[-50, -10, 2, 8, 20], reload=True) == whole
    state = DETECTOR.initial()
    assert DETECTOR.load(DETECTOR.dump(state)) == state
