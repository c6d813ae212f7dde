"""Witnesses and coverage against the obvious loops, whatever the cuts of the calls."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.fact import Heard
from lacuna_detection.witnesses import KEPT_MS, HeardLog, Place
from tests.reference import nearby_oracle
from tests.reference.nearby_oracle import HeardRow

_HOUR = 3_600_000
_ROW = st.tuples(
    st.integers(0, 12 * _HOUR),
    st.integers(1, 4),
    st.integers(370, 390).map(lambda v: v / 10),
    st.integers(500, 530).map(lambda v: v / 10),
    st.sets(st.sampled_from(["a", "b", "sat"]), min_size=1).map(lambda s: tuple(sorted(s))),
)


def heard(rows: list[HeardRow]) -> Heard:
    return Heard.build(
        {
            "t_ms": [r[0] for r in rows],
            "craft": [r[1] for r in rows],
            "lat_e7": [round(r[2] * 1e7) for r in rows],
            "lon_e7": [round(r[3] * 1e7) for r in rows],
            "receiver": ["|".join(r[4]) for r in rows],
        }
    )


def _log(rows: list[HeardRow], cuts: list[int], end_ms: int) -> HeardLog:
    log = HeardLog()
    rows = sorted(rows, key=lambda r: (r[0], r[1], r[4]))
    low = -1
    for cut in [*sorted(cuts), end_ms]:
        log.take(heard([r for r in rows if low < r[0] <= cut]), cut)
        log.forget(cut)
        low = max(low, cut)
    return log


@settings(derandomize=True, deadline=None, max_examples=100)
@given(
    rows=st.lists(_ROW, max_size=60),
    cuts=st.lists(st.integers(0, 12 * _HOUR), max_size=4),
    start_ms=st.integers(0, 6 * _HOUR),
    hours=st.integers(0, 6),
)
def test_counts_equal_the_oracle(rows: list[HeardRow], cuts: list[int], start_ms: int, hours: int) -> None:
    log = _log(rows, cuts, 12 * _HOUR)
    here, as_of_ms = (38.0, 51.5), start_ms + hours * _HOUR
    found = log.witnesses(1, Place(*here), 40.0, start_ms, as_of_ms)
    assert found == nearby_oracle.witnesses(rows, 1, here, 40.0, start_ms, as_of_ms)
    assert log.anyone(start_ms, as_of_ms) == any(start_ms < r[0] < as_of_ms for r in rows)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(
    rows=st.lists(_ROW, max_size=60, unique_by=lambda r: (r[0], r[1])),
    cuts=st.lists(st.integers(0, 12 * _HOUR), max_size=4),
    before_ms=st.integers(0, 12 * _HOUR),
)
def test_coverage_equals_the_oracle(rows: list[HeardRow], cuts: list[int], before_ms: int) -> None:
    log = _log(rows, cuts, 12 * _HOUR)
    found = log.coverage(Place(38.0, 51.5), 60.0, before_ms)
    assert dict(found) == nearby_oracle.coverage(rows, (38.0, 51.5), 60.0, before_ms)
    assert [count for _, count in found] == sorted((count for _, count in found), reverse=True)


def test_a_snapshot_goes_on_where_it_stood() -> None:
    rows: list[HeardRow] = [(k * 700_000, k % 3 + 1, 38.0, 51.5, ("a", "b")[: k % 2 + 1]) for k in range(60)]
    log = _log(rows, [], 60 * 700_000)
    again = HeardLog()
    again.load(log.dump())
    place = Place(38.0, 51.5)
    assert again.coverage(place, 15.0, 40 * 700_000) == log.coverage(place, 15.0, 40 * 700_000)
    assert again.witnesses(1, place, 40.0, 0, 42_000_000) == log.witnesses(1, place, 40.0, 0, 42_000_000) > 0


def test_old_rows_are_forgotten() -> None:
    log = HeardLog()
    for day in range(40):
        t_ms = day * 86_400_000
        log.take(heard([(t_ms, 1, 38.0, 51.5, ("a",))]), t_ms)
        log.forget(t_ms)
    assert len(log.dump()["heard.rows.t_ms"]) <= KEPT_MS // 86_400_000 + 3
    assert log.witnesses(2, Place(38.0, 51.5), 40.0, 0, 39 * 86_400_000) == 10
