"""Time slots: first rows, interpolation to the grid, midpoints."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_kernels.slots import NULL_TIME_MS, between_points, first_in_slot, resample
from tests.reference.meeting_oracle import HOUR_MS, SLOT_MS, position_on_grid
from tests.reference.sphere_oracle import distance_m


def test_the_first_row_of_each_slot_is_marked_once() -> None:
    slots = np.array([0, 1, 0, 0, 1, 0], np.int64)
    t_ms = np.array([0, 5, 9, 10, 11, 35], np.int64)
    seen = np.full(2, NULL_TIME_MS, np.int64)
    assert first_in_slot(slots, t_ms, seen, 10).tolist() == [True, True, False, True, True, True]
    assert first_in_slot(slots[:1], np.array([39], np.int64), seen, 10).tolist() == [False]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_grid_is_that_of_the_slow_way(seed: int) -> None:
    rng = random.Random(seed)
    lat0, lon0 = rng.choice([(0.0, 0.0), (-17.0, 180.0), (89.95, 0.0)])
    fixes, t = [], 0
    for _ in range(rng.randrange(1, 30)):
        t += rng.choice([1, SLOT_MS // 2, SLOT_MS, 3 * SLOT_MS + 7, HOUR_MS - 1, HOUR_MS, 2 * HOUR_MS])
        t = t // SLOT_MS * SLOT_MS + SLOT_MS if rng.random() < 0.2 else t
        lat = min(90.0, round(lat0 + rng.uniform(-0.1, 0.1), 7))
        lon = round((lon0 + rng.uniform(-0.1, 0.1) + 180) % 360 - 180, 7)
        fixes.append((t, lat, lon))
    t_ms = np.array([f[0] for f in fixes], np.int64)
    columns = np.array([(round(f[1] * 1e7), round(f[2] * 1e7), 50) for f in fixes], np.int32)
    last_ms, last_fixes = np.full(1, NULL_TIME_MS, np.int64), np.zeros((1, 3), np.int32)
    keys, points = resample(
        np.zeros(len(fixes), np.int64), t_ms, columns, last_ms, last_fixes, SLOT_MS, HOUR_MS
    )
    found = {int(k): p for k, p in zip(keys[:, 0], points, strict=True)}
    assert len(found) == len(keys)
    for slot in range(t // SLOT_MS + 2):
        expected = position_on_grid(fixes, slot * SLOT_MS)
        assert (slot * SLOT_MS in found) == (expected is not None)
        if expected is not None:
            point = found[slot * SLOT_MS]
            assert distance_m(point[0] * 1e-7, point[1] * 1e-7, *expected) < 0.05
            assert point[2] == 50


def test_midpoints_cross_the_antimeridian_and_the_pole() -> None:
    a = np.array([[0, 1_799_999_000], [899_990_000, 0], [400_000_000, 500_000_000]], np.int32)
    b = np.array([[0, -1_799_999_000], [899_990_000, 1_800_000_000], [400_000_200, 500_000_200]], np.int32)
    lat, lon = between_points(a, b)
    assert abs(int(lon[0])) == 1_800_000_000
    assert lat.tolist() == pytest.approx([0, 900_000_000, 400_000_100], abs=1)
    assert int(lon[2]) == 500_000_100
