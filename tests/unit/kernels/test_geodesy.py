"""Distances and bearings against vector algebra and known values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_kernels.geodesy import bearing_deg, distance_nm, distances_nm
from tests.reference.sphere_oracle import distance_m

LAT = st.floats(-90, 90)
LON = st.floats(-180, 180)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(a=st.tuples(LAT, LON), b=st.tuples(LAT, LON))
def test_distance_is_that_of_vector_algebra(a: tuple[float, float], b: tuple[float, float]) -> None:
    found_m = distance_nm(*a, *b) * 1852
    # haversine loses digits near the antipode, where nobody compares distances
    assert found_m == pytest.approx(distance_m(*a, *b), rel=1e-9, abs=0.5 if found_m > 2.0e7 else 1e-6)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(a=st.tuples(LAT, LON), b=st.tuples(LAT, LON))
def test_distance_is_symmetric_and_does_not_see_full_turns(
    a: tuple[float, float], b: tuple[float, float]
) -> None:
    there = distance_nm(*a, *b)
    assert there == pytest.approx(distance_nm(*b, *a), rel=1e-12, abs=1e-9)
    assert there == pytest.approx(distance_nm(a[0], a[1] + 360.0, *b), rel=1e-6, abs=1e-6)


def test_known_distances() -> None:
    """Quarter of the globe; one minute of latitude; across the antimeridian; over the pole."""
    assert distance_nm(0, 0, 0, 90) == pytest.approx(np.pi / 2 * 6_371_008.8 / 1852)
    assert distance_nm(10, 20, 10 + 1 / 60, 20) == pytest.approx(1.0006757, abs=1e-7)
    assert distance_nm(0, 179.5, 0, -179.5) == pytest.approx(distance_nm(0, 0, 0, 1))
    assert distance_nm(89, 0, 89, 180) == pytest.approx(distance_nm(0, 0, 2, 0))


def test_columns_are_the_same_row_by_row() -> None:
    rng = np.random.default_rng(5)
    a, b = rng.uniform(-80, 80, (2, 50)), rng.uniform(-180, 180, (2, 50))
    found = distances_nm(a[0], b[0], a[1], b[1])
    assert found.tolist() == [distance_nm(*row) for row in zip(a[0], b[0], a[1], b[1], strict=True)]


@pytest.mark.parametrize(("to", "bearing"), [((1, 0), 0), ((0, 1), 90), ((-1, 0), 180), ((0, -1), 270)])
def test_bearings_of_the_compass(to: tuple[float, float], bearing: float) -> None:
    assert bearing_deg(0, 0, *to) == pytest.approx(bearing)
