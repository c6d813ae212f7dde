"""Blocks keep the order of craft keys and are never too large."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from lacuna_core.ids import Scheme, craft_key
from lacuna_runtime.stores.cassandra.blocks import block_of, may_hold
from lacuna_runtime.stores.derived import mid_of

_CRAFT = st.one_of(
    st.integers(0, 999_999_999).map(lambda n: craft_key(Scheme.MMSI, n)),
    st.integers(0, 0xFFFFFF).map(lambda n: craft_key(Scheme.ICAO24, n)),
    st.integers(0, 0xFFFFFF).map(lambda n: craft_key(Scheme.NON_ICAO, n)),
)


@given(crafts=st.lists(_CRAFT, max_size=50))
def test_blocks_ascend_with_craft_keys(crafts: list[int]) -> None:
    blocks = [block_of(craft) for craft in sorted(crafts)]
    assert blocks == sorted(blocks)
    assert all(block < 2**31 for block in blocks)


def test_a_block_holds_a_bounded_number() -> None:
    sizes = Counter(block_of(craft_key(Scheme.ICAO24, n)) for n in range(0, 0xFFFFFF + 1, 64))
    assert max(sizes.values()) * 64 <= 100_000
    first = block_of(craft_key(Scheme.MMSI, 273_000_000))
    assert block_of(craft_key(Scheme.MMSI, 273_099_999)) == first
    assert block_of(craft_key(Scheme.MMSI, 273_100_000)) == first + 1


@given(craft=_CRAFT, others=st.lists(st.integers(201, 775), max_size=3))
def test_no_block_with_a_flag_is_passed_over(craft: int, others: list[int]) -> None:
    mid = mid_of(craft)
    if mid is not None:
        assert may_hold(block_of(craft), [*others, mid])


def test_blocks_of_other_flags_are_passed_over() -> None:
    assert not may_hold(block_of(craft_key(Scheme.MMSI, 422_000_001)), [273])
    assert not may_hold(block_of(craft_key(Scheme.ICAO24, 0x731821)), [273])
