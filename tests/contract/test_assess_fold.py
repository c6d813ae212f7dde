"""The assess fold keeps G1 and G2, and its events number themselves."""

import random

import pytest

from lacuna_core.event import VOID, Event
from lacuna_core.fact import CONTACT_SLOT_MS, Contacts, Fact
from lacuna_core.ids import partition_of
from lacuna_core.message import EventBatch, FactBatch
from lacuna_core.units import MS_PER_H
from lacuna_detection.assess import AssessFold
from lacuna_detection.detector import fact_order
from lacuna_reference.basins import load_basin
from tests.contract.fold_contract import InputRow, fold_property, messages, run_fold
from tests.unit.detection.assess_rows import (
    OTHERS,
    SHIP,
    World,
    all_day,
    at_ms,
    fix,
    gap_story,
    health,
    heard,
    visit,
)

AMIRABAD = (36.86, 53.38)
SEA = (37.6, 53.0)


def _fold() -> AssessFold:
    return AssessFold((load_basin("caspian"),))


def _world(seed: int) -> World:
    """Two days: an outage, silences within and beside it, a round trip with a dark call, a meeting."""
    rng = random.Random(seed)
    outage = (10.0, 18.0 + rng.random())
    rows = all_day(OTHERS[0], -12, 40, SEA) + all_day(OTHERS[1], -12, 40, SEA, "shore|north")
    rows += all_day(OTHERS[2], -12, 40, (42.0, 50.0), "north") + all_day(SHIP, -12, 0, SEA)
    rows = [r for r in rows if "shore" not in r[3] or not outage[0] <= r[0] < outage[1]]
    first = visit("amirabad", fix(-10, AMIRABAD), fix(-4, AMIRABAD))
    enter = fix(36, AMIRABAD)
    facts: list[Fact] = [
        first,
        visit("amirabad", enter, None, first, voyage_max_excursion_nm=50.0),
        visit("amirabad", enter, fix(39, AMIRABAD), first, voyage_max_excursion_nm=50.0),
        *gap_story(fix(1, SEA), fix(31, SEA)),
        *gap_story(fix(9.9, SEA), fix(outage[1] + 0.1, SEA), OTHERS[0]),
        *gap_story(fix(20, (42.0, 50.0), by="north"), fix(20 + 12 * rng.random(), (42.1, 50.0)), OTHERS[2]),
        *gap_story(fix(30 + rng.random(), SEA), None, OTHERS[3])[:3],
    ]
    return World(
        facts=sorted(facts, key=fact_order),
        heard=heard(rows),
        health=health({"shore": [outage], "north": []}, -12, 40),
        contacts=_meeting(3.0, 6.5),
    )


def _meeting(from_h: float, to_h: float) -> Contacts:
    a, b = sorted((OTHERS[0], OTHERS[1]))
    t_ms = list(range(at_ms(from_h) // CONTACT_SLOT_MS * CONTACT_SLOT_MS, at_ms(to_h), CONTACT_SLOT_MS))
    n = len(t_ms)
    return Contacts.build(
        {
            "t_ms": t_ms, "craft_a": [a] * n, "craft_b": [b] * n, "distance_m": [200] * n,
            "lat_e7": [390_000_000] * n, "lon_e7": [510_000_000] * n,
            "speed_a_dkn": [4] * n, "speed_b_dkn": [6] * n,
        }
    )  # fmt: skip


def _inputs(world: World) -> list[InputRow]:
    facts = [InputRow("facts", partition_of(f.crafts[0]), FactBatch((f,))) for f in world.facts]
    reception = [
        InputRow("reception", craft_slot % 16, world.heard.take(slice(craft_slot, craft_slot + 1)))
        for craft_slot in range(len(world.heard))
    ]
    return [
        *facts,
        *reception,
        InputRow("reception", 0, world.health),
        InputRow("contacts", partition_of(int(world.contacts.craft_a[0])), world.contacts),
    ]


def _events(found: list[object]) -> list[Event]:
    return [event for batch in found if isinstance(batch, EventBatch) for event in batch.rows]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_fold_keeps_the_contract(seed: int) -> None:
    found = fold_property(_fold, _inputs(_world(seed)), settle_ms=12 * MS_PER_H, examples=8)
    assert max(found.values()) == 1
    events = _events(list(messages(found, "events")))
    assert {e.kind for e in events} == {
        "gap", "port_visit", "encounter", "dark_port_call", "round_trip_no_call",
    }  # fmt: skip
    assert {e.verdict for e in events if e.kind == "gap"} == {VOID, "unassessed"}


def test_revisions_count_from_one_without_holes() -> None:
    events = _events(list(messages(run_fold(_fold, _inputs(_world(3)), settle_ms=12 * MS_PER_H), "events")))
    by_id: dict[str, list[Event]] = {}
    for event in events:
        by_id.setdefault(event.event_id, []).append(event)
    for revisions in by_id.values():
        numbers = sorted(e.revision for e in revisions)
        assert numbers == list(range(1, len(numbers) + 1))
        assert len({e.kind for e in revisions}) == 1


def test_cuts_and_snapshots_change_nothing() -> None:
    world = _world(4)
    whole = world.events(_fold())
    assert world.events(_fold(), cuts=[-3.2, 0.01, 2, 9.95, 12, 18.4, 31, 36.5], reload=True) == whole
    assert world.events(_fold(), cuts=[h / 2 for h in range(-20, 90)]) == whole


def test_nothing_in_nothing_out() -> None:
    assert World().events(_fold(), cuts=[0, 1, 2]) == []
