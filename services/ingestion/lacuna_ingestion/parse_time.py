"""From columns of epochs and texts to times; what can't be read is marked, never raised."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import polars as pl

from lacuna_core.units import NULL_TIME_MS, BoolArray, F64Array, I64Array
from lacuna_ingestion.parse import Numbers, numbers, texts

_MS_FROM = 4e10
"""An epoch above this is in milliseconds, as the field's tag-block readers take it."""
_BEYOND = 1e15
_ISO_WHOLE = "%Y-%m-%dT%H:%M:%S"
_ISO = _ISO_WHOLE + "%.f"
_ZONE = r"\s*(?:Z|UTC|[+-]00:?00)$"
_ISO_ZONED = _ISO + "%#z"


class Times(NamedTuple):
    """A time column: Unix milliseconds with ``NULL_TIME_MS`` for none, and where it could not be read."""

    t_ms: I64Array
    bad: BoolArray


def _epoch_ms(values: F64Array) -> I64Array:
    known = np.abs(values) < _BEYOND
    kept = np.where(known, values, 0.0)
    scaled = np.where(np.abs(kept) > _MS_FROM, kept, kept * 1000.0)
    return np.where(known, np.rint(scaled), float(NULL_TIME_MS)).astype(np.int64)


def times(column: pl.Series) -> Times:
    """Read a column of times: epoch seconds or milliseconds, or ISO 8601 text (UTC where no zone is given).

    Parameters
    ----------
    column : polars.Series
        String or Float64.

    Returns
    -------
    Times
        Unix milliseconds UTC.
    """
    if column.dtype != pl.String:
        return epochs(numbers(column))
    return _read_first(column, _ISO_WHOLE, _times_of_any_kind)


def epochs(given: Numbers) -> Times:
    """Read numbers as epochs.

    Parameters
    ----------
    given : Numbers
        Seconds or milliseconds.

    Returns
    -------
    Times
        Unix milliseconds UTC.
    """
    return Times(_epoch_ms(given.values), given.bad)


def _read_first(column: pl.Series, layout: str, careful: Callable[[pl.Series], Times]) -> Times:
    """Read the usual spelling at full speed, and only what it does not fit with care."""
    moment = column.str.to_datetime(layout, strict=False, time_unit="ms").to_physical()
    left = np.flatnonzero((moment.is_null() & column.is_not_null()).to_numpy())
    if not len(left):
        return Times(moment.fill_null(NULL_TIME_MS).to_numpy(), np.zeros(len(column), np.bool_))
    t_ms, bad = moment.fill_null(NULL_TIME_MS).to_numpy().copy(), np.zeros(len(column), np.bool_)
    t_ms[left], bad[left] = careful(column.gather(left))
    return Times(t_ms, bad)


def _times_of_any_kind(column: pl.Series) -> Times:
    text = texts(column)
    plain = text.str.replace(_ZONE, "").str.replace(" ", "T", literal=True)
    moment = plain.str.to_datetime(_ISO, strict=False, time_unit="ms").to_physical()
    t_ms = moment.fill_null(NULL_TIME_MS).to_numpy().copy()
    left = (moment.is_null() & text.is_not_null()).to_numpy()
    if left.any():
        epoch = text.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
        t_ms[left] = _epoch_ms(epoch)[left]
        zoned = text.str.replace(" ", "T", literal=True).str.to_datetime(
            _ISO_ZONED, strict=False, time_unit="ms"
        )
        has_zone = zoned.is_not_null().to_numpy() & left
        t_ms[has_zone] = zoned.to_physical().fill_null(NULL_TIME_MS).to_numpy()[has_zone]
    return Times(t_ms, left & (t_ms == NULL_TIME_MS))


def times_as(column: pl.Series, layout: str) -> Times:
    """Read a column of times of one layout.

    Parameters
    ----------
    column : polars.Series
        String.
    layout : str
        In the notation of ``strptime``; times are UTC.

    Returns
    -------
    Times
        Unix milliseconds UTC.
    """
    return _read_first(column, layout, lambda left: _times_as(left, layout))


def _times_as(column: pl.Series, layout: str) -> Times:
    text = texts(column)
    moment = text.str.to_datetime(layout, strict=False, time_unit="ms").to_physical()
    return Times(
        moment.fill_null(NULL_TIME_MS).to_numpy(), (moment.is_null() & text.is_not_null()).to_numpy()
    )


def first_times(first: Times, second: Times) -> Times:
    """Take a second clock where the first has no time or stands at the epoch.

    Parameters
    ----------
    first, second : Times
        Of equal length.

    Returns
    -------
    Times
        Unix milliseconds UTC.
    """
    unset = ~first.bad & ((first.t_ms == NULL_TIME_MS) | (first.t_ms == 0))
    return Times(np.where(unset, second.t_ms, first.t_ms), np.where(unset, second.bad, first.bad))
