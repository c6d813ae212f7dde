"""Hours in which a craft was heard: bits that are united, so that a repeat changes nothing."""

import numpy as np

from lacuna_core.profile import Exposure
from lacuna_core.units import MS_PER_DAY, MS_PER_H, I64Array


def hours_heard(t_ms: I64Array, starts: I64Array) -> I64Array:
    """Unite the hours of the day of the rows of each run.

    Parameters
    ----------
    t_ms : numpy.ndarray
        Unix milliseconds UTC; each run lies in one day.
    starts : numpy.ndarray
        First row of each run, ascending, the first one 0.

    Returns
    -------
    numpy.ndarray
        Bit h is set when a row lies in hour h, int64, one number a run.
    """
    bits = np.left_shift(np.int64(1), (t_ms % MS_PER_DAY) // MS_PER_H)
    return np.asarray(np.bitwise_or.reduceat(bits, starts), np.int64)


def clipped(craft: I64Array, day: I64Array, hours: I64Array, start_ms: int, end_ms: int) -> Exposure:
    """Clear the hours that do not begin in an interval.

    Parameters
    ----------
    craft, day, hours : numpy.ndarray
        Craft key, day since 1970 and hours heard, int64, sorted by (day, craft).
    start_ms, end_ms : int
        Half-open interval, Unix milliseconds UTC.

    Returns
    -------
    Exposure
        What is left, in the same order.
    """
    hour = np.arange(24)
    begins = day[:, None] * MS_PER_DAY + hour * MS_PER_H
    inside = (begins >= start_ms) & (begins < end_ms)
    hours = hours & (inside << hour).sum(axis=1)
    heard = hours != 0
    return Exposure(
        craft=craft[heard].astype(np.uint64),
        day=day[heard].astype(np.int32),
        hours=hours[heard].astype(np.uint32),
    )
