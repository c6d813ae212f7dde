"""Void or not, on small worlds where a person would know."""

import json

import pytest

from lacuna_core.event import VOID, Event
from lacuna_core.fact import Fact
from lacuna_detection.assess import AssessFold
from lacuna_detection.void import ALL_SOURCES_SILENT, NO_WITNESS, RECEIVERS_DOWN, UNASSESSED
from tests.unit.detection.assess_rows import OTHERS, SHIP, World, all_day, fix, gap_story, health, heard

_HISTORY_H = -48.0
_END_H = 72.0
_FAR = (42.0, 50.0)


def _gaps(world: World) -> list[Event]:
    return [e for e in world.events(AssessFold(())) if e.kind == "gap"]


def _verdict(event: Event) -> tuple[str, str | None]:
    return event.verdict, json.loads(event.detail)["void_reason"]


def _world(facts: list[Fact], *, outage: tuple[float, float] | None, neighbors: int = 3) -> World:
    """A shore station hears neighbors all the time, except in its outage; a far one is never down."""
    rows = all_day(OTHERS[3], _HISTORY_H, _END_H, _FAR, "far") + all_day(SHIP, _HISTORY_H, 0)
    for craft in OTHERS[:neighbors]:
        rows += all_day(craft, _HISTORY_H, _END_H)
    if outage:
        rows = [r for r in rows if r[3] == "far" or not outage[0] <= r[0] < outage[1]]
    stations = {"shore": [outage] if outage else [], "far": []}
    return World(facts=facts, heard=heard(rows), health=health(stations, _HISTORY_H, _END_H))


@pytest.mark.parametrize("hours", [1.5, 3.0, 8.0, 31.0, 48.0])
def test_a_silence_that_an_outage_made_is_void(hours: float) -> None:
    outage = (1 / 6, hours - 1 / 6)
    world = _world(gap_story(fix(0), fix(hours)), outage=outage)
    final = _gaps(world)[-1]
    assert final.status == "closed"
    assert _verdict(final) == (VOID, RECEIVERS_DOWN)


@pytest.mark.parametrize("hours", [2.5, 8.0, 31.0, 48.0])
def test_switching_off_among_heard_neighbors_is_not_void(hours: float) -> None:
    final = _gaps(_world(gap_story(fix(0), fix(hours)), outage=None))[-1]
    assert _verdict(final) == (UNASSESSED, None)
    assert final.probabilities == (("off", None),)
    terms = {t.name: t.value for t in final.terms}
    assert terms["down_share"] == 0
    assert terms["witnesses"] >= 3 * (2 * hours - 2)


def test_a_short_outage_does_not_excuse_a_long_silence() -> None:
    final = _gaps(_world(gap_story(fix(0), fix(30.5)), outage=(2.0, 6.0)))[-1]
    assert _verdict(final)[0] == UNASSESSED


def test_an_outage_of_one_of_two_stations_that_both_hear_the_place_excuses_nothing() -> None:
    world = _world(gap_story(fix(0, by="shore|twin"), fix(8)), outage=None)
    rows = [r for c in OTHERS[:3] for r in all_day(c, _HISTORY_H, 0, by="shore|twin")]
    rows += [r for c in OTHERS[:3] for r in all_day(c, 0, _END_H, by="twin")]
    world.heard = heard(rows)
    world.health = health({"shore": [(0.0, 8.0)], "twin": []}, _HISTORY_H, _END_H)
    assert _verdict(_gaps(world)[-1])[0] == UNASSESSED


def test_an_outage_far_away_excuses_nothing() -> None:
    world = _world(gap_story(fix(0), fix(8)), outage=None)
    world.health = health({"shore": [], "far": [(0.0, 8.0)]}, _HISTORY_H, _END_H)
    assert _verdict(_gaps(world)[-1])[0] == UNASSESSED


def test_a_satellite_between_passes_is_no_outage() -> None:
    silent = [(h + 1 / 6, h + 1.5) for h in (x * 1.5 for x in range(-32, 40))]
    rows = [r for c in OTHERS[:3] for r in all_day(c, _HISTORY_H, _END_H, by="sat")]
    world = World(
        gap_story(fix(0, by="sat"), fix(8)), heard(rows), health({"sat": silent}, _HISTORY_H, _END_H)
    )
    final = _gaps(world)[-1]
    assert {t.name: t.value for t in final.terms}["down_share"] == 0
    assert _verdict(final)[0] == UNASSESSED


def test_without_witnesses_nothing_is_known() -> None:
    final = _gaps(_world(gap_story(fix(0), fix(8)), outage=None, neighbors=0))[-1]
    assert _verdict(final) == (VOID, NO_WITNESS)


def test_an_empty_feed_is_silent_as_a_whole() -> None:
    world = World(facts=gap_story(fix(0), fix(8)))
    assert [_verdict(e) for e in _gaps(world)] == [(VOID, ALL_SOURCES_SILENT)] * 3


def test_a_verdict_uses_what_was_known_then_and_is_judged_again_at_the_end() -> None:
    """An outage that starts 2 h into the silence can't excuse the first hour, but half of it all."""
    events = _gaps(_world(gap_story(fix(0), fix(24.5)), outage=(2.0, 24.0)))
    assert [_verdict(e)[0] for e in events] == [UNASSESSED, VOID, VOID, VOID, VOID]
    assert [e.revision for e in events] == [1, 2, 3, 4, 5]
    assert len({e.event_id for e in events}) == 1


def test_later_rows_change_nothing_said_before() -> None:
    facts = gap_story(fix(0), fix(24.5))
    whole = _gaps(_world(facts, outage=(2.0, 24.0)))
    for n, fact in enumerate(facts):
        world = _world(facts[: n + 1], outage=(2.0, 24.0))
        hours = (fact.as_of_ms - fact.start_ms) / 3_600_000
        cut = [r for r in range(len(world.heard)) if world.heard.t_ms[r] <= fact.as_of_ms]
        world.heard = world.heard.take(slice(0, len(cut)))
        world.health = world.health.take(world.health.t_ms <= fact.as_of_ms)
        assert _gaps(world)[-1] == whole[n], hours
