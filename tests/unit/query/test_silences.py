"""Rates and their intervals."""

import math

import pytest

from lacuna_query.silences import month_name, poisson_interval


def _poisson_up_to(count: int, mean: float) -> float:
    return sum(math.exp(-mean + k * math.log(mean) - math.lgamma(k + 1)) for k in range(count + 1))


@pytest.mark.parametrize("count", [1, 2, 5, 12, 100, 440])
def test_the_interval_cuts_exactly_a_fortieth_off_each_side(count: int) -> None:
    low, high = poisson_interval(count, 1.0)
    assert _poisson_up_to(count, high) == pytest.approx(0.025, rel=1e-6)
    assert 1.0 - _poisson_up_to(count - 1, low) == pytest.approx(0.025, rel=1e-6)


def test_none_seen_is_not_none_possible() -> None:
    low, high = poisson_interval(0, 2.0)
    assert low == 0.0
    assert high == pytest.approx(-math.log(0.025) / 2.0)


def test_months_are_named_as_in_iso_8601() -> None:
    assert month_name(1_661_990_399_999) == "2022-08"
    assert month_name(1_661_990_400_000) == "2022-09"
