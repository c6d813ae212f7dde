"""Equal values, equal bytes."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.canonical import canonical_json, round9
from lacuna_core.event import Term
from lacuna_core.timestamps import format_time, parse_time

FINITE = st.floats(allow_nan=False, allow_infinity=False, max_value=1e300, min_value=-1e300)


@given(value=FINITE)
@settings(derandomize=True, max_examples=300, deadline=None)
def test_nine_digits_are_kept_and_rounding_again_changes_nothing(value: float) -> None:
    rounded = round9(value)
    assert round9(rounded) == rounded
    assert math.isclose(rounded, value, rel_tol=5.1e-9, abs_tol=5e-324)
    assert math.copysign(1.0, rounded) == 1.0 or rounded != 0.0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | FINITE | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(value=JSON)
@settings(derandomize=True, max_examples=200, deadline=None)
def test_writing_again_changes_nothing(value: object) -> None:
    text = canonical_json(value)
    assert canonical_json(json.loads(text)) == text


def test_keys_are_sorted_and_dataclasses_are_objects() -> None:
    assert canonical_json({"b": (1, 2.0), "a": Term("x", 0.1 + 0.2, "h")}) == (
        '{"a":{"name":"x","unit":"h","value":0.3},"b":[1,2.0]}'
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [-float("inf")]])
def test_what_json_has_not_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="no such number"):
        canonical_json(value)


@pytest.mark.parametrize("value", [np.int64(1), {1, 2}, b"x"])
def test_other_types_are_refused(value: object) -> None:
    with pytest.raises(TypeError, match="no canonical form"):
        canonical_json(value)


@given(t_ms=st.integers(-2_000_000_000_000, 4_000_000_000_000))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_times_come_back(t_ms: int) -> None:
    assert parse_time(format_time(t_ms)) == t_ms


@pytest.mark.parametrize("text", ["", "yesterday", "2022-13-01", "2022-09-01T25:00:00Z"])
def test_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="RFC 3339"):
        parse_time(text)
