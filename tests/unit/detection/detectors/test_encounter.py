"""Encounters: two hours of slots in contact, slow, away from ports; closed when they part."""

import json
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.fact import CONTACT_SLOT_MS, Contacts, Fact
from lacuna_core.ids import craft_from_mmsi
from lacuna_core.units import MS_PER_H, NULL_U16
from lacuna_detection.anchorages import anchorages_of
from lacuna_detection.detectors.encounter import DETECTOR, Params
from tests.reference.meeting_oracle import encounters_of
from tests.unit.detection.voyages import basin, port

SHIPS = [craft_from_mmsi(200_000_000 + i) for i in range(5)]
T0 = 1_662_033_600_000 // CONTACT_SLOT_MS * CONTACT_SLOT_MS
HARBOR = anchorages_of((basin(port("harbor", 40.0, 51.0)),))
Row = tuple[int, int, int, float, float, float | None, float | None]
"""Slot number, two ships, latitude, longitude, two speeds."""


def contacts_of(rows: Sequence[Row]) -> Contacts:
    rows = sorted(rows, key=lambda r: r[:3])

    def speed(value: float | None) -> int:
        return NULL_U16 if value is None else round(value * 10)

    return Contacts(
        t_ms=np.array([T0 + r[0] * CONTACT_SLOT_MS for r in rows], np.int64),
        craft_a=np.array([SHIPS[r[1]] for r in rows], np.uint64),
        craft_b=np.array([SHIPS[r[2]] for r in rows], np.uint64),
        distance_m=np.array([100 + r[0] for r in rows], np.uint16),
        lat_e7=np.array([round(r[3] * 1e7) for r in rows], np.int32),
        lon_e7=np.array([round(r[4] * 1e7) for r in rows], np.int32),
        speed_a_dkn=np.array([speed(r[5]) for r in rows], np.uint16),
        speed_b_dkn=np.array([speed(r[6]) for r in rows], np.uint16),
    )


def step_through(
    rows: Sequence[Row], ends_ms: Sequence[int], params: Params | None = None, restart: bool = False
) -> list[Fact]:
    contacts, state, facts = contacts_of(rows), DETECTOR.initial(), []
    before_ms = -(2**62)
    for until_ms in ends_ms:
        known_ms = contacts.t_ms + MS_PER_H
        part = contacts.take((known_ms > before_ms) & (known_ms <= until_ms))
        if restart:
            state = DETECTOR.load(DETECTOR.dump(state))
        facts += DETECTOR.step(state, part, until_ms, params or Params(), HARBOR)
        before_ms = until_ms
    return facts


def together(slots: Sequence[int], speed_kn: float | None = 1.0, lat_deg: float = 43.0) -> list[Row]:
    return [(s, 0, 1, lat_deg, 51.0, speed_kn, speed_kn) for s in slots]


def test_two_hours_of_slots_open_it_and_four_hours_apart_close_it() -> None:
    opened, closed = step_through(together(range(15)), [T0 + 100 * MS_PER_H])
    assert (opened.status, opened.as_of_ms - T0) == ("open", 11 * CONTACT_SLOT_MS + MS_PER_H)
    assert (closed.status, closed.as_of_ms - T0) == ("closed", 14 * CONTACT_SLOT_MS + 5 * MS_PER_H)
    assert (closed.start_ms, closed.end_ms) == (T0, T0 + 14 * CONTACT_SLOT_MS)
    assert (opened.anchor_t_ms, opened.anchor_digest) == (closed.anchor_t_ms, closed.anchor_digest)
    detail = json.loads(closed.detail)
    assert (detail["slots"], detail["contact_h"], detail["median_speed_kn"]) == (15, 2.5, 1.0)
    assert (detail["nearest_port"], detail["min_distance_m"]) == (None, 100)


@pytest.mark.parametrize(
    ("rows", "statuses"),
    [
        (together(range(11)), []),
        (together([*range(6), *range(28, 34)]), ["open", "closed"]),
        (together([*range(6), *range(30, 36)]), []),
        (together(range(20), speed_kn=2.0), []),
        (together(range(20), speed_kn=None), []),
        (together(range(20), lat_deg=40.05), []),
        (together(range(12)) + together(range(12, 40), speed_kn=5.0), ["open", "retracted"]),
    ],
    ids=["short", "pause under 4 h", "pause of 4 h", "fast", "no speed", "near port", "no longer slow"],
)
def test_what_is_an_encounter(rows: list[Row], statuses: list[str]) -> None:
    assert [f.status for f in step_through(rows, [T0 + 100 * MS_PER_H])] == statuses


