"""The analysis is exact where a closed form exists, honest where it can't decide, and of the right size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.units import MS_PER_DAY
from lacuna_flight_correlation.chance import chance_match, matches_needed, observed_time, tail
from lacuna_flight_correlation.coincidence import (
    LESS,
    MORE,
    SAME,
    UNDECIDABLE,
    CoincidenceParams,
    analyze,
)
from tests.reference.coincidence_oracle import enumerated_tail

YEAR = ((0, 335 * MS_PER_DAY),)


@pytest.mark.parametrize(
    ("window_days", "chance", "expected", "needed"),
    [(1, 0.22, 2.2, 6), (2, 0.40, 4.0, 8), (3, 0.53, 5.3, 9), (7, 0.83, 8.3, None), (14, 0.97, 9.7, None)],
)
def test_chance_table_of_85_trips_in_335_days(
    window_days: int, chance: float, expected: float, needed: int | None
) -> None:
    p1 = chance_match(window_days / 335, 85)
    assert round(p1, 2) == chance
    assert round(10 * p1, 1) == expected
    assert matches_needed([p1] * 10, 0.05) == needed


def test_seventeen_events_are_needed_before_a_week_can_decide() -> None:
    p1 = chance_match(7 / 335, 85)
    assert round(tail([p1] * 10, 10), 2) == 0.16
    assert next(n for n in range(1, 30) if p1**n < 0.05) == 17


@settings(max_examples=100, derandomize=True, deadline=None)
@given(chances=st.lists(st.floats(0, 1), max_size=8), data=st.data())
def test_tails_equal_exact_enumeration(chances: list[float], data: st.DataObject) -> None:
    at_least = data.draw(st.integers(0, len(chances)))
    assert tail(chances, at_least) == pytest.approx(enumerated_tail(chances, at_least), abs=1e-12)


def spread(n: int, seed: int) -> list[int]:
    return [int(t) for t in np.random.default_rng(seed).integers(0, 335 * MS_PER_DAY, n)]


def test_a_week_wide_window_cannot_decide() -> None:
    trips, news = spread(85, 1), spread(10, 2)
    result = analyze(news, trips, YEAR, CoincidenceParams(window_days=7.0), seed=1)
    assert result.headline.p_min > 0.05
    assert result.decision == UNDECIDABLE


def test_all_coincide_gives_the_floor_and_not_zero() -> None:
    trips = [day * MS_PER_DAY * 4 + MS_PER_DAY for day in range(80)]
    news = [trips[k] + MS_PER_DAY // 2 for k in range(5, 45, 4)]
    result = analyze(news, trips, YEAR, CoincidenceParams(window_days=1.0), seed=2)
    assert result.headline.observed == result.headline.n == 10
    assert result.headline.p_poisson == pytest.approx(chance_match(1 / 335, 80) ** 10, rel=1e-6)
    assert result.headline.p_poisson == result.headline.p_min > 0


def test_planted_link_is_found_and_its_controls_are_not() -> None:
    trips = spread(60, 3)
    calls = [t + MS_PER_DAY // 3 for t in trips[:30]] + spread(10, 4)
    result = analyze(calls, trips, YEAR, CoincidenceParams(window_days=1.0), seed=3)
    controls = dict(result.controls)
    assert result.decision == MORE
    assert result.headline.lift is not None
    assert result.headline.lift > 2
    assert result.p_family <= 0.01
    assert controls["shifted"].p > 0.01
    assert controls["future"].p > 0.01


def test_avoidance_is_less_than_chance() -> None:
    trips = spread(60, 5)
    calls = [c for c in spread(120, 6) if not any(0 <= c - t <= 2 * MS_PER_DAY for t in trips)]
    result = analyze(calls, trips, YEAR, CoincidenceParams(window_days=2.0), seed=4)
    assert result.headline.observed == 0
    assert result.decision == LESS


def test_nothing_to_compare_is_undecidable() -> None:
    assert analyze([], spread(5, 1), YEAR, CoincidenceParams(), seed=1).decision == UNDECIDABLE
    empty = analyze(spread(5, 1), [], YEAR, CoincidenceParams(), seed=1)
    assert empty.headline.observed == 0
    assert empty.decision == SAME
    assert "under_5_events" in empty.warnings


def test_outage_leaves_both_series_and_the_clock() -> None:
    observed = observed_time(0, 335 * MS_PER_DAY, [(100 * MS_PER_DAY, 150 * MS_PER_DAY)])
    a, b = [90 * MS_PER_DAY, 120 * MS_PER_DAY], [89 * MS_PER_DAY, 130 * MS_PER_DAY, 140 * MS_PER_DAY]
    result = analyze(a, b, observed, CoincidenceParams(), seed=1)
    assert (result.n_a, result.dropped_a, result.n_b, result.dropped_b) == (1, 1, 1, 2)
    assert result.observed_days == 285
    assert result.observed_share == pytest.approx(285 / 335)


def test_order_and_clock_origin_change_nothing() -> None:
    a, b = spread(12, 8), spread(40, 9)
    plain = analyze(a, b, YEAR, CoincidenceParams(), seed=5)
    start = 1_651_363_200_000
    moved = analyze(
        [t + start for t in reversed(a)],
        [t + start for t in reversed(b)],
        ((start, start + YEAR[0][1]),),
        CoincidenceParams(),
        seed=5,
    )
    assert moved == plain


def rejections(clustered: bool) -> int:
    rng = np.random.default_rng(11)
    params = CoincidenceParams(window_days=1.0, grid_days=(1.0,), surrogates=99)
    found = 0
    for k in range(300):
        b = rng.integers(0, 335 * MS_PER_DAY, 200)
        if clustered:
            parents = rng.integers(0, 335 * MS_PER_DAY, 50)
            near = rng.integers(0, 3 * MS_PER_DAY, (50, 4))
            b = (parents[:, None] + near).ravel() % (335 * MS_PER_DAY)
        a = rng.integers(0, 335 * MS_PER_DAY, 200)
        result = analyze(a.tolist(), b.tolist(), YEAR, params, seed=k)
        found += result.headline.p <= 0.05
    return found


@pytest.mark.parametrize("clustered", [False, True])
def test_size_on_series_without_a_link(clustered: bool) -> None:
    # 300 runs at 0.05: the binomial 99 % band is 6..25
    assert 6 <= rejections(clustered) <= 25
