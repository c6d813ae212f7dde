"""Text columns as places in a table of distinct values: a text is worked on once for all its rows."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from lacuna_core.units import BoolArray, I64Array, U16Array
from lacuna_ingestion.parse import BLANK, NULL_WORDS, json_column, texts

_SHORT = 1_024
"""Up to so many rows a dictionary is faster than setting polars to work."""


class Coded(NamedTuple):
    """A text column: places of its rows, and the sorted table of clean texts, ``""`` for none."""

    codes: I64Array
    table: tuple[str, ...]


def coded(column: pl.Series | Sequence[Any]) -> Coded:
    """Read a column as text, as ``texts`` does.

    Parameters
    ----------
    column : polars.Series or sequence
        String or Float64; or JSON values.

    Returns
    -------
    Coded
        Stripped text, words for none left out.
    """
    if not isinstance(column, pl.Series):
        if set(map(type, column)) <= {str, type(None)}:
            return _coded_list(column)
        column = json_column(column)
    if column.dtype != pl.String:
        column = texts(column)
    if len(column) <= _SHORT:
        return _coded_list(column.to_list())
    distinct = column.unique()
    lookup = pl.DataFrame({"value": distinct, "place": np.arange(len(distinct))})
    joined = column.to_frame("value").join(
        lookup, on="value", how="left", maintain_order="left", nulls_equal=True
    )
    return _ranked(texts(distinct).fill_null("").to_list(), joined["place"].to_numpy())


def _coded_list(column: Sequence[str | None]) -> Coded:
    known: dict[str | None, int] = {}
    places = [known.setdefault(text, len(known)) for text in column]
    return _ranked([_clean(text) for text in known], np.array(places, dtype=np.int64))


def _clean(text: str | None) -> str:
    stripped = "" if text is None else text.strip(BLANK)
    return "" if stripped.lower() in NULL_WORDS else stripped


def _ranked(values: Sequence[str], places: I64Array) -> Coded:
    table = sorted(set(values))
    rank = {text: i for i, text in enumerate(table)}
    return Coded(np.array([rank[text] for text in values], dtype=np.int64)[places], tuple(table))


def constant(value: Any, where: BoolArray) -> Coded:
    """Say one thing in some rows and nothing in the others.

    Parameters
    ----------
    value : Any
        JSON value.
    where : numpy.ndarray
        Shape (n,), bool.

    Returns
    -------
    Coded
        The value as text.
    """
    text = value if isinstance(value, str) else json_column([value]).cast(pl.String)[0]
    return _ranked(("", _clean(text)), where.astype(np.int64))


def mapped(column: Coded, change: Callable[[str], str]) -> Coded:
    """Change the texts of a column.

    Parameters
    ----------
    column : Coded
        The column.
    change : callable
        Text to text.

    Returns
    -------
    Coded
        The column, its table sorted anew.
    """
    changed = [change(text) for text in column.table]
    return column if tuple(changed) == column.table else _ranked(changed, column.codes)


def values_of(column: Coded, value: Callable[[str], float], dtype: type[np.generic]) -> npt.NDArray[Any]:
    """Look up a number for each row.

    Parameters
    ----------
    column : Coded
        The column.
    value : callable
        Text to number.
    dtype : type
        Of the result.

    Returns
    -------
    numpy.ndarray
        Shape (n,), of ``dtype``.
    """
    return np.array([value(text) for text in column.table], dtype=dtype)[column.codes]


def joined_codes(
    columns: dict[str, Coded | str], rows: I64Array
) -> tuple[dict[str, U16Array], tuple[str, ...]]:
    """Index some rows of text columns into one sorted table of what they say.

    Parameters
    ----------
    columns : dict of str to Coded or str
        Columns by name; one str for all rows.
    rows : numpy.ndarray
        Row numbers, at least one.

    Returns
    -------
    codes : dict of str to numpy.ndarray
        By name, shape (n,), uint16.
    strings : tuple of str
        The table.
    """
    picked = {name: c.codes[rows] for name, c in columns.items() if not isinstance(c, str)}
    said: dict[str, list[int]] = {name: np.flatnonzero(np.bincount(p)).tolist() for name, p in picked.items()}
    used: set[str] = set()
    for name, column in columns.items():
        used.update((column,) if isinstance(column, str) else (column.table[i] for i in said[name]))
    strings = tuple(sorted(used))
    place = {text: i for i, text in enumerate(strings)}
    codes: dict[str, U16Array] = {}
    for name, column in columns.items():
        if isinstance(column, str):
            codes[name] = np.full(len(rows), place[column], np.uint16)
            continue
        remap = np.zeros(len(column.table), np.uint16)
        remap[said[name]] = [place[column.table[i]] for i in said[name]]
        codes[name] = remap[picked[name]]
    return codes, strings
