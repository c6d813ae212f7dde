"""Links of interleaved tracks against a dictionary, and speeds reported or implied."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_kernels.tracks import FROM_STATE, NO_PREDECESSOR, NULL_SPEED_DKN, NULL_TIME_MS, link, speeds_dkn
from tests.reference.sphere_oracle import distance_m


@settings(max_examples=60, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_predecessors_are_those_of_a_dictionary(seed: int) -> None:
    rng = random.Random(seed)
    n, crafts = rng.randrange(40), 4
    slots = np.array([rng.randrange(crafts) for _ in range(n)], np.int64)
    t_ms = np.sort(np.array([rng.randrange(10_000) for _ in range(n)], np.int64)) + 10_000
    lat = np.array([rng.randrange(-9 * 10**8, 9 * 10**8 + 1) for _ in range(n)], np.int32)
    lon = np.array([rng.randrange(-18 * 10**8, 18 * 10**8 + 1) for _ in range(n)], np.int32)
    known_t = np.array([NULL_TIME_MS, 5_000, NULL_TIME_MS, 6_000], np.int64)
    known_lat, known_lon = np.full(crafts, 400_000_000, np.int32), np.full(crafts, 500_000_000, np.int32)
    last_row = np.full(crafts, FROM_STATE, np.int64)
    previous, dt_ms, step_nm = link(slots, t_ms, lat, lon, (known_t, known_lat, known_lon), last_row)
    seen = {s: (FROM_STATE, int(known_t[s]), 40.0, 50.0) for s in (1, 3)}
    for i, s in enumerate(slots.tolist()):
        before = seen.get(s)
        here = (i, int(t_ms[i]), lat[i] * 1e-7, lon[i] * 1e-7)
        if before is None:
            assert (previous[i], dt_ms[i], step_nm[i]) == (NO_PREDECESSOR, 0, 0.0)
        else:
            assert (previous[i], dt_ms[i]) == (before[0], here[1] - before[1])
            assert step_nm[i] * 1852 == pytest.approx(distance_m(*before[2:], *here[2:]), rel=1e-6, abs=1e-3)
        seen[s] = here
    assert last_row.tolist() == [seen.get(s, (FROM_STATE,))[0] for s in range(crafts)]


def test_a_missing_speed_is_the_one_the_step_implies() -> None:
    reported = np.array([NULL_SPEED_DKN, 77, NULL_SPEED_DKN, NULL_SPEED_DKN], np.uint16)
    dt_ms = np.array([0, 3_600_000, 1_800_000, 1], np.int64)
    found = speeds_dkn(reported, dt_ms, np.array([0.0, 5.0, 6.02, 5.0]))
    assert found.tolist() == [NULL_SPEED_DKN, 77, 120, NULL_SPEED_DKN - 1]
    assert reported[2] == NULL_SPEED_DKN
