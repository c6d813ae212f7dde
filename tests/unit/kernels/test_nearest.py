"""Nearest points against all distances, and the hysteresis of inside and outside."""

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_kernels.nearest import FAR_M, NONE, inside_with_hysteresis, nearest_points
from tests.reference.sphere_oracle import distance_m


@settings(max_examples=80, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_nearest_is_the_nearest_of_all(seed: int) -> None:
    rng = random.Random(seed)
    lat0, lon0 = rng.choice([(0.0, 0.0), (40.0, 50.0), (-17.0, 180.0), (89.98, 0.0)])
    width = 180.0 if lat0 > 89 else 0.1

    def spot() -> tuple[float, float]:
        lat = min(90.0, lat0 + rng.uniform(-0.05, 0.05))
        lon = (lon0 + rng.uniform(-width, width) + 180) % 360 - 180
        return round(lat, 7), round(lon, 7)

    points = sorted(spot() for _ in range(rng.randrange(6)))
    places = [spot() for _ in range(20)]
    lat_e7 = np.array([round(p[0] * 1e7) for p in places], np.int32)
    lon_e7 = np.array([round(p[1] * 1e7) for p in places], np.int32)
    columns = np.array(points, np.float64).reshape(-1, 2)
    found, away = nearest_points(
        lat_e7, lon_e7, np.ascontiguousarray(columns[:, 0]), np.ascontiguousarray(columns[:, 1]), 4_000.0
    )
    for i, place in enumerate(places):
        distances = [round(distance_m(*place, *point)) for point in points]
        within = [d for d in distances if d <= 4_000]
        assert away[i] == (min(within) if within else FAR_M)
        assert found[i] == (distances.index(min(within)) if within else NONE)


def test_between_the_radii_nothing_changes() -> None:
    inside = np.zeros(2, np.bool_)
    slots = np.array([0, 1, 0, 1, 0, 0, 0], np.int64)
    away = np.array([3_500, 3_000, 3_000, 4_000, 4_000, 4_001, 3_001], np.int64)
    found = inside_with_hysteresis(slots, away, inside, 3_000.0, 4_000.0)
    assert found.tolist() == [False, True, True, True, True, False, False]
    assert inside.tolist() == [False, True]
