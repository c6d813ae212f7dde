"""Columns of text and JSON values."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.ids import craft_from_icao24, craft_from_mmsi
from lacuna_core.timestamps import parse_time as reference_time
from lacuna_core.units import NULL_TIME_MS, NULL_U16
from lacuna_ingestion import parse, parse_craft, parse_time


def test_numbers_tell_none_from_nonsense() -> None:
    found = parse.numbers(pl.Series(["1.5", " 2 ", "Unknown", "", None, "NaN", "x", "inf", "1e3"]))
    np.testing.assert_array_equal(found.values, [1.5, 2, *[np.nan] * 6, 1000])
    assert np.flatnonzero(found.bad).tolist() == [6, 7]


def test_json_values_of_mixed_types() -> None:
    found = parse.numbers(parse.json_column([1, 2.5, "3", None, True, [4], {"a": 1}]))
    np.testing.assert_array_equal(found.values[:4], [1, 2.5, 3, np.nan])
    assert found.bad.tolist() == [False] * 4 + [True] * 3


JSON_VALUES = st.one_of(
    st.none(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False), st.booleans(),
    st.sampled_from(["ground", "GROUND", " ground", "1", " 2 ", "x", "", "nan", [], {"a": 1}]),
)  # fmt: skip


@given(
    st.one_of(st.lists(JSON_VALUES), st.lists(st.one_of(st.floats(-9e4, 9e4), st.none(), st.just("ground"))))
)
@settings(derandomize=True, max_examples=150, deadline=None)
def test_json_numbers_are_those_of_the_column(values: list[Any]) -> None:
    column = parse.json_column(values)
    for found, want in zip(parse.json_numbers(values), parse.numbers(column), strict=True):
        np.testing.assert_array_equal(found, want)
    found_or, is_word = parse.json_numbers_or_word(values, "ground")
    for found, want in zip(found_or, parse.numbers(parse.without_word(column, "ground")), strict=True):
        np.testing.assert_array_equal(found, want)
    np.testing.assert_array_equal(is_word, parse.is_word(column, "ground"))


@pytest.mark.parametrize(
    "text",
    [
        "2020-06-30T00:00:01",
        "2020-06-30 00:00:01",
        "2021-01-06T07:33:48+00:00",
        "2017-07-18T00:07:20.250000Z",
        "2020-06-30T02:00:00+02:00",
        "2020-06-30 02:00:00.5-0930",
    ],
)
def test_times_as_the_reference_reads_them(text: str) -> None:
    found = parse_time.times(pl.Series([text, None, "junk"]))
    assert found.t_ms.tolist() == [reference_time(text), NULL_TIME_MS, NULL_TIME_MS]
    assert found.bad.tolist() == [False, False, True]


@given(st.integers(1, 4_102_444_799_999))
@settings(derandomize=True, max_examples=60)
def test_a_time_is_the_same_in_every_spelling(t_ms: int) -> None:
    whole = t_ms - t_ms % 1000
    seconds = parse_time.times(pl.Series([whole / 1000]))
    text = parse_time.times(pl.Series([str(whole // 1000), f"{whole // 1000}.0"]))
    assert seconds.t_ms[0] == text.t_ms[0] == text.t_ms[1] == whole
    if t_ms > 4e10:
        assert parse_time.times(pl.Series([float(t_ms)])).t_ms[0] == t_ms


def test_mmsi_keeps_every_number_of_at_most_nine_digits() -> None:
    found = parse_craft.mmsis(
        pl.Series(["273123456", "987357559", "7", "273123456.0", "0", "1234567890", "x", None, "-5", "1.5"])
    )
    want = [craft_from_mmsi(n) for n in (273123456, 987357559, 7, 273123456)]
    assert found.craft.tolist() == want + [0] * 6
    assert found.bad.tolist() == [False] * 4 + [True] * 6


@given(st.integers(1, 0xFFFFFF), st.booleans(), st.sampled_from(["{:06x}", "0x{:06X}", " {:06X} "]))
@settings(derandomize=True, max_examples=60)
def test_icao24_in_every_spelling(number: int, private: bool, spelling: str) -> None:
    text = "~" + f"{number:06x}" if private else spelling.format(number)
    assert int(parse_craft.icao24s(pl.Series([text])).craft[0]) == craft_from_icao24(
        text.strip().lower().removeprefix("0x")
    )


def test_icao24_malformed_and_taken_for_a_number() -> None:
    found = parse_craft.icao24s(pl.Series(["000000", "12345", "1234567", "gggggg", "", None, "~"]))
    assert found.bad.all()
    numeric = parse_craft.icao24s(pl.Series([440549.0, 10123.0]))
    assert numeric.craft.tolist() == [craft_from_icao24("440549"), craft_from_icao24("010123")]


def test_squawks() -> None:
    found = parse_craft.squawks(pl.Series(["7700", "416", "0000", "0", "8000", "12345", None]))
    assert found.tolist() == [7700, 416, 0, *[NULL_U16] * 4]
