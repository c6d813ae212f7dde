"""The prism kernel against vectors and against golden numbers."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_kernels.reach import DETOUR_NM, STAY_H, TO_NM, reach
from tests.reference import reach_oracle

_POINT = st.tuples(st.floats(-85, 85), st.floats(-180, 180))


def _one(
    off: tuple[float, float], on: tuple[float, float], hours: float, port: tuple[float, float]
) -> np.ndarray:
    rows = [np.array([v]) for v in (*off, *on, hours, 9.0, *port)]
    planes: np.ndarray = reach(*rows)[:, 0, 0]
    return planes


@settings(derandomize=True, deadline=None, max_examples=200)
@given(off=_POINT, on=_POINT, hours=st.floats(1, 500), port=_POINT)
def test_equals_the_oracle(
    off: tuple[float, float], on: tuple[float, float], hours: float, port: tuple[float, float]
) -> None:
    np.testing.assert_allclose(
        _one(off, on, hours, port), reach_oracle.reach(off, on, hours, 9.0, port), atol=2e-5
    )


def test_an_open_silence_needs_no_way_back() -> None:
    planes = _one((37.6, 53.0), (np.nan, np.nan), 12.0, (36.86, 53.38))
    oracle = reach_oracle.reach((37.6, 53.0), None, 12.0, 9.0, (36.86, 53.38))
    np.testing.assert_allclose(planes, oracle, atol=2e-5)
    assert np.isnan(planes[DETOUR_NM])


def test_the_antimeridian_is_no_wall() -> None:
    planes = _one((10.0, 179.9), (10.0, -179.9), 3.0, (10.0, 180.0))
    assert planes[TO_NM] < 6
    assert planes[STAY_H] > 1.5


def test_every_silence_meets_every_port() -> None:
    point = np.array([37.6, 38.0])
    planes = reach(
        point, point, point, point, np.array([1.0, 2.0]), np.array([9.0, 9.0]), point[:0], point[:0]
    )
    assert planes.shape == (4, 2, 0)
