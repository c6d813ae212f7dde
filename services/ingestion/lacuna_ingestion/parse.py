"""From columns of text or JSON values to typed columns; what can't be read is marked, never raised."""

from collections.abc import Sequence
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import orjson
import polars as pl

from lacuna_core.units import BoolArray, F64Array

NULL_WORDS = ("", "null", "none", "nan", "na", "n/a", "unknown", "undefined", "\\n")
"""Words, in lower case, by which feeds say that there is no value."""
BLANK = " \t\r\n\0@"
"""What feeds pad texts with."""
_HUGE = 1e15
"""Beyond it nothing that a craft sends can lie, and sums and products of less stay exact enough."""
_NUMERIC = {int, float, type(None)}


class Numbers(NamedTuple):
    """A numeric column: values with NaN for none, and where there was something else than a number."""

    values: F64Array
    bad: BoolArray


def json_column(values: Sequence[Any]) -> pl.Series:
    """Make a column of JSON values.

    Parameters
    ----------
    values : sequence
        Numbers, strings, booleans, None; anything else becomes its JSON text.

    Returns
    -------
    polars.Series
        Float64 where all values are numbers or None, else String.
    """
    types = set(map(type, values))
    if types <= _NUMERIC:
        return pl.Series(np.array(values, dtype=np.float64), nan_to_null=True)
    if types <= {str, type(None)}:
        return pl.Series(values, dtype=pl.String)
    if types <= {bool, type(None)}:
        return pl.Series(values, dtype=pl.Boolean).cast(pl.String)
    return pl.Series([_as_text(v) for v in values], dtype=pl.String)


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return orjson.dumps(value).decode()


def json_columns(records: Sequence[dict[str, Any]], names: Sequence[str]) -> dict[str, pl.Series]:
    """Turn records into columns.

    Parameters
    ----------
    records : sequence of dict
        Parsed JSON objects.
    names : sequence of str
        Members to take; a record without one has None.

    Returns
    -------
    dict of str to polars.Series
        By name, each of the length of ``records``.
    """
    return {name: json_column(member(records, name)) for name in names}


def none_column(n: int) -> pl.Series:
    """Make a column without values.

    Parameters
    ----------
    n : int
        Its length.

    Returns
    -------
    polars.Series
        All null, String.
    """
    return pl.Series([None], dtype=pl.String).new_from_index(0, n)


def texts(column: pl.Series) -> pl.Series:
    """Read a column as text.

    Parameters
    ----------
    column : polars.Series
        String or Float64.

    Returns
    -------
    polars.Series
        Stripped text, null where there is none.
    """
    if column.dtype != pl.String:
        whole = column.cast(pl.Int64, strict=False)
        exact = (whole.cast(pl.Float64) == column).fill_null(False)
        column = whole.cast(pl.String).zip_with(exact, column.cast(pl.String))
    stripped = column.str.strip_chars(BLANK)
    return stripped.set(stripped.str.to_lowercase().is_in(list(NULL_WORDS)).fill_null(False), None)


def numbers(column: pl.Series) -> Numbers:
    """Read a column as numbers.

    Parameters
    ----------
    column : polars.Series
        String or Float64.

    Returns
    -------
    Numbers
        Values, NaN for none; ``bad`` where there is something that is no number of any use.
    """
    bad = np.zeros(len(column), np.bool_)
    if column.dtype == pl.String:
        read = column.cast(pl.Float64, strict=False)
        if (read.is_null() & column.is_not_null()).any():
            text = texts(column)
            read = text.cast(pl.Float64, strict=False)
            bad = (read.is_null() & text.is_not_null()).to_numpy()
        column = read
    found = sane(column.fill_null(np.nan).to_numpy())
    return Numbers(found.values, found.bad | bad)


def sane(values: F64Array) -> Numbers:
    """Mark numbers of no use.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (n,), float64, NaN for none.

    Returns
    -------
    Numbers
        NaN and ``bad`` where a number is too large for anything that a craft sends.
    """
    huge = np.abs(values) > _HUGE
    return Numbers(np.where(huge, np.nan, values), huge)


def json_numbers(values: Sequence[Any]) -> Numbers:
    """Read JSON values as numbers.

    Parameters
    ----------
    values : sequence
        Any.

    Returns
    -------
    Numbers
        As ``numbers`` of their column.
    """
    if set(map(type, values)) <= _NUMERIC:
        return sane(np.array(values, dtype=np.float64))
    return numbers(json_column(values))


def json_numbers_or_word(values: Sequence[Any], word: str) -> tuple[Numbers, BoolArray]:
    """Read JSON values as numbers for which a word may stand.

    Parameters
    ----------
    values : sequence
        Any.
    word : str
        In lower case.

    Returns
    -------
    numbers : Numbers
        As ``numbers`` of their column, none where the word stands.
    is_word : numpy.ndarray
        Shape (n,), bool.
    """
    rest = [None if value == word else value for value in values]
    if set(map(type, rest)) <= _NUMERIC:
        return json_numbers(rest), np.array([value == word for value in values], dtype=np.bool_)
    column = json_column(values)
    return numbers(without_word(column, word)), is_word(column, word)


def member(records: Sequence[dict[str, Any]], name: str) -> list[Any]:
    """Take one member of each record.

    Parameters
    ----------
    records : sequence of dict
        Parsed JSON objects.
    name : str
        The member; a record without it has None.

    Returns
    -------
    list
        Of the length of ``records``.
    """
    return list(map(dict.get, records, repeat(name)))


def truths(column: pl.Series) -> BoolArray:
    """Read a column of yes and no.

    Parameters
    ----------
    column : polars.Series
        String or Float64.

    Returns
    -------
    numpy.ndarray
        Shape (n,), bool; True for true, yes, 1 and any number but 0.
    """
    if column.dtype != pl.String:
        return (column.fill_null(0.0) != 0.0).to_numpy()
    return column.str.to_lowercase().is_in(["true", "t", "yes", "y", "1", "1.0"]).fill_null(False).to_numpy()


def is_word(column: pl.Series, word: str) -> BoolArray:
    """Find a word in a column.

    Parameters
    ----------
    column : polars.Series
        String or Float64.
    word : str
        In lower case.

    Returns
    -------
    numpy.ndarray
        Shape (n,), bool.
    """
    if column.dtype != pl.String:
        return np.zeros(len(column), np.bool_)
    return (column.str.to_lowercase() == word).fill_null(False).to_numpy()


def without_word(column: pl.Series, word: str) -> pl.Series:
    """Replace a word of a column by none.

    Parameters
    ----------
    column : polars.Series
        String or Float64.
    word : str
        In lower case.

    Returns
    -------
    polars.Series
        The column, null where it held the word.
    """
    if column.dtype != pl.String:
        return column
    return column.set((column.str.to_lowercase() == word).fill_null(False), None)


def wrapped_deg(angle_deg: F64Array) -> F64Array:
    """Bring directions of one turn too far back to the compass.

    Parameters
    ----------
    angle_deg : numpy.ndarray
        Shape (n,), float64, degrees, NaN for none.

    Returns
    -------
    numpy.ndarray
        From -360 to 720 degrees modulo 360; beyond as it was.
    """
    near = (angle_deg >= -360.0) & (angle_deg <= 720.0)
    return np.where(near, np.mod(np.where(near, angle_deg, 0.0), 360.0), angle_deg)
