"""Values carried forward against a dictionary."""

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_kernels.carry import FROM_STATE, carry_forward


@settings(max_examples=60, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_each_field_comes_from_the_last_row_that_knew_it(seed: int) -> None:
    rng = random.Random(seed)
    n = rng.randrange(30)
    slots = np.array([rng.randrange(3) for _ in range(n)], np.int64)
    known = np.array([[rng.random() < 0.4 for _ in range(2)] for _ in range(n)], np.bool_).reshape(-1, 2)
    found = carry_forward(slots, known, np.full(3, FROM_STATE, np.int64))
    last: dict[tuple[int, int], int] = {}
    for i, slot in enumerate(slots.tolist()):
        for f in range(2):
            if known[i, f]:
                last[slot, f] = i
            assert found[i, f] == last.get((slot, f), FROM_STATE)
