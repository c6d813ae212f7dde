"""Windows of days."""

from itertools import chain, pairwise

from hypothesis import given
from hypothesis import strategies as st

from lacuna_runtime.stores.cassandra.walk import by_day


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from("abcdefg")), unique=True, max_size=200))
def test_windows_are_whole_days_in_order(places: list[tuple[int, str]]) -> None:
    places.sort()
    windows = list(by_day(places))
    assert list(chain.from_iterable(windows)) == places
    for before, after in pairwise(windows):
        assert before[-1][0] < after[0][0]
    assert all(len(window) < 32 + 7 for window in windows)


def test_the_first_window_is_small() -> None:
    first, second, *_ = by_day([(day, "gap") for day in range(100)])
    assert (len(first), len(second)) == (4, 8)
