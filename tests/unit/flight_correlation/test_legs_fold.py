"""Legs as people would count them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.event import CLOSED, OPEN, Event
from lacuna_core.timestamps import parse_time
from lacuna_core.units import MS_PER_H, MS_PER_MIN
from tests.unit.flight_correlation.flights import (
    START_MS,
    Heard,
    detail,
    flight,
    landed_ms,
    newest,
    parked,
    play,
    rows_of,
    world_fold,
)


def legs_between(rows: list[Heard]) -> list[tuple[str, str, str]]:
    """(departure, arrival, what ended it) of each leg."""
    return [
        (detail(e)["departure"]["airport"] or "", e.place, detail(e)["closed_by"] or "")
        for e in newest(play(rows), "leg")
    ]


def without(rows: list[Heard], start_min: float, end_min: float) -> list[Heard]:
    """Rows without those heard in some minutes after the start."""
    low, high = START_MS + start_min * MS_PER_MIN, START_MS + end_min * MS_PER_MIN
    return [r for r in rows if not low < r.t_ms < high]


def test_one_flight_is_one_leg_opened_in_the_air_and_closed_on_the_ground() -> None:
    events = play(flight("OIIE", "UUEE", START_MS, callsign="QFZ9940"))
    leg = [e for e in events if e.kind == "leg"]
    assert [(e.status, e.revision) for e in leg] == [(OPEN, 1), (CLOSED, 2)]
    assert legs_between(flight("OIIE", "UUEE", START_MS)) == [("OIIE", "UUEE", "ground_dwell")]
    assert leg[1].end_ms == landed_ms("OIIE", "UUEE", START_MS)
    assert leg[1].start_ms == START_MS
    said = detail(leg[1])
    assert said["arrival"]["evidence"] == said["departure"]["evidence"] == "E1"
    assert said["callsigns"] == ["QFZ9940"]
    assert dict(leg[1].probabilities) == {"arrival": None, "departure": None}


def test_hole_in_cruise_is_no_landing() -> None:
    assert len(legs_between(without(flight("OIIE", "UUEE", START_MS), 50, 110))) == 1


def test_hole_that_leaves_time_for_a_landing_ends_the_leg() -> None:
    rows = flight("OIIE", "UUEE", START_MS)
    stop_ms = START_MS + 70 * MS_PER_MIN
    late = [replace(r, t_ms=r.t_ms + 3 * MS_PER_H) if r.t_ms > stop_ms else r for r in rows]
    assert [reason for _, _, reason in legs_between(late)] == ["long_gap", "ground_dwell"]


def test_low_gap_ends_the_leg_where_no_ground_is_heard() -> None:
    there = flight("UUEE", "ULLI", START_MS, surface_min=0)
    back_ms = there[-1].t_ms + 22 * MS_PER_MIN
    back = flight("ULLI", "UUEE", back_ms, surface_min=0)
    found = legs_between(there + back)
    assert [arrival for _, arrival, _ in found] == ["ULLI", "UUEE"]
    assert [reason for _, _, reason in found] == ["low_gap", "very_long_gap"]


def test_forty_minutes_on_the_ground_under_one_callsign_are_two_legs() -> None:
    there = flight("OIIE", "UBBB", START_MS, callsign="QFZ1")
    back_ms = landed_ms("OIIE", "UBBB", START_MS) + 40 * MS_PER_MIN
    assert [a for _, a, _ in legs_between(there + flight("UBBB", "UUEE", back_ms, callsign="QFZ1"))] == [
        "UBBB",
        "UUEE",
    ]


def test_blank_and_changed_callsign_in_flight_is_one_leg() -> None:
    rows = flight("OIIE", "UUEE", START_MS, callsign="QFZ1")
    named = [replace(r, callsign="" if k % 2 else ("QFZ1" if k < 90 else "QFZ2")) for k, r in enumerate(rows)]
    [leg] = newest(play(named), "leg")
    assert detail(leg)["callsigns"] == ["QFZ1", "QFZ2"]


def test_new_callsign_after_a_touch_is_a_new_leg() -> None:
    there = flight("UUEE", "ULLI", START_MS, callsign="AAA1", surface_min=3)
    back = flight("ULLI", "UUEE", there[-1].t_ms + MS_PER_MIN, callsign="BBB2", surface_min=0)
    assert legs_between(there + back)[0][2] == "new_callsign"
    same = [replace(r, callsign="AAA1") for r in there + back]
    assert len(legs_between(same)) == 1


def test_ten_hours_of_silence_always_end_a_leg() -> None:
    rows = flight("OIIE", "UUEE", START_MS)
    cut = [r for r in rows if r.t_ms < START_MS + 60 * MS_PER_MIN]
    [leg] = [e for e in play(cut) if e.status == CLOSED]
    assert leg.as_of_ms == cut[-1].t_ms + 10 * MS_PER_H
    assert leg.place == ""


def test_midnight_of_the_first_is_no_border() -> None:
    start_ms = parse_time("2022-09-30T22:30:00Z")
    assert len(newest(play(flight("OIIE", "UUEE", start_ms)), "leg")) == 1


def test_taxiing_and_a_hop_of_seconds_are_no_legs() -> None:
    rows = parked("UUEE", START_MS, 30)
    rows[10] = replace(rows[10], ground=False, speed_kn=60.0, altitude_ft=700)
    assert newest(play(rows), "leg") == []


def test_jump_of_one_row_is_passed_over() -> None:
    rows = flight("OIIE", "UUEE", START_MS)
    rows[80] = replace(rows[80], lat_deg=rows[80].lat_deg + 20.0)
    [leg] = newest(play(rows), "leg")
    assert detail(leg)["rejected"] == 1
    assert leg.place == "UUEE"


FLEET = [
    *flight("OIIE", "UUEE", START_MS, callsign="QFZ1", lost_last_nm=60),
    *flight("UUEE", "OIIE", START_MS + 30 * MS_PER_H, callsign="QFZ2"),
    *flight("OIIE", "UUDD", START_MS + 2 * MS_PER_H, craft=5 + (2 << 56), lost_first_nm=40),
]


@settings(max_examples=15, derandomize=True, deadline=None)
@given(cuts=st.lists(st.integers(0, 12 * 24 * 60), min_size=1, max_size=6), dump=st.booleans())
def test_cuts_and_snapshots_change_nothing(cuts: list[int], dump: bool) -> None:
    whole, fold = play(FLEET, settle_h=240), world_fold()
    rows = rows_of(FLEET)
    state = fold.initial(0)
    found: list[Event] = []
    last_ms = int(rows.air.t_ms[-1]) + 240 * MS_PER_H
    low_ms = START_MS - MS_PER_H
    for until_ms in [*sorted(START_MS + c * MS_PER_MIN for c in cuts), last_ms]:
        mask = (rows.air.t_ms > low_ms) & (rows.air.t_ms <= until_ms)
        names = rows.air_identity
        part = replace(
            rows,
            air=rows.air.take(mask),
            air_digest=rows.air_digest[mask],
            air_identity=names.take((names.t_ms > low_ms) & (names.t_ms <= until_ms)),
        )
        state, out = fold.step(state, part, until_ms, ())
        found += out.events
        if dump:
            state = fold.load({k: np.array(v) for k, v in fold.dump(state).items()})
        low_ms = max(low_ms, until_ms)
    assert sorted(found, key=repr) == sorted(whole, key=repr)


def test_unknown_destination_group_is_named() -> None:
    with pytest.raises(ValueError, match="MOSCOW"):
        type(world_fold())((), {"TEHRAN": ("OIIE",)})
