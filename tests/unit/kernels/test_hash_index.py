"""The hash index gives each key one slot, in order of first appearance, through all growth."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.ids import splitmix64
from lacuna_detection.craft_index import CraftIndex
from lacuna_kernels.hash_index import mix64


@settings(max_examples=100, derandomize=True, deadline=None)
@given(key=st.integers(0, 2**64 - 1))
def test_the_hash_is_splitmix64(key: int) -> None:
    assert int(mix64(np.uint64(key))) == splitmix64(key)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    calls=st.lists(st.lists(st.sampled_from([0, 1, 2, 2**63, 2**64 - 1, 7, 8, 9]), max_size=9), max_size=6)
)
def test_slots_are_those_of_a_dictionary(calls: list[list[int]]) -> None:
    index, expected = CraftIndex(), dict[int, int]()
    for keys in calls:
        found = index.slots_of(np.array(keys, np.uint64))
        for key in keys:
            expected.setdefault(key, len(expected))
        assert found.tolist() == [expected[key] for key in keys]
    assert index.dump().tolist() == list(expected)
    again = CraftIndex.load(index.dump())
    assert again.slots_of(index.dump()).tolist() == list(range(index.count))


def test_it_grows_by_itself() -> None:
    rng = np.random.default_rng(3)
    keys = rng.integers(0, 2**63, 50_000).astype(np.uint64)
    index = CraftIndex()
    first = index.slots_of(keys)
    assert index.count == len(np.unique(keys))
    assert np.array_equal(index.crafts[first], keys)
    assert np.array_equal(index.slots_of(keys), first)
