"""Real flights from the feeds straight into legs: the airfields a file states are named or abstained from.

Only some files state an origin and a destination; they are read here from the raw file, apart from the feed.
"""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lacuna_core.event import CLOSED, Event
from lacuna_core.fold import Rows
from lacuna_core.ids import format_craft
from lacuna_core.position import Domain, IdentityBatch, PositionBatch
from lacuna_core.timestamps import format_time
from lacuna_core.units import MS_PER_H, MS_PER_S
from lacuna_ingestion.catalog import feed_for
from lacuna_kernels.digest import row_digests
from tests.real_data import real_data
from tests.unit.flight_correlation.flights import detail, newest, world_fold

pytestmark = pytest.mark.real

EXPLAINED: dict[tuple[str, str], str] = {}
"""Contradictions with a reason: (file, "origin" or "destination") to why. None is known."""


@dataclass(frozen=True)
class Stated:
    """What a file says of its flight; None where it says nothing."""

    origin: str | None
    destination: str | None


def records(relative: str) -> Any:
    return json.loads(gzip.decompress(real_data(relative).read_bytes()))


def stated_by_records(relative: str) -> Stated:
    first = records(relative)[0]
    return Stated(first.get("origin"), first.get("destination"))


def stated_by_fr24(relative: str) -> Stated:
    flight = records(relative)["result"]["response"]["data"]["flight"]["airport"]
    return Stated(flight["origin"]["code"]["icao"], flight["destination"]["code"]["icao"])


def legs_of(path: Path) -> tuple[list[Event], int]:
    """Closed legs by start, and how many records could not be used."""
    positions: list[PositionBatch] = []
    identities: list[IdentityBatch] = []
    dead = 0
    for part in feed_for(path, None).read(path):
        positions += [b for b in part.positions if b.domain == Domain.AIR]
        identities += [b for b in part.identities if b.domain == Domain.AIR]
        dead += len(part.dead)
    air = PositionBatch.concat(positions, domain=Domain.AIR)
    names = IdentityBatch.concat(identities, domain=Domain.AIR)
    air = air.take(np.lexsort((air.craft, air.t_ms)))
    names = names.take(np.lexsort((names.craft, names.t_ms)))
    digest = row_digests({column.name: values for column, values in air.columns()})
    fold = world_fold()
    until_ms = int(air.t_ms[-1]) + 20 * MS_PER_H
    _, out = fold.step(fold.initial(0), Rows(air=air, air_digest=digest, air_identity=names), until_ms, ())
    return [e for e in newest(out.events, "leg") if e.status == CLOSED], dead


def show(title: str, legs: list[Event], stated: Stated = Stated(None, None)) -> None:
    print(f"\n{title}: states {stated.origin or '-'} -> {stated.destination or '-'}")
    for leg in legs:
        said = detail(leg)
        print(
            f"  {format_craft(leg.crafts[0])} {'/'.join(said['callsigns']) or '-':9}"
            f" {format_time(leg.start_ms)} {format_time(leg.end_ms or 0)}"
            f" {said['departure']['airport'] or '(abstains)':10} -> {leg.place or '(abstains)':10}"
            f" {said['arrival']['evidence'] or '-':2} {said['opened_by']}, {said['closed_by']}"
        )


@pytest.mark.parametrize(
    ("relative", "read"),
    [
        ("flights/traffic/elal747.json.gz", stated_by_records),
        ("flights/traffic/dreamliner_boeing.json.gz", stated_by_records),
        ("flights/traffic/turkish_flag.json.gz", stated_by_records),
        ("flights/fr24/2ce4f83f.json.gz", stated_by_fr24),
        ("flights/fr24/3376ab31.json.gz", stated_by_fr24),
    ],
)
def test_stated_airfields_are_never_contradicted(relative: str, read: Any) -> None:
    legs, dead = legs_of(real_data(relative))
    stated = read(relative)
    show(relative, legs, stated)
    assert dead == 0
    ours = {"origin": detail(legs[0])["departure"]["airport"], "destination": legs[-1].place or None}
    contradicted = {(relative, end) for end, named in ours.items() if named and named != getattr(stated, end)}
    assert contradicted <= set(EXPLAINED)
    assert any(ours.values()), "a whole flight that ends in neither airfield"


def test_readsb_leg_markers_fall_between_our_legs() -> None:
    relative = "flights/readsb/trace_full_ac671b.json.gz"
    legs, _ = legs_of(real_data(relative))
    show(relative, legs)
    trace = records(relative)
    marked = [round((trace["timestamp"] + row[0]) * MS_PER_S) for row in trace["trace"] if row[6] & 2]
    assert len(legs) == len(marked) + 1
    for before, after, marker_ms in zip(legs[:-1], legs[1:], marked, strict=True):
        assert before.end_ms is not None
        assert before.end_ms < marker_ms
        # readsb marks the first sample after the silence, our leg begins when it rolls or is heard
        assert marker_ms <= after.start_ms + MS_PER_S
    assert [leg.place for leg in legs] == ["KMSP", "", "KMSP", "KDEN"]


def test_quickstart_names_paris_fields_only() -> None:
    legs, dead = legs_of(real_data("flights/traffic/quickstart.json.gz"))
    show("flights/traffic/quickstart.json.gz", legs)
    assert dead == 0
    landed = {leg.place for leg in legs if detail(leg)["arrival"]["evidence"] == "E1"} - {""}
    assert landed <= {"LFPG", "LFPO", "LFPB", "LFPV", "LFOB", "LFPN", "LFPT"}
    assert len([leg for leg in legs if leg.place]) > 60
    cruising = [leg for leg in legs if (detail(leg)["max_altitude_ft"] or 0) > 35_000]
    assert all(not leg.place or leg.place.startswith("LF") for leg in cruising)


def test_tour_de_france_has_one_working_leg_a_day() -> None:
    legs, dead = legs_of(real_data("flights/traffic/tour_de_france.json.gz"))
    show("flights/traffic/tour_de_france.json.gz", legs)
    # rows whose time the file gives without a position or an address are the feed's dead letters
    assert dead == 0
    days = [format_time(leg.start_ms)[:10] for leg in legs if format_craft(leg.crafts[0]) == "icao24:3924a4"]
    assert days == sorted(set(days))
    assert len(days) == 20
