"""From columns to craft keys and transponder codes; what can't be read is marked, never raised."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from lacuna_core.ids import Scheme
from lacuna_core.units import NULL_U16, BoolArray, U16Array, U64Array
from lacuna_ingestion.coded import coded, values_of
from lacuna_ingestion.parse import json_column, numbers
from lacuna_ingestion.validity import MAX_MMSI

_ADDRESS_DIGITS = 6
_HEX = re.compile(r"[0-9a-f]{6}")
_SQUAWK = re.compile(r"0000|[0-7]{2,4}|[1-7]")


class Crafts(NamedTuple):
    """Craft keys, and where there was none or a malformed one."""

    craft: U64Array
    bad: BoolArray


def mmsis(column: pl.Series) -> Crafts:
    """Read a column of MMSI; every number of at most nine digits is kept, whatever it is assigned to.

    Parameters
    ----------
    column : polars.Series
        String or Float64.

    Returns
    -------
    Crafts
        Craft keys; bad for none, 0, more than nine digits and what is no whole number.
    """
    values = numbers(column).values
    fine = (values >= 1) & (values <= MAX_MMSI) & (values == np.floor(values))
    number = np.where(fine, values, 0.0).astype(np.uint64)
    scheme = np.uint64(int(Scheme.MMSI) << 56)
    return Crafts(np.where(fine, number | scheme, np.uint64(0)), ~fine)


def icao24s(column: pl.Series | Sequence[Any]) -> Crafts:
    """Read a column of 24-bit aircraft addresses.

    Parameters
    ----------
    column : polars.Series or sequence
        String, ``~`` before a non-ICAO address and ``0x`` allowed; Float64 where a reader before us took
        addresses of digits for numbers; or JSON values.

    Returns
    -------
    Crafts
        Craft keys; bad for none, 000000 and what is not six hexadecimal digits.
    """
    if not isinstance(column, pl.Series):
        column = json_column(column)
    width = 0 if column.dtype == pl.String else _ADDRESS_DIGITS
    craft = values_of(coded(column), lambda text: _address(text.zfill(width)), np.uint64)
    return Crafts(craft, craft == 0)


def _address(text: str) -> int:
    given = text.lower().removeprefix("0x")
    digits = given.removeprefix("~")
    number = int(digits, 16) if _HEX.fullmatch(digits) else 0
    scheme = Scheme.ICAO24 if digits == given else Scheme.NON_ICAO
    return int(scheme) << 56 | number if number else 0


def squawks(column: pl.Series | Sequence[Any]) -> U16Array:
    """Read a column of transponder codes.

    Parameters
    ----------
    column : polars.Series or sequence
        String or Float64, or JSON values; leading zeros may be missing, but a lone 0 is what feeds write
        for none.

    Returns
    -------
    numpy.ndarray
        Shape (n,), uint16, the octal digits read as decimal, ``NULL_U16`` for none or no code.
    """
    return values_of(
        coded(column), lambda text: int(text) if _SQUAWK.fullmatch(text) else NULL_U16, np.uint16
    )
