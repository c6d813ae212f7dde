"""From positions to judged events: facts, contacts and assess one after the other on a small sea."""

import json
from typing import Any

import numpy as np
import pytest

from lacuna_core.errors import ConfigError
from lacuna_core.event import VOID, Event
from lacuna_core.fact import Contacts, Heard
from lacuna_core.fold import Rows
from lacuna_core.ids import craft_from_mmsi
from lacuna_core.position import SourceHealth
from lacuna_core.units import MS_PER_H, MS_PER_MIN
from lacuna_detection.assess import AssessFold
from lacuna_detection.contacts import ContactsFold
from lacuna_detection.facts import FactsFold
from lacuna_reference.basins import load_basin
from tests.unit.detection.voyages import SHIP, START_MS, At, Says, rows_of

BASINS = (load_basin("caspian"),)
AMIRABAD = (36.86, 53.38)
SEA_DEG = 37.7
OTHERS = tuple(craft_from_mmsi(422_000_200 + i) for i in range(3))
OUTAGE_H = (150.0, 157.0)
END_H = 200.0


def _health() -> SourceHealth:
    slots = np.arange(round(END_H * 6))
    up = (slots / 6 < OUTAGE_H[0]) | (slots / 6 >= OUTAGE_H[1])
    end_ms = START_MS + (slots + 1) * 10 * MS_PER_MIN
    return SourceHealth.build(
        {
            "t_ms": end_ms, "start_ms": end_ms - 10 * MS_PER_MIN, "messages": np.where(up, 20, 0),
            "domain_code": np.ones(len(slots)), "source": "test", "receiver": "r1",
        }
    )  # fmt: skip


def _north(hours: float) -> tuple[float, float]:
    """Out of Amirabad at 8 kn from hour 30 on, back at hour 100 on the same way: at sea between."""
    nm = 8.0 * max(0.0, min(hours - 30, 100 - hours))
    return AMIRABAD[0] + min(nm, 50.4) / 60, AMIRABAD[1]


def _world() -> Rows:
    """One ship leaves port, is silent for 33 h at sea, and returns; three others stay and transmit."""
    every = np.arange(0, END_H, 0.1).tolist()
    ship = [At(h, *_north(h), speed_kn=8.0 if 30 < h < 100 else 0.0) for h in every if not 48 < h < 81]
    others = [At(h, SEA_DEG + 0.1 * i, 53.4, 0.0, craft) for i, craft in enumerate(OTHERS) for h in every]
    heard = [p for p in [*ship, *others] if not OUTAGE_H[0] <= p.hours < OUTAGE_H[1]]
    return rows_of(heard, [Says(0.0, ship_type=70)])


@pytest.fixture(scope="module")
def events() -> list[Event]:
    rows, health = _world(), _health()
    until_ms = START_MS + round((END_H + 48) * MS_PER_H)
    whole = Rows(sea=rows.sea, sea_digest=rows.sea_digest, sea_identity=rows.sea_identity, health=health)
    facts_fold, contacts_fold, assess = FactsFold(BASINS), ContactsFold(), AssessFold(BASINS)
    _, facts = facts_fold.step(facts_fold.initial(0), whole, until_ms, ())
    _, contacts = contacts_fold.step(contacts_fold.initial(0), whole, until_ms, ())
    said = Rows(
        facts=facts.facts,
        heard=facts.heard or Heard.empty(),
        health=facts.health or SourceHealth.empty(),
        contacts=contacts.contacts or Contacts.empty(),
    )
    _, out = assess.step(assess.initial(0), said, until_ms, ())
    return list(out.events)


def _last(events: list[Event], kind: str, craft: int = SHIP) -> list[Event]:
    newest = {e.event_id: e for e in events if e.kind == kind and craft in e.crafts}
    return list(newest.values())


def _detail(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event.detail)
    return found


def test_the_silence_at_sea_is_found_at_each_threshold_and_is_not_void(events: list[Event]) -> None:
    gap = next(e for e in _last(events, "gap") if e.start_ms < START_MS + 60 * MS_PER_H)
    revisions = [e for e in events if e.event_id == gap.event_id]
    assert [e.revision for e in revisions] == [1, 2, 3, 4, 5, 6]
    assert [e.status for e in revisions] == ["open"] * 5 + ["closed"]
    assert {t.name: t.value for t in gap.terms}["hours"] == pytest.approx(33, abs=0.3)
    assert gap.verdict == "unassessed"


def test_the_silences_of_the_outage_are_void_for_every_ship(events: list[Event]) -> None:
    for craft in (SHIP, *OTHERS):
        during = [e for e in _last(events, "gap", craft) if e.start_ms > START_MS + 140 * MS_PER_H]
        closed = [e for e in during if e.status == "closed"]
        assert [(e.verdict, _detail(e)["void_reason"]) for e in closed] == [(VOID, "receivers_down")]


def test_the_dark_call_and_the_round_trip_rest_on_them(events: list[Event]) -> None:
    (call,) = _last(events, "dark_port_call")
    (trip,) = _last(events, "round_trip_no_call")
    assert call.status == "closed"
    assert call.evidence[-1] in {e.event_id for e in _last(events, "gap")}
    assert _detail(call)["ship_group"] == "cargo"
    assert (trip.place, trip.verdict) == ("amirabad", "dark_call")
    assert call.event_id in trip.evidence
    assert {t.name: t.value for t in trip.terms}["excursion_nm"] == pytest.approx(50, abs=1)


def test_places_are_ports_and_regions(events: list[Event]) -> None:
    assert {e.place for e in _last(events, "port_visit")} == {"amirabad"}
    assert _last(events, "gap", OTHERS[0])[0].place == "caspian_sea"


def test_model_versions_name_the_kind_and_change_with_the_numbers(events: list[Event]) -> None:
    assert all(e.model_version.startswith(f"{e.kind}/1+") for e in events)
    assert len({e.model_version for e in events if e.kind == "gap"}) == 1
    plain, other = AssessFold(BASINS), AssessFold(BASINS, {"void": {"min_witnesses": 5}})
    assert plain._models["gap"] in {e.model_version for e in events}
    assert plain._models["gap"] != other._models["gap"]


def test_a_wrong_parameter_is_named() -> None:
    with pytest.raises(ConfigError, match="min_witness"):
        AssessFold(BASINS, {"void": {"min_witness": 5}})


def test_a_kind_can_be_left_out() -> None:
    fold = AssessFold(BASINS, disabled=frozenset({"dark_port_call"}))
    assert "dark_port_call" not in fold.initial(0).parts
