"""Points in rings."""

import pytest

from lacuna_query.areas import bounds, in_ring, touches
from tests.contract.store_samples import event

TRIANGLE = ((0.0, 0.0), (10.0, 0.0), (0.0, 10.0), (0.0, 0.0))


@pytest.mark.parametrize(
    ("lon", "lat", "inside"),
    [(1.0, 1.0, True), (4.9, 4.9, True), (5.1, 5.1, False), (-0.1, 5.0, False), (1.0, -0.1, False)],
)
def test_points_of_a_triangle(lon: float, lat: float, inside: bool) -> None:
    assert in_ring(lon, lat, TRIANGLE) is inside
    assert in_ring(lon, lat, TRIANGLE[::-1]) is inside


def test_the_box_of_a_ring() -> None:
    assert bounds(TRIANGLE) == (0.0, 0.0, 10.0, 10.0)


def test_an_event_without_a_place_touches_nothing() -> None:
    nowhere = event(1, start_lat_e7=None, start_lon_e7=None, end_lat_e7=None, end_lon_e7=None)
    assert not touches(nowhere, (TRIANGLE,))
