"""Canonical order and merged repeats, against plain Python."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.fact import Heard
from lacuna_runtime.loop.merge import canonical_batch, canonical_positions
from tests.reference.order_oracle import merged, rows_of
from tests.unit.runtime.sea import T0, positions

ROWS = st.lists(
    st.tuples(
        st.integers(0, 3000), st.integers(1, 3), st.integers(0, 2), st.sampled_from(["ais", "sat"]),
        st.sampled_from(["", "a", "b", "c", "b|d"]),
    ),
    max_size=40,
)  # fmt: skip


@given(rows=ROWS)
@settings(derandomize=True, max_examples=300, deadline=None)
def test_merging_equals_the_oracle(rows: list[tuple[int, int, int, str, str]]) -> None:
    batch = positions(
        [T0 + r[0] for r in rows], craft=[r[1] for r in rows], lat_e7=[r[2] for r in rows],
        source=[r[3] for r in rows], receiver=[r[4] for r in rows],
    )  # fmt: skip
    found, digests, gone = canonical_positions(batch)
    expected = merged(rows_of(batch))
    assert rows_of(found) == expected
    assert digests.tolist() == [row.digest for row in expected]
    assert gone == len(rows) - len(found)
    assert list(found.strings) == sorted(found.strings)


def test_many_witnesses_are_all_named() -> None:
    names = [f"station {i:02d}" for i in range(40)]
    found, _, gone = canonical_positions(positions([T0 + i for i in range(40)], receiver=names[::-1]))
    assert found.text("receiver").tolist() == ["|".join(names)]
    assert found.t_ms.tolist() == [T0]
    assert gone == 39


def test_a_position_that_stays_is_no_repeat_in_another_second() -> None:
    found, _, gone = canonical_positions(positions([T0 + 999, T0 + 1000]))
    assert (len(found), gone) == (2, 0)


@given(rows=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from("ab")), max_size=30))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_other_rows_are_sorted_and_equal_ones_dropped(rows: list[tuple[int, int, str]]) -> None:
    n = len(rows)
    batch = Heard.build(
        {"t_ms": [r[0] for r in rows], "craft": np.zeros(n), "lat_e7": [r[1] for r in rows],
         "lon_e7": np.zeros(n), "receiver": [r[2] for r in rows]}
    )  # fmt: skip
    found, gone = canonical_batch(batch, ("t_ms", "craft", "receiver"))
    said = list(zip(found.t_ms.tolist(), found.text("receiver").tolist(), found.lat_e7.tolist(), strict=True))
    assert said == sorted({(t, name, lat) for t, lat, name in rows})
    assert gone == n - len(said)
