"""From columns to craft keys and transponder codes; what can't be read is marked, never raised."""

from typing import NamedTuple

import numpy as np
import polars as pl
from lacuna_core.ids import Scheme
from lacuna_core.units import NULL_U16, BoolArray, U16Array, U64Array

from lacuna_ingestion.parse import numbers, texts
from lacuna_ingestion.validity import MAX_MMSI


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


def icao24s(column: pl.Series) -> Crafts:
    """Read a column of 24-bit aircraft addresses.

    Parameters
    ----------
    column : polars.Series
        String, ``~`` before a non-ICAO address and ``0x`` allowed; Float64 where a reader before us took
        addresses of digits for numbers.

    Returns
    -------
    Crafts
        Craft keys; bad for none, 000000 and what is not six hexadecimal digits.
    """
    text = texts(column)
    if column.dtype != pl.String:
        text = text.str.zfill(6)
    text = text.str.to_lowercase().str.strip_prefix("0x").fill_null("")
    private = text.str.starts_with("~").to_numpy()
    digits = text.str.strip_prefix("~")
    digits = digits.set(~digits.str.contains(r"^[0-9a-f]{6}$"), "0")
    number = digits.str.to_integer(base=16, strict=False).fill_null(0).to_numpy().astype(np.uint64)
    scheme = np.where(private, np.uint64(int(Scheme.NON_ICAO) << 56), np.uint64(int(Scheme.ICAO24) << 56))
    bad = number == 0
    return Crafts(np.where(bad, np.uint64(0), number | scheme), bad)


def squawks(column: pl.Series) -> U16Array:
    """Read a column of transponder codes.

    Parameters
    ----------
    column : polars.Series
        String or Float64; leading zeros may be missing, but a lone 0 is what feeds write for none.

    Returns
    -------
    numpy.ndarray
        Shape (n,), uint16, the octal digits read as decimal, ``NULL_U16`` for none or no code.
    """
    text = texts(column)
    code = text.set(~text.str.contains(r"^(?:0000|[0-7]{2,4}|[1-7])$").fill_null(True), None)
    return code.cast(pl.UInt16, strict=False).fill_null(NULL_U16).to_numpy()
