"""Round trips without a call: out, far enough, and back."""

import json
from dataclasses import replace

import pytest

from lacuna_core.event import VOID, Event
from lacuna_core.fact import Fact
from lacuna_core.ids import craft_from_mmsi
from lacuna_detection.assess import AssessFold
from lacuna_detection.detectors.round_trip_no_call import DETECTOR
from lacuna_reference.basins import load_basin
from tests.unit.detection.assess_rows import OTHERS, SHIP, World, all_day, at_ms, fix, gap, heard, visit

CASPIAN = load_basin("caspian")
AMIRABAD, NEKA, ANZALI = (36.86, 53.38), (36.83, 53.25), (37.477, 49.472)
SEA = (37.6, 53.0)


def _trips(facts: list[Fact], *, witnesses: bool = True) -> list[Event]:
    rows = [r for c in OTHERS for r in all_day(c, -24, 120, SEA)] if witnesses else []
    events = World(facts=facts, heard=heard(rows)).events(AssessFold((CASPIAN,)))
    return [e for e in events if e.kind == "round_trip_no_call"]


def _story(
    *,
    hours: float = 30.0,
    nm: float = 45.0,
    port: str = "amirabad",
    again: str = "amirabad",
    confidence: int = 4,
) -> list[Fact]:
    first = visit(port, fix(-20, AMIRABAD), fix(0, AMIRABAD))
    enter = fix(hours, NEKA if again == "neka" else AMIRABAD)
    rest = {"voyage_max_excursion_nm": nm}
    return [
        first,
        visit(again, enter, None, first, **rest),
        visit(again, enter, fix(hours + 20, AMIRABAD), first, **{**rest, "confidence": confidence}),
    ]


def test_out_and_back_is_said_when_she_stops_and_closed_when_she_leaves() -> None:
    events = _trips(_story())
    assert [(e.status, e.revision) for e in events] == [("open", 1), ("closed", 2)]
    assert len({e.event_id for e in events}) == 1
    event = events[-1]
    assert (event.start_ms, event.end_ms) == (at_ms(0), at_ms(30))
    assert (event.place, event.verdict) == ("amirabad", "turnaround_at_sea")
    assert {t.name: t.value for t in event.terms}["excursion_nm"] == 45
    assert event.start_lat_e7 == round(AMIRABAD[0] * 1e7)


def test_another_port_of_the_group_counts_as_the_same() -> None:
    assert len(_trips(_story(again="neka"))) == 2


@pytest.mark.parametrize(
    "facts",
    [
        _story(hours=7.9),
        _story(nm=19.9),
        _story(again="anzali"),
        _story()[:1],
        [replace(f, detail=f.detail.replace('"confidence":4', '"confidence":2')) for f in _story()],
    ],
    ids=["short", "near", "other port", "first visit", "unsure"],
)
def test_no_trip_is_said(facts: list[Fact]) -> None:
    assert _trips(facts) == []


@pytest.mark.parametrize(
    ("ship_type", "said"), [(70, True), (0, True), (30, False), (52, False), (60, False)]
)
def test_ships_that_go_out_by_trade_are_left_out(ship_type: int, said: bool) -> None:
    story = _story()
    silence = gap(fix(-10, AMIRABAD), fix(-8, AMIRABAD), ship_type=ship_type)
    facts = sorted([*story, silence], key=lambda f: f.as_of_ms)
    assert bool(_trips(facts)) == said


def _with(story: list[Fact], *more: Fact) -> list[Fact]:
    return sorted([*story, *more], key=lambda f: f.as_of_ms)


def test_a_dark_call_between_is_the_cause_and_the_evidence() -> None:
    silence = gap(fix(3, SEA), fix(27, SEA))
    event = _trips(_with(_story(nm=30), silence))[-1]
    detail = json.loads(event.detail)
    assert (event.verdict, detail["cause"]) == ("dark_call", "dark_call")
    assert len(detail["between"]) == 1
    assert detail["between"][0] in event.evidence


def test_a_void_silence_between_leaves_the_trip_unobserved() -> None:
    silence = gap(fix(3, SEA), fix(27, SEA))
    event = _trips(_with(_story(nm=30), silence), witnesses=False)[-1]
    assert event.verdict == VOID
    assert json.loads(event.detail)["cause"] == "unobserved"


def test_a_meeting_between_is_the_cause() -> None:
    other = craft_from_mmsi(422_000_009)
    meeting = replace(
        gap(fix(10, SEA), fix(13, SEA)),
        kind="encounter",
        crafts=(SHIP, other),
        detail='{"contact_h":3.0,"slots":18}',
    )
    event = _trips(_with(_story(), meeting))[-1]
    assert event.verdict == "sts"


@pytest.mark.parametrize(("silent", "verdict"), [(True, VOID), (False, "turnaround_at_sea")])
def test_turning_up_in_another_port_out_of_a_silence_is_no_turnaround(silent: bool, verdict: str) -> None:
    """Sailing through one is: on the way to sea a ship passes the ports along a canal."""
    seen = visit("anzali", fix(14, ANZALI), fix(14.3, ANZALI), confidence=1, has_stop=False)
    silence = [gap(fix(9, SEA), fix(14, ANZALI))] if silent else []
    assert _trips(_with(_story(), seen, *silence))[-1].verdict == verdict


def test_where_she_could_have_been_in_a_silence_widens_the_excursion() -> None:
    """Seen within 15 nm only, but silent for 9 h at up to 10.5 kn."""
    silence = gap(fix(3, (37.0, 53.3)), fix(12, (37.0, 53.3)))
    event = _trips(_with(_story(nm=15), silence))[-1]
    terms = {t.name: t.value for t in event.terms}
    assert terms["excursion_nm"] == 15
    assert terms["hard_excursion_nm"] == pytest.approx((9 * 10.5) / 2 + 9.27, abs=0.2)
    assert _trips(_with(_story(nm=15), silence), witnesses=False) == []


def test_the_state_survives_a_snapshot() -> None:
    world = World(facts=_with(_story(), gap(fix(3, SEA), fix(27, SEA))))
    whole = world.events(AssessFold((CASPIAN,)))
    assert world.events(AssessFold((CASPIAN,)), cuts=[-1, 1, 28, 31, 40], reload=True) == whole
    state = DETECTOR.initial()
    assert DETECTOR.load(DETECTOR.dump(state)) == state
