"""Text columns as places in a table of distinct values."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_ingestion import parse
from lacuna_ingestion.coded import Coded, coded, constant, joined_codes, mapped, values_of

WORDS = st.one_of(
    st.none(),
    st.sampled_from(
        ["", " A ", "A", "a", "b@@", "NULL", " n/a", "None", "@", "\0", "Ä", "\\N", "0", "\u212aunknown"]
    ),
    st.text(max_size=4),
)


def _plain(column: Coded) -> list[str]:
    return [column.table[i] for i in column.codes.tolist()]


@given(st.lists(WORDS, max_size=30), st.sampled_from([1, 200]))
@settings(derandomize=True, max_examples=80, deadline=None)
def test_coded_text_is_what_texts_reads_from_lists_and_short_and_long_columns(
    words: list[str | None], times: int
) -> None:
    column = pl.Series(words * times, dtype=pl.String)
    want = parse.texts(column).fill_null("").to_list()
    for found in (coded(column), coded(words * times)):
        assert _plain(found) == want
        assert list(found.table) == sorted(set(want))


@given(
    st.lists(
        st.one_of(WORDS, st.integers(-9, 2**64 - 1), st.floats(allow_nan=False, width=32), st.booleans())
    )
)
@settings(derandomize=True, max_examples=80, deadline=None)
def test_coded_json_values_are_what_texts_reads_from_their_column(values: list[Any]) -> None:
    assert _plain(coded(values)) == parse.texts(parse.json_column(values)).fill_null("").to_list()


@pytest.mark.parametrize(
    ("value", "text"),
    [("A1 ", "A1"), (None, ""), ("null", ""), (5, "5.0"), (True, "true"), ({"a": 1}, '{"a":1}')],
)
def test_a_constant_stands_where_it_is_said(value: Any, text: str) -> None:
    assert _plain(constant(value, np.array([True, False, True]))) == [text, "", text]


def test_changed_texts_are_merged_and_sorted_anew() -> None:
    found = mapped(coded(["b|a", "b/a", "z", None]), lambda text: text.replace("|", "/"))
    assert (found.table, found.codes.tolist()) == (("", "b/a", "z"), [1, 1, 2, 0])
    assert values_of(found, len, np.uint8).tolist() == [3, 3, 1, 0]


def test_joined_tables_hold_what_is_said_only() -> None:
    columns: dict[str, Coded | str] = {
        "x": coded(["b", "unsaid", "a"]),
        "y": coded(["c", None, "b"]),
        "z": "feed",
    }
    codes, strings = joined_codes(columns, np.array([2, 0]))
    assert strings == ("a", "b", "c", "feed")
    assert {name: [strings[i] for i in at.tolist()] for name, at in codes.items()} == {
        "x": ["a", "b"], "y": ["b", "c"], "z": ["feed", "feed"],
    }  # fmt: skip
