"""Causes of silences, on timelines small enough to judge by eye."""

import numpy as np
import pytest

from lacuna_core.units import I64Array
from lacuna_simulator.sea.itinerary import Logbook, motion_at
from lacuna_simulator.sea.outages import OutagePlan
from lacuna_simulator.sea.reception import Heard
from lacuna_simulator.sea.silences import find_silences

HOUR_S = 3600
EVERY_10_MIN = np.arange(0, 24 * HOUR_S, 600)
OUTAGES = (
    OutagePlan("early", (0,), 3.0 * HOUR_S, 5.0 * HOUR_S, False),
    OutagePlan("late", (0, 1), 10.0 * HOUR_S, 15.0 * HOUR_S, True),
)
STATION, OTHER, SATELLITE = 1, 2, 4


def _heard(t_s: I64Array, bits: int = STATION, in_range: int | I64Array = STATION) -> Heard:
    """A ship at rest, heard by the same receivers all the time."""
    log = Logbook()
    log.knot(0.0, 40.0, 50.0, 0)
    log.stay(48.0, 0)
    n = len(t_s)
    in_range = np.broadcast_to(np.asarray(in_range, np.int64), n)
    motion = motion_at(log, t_s.astype(np.float64))
    return Heard(t_s, np.full(n, bits, np.int64), in_range, np.zeros(n, np.bool_), motion)


def _without(start_h: float, end_h: float) -> I64Array:
    hours = EVERY_10_MIN / HOUR_S
    return EVERY_10_MIN[(hours < start_h) | (hours >= end_h)]


def test_an_outage_alone_explains_it() -> None:
    listed, short = find_silences(_without(10, 15), _heard(EVERY_10_MIN), Logbook(), OUTAGES)
    assert [(s.cause, s.outage_id) for s in listed] == [("outage", "late")]
    assert short == 0


@pytest.mark.parametrize(
    ("bits", "in_range", "cause"),
    [
        (STATION, STATION | OTHER, "outage"),
        (STATION, STATION | SATELLITE, "outage_in_part"),
        (STATION, OTHER, "outage_in_part"),
        (STATION | OTHER, OTHER, "outage"),
    ],
    ids=["all in range down", "one in range up", "heard by a duct only", "by a duct and in range"],
)
def test_only_receivers_in_range_count_and_all_must_be_down(bits: int, in_range: int, cause: str) -> None:
    heard = _heard(EVERY_10_MIN, bits, in_range)
    listed, _ = find_silences(_without(10, 15), heard, Logbook(), OUTAGES)
    assert [(s.cause, s.outage_id) for s in listed] == [(cause, "late")]


def test_a_satellite_that_passes_and_misses_her_leaves_the_outage_the_cause() -> None:
    minutes = EVERY_10_MIN // 60 % 100
    passes = np.where(minutes < 20, STATION | SATELLITE, STATION)
    listed, _ = find_silences(_without(10, 15), _heard(EVERY_10_MIN, STATION, passes), Logbook(), OUTAGES)
    assert [s.cause for s in listed] == ["outage"]


def test_a_silence_that_would_be_there_anyway_is_coverage() -> None:
    listed, _ = find_silences(_without(8, 15), _heard(_without(8, 12)), Logbook(), OUTAGES)
    assert [(s.cause, s.outage_id) for s in listed] == [("coverage", None)]


def test_off_for_half_of_it_is_switched_off() -> None:
    log = Logbook(off=[(11.0 * HOUR_S, 14.0 * HOUR_S)])
    listed, _ = find_silences(_without(10, 15), _heard(_without(11, 14)), log, OUTAGES)
    assert [s.cause for s in listed] == ["switched_off"]
    log = Logbook(off=[(11.0 * HOUR_S, 13.0 * HOUR_S)])
    listed, short = find_silences(_without(10, 15), _heard(_without(11, 13)), log, OUTAGES)
    assert [s.cause for s in listed] == []
    assert short == 1


def test_an_hour_is_no_silence_and_short_ones_of_coverage_are_counted() -> None:
    exactly = np.array([0, HOUR_S, 2 * HOUR_S + 1, 9 * HOUR_S])
    listed, short = find_silences(exactly, _heard(exactly), Logbook(), OUTAGES)
    assert short == 1
    assert [(s.start_s, s.end_s, s.cause) for s in listed] == [(2 * HOUR_S + 1, 9 * HOUR_S, "coverage")]
