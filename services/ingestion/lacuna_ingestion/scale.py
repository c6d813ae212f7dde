"""Scaling physical units to the integers of the wire: the one place for it."""

from typing import Any

import numpy as np

from lacuna_core.position import FLAG_NAV_STATUS_MASK
from lacuna_core.units import E7_PER_DEG, NULL_I32, NULL_U16, F64Array, I32Array, U16Array


def quantize(values: F64Array | None, n: int, scale: float, dtype: type[np.integer[Any]], null: int) -> Any:
    """Scale numbers to integers, rounding half to even.

    Parameters
    ----------
    values : numpy.ndarray or None
        Shape (n,), float64, NaN for none; None for a column of nothing.
    n : int
        Number of rows.
    scale : float
        Steps per unit.
    dtype : type
        Integer type of the column.
    null : int
        What stands for none.

    Returns
    -------
    numpy.ndarray
        Shape (n,), of ``dtype``.
    """
    if values is None:
        return np.full(n, null, dtype)
    known = np.isfinite(values)
    limits = np.iinfo(dtype)
    scaled = np.rint(np.where(known, values, 0.0) * scale)
    known &= (scaled >= limits.min) & (scaled <= limits.max)
    return np.where(known, scaled, null).astype(dtype)


def degrees_e7(values: F64Array) -> I32Array:
    """Quantize latitudes or longitudes.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (n,), float64, degrees, NaN for none.

    Returns
    -------
    numpy.ndarray
        Shape (n,), int32, ``NULL_I32`` for none.
    """
    out: I32Array = quantize(values, len(values), E7_PER_DEG, np.int32, NULL_I32)
    return out


def angles_ddeg(values: F64Array | None, n: int) -> U16Array:
    """Quantize angles around the compass.

    Parameters
    ----------
    values : numpy.ndarray or None
        Shape (n,), float64, degrees, NaN for none.
    n : int
        Number of rows.

    Returns
    -------
    numpy.ndarray
        Shape (n,), uint16, 0 to 3599 in 0.1 deg, ``NULL_U16`` for none.
    """
    out: U16Array = quantize(values, n, 10.0, np.uint16, NULL_U16)
    return np.where(out == NULL_U16, out, out % np.uint16(3600)).astype(np.uint16)


def nav_status_flags(status: F64Array) -> U16Array:
    """Flag bits of navigational statuses.

    Parameters
    ----------
    status : numpy.ndarray
        Shape (n,), float64, NaN for none.

    Returns
    -------
    numpy.ndarray
        Shape (n,), uint16; 15 for none and for what is no status.
    """
    known = (status >= 0) & (status <= FLAG_NAV_STATUS_MASK)
    return np.where(known, np.where(known, status, 0), FLAG_NAV_STATUS_MASK).astype(np.uint16)
