"""Coincidence counts equal the definition, pair by pair."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_kernels.coincidence import coincidence_counts, shifted_counts
from tests.reference.coincidence_oracle import precursor_count, shifted, trigger_count

OBSERVED = ((100, 300), (420, 500), (510, 640))
INSIDE = [t for low, high in OBSERVED for t in range(low, high)]
TIMES = st.lists(st.sampled_from(INSIDE), max_size=12).map(sorted)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(a=TIMES, b=TIMES, window=st.integers(0, 90), lag=st.integers(-40, 40))
def test_counts_equal_the_definition(a: list[int], b: list[int], window: int, lag: int) -> None:
    counts = coincidence_counts(np.array(a, np.int64), np.array(b, np.int64), np.array([window, 5]), lag)
    assert counts.tolist() == [
        [precursor_count(a, b, w, lag), trigger_count(a, b, w, lag)] for w in (window, 5)
    ]


@settings(max_examples=200, derandomize=True, deadline=None)
@given(a=TIMES, b=TIMES, window=st.integers(0, 90), shift=st.integers(0, 409))
def test_shifts_keep_to_observed_time(a: list[int], b: list[int], window: int, shift: int) -> None:
    clock, segments = [], []
    at = 0
    for low, high in OBSERVED:
        segments.append((at, low))
        clock += [at + t - low for t in b if low <= t < high]
        at += high - low
    found = shifted_counts(
        np.array(a, np.int64),
        np.array(clock, np.int64),
        np.array([*segments, (at, 0)], np.int64),
        np.array([shift], np.int64),
        np.array([window], np.int64),
        0,
    )
    moved = shifted(b, shift, OBSERVED)
    assert found[0, 0].tolist() == [precursor_count(a, moved, window, 0), trigger_count(a, moved, window, 0)]
