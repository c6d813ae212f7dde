"""The scan for rows near a point against the obvious loop."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_kernels.nearby import rows_near
from tests.reference import nearby_oracle

_POINT = st.tuples(st.integers(-89_000, 89_000), st.integers(-180_000, 180_000))


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    points=st.lists(_POINT, max_size=40), here=_POINT, radius_nm=st.sampled_from([1.0, 40.0, 600.0, 3000.0])
)
def test_equals_the_oracle(points: list[tuple[int, int]], here: tuple[int, int], radius_nm: float) -> None:
    lat_e7 = np.array([p[0] * 10_000 for p in points], np.int32)
    lon_e7 = np.array([p[1] * 10_000 for p in points], np.int32)
    found = rows_near(lat_e7, lon_e7, here[0] / 1000, here[1] / 1000, radius_nm)
    degrees = [(p[0] / 1000, p[1] / 1000) for p in points]
    assert found.tolist() == nearby_oracle.rows_near(degrees, (here[0] / 1000, here[1] / 1000), radius_nm)


def test_the_antimeridian_is_no_wall() -> None:
    lon_e7 = np.array([1_799_000_000, -1_799_000_000, 0], np.int32)
    assert rows_near(np.zeros(3, np.int32), lon_e7, 0.0, 180.0, 40.0).tolist() == [0, 1]
