"""The facts fold as a whole: who was heard, health, settings, snapshots, many craft, real gaps."""

import csv
import gzip
import json
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from lacuna_core.errors import ConfigError
from lacuna_core.fold import Rows
from lacuna_core.ids import craft_from_mmsi
from lacuna_core.position import SourceHealth
from lacuna_core.units import MS_PER_H
from lacuna_detection.facts import FactsFold
from tests.real_data import real_data
from tests.unit.detection.random_tracks import SEA, random_fleet
from tests.unit.detection.voyages import OTHER, SHIP, START_MS, At, facts_of, play, rows_of

END_MS = START_MS + 400 * MS_PER_H


def test_a_craft_is_heard_once_in_each_half_hour() -> None:
    places = [
        At(0, 40, 50, receiver="a"), At(0.2, 41, 50, receiver="b"), At(0.5, 42, 50, receiver="a|b"),
        At(0.1, 43, 51, craft=OTHER, receiver="c"), At(2.4, 44, 50, receiver="a"),
    ]  # fmt: skip
    [out] = play(FactsFold(()), rows_of(places), [END_MS])
    heard = out.heard
    assert heard is not None
    assert heard.t_ms.tolist() == [places[i].t_ms for i in (0, 3, 2, 4)]
    assert heard.craft.tolist() == [SHIP, OTHER, SHIP, SHIP]
    assert heard.text("receiver").tolist() == ["a", "c", "a|b", "a"]
    assert heard.strings == ("a", "a|b", "c")


@pytest.mark.parametrize(("partition", "passed"), [(0, True), (5, False)])
def test_health_is_passed_on_by_the_first_partition(partition: int, passed: bool) -> None:
    health = SourceHealth.build(
        {"t_ms": [START_MS], "start_ms": [START_MS - 10], "messages": [7], "domain_code": [1],
         "source": "nmea", "receiver": "a"}
    )  # fmt: skip
    fold = FactsFold(())
    _, out = fold.step(fold.initial(partition), Rows(health=health), START_MS, ())
    assert out.health == (health if passed else None)


def test_no_rows_say_nothing() -> None:
    [out] = play(FactsFold((SEA,)), Rows(), [END_MS])
    assert (out.facts, out.heard, out.health, out.contacts, out.events) == ((), None, None, None, ())


def test_facts_come_in_canonical_order_and_name_each_state_once() -> None:
    rows = rows_of(*random_fleet(7, crafts=12, n=200))
    facts = facts_of(play(FactsFold((SEA,)), rows, [END_MS]))
    keys = [(f.as_of_ms, f.crafts, f.kind, f.anchor_t_ms, f.anchor_digest) for f in facts]
    assert keys == sorted(keys)
    assert len(facts) > 300
    assert {f.kind for f in facts} == {"gap", "port_visit", "loitering"}


def test_craft_do_not_touch_each_other() -> None:
    places, words = random_fleet(11, crafts=300, n=30)
    together = facts_of(play(FactsFold((SEA,)), rows_of(places, words), [END_MS]))
    crafts = sorted({p.craft for p in places})
    for craft in crafts[::29]:
        mine = rows_of([p for p in places if p.craft == craft], [w for w in words if w.craft == craft])
        alone = facts_of(play(FactsFold((SEA,)), mine, [END_MS]))
        assert [f for f in together if f.crafts == (craft,)] == alone


def test_kinds_can_be_left_out_and_numbers_overridden() -> None:
    rows = rows_of([At(0, 40, 50), At(3, 40, 50)])
    fold = FactsFold((SEA,), {"gap": {"thresholds_h": (2.0,)}}, disabled=frozenset({"port_visit"}))
    facts = facts_of(play(fold, rows, [START_MS + 4 * MS_PER_H]))
    assert [(f.kind, f.as_of_ms - START_MS) for f in facts] == [
        ("gap", 2 * MS_PER_H + 1), ("gap", 3 * MS_PER_H),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"gap": {"threshold_h": 2}}, r"detection\.gap\.threshold_h .*thresholds_h"),
        ({"loitering": {"min_run_h": "long"}}, r"detection\.loitering\.min_run_h is 'long'; expected float"),
        ({"track": {"port_entry_m": True}}, r"detection\.track\.port_entry_m is True; expected float"),
    ],
)
def test_a_wrong_setting_is_named(override: dict[str, dict[str, Any]], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        FactsFold((), override)


@pytest.mark.real
def test_real_silences_are_those_of_the_reference() -> None:
    """A track shared by several ships, with the silences over one hour that an independent program found."""
    name = "gfw_segments/segmented-416000000.json.gz"
    with gzip.open(real_data(f"positions/{name}"), "rt") as file:
        messages = [json.loads(line) for line in file]
    places = [
        At((unix_ms(m["timestamp"]) - START_MS) / MS_PER_H, m["lat"], m["lon"], None, craft_of(m["ssvid"]))
        for m in messages
        if m.get("lat") is not None and m.get("lon") is not None
    ]
    rows = rows_of(places)
    facts = facts_of(play(FactsFold(()), rows, [int(rows.sea.t_ms[-1])]), "gap")
    found = sorted((f.start_ms, f.end_ms or 0) for f in facts if f.status == "closed")
    with gzip.open(real_data("positions/gaps_over_1h_reference.csv.gz"), "rt") as file:
        expected = sorted(
            (unix_ms(row["start_utc"]), unix_ms(row["end_utc"]))
            for row in csv.DictReader(file)
            if row["table"] == name
        )
    assert len(found) == len(expected) > 0
    assert np.abs(np.array(found) - np.array(expected)).max() <= 2_000


def unix_ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def craft_of(ssvid: int | str) -> int:
    return craft_from_mmsi(int(ssvid))
