"""Contacts: pairs within 500 m on the ten-minute grid, by interpolation, judged one hour later."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.errors import ConfigError
from lacuna_core.fact import CONTACT_DELAY_MS, CONTACT_SLOT_MS, Contacts
from lacuna_core.ids import craft_from_mmsi
from lacuna_core.units import MS_PER_H
from lacuna_detection.contacts import ContactsFold
from tests.reference.meeting_oracle import pairs_within, position_on_grid
from tests.reference.sphere_oracle import distance_m
from tests.unit.detection.voyages import OTHER, SHIP, START_MS, At, any_ends, play, rows_of

MS = 1 / MS_PER_H


def contacts(places: list[At], ends_ms: list[int] | None = None, restart: bool = False) -> Contacts:
    ends = ends_ms or [START_MS + 1_000 * MS_PER_H]
    outputs = play(ContactsFold(), rows_of(places), ends, restart)
    return Contacts.concat([out.contacts for out in outputs if out.contacts is not None])


def test_two_ships_side_by_side_meet_in_each_slot_between_their_fixes() -> None:
    places = [
        *(At(h, 43.0, 51.0 + h / 100, 1.0, SHIP) for h in (0.1, 0.9, 1.7)),
        *(At(h, 43.001, 51.0 + h / 100, None, OTHER) for h in (0.0, 0.5, 1.0, 1.5, 2.0)),
    ]
    found = contacts(places)
    assert [(t - START_MS) // CONTACT_SLOT_MS for t in found.t_ms.tolist()] == list(range(1, 11))
    assert set(found.craft_a.tolist()) == {SHIP}
    assert set(found.craft_b.tolist()) == {OTHER}
    assert set(found.distance_m.tolist()) == {111}
    assert found.lon_e7.tolist() == pytest.approx([(51.0 + i / 600) * 1e7 for i in range(1, 11)], abs=200)
    assert set(found.speed_a_dkn.tolist()) == {10}
    assert set(found.speed_b_dkn.tolist()) == {4}


def test_nothing_is_interpolated_across_a_silence_of_an_hour() -> None:
    near = [At(0, 43, 51, 0.0, SHIP), At(1, 43, 51, 0.0, SHIP)]
    beside = [At(h / 10, 43, 51, 0.0, OTHER) for h in range(11)]
    assert [t - START_MS for t in contacts(near + beside).t_ms.tolist()] == [0, MS_PER_H]
    nearer = [near[0], At(1 - MS, 43, 51, 0.0, SHIP)]
    assert len(contacts(nearer + beside)) == 6


def test_a_slot_is_judged_one_hour_after_its_start() -> None:
    places = [At(0, 43, 51, 0.0, SHIP), At(0, 43, 51, 0.0, OTHER)]
    rows = rows_of(places)
    early, due = play(ContactsFold(), rows, [START_MS + CONTACT_DELAY_MS - 1, START_MS + CONTACT_DELAY_MS])
    assert early.contacts is None
    assert due.contacts is not None
    assert due.contacts.t_ms.tolist() == [START_MS]


def test_no_rows_no_contacts_and_unknown_settings_are_named() -> None:
    assert len(contacts([])) == 0
    with pytest.raises(ConfigError, match=r"detection.contacts.radius .*radius_m"):
        ContactsFold({"contacts": {"radius": 1}})


def fleet(seed: int) -> list[At]:
    """Ships that keep close to each other around awkward places."""
    rng = random.Random(seed)
    lat0, lon0 = rng.choice([(0.0, 0.0), (43.0, 51.0), (-17.0, 180.0), (89.999, 0.0), (-90.0, 0.0)])
    spread = rng.choice([0.002, 0.01])
    lon_spread = 180.0 if abs(lat0) > 89 else spread
    places: list[At] = []
    for i in range(rng.randrange(1, 7)):
        hours = rng.random()
        for _ in range(rng.randrange(1, 25)):
            hours += rng.choice([0.01, 1 / 6, 0.2, 0.5, 1 - MS, 1.0, 2.0])
            lat = max(-90.0, min(90.0, lat0 + rng.uniform(-spread, spread)))
            lon = (lon0 + rng.uniform(-lon_spread, lon_spread) + 180) % 360 - 180
            hours = round(hours * 12) / 12 if rng.random() < 0.3 and places else hours
            places.append(At(hours, lat, lon, 1.0, craft_from_mmsi(200_000_000 + i)))
    unique = {(p.craft, p.t_ms): p for p in places}
    return sorted(unique.values(), key=lambda p: (p.t_ms, p.craft))


@settings(max_examples=40, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_equal_to_the_slow_way(seed: int) -> None:
    places = fleet(seed)
    sea = rows_of(places).sea
    expected = set()
    crafts = sorted(set(sea.craft.tolist()))
    first, last = int(sea.t_ms[0]) // CONTACT_SLOT_MS, int(sea.t_ms[-1]) // CONTACT_SLOT_MS
    for slot in range(first, last + 1):
        spots = []
        for craft in crafts:
            mine = sea.take(sea.craft == craft)
            fixes = list(zip(mine.t_ms.tolist(), mine.lat_e7 * 1e-7, mine.lon_e7 * 1e-7, strict=True))
            spot = position_on_grid(fixes, slot * CONTACT_SLOT_MS)
            if spot is not None:
                spots.append((craft, *spot))
        for i, j in pairs_within([(0, lat, lon) for _, lat, lon in spots], 500.0):
            away = distance_m(*spots[i][1:], *spots[j][1:])
            expected.add((slot * CONTACT_SLOT_MS, spots[i][0], spots[j][0], round(away)))
    found = contacts(places)
    columns = (found.t_ms, found.craft_a, found.craft_b, found.distance_m)
    seen = list(zip(*(c.tolist() for c in columns), strict=True))
    assert seen == sorted(seen)
    assert {s[:3] for s in seen} == {e[:3] for e in expected}
    ordered = sorted(expected)
    assert all(abs(s[3] - e[3]) <= 1 for s, e in zip(seen, ordered, strict=True))


@settings(max_examples=30, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32), restart=st.booleans())
def test_the_same_however_the_rows_are_cut(seed: int, restart: bool) -> None:
    places = fleet(seed)
    ends = any_ends(random.Random(seed), rows_of(places), 15)
    assert contacts(places, ends, restart) == contacts(places, ends[-1:])