def test_the_exclusion_of_ports_can_be_switched_off() -> None:
    rows = together(range(20), lat_deg=40.05)
    found = step_through(rows, [T0 + 100 * MS_PER_H], Params(exclude_near_port=False))
    assert [f.status for f in found] == ["open", "closed"]
    assert json.loads(found[0].detail)["nearest_port"] == "harbor"


def test_the_mean_place_is_right_across_the_antimeridian() -> None:
    rows: list[Row] = [(s, 0, 1, 10.0, 179.999 if s % 2 else -179.999, 0.0, 0.0) for s in range(12)]
    detail = json.loads(step_through(rows, [T0 + 100 * MS_PER_H])[-1].detail)
    assert abs(detail["mean_lon_deg"]) == pytest.approx(180.0)


def random_rows(seed: int) -> list[Row]:
    rng = random.Random(seed)
    rows = []
    for a in range(len(SHIPS)):
        for b in range(a + 1, len(SHIPS)):
            slot = 0
            for _ in range(rng.choice([0, 5, 20, 60])):
                slot += rng.choice([1, 1, 1, 1, 1, 1, 2, 23, 24, 25])
                speeds = [rng.choice([None, 0.0, 1.9, 2.0, 2.1, 9.0]) for _ in range(2)]
                rows.append((slot, a, b, 43.0, 51.0, speeds[0], speeds[1]))
    return rows


@settings(max_examples=40, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_equal_to_the_slow_way(seed: int) -> None:
    until_ms = T0 + random.Random(seed).randrange(100 * MS_PER_H)
    rows = [r for r in random_rows(seed) if T0 + r[0] * CONTACT_SLOT_MS + MS_PER_H <= until_ms]
    found = step_through(rows, [until_ms])
    for a, b in sorted({r[1:3] for r in rows}):
        mine = [(T0 + r[0] * CONTACT_SLOT_MS, (r[5], r[6])) for r in rows if r[1:3] == (a, b)]
        seen = [brief(f) for f in found if f.crafts == (SHIPS[a], SHIPS[b])]
        assert seen == encounters_of(mine, until_ms)


def brief(fact: Fact) -> dict[str, Any]:
    return {
        "start_ms": fact.start_ms, "as_of_ms": fact.as_of_ms, "status": fact.status,
        "slots": json.loads(fact.detail)["slots"], "end_ms": fact.end_ms,
    }  # fmt: skip


@settings(max_examples=30, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32), restart=st.booleans())
def test_the_same_however_the_contacts_are_cut(seed: int, restart: bool) -> None:
    rng = random.Random(seed)
    rows = random_rows(seed)
    ends = sorted({T0 + rng.randrange(200 * 600) * 1000 for _ in range(20)} | {T0 + 999 * MS_PER_H})
    assert step_through(rows, ends, restart=restart) == step_through(rows, ends[-1:])


def test_pairs_that_parted_are_forgotten() -> None:
    state = DETECTOR.initial()
    crafts = np.array([craft_from_mmsi(300_000_000 + i) for i in range(3_000)], np.uint64)
    rows = contacts_of(together([0])).take(np.zeros(2_999, np.int64))
    many = Contacts(
        t_ms=rows.t_ms, craft_a=crafts[:-1], craft_b=crafts[1:], distance_m=rows.distance_m,
        lat_e7=rows.lat_e7, lon_e7=rows.lon_e7, speed_a_dkn=rows.speed_a_dkn, speed_b_dkn=rows.speed_b_dkn,
    )  # fmt: skip
    DETECTOR.step(state, many, T0 + MS_PER_H, Params(), HARBOR)
    assert len(DETECTOR.dump(state)["pairs"]) == 2_999
    DETECTOR.step(state, Contacts.empty(), T0 + 10 * MS_PER_H, Params(), HARBOR)
    assert len(DETECTOR.dump(state)["pairs"]) == 0
