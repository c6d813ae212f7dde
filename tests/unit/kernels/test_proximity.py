"""Pairs within a radius against all against all, at the equator, the antimeridian and the poles."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_kernels.proximity import MAX_SLOTS, find_pairs
from tests.reference.meeting_oracle import pairs_within
from tests.reference.sphere_oracle import distance_m

SEEDS = st.integers(0, 2**32)
CENTERS = [
    (0.0, 0.0),
    (43.0, 51.0),
    (40.0, 180.0),
    (-75.0, -180.0),
    (89.99, 0.0),
    (-90.0, 0.0),
    (89.7, 180.0),
]


def cloud(seed: int, n: int) -> list[tuple[int, float, float]]:
    rng = random.Random(seed)
    lat0, lon0 = rng.choice(CENTERS)
    spread = rng.choice([0.003, 0.02, 0.2])
    lon_spread = 180.0 if abs(lat0) > 89.9 else spread / np.cos(np.radians(lat0))
    return [
        (
            rng.choice([0, 0, 3, MAX_SLOTS - 1]),
            round(max(-90.0, min(90.0, lat0 + rng.uniform(-spread, spread))), 7),
            round((lon0 + rng.uniform(-lon_spread, lon_spread) + 180) % 360 - 180, 7),
        )
        for _ in range(n)
    ]


def found_pairs(
    places: list[tuple[int, float, float]], radius_m: float
) -> tuple[list[tuple[int, int]], list[float]]:
    slot = np.array([p[0] for p in places], np.int64)
    lat = np.array([round(p[1] * 1e7) for p in places], np.int32)
    lon = np.array([round(p[2] * 1e7) for p in places], np.int32)
    pairs, distances = find_pairs(slot, lat, lon, radius_m)
    return [(int(a), int(b)) for a, b in pairs], distances.tolist()


@settings(max_examples=150, derandomize=True, deadline=None)
@given(seed=SEEDS, radius_m=st.sampled_from([250.0, 500.0, 1_500.0]))
def test_equal_to_all_against_all(seed: int, radius_m: float) -> None:
    places = cloud(seed, 60)
    pairs, distances = found_pairs(places, radius_m)
    assert len(set(pairs)) == len(pairs)
    assert set(pairs) == pairs_within(places, radius_m)
    for (i, j), away in zip(pairs, distances, strict=True):
        assert away == pytest.approx(distance_m(*places[i][1:], *places[j][1:]), abs=0.001)


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_points_make_no_pairs(n: int) -> None:
    assert found_pairs(cloud(1, n), 500.0) == ([], [])


def test_a_crowd_at_one_place_makes_every_pair() -> None:
    places = [(0, 40.0, 180.0 if i % 2 else -180.0) for i in range(60)]
    assert len(found_pairs(places, 500.0)[0]) == 60 * 59 // 2


def test_order_of_the_points_does_not_matter() -> None:
    places = cloud(8, 80)
    shuffled = random.Random(1).sample(range(80), 80)
    again = found_pairs([places[i] for i in shuffled], 500.0)[0]
    renamed = {(min(shuffled[a], shuffled[b]), max(shuffled[a], shuffled[b])) for a, b in again}
    assert renamed == set(found_pairs(places, 500.0)[0])
