"""When the parts of a day are joined."""

from hypothesis import given
from hypothesis import strategies as st

from lacuna_runtime.stores.cassandra.joining import asks_to_join, quarter_of
from lacuna_runtime.stores.cassandra.notes import Note
from lacuna_runtime.stores.chunk import SEALED_ROWS
from lacuna_runtime.stores.parts import MAX_PARTS


def _note(start_ms: int, end_ms: int, rows: int = 10) -> Note:
    return Note(1, 0, f"{start_ms}-{end_ms}".encode(), 0, rows, start_ms, end_ms)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 10)), min_size=1, max_size=MAX_PARTS))
def test_parts_that_share_an_instant_are_joined(spans: list[tuple[int, int]]) -> None:
    notes = [_note(start, start + length) for start, length in spans]
    instants = [t for start, length in spans for t in range(start, start + length + 1)]
    assert asks_to_join(notes) == (len(instants) != len(set(instants)))


def test_many_parts_are_joined_unless_they_are_full() -> None:
    parts = [_note(10 * i, 10 * i + 1) for i in range(MAX_PARTS + 1)]
    assert asks_to_join(parts)
    assert not asks_to_join(parts[1:])
    assert not asks_to_join([_note(10 * i, 10 * i + 1, SEALED_ROWS) for i in range(MAX_PARTS + 1)])


def test_full_parts_may_touch_because_they_were_cut_so() -> None:
    assert not asks_to_join([_note(0, 5, SEALED_ROWS), _note(5, 9)])
    assert asks_to_join([_note(0, 5, SEALED_ROWS), _note(4, 9)])


def test_quarters_are_those_of_the_calendar() -> None:
    assert [quarter_of(day) for day in (-1, 0, 89, 90, 364, 365)] == [-1, 0, 0, 1, 3, 4]
