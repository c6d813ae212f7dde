"""What a value may be: one table of reasons, and column checks that every feed shares."""

from collections.abc import Iterable
from enum import IntEnum

import numpy as np

from lacuna_core.units import NULL_TIME_MS, BoolArray, F64Array, I64Array, U8Array

EARLIEST_MS = 631_152_000_000
"""1990-01-01, before AIS and ADS-B; an earlier time is a clock that was never set, or a wrong unit."""
LATEST_MS = 4_102_444_800_000
"""2100-01-01; a later time is a broken clock or a wrong unit."""
MAX_MMSI = 999_999_999
MAX_SPEED_KN = 6_553.4
MAX_ALTITUDE_FT = 200_000.0
MIN_ALTITUDE_FT = -5_000.0
MAX_VERTICAL_RATE_FPM = 32_767.0
MAX_TEXT_CHARS = 120

_AIS_NO_LAT_DEG = 91.0
_AIS_NO_LON_DEG = 181.0
_AIS_NO_SPEED_KN = 102.3
_AIS_NO_SAR_SPEED_KN = 1023.0
_AIS_LONG_RANGE_NO_SPEED_KN = 63.0
_AIS_NO_ANGLE_FROM_DEG = 360.0
_AIS_NO_ANGLE_TO_DEG = 511.0
_HALF_STEP = 0.05


class Reason(IntEnum):
    """Why a message could not be used; the lower-case name is the code on the wire."""

    FINE = 0
    BAD_JSON = 1
    BAD_COLUMN_COUNT = 2
    LINE_TOO_LONG = 3
    BAD_MMSI = 4
    BAD_ICAO24 = 5
    BAD_TIME = 6
    BAD_LATITUDE = 7
    BAD_LONGITUDE = 8
    BAD_SPEED = 9
    BAD_COURSE = 10
    BAD_HEADING = 11
    BAD_ALTITUDE = 12
    BAD_VERTICAL_RATE = 13
    BAD_TEXT = 14

    @property
    def code(self) -> str:
        """Stable code of the dead letter."""
        return self.name.lower()


EXPECTED: dict[Reason, str] = {
    Reason.FINE: "nothing is wrong",
    Reason.BAD_JSON: "expected a JSON object of this format",
    Reason.BAD_COLUMN_COUNT: "expected as many fields as the header has",
    Reason.LINE_TOO_LONG: "expected lines of at most 256 KiB",
    Reason.BAD_MMSI: "expected an MMSI of 1 to 9 digits other than 0",
    Reason.BAD_ICAO24: "expected six hexadecimal digits other than 000000, perhaps after ~",
    Reason.BAD_TIME: "expected a time between 1990 and 2100",
    Reason.BAD_LATITUDE: "expected a latitude of -90 to 90 degrees, or 91 for none",
    Reason.BAD_LONGITUDE: "expected a longitude of -180 to 180 degrees, or 181 for none",
    Reason.BAD_SPEED: f"expected a speed of 0 to {MAX_SPEED_KN} kn",
    Reason.BAD_COURSE: "expected a course of 0 to 360 degrees, or the format's word for none",
    Reason.BAD_HEADING: "expected a heading of 0 to 360 degrees, or the format's word for none",
    Reason.BAD_ALTITUDE: f"expected an altitude of {MIN_ALTITUDE_FT:.0f} to {MAX_ALTITUDE_FT:.0f} ft",
    Reason.BAD_VERTICAL_RATE: f"expected at most {MAX_VERTICAL_RATE_FPM:.0f} ft/min up or down",
    Reason.BAD_TEXT: f"expected a receiver name of at most {MAX_TEXT_CHARS} characters",
}
"""What was expected instead, by reason: the detail of the dead letter."""


def first_reason(n: int, checks: Iterable[tuple[Reason, BoolArray]]) -> U8Array:
    """Combine masks into one reason a row, the first that applies.

    Parameters
    ----------
    n : int
        Number of rows.
    checks : iterable of (Reason, numpy.ndarray)
        Masks of shape (n,), most telling first.

    Returns
    -------
    numpy.ndarray
        Shape (n,), uint8, ``Reason`` values, 0 where nothing is wrong.
    """
    reasons = np.zeros(n, np.uint8)
    for reason, mask in checks:
        if mask.any():
            reasons[mask & (reasons == Reason.FINE)] = reason
    return reasons


def bad_time(t_ms: I64Array) -> BoolArray:
    """Find times that no craft can have sent.

    Parameters
    ----------
    t_ms : numpy.ndarray
        Shape (n,), int64, Unix milliseconds UTC, ``NULL_TIME_MS`` for none.

    Returns
    -------
    numpy.ndarray
        Shape (n,), bool.
    """
    beyond: BoolArray = (t_ms < EARLIEST_MS) | (t_ms >= LATEST_MS)
    known: BoolArray = t_ms != NULL_TIME_MS
    return beyond & known


def outside(values: F64Array, low: float, high: float) -> BoolArray:
    """Find values outside a closed interval.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (n,), float64, NaN for none.
    low, high : float
        Bounds.

    Returns
    -------
    numpy.ndarray
        Shape (n,), bool; False for NaN.
    """
    found: BoolArray = (values < low) | (values > high)
    return found


def null_ais_position(lat_deg: F64Array, lon_deg: F64Array) -> tuple[F64Array, F64Array]:
    """Turn latitude 91 and longitude 181 into none.

    Parameters
    ----------
    lat_deg, lon_deg : numpy.ndarray
        Shape (n,), float64, degrees.

    Returns
    -------
    lat_deg, lon_deg : numpy.ndarray
        NaN in both where either says "not available".
    """
    none = (np.abs(lat_deg - _AIS_NO_LAT_DEG) < 1e-6) | (np.abs(lon_deg - _AIS_NO_LON_DEG) < 1e-6)
    return np.where(none, np.nan, lat_deg), np.where(none, np.nan, lon_deg)


def null_ais_speed(speed_kn: F64Array, long_range: BoolArray | None = None) -> F64Array:
    """Turn AIS speeds that say "not available" into none.

    Parameters
    ----------
    speed_kn : numpy.ndarray
        Shape (n,), float64, knots.
    long_range : numpy.ndarray or None
        Which rows are message 27, where 63 kn says the same.

    Returns
    -------
    numpy.ndarray
        NaN for 102.3 kn (1023 kn of search-and-rescue aircraft), and for 63 kn of long-range messages.
    """
    none = (np.abs(speed_kn - _AIS_NO_SPEED_KN) < _HALF_STEP) | (speed_kn == _AIS_NO_SAR_SPEED_KN)
    if long_range is not None:
        none |= long_range & (speed_kn == _AIS_LONG_RANGE_NO_SPEED_KN)
    return np.where(none, np.nan, speed_kn)


def null_ais_angle(angle_deg: F64Array) -> F64Array:
    """Turn AIS courses and headings that say "not available" or are reserved into none.

    Parameters
    ----------
    angle_deg : numpy.ndarray
        Shape (n,), float64, degrees.

    Returns
    -------
    numpy.ndarray
        NaN from 360 to 511 degrees.
    """
    none = (angle_deg >= _AIS_NO_ANGLE_FROM_DEG) & (angle_deg <= _AIS_NO_ANGLE_TO_DEG)
    return np.where(none, np.nan, angle_deg)
