"""Batch scan of silences, and the counters that describe a craft before one."""

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_kernels.gaps import (
    EVENT_COLUMNS,
    POSITIONS,
    RING_HOURS,
    SPEED_BINS,
    WINDOW_HOURS,
    count_position,
    count_speed,
    describe,
    scan_gaps,
)
from tests.reference.gap_oracle import HOUR_MS

TRACKS = st.lists(st.lists(st.sampled_from([0, 1, 9, 10, 11, 50]), max_size=12), max_size=8)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(tracks=TRACKS)
def test_scan_finds_what_a_loop_finds(tracks: list[list[int]]) -> None:
    craft, times = [], []
    for number, steps in enumerate(tracks):
        t = number
        for step in steps:
            t += step
            craft.append(number)
            times.append(t)
    rows = list(zip(craft, times, strict=True))
    expected = [i + 1 for i, (a, b) in enumerate(pairwise(rows)) if a[0] == b[0] and b[1] - a[1] > 10]
    found = scan_gaps(np.array(craft, np.uint64), np.array(times, np.int64), 10)
    assert found.tolist() == expected


def test_scan_grows_beyond_its_first_buffer() -> None:
    times = np.arange(5_000, dtype=np.int64) * 11
    assert len(scan_gaps(np.ones(5_000, np.uint64), times, 10)) == 4_999


@settings(max_examples=60, derandomize=True, deadline=None)
@given(steps=st.lists(st.integers(0, 15 * HOUR_MS), min_size=1, max_size=40))
def test_the_ring_counts_the_last_twelve_clock_hours(steps: list[int]) -> None:
    ring = np.zeros(RING_HOURS, np.uint16)
    times = np.cumsum(steps).tolist()
    before = times[0]
    for t in times:
        count_position(ring, before // HOUR_MS, t // HOUR_MS)
        before = t
    expected = sum(1 for t in times if t // HOUR_MS > times[-1] // HOUR_MS - WINDOW_HOURS)
    event = np.zeros(EVENT_COLUMNS, np.int64)
    describe(event, ring, times[-1] // HOUR_MS, np.zeros(SPEED_BINS, np.uint16))
    assert event[POSITIONS] == expected


def test_speeds_fall_into_bins_of_half_a_knot_from_three() -> None:
    histogram = np.zeros(SPEED_BINS, np.uint16)
    for speed_dkn in (0, 29, 30, 34, 35, 400, 65_535):
        count_speed(histogram, speed_dkn)
    assert {b: int(n) for b, n in enumerate(histogram) if n} == Counter({0: 2, 1: 1, 63: 1})


def test_a_full_bin_halves_the_histogram() -> None:
    histogram = np.zeros(SPEED_BINS, np.uint16)
    histogram[:2] = 65_535, 10
    count_speed(histogram, 30)
    assert histogram[:2].tolist() == [32_768, 5]
