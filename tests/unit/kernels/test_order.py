"""Partitions, canonical order and repeats, against plain Python."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.ids import craft_from_icao24, craft_from_mmsi, partition_of
from lacuna_kernels.order import canonical_order, first_of_repeats, partitions

U64 = st.integers(0, 2**64 - 1)


@pytest.mark.parametrize(
    ("craft", "partition"),
    [
        (craft_from_mmsi(273_123_456), 7), (craft_from_mmsi(422_000_001), 13),
        (craft_from_icao24("731821"), 3), (craft_from_icao24("~2a0001"), 2), (0, 15), (2**64 - 1, 0),
    ],
)  # fmt: skip
def test_partitions_are_fixed_forever(craft: int, partition: int) -> None:
    assert partitions(np.array([craft], np.uint64), 16).tolist() == [partition]
    assert partition_of(craft) == partition


@given(crafts=st.lists(U64, max_size=50), count=st.integers(1, 256))
@settings(derandomize=True, max_examples=100, deadline=None)
def test_kernel_partitions_equal_the_definition(crafts: list[int], count: int) -> None:
    assert partitions(np.array(crafts, np.uint64), count).tolist() == [partition_of(c, count) for c in crafts]


FEW = st.integers(0, 3)


@given(rows=st.lists(st.tuples(FEW, FEW | U64, FEW | U64), max_size=60))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_canonical_order_is_a_stable_sort(rows: list[tuple[int, int, int]]) -> None:
    table = np.array(rows, dtype=np.uint64).reshape(-1, 3)
    order = canonical_order(table[:, 0].astype(np.int64), table[:, 1].copy(), table[:, 2].copy())
    assert order.tolist() == sorted(range(len(rows)), key=lambda i: (rows[i], i))


@given(rows=st.lists(st.tuples(st.integers(-2500, 2500), FEW, FEW), max_size=60))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_repeats_share_craft_second_and_payload(rows: list[tuple[int, int, int]]) -> None:
    n = len(rows)
    columns = {
        name: np.zeros(n, np.int32) for name in ("lat_e7", "lon_e7", "baro_altitude_ft", "geo_altitude_ft")
    } | {
        name: np.zeros(n, np.uint16)
        for name in ("speed_dkn", "course_ddeg", "heading_ddeg", "flags", "craft_class")
    }
    columns |= {
        "t_ms": np.array([r[0] for r in rows], np.int64), "craft": np.array([r[1] for r in rows], np.uint64),
        "vertical_rate_fpm": np.array([r[2] for r in rows], np.int16),
    }  # fmt: skip
    seen: dict[tuple[int, int, int], int] = {}
    expected = [seen.setdefault((t // 1000, craft, rate), i) for i, (t, craft, rate) in enumerate(rows)]
    assert first_of_repeats(columns).tolist() == expected
