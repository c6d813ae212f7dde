"""Numbers of rows against plain sets."""

from hypothesis import given
from hypothesis import strategies as st

from lacuna_runtime.audit.streams import Stream, length, missing

RECORDS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12)), max_size=12)


@given(records=RECORDS)
def test_a_reader_takes_what_it_has_not_passed(records: list[tuple[int, int]]) -> None:
    stream = Stream()
    passed, taken = 0, set[int]()
    for first, count in records:
        new = {n for n in range(first, first + count) if n >= passed}
        assert stream.take(first, count) == count - len(new)
        taken |= new
        passed = max([passed, *(n + 1 for n in new)])
    assert {n for start, end in stream.intervals for n in range(start, end)} == taken
    assert stream.rows == len(taken)
    holes = {n for start, end in stream.holes(whole=True) for n in range(start, end)}
    assert holes == set(range(max(taken, default=-1) + 1)) - taken
    inner = {n for start, end in stream.holes(whole=False) for n in range(start, end)}
    assert inner == {n for n in holes if n > min(taken, default=0)}


@given(claimed=st.sets(st.integers(0, 40)), there=st.sets(st.integers(0, 40)))
def test_missing_is_the_difference(claimed: set[int], there: set[int]) -> None:
    def ranges(numbers: set[int]) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for n in sorted(numbers):
            if found and found[-1][1] == n:
                found[-1] = (found[-1][0], n + 1)
            else:
                found.append((n, n + 1))
        return found

    lost = missing(ranges(claimed), ranges(there))
    assert {n for start, end in lost for n in range(start, end)} == claimed - there
    assert length(lost) == len(claimed - there)
