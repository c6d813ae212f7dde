"""Causes of silences, on timelines small enough to judge by eye."""

import numpy as np

from lacuna_simulator.sea.itinerary import Logbook
from lacuna_simulator.sea.outages import OutagePlan
from lacuna_simulator.sea.silences import find_silences

HOUR_S = 3600
EVERY_10_MIN = np.arange(0, 24 * HOUR_S, 600)
OUTAGES = (
    OutagePlan("early", (0,), 3.0 * HOUR_S, 5.0 * HOUR_S, False),
    OutagePlan("late", (0, 1), 10.0 * HOUR_S, 15.0 * HOUR_S, True),
)


def _without(start_h: float, end_h: float) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    hours = EVERY_10_MIN / HOUR_S
    return EVERY_10_MIN[(hours < start_h) | (hours >= end_h)]


def test_an_outage_alone_explains_it() -> None:
    listed, short = find_silences(_without(10, 15), EVERY_10_MIN, Logbook(), OUTAGES)
    assert [(s.cause, s.outage_id) for s in listed] == [("outage", "late")]
    assert short == 0


def test_a_silence_that_would_be_there_anyway_is_coverage() -> None:
    listed, _ = find_silences(_without(8, 15), _without(8, 12), Logbook(), OUTAGES)
    assert [(s.cause, s.outage_id) for s in listed] == [("coverage", None)]


def test_off_for_half_of_it_is_switched_off() -> None:
    log = Logbook(off=[(11.0 * HOUR_S, 14.0 * HOUR_S)])
    listed, _ = find_silences(_without(10, 15), _without(11, 14), log, OUTAGES)
    assert [s.cause for s in listed] == ["switched_off"]
    log = Logbook(off=[(11.0 * HOUR_S, 13.0 * HOUR_S)])
    listed, short = find_silences(_without(10, 15), _without(11, 13), log, OUTAGES)
    assert [s.cause for s in listed] == []
    assert short == 1


def test_an_hour_is_no_silence_and_short_ones_of_coverage_are_counted() -> None:
    exactly = np.array([0, HOUR_S, 2 * HOUR_S + 1, 9 * HOUR_S])
    listed, short = find_silences(exactly, exactly, Logbook(), OUTAGES)
    assert short == 1
    assert [(s.start_s, s.end_s, s.cause) for s in listed] == [(2 * HOUR_S + 1, 9 * HOUR_S, "coverage")]
