r"""What stands around a sentence and says when and by whom it was heard.

Tag blocks of NMEA 0183 version 4 (``\s:station,c:time,g:1-2-345*hh\``, and the older ``1G2:345``),
Gatehouse ``$PGHP`` lines that speak of the next sentence, and trailers of the US Coast Guard
(``*hh,r003669930,1272413170``).
"""

import numpy as np

from lacuna_kernels.ais_bytes import I64, Bytes, checksum_holds, find, number
from lacuna_kernels.ais_layout import NO_GROUP, NULL_TIME_MS
from lacuna_kernels.ais_names import Names, intern
from lacuna_kernels.jit import lean_inline

U = np.uint64
SECONDS_LIMIT = 40_000_000_000
"""A larger receive time is in milliseconds (as Global Fishing Watch reads them)."""
TIME_LIMIT_MS = 10**14
PGHP_FIELDS = 12
"""Fields of a $PGHP line up to the base station."""


@lean_inline
def receive_time_ms(buf: Bytes, at: int, stop: int) -> int:
    """Read a Unix time in seconds, with or without a fraction, or in milliseconds.

    Parameters
    ----------
    buf : numpy.ndarray
        Bytes, shape (n,), uint8.
    at, stop : int
        Where it stands, bytes.

    Returns
    -------
    int
        Unix milliseconds UTC, NULL_TIME_MS when it is no such time.
    """
    point = find(buf, at, stop, 46)
    value = number(buf, at, point)
    if value < 0:
        return NULL_TIME_MS
    if value > SECONDS_LIMIT:
        return value if value < TIME_LIMIT_MS else NULL_TIME_MS
    value *= 1000
    scale = 100
    for i in range(point + 1, min(stop, point + 4)):
        digit = I64(buf[U(i)]) - 48
        if digit < 0 or digit > 9:
            return NULL_TIME_MS
        value += scale * digit
        scale //= 10
    return value


@lean_inline
def _group(buf: Bytes, at: int, stop: int) -> int:
    # "1-2-345": sentence 1 of 2 of group 345; the sentence itself says the first two.
    dash = find(buf, at, stop, 45)
    dash = find(buf, dash + 1, stop, 45) if dash < stop else stop
    value = number(buf, dash + 1, stop) if dash < stop else -1
    return value if value >= 0 else NO_GROUP


@lean_inline
def tag_block(buf: Bytes, at: int, end: int, names: Names) -> tuple[int, int, int]:
    """Read a tag block.

    Parameters
    ----------
    buf : numpy.ndarray
        Bytes, shape (n,), uint8.
    at, end : int
        Its first byte behind the opening backslash, and the closing backslash.
    names : numpy.ndarray
        Table of receivers; a new one is added.

    Returns
    -------
    tuple of int
        Receive time (ms), receiver number and group; NULL_TIME_MS, 0 and NO_GROUP where it has none or where
        its own checksum is missing or wrong.
    """
    t_ms, receiver, group = NULL_TIME_MS, 0, NO_GROUP
    star = end - 3
    if star < at or buf[U(star)] != 42 or not checksum_holds(buf, at, star):
        return t_ms, receiver, group
    while at < star:
        stop = find(buf, at, star, 44)
        key = buf[U(at)]
        if stop - at >= 2 and buf[U(at + 1)] == 58:
            if key == 99:
                t_ms = receive_time_ms(buf, at + 2, stop)
            elif key == 115:
                receiver = intern(names, buf, at + 2, stop)
            elif key == 103:
                group = _group(buf, at + 2, stop)
        elif stop - at >= 5 and buf[U(at + 1)] == 71 and buf[U(at + 3)] == 58:
            group = number(buf, at + 4, stop)
        at = stop + 1
    return t_ms, receiver, group


@lean_inline
def trailer(buf: Bytes, at: int, stop: int, names: Names) -> tuple[int, int]:
    """Read what follows a checksum.

    Parameters
    ----------
    buf : numpy.ndarray
        Bytes, shape (n,), uint8.
    at, stop : int
        From the first byte behind the checksum to the end of the line.
    names : numpy.ndarray
        Table of receivers; a new one is added.

    Returns
    -------
    tuple of int
        Receive time (ms) and receiver number; NULL_TIME_MS and 0 where it has none.
    """
    t_ms, receiver = NULL_TIME_MS, 0
    while at < stop and buf[U(at)] == 44:
        at += 1
        end = find(buf, at, stop, 44)
        first = buf[U(at)]
        if end == stop and end - at >= 9:
            t_ms = receive_time_ms(buf, at, end)
        elif end - at >= 3 and (first == 114 or first == 98 or first == 82 or first == 66):
            receiver = intern(names, buf, at, end)
        at = end
    return t_ms, receiver


@lean_inline
def _days(year: int, month: int, day: int) -> int:
    # Days since 1970-01-01 of a Gregorian date (Hinnant's algorithm).
    y = year - (1 if month <= 2 else 0)
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


@lean_inline
def gatehouse(buf: Bytes, at: int, star: int, names: Names) -> tuple[int, int]:
    """Read ``$PGHP,1,year,month,day,hour,minute,second,millisecond,country,region,base station,...``.

    Parameters
    ----------
    buf : numpy.ndarray
        Bytes, shape (n,), uint8.
    at, star : int
        Its dollar sign and its star.
    names : numpy.ndarray
        Table of receivers; a new one is added.

    Returns
    -------
    tuple of int
        Receive time (ms) and receiver number; NULL_TIME_MS when the time is none, 0 when no station is named.
    """
    field, receiver = 0, 0
    year, month, day, hour, minute, second, ms = -1, -1, -1, -1, -1, -1, -1
    while at < star and field < PGHP_FIELDS:
        stop = find(buf, at, star, 44)
        value = number(buf, at, stop)
        if field == 2:
            year = value
        elif field == 3:
            month = value
        elif field == 4:
            day = value
        elif field == 5:
            hour = value
        elif field == 6:
            minute = value
        elif field == 7:
            second = value
        elif field == 8:
            ms = value
        elif field == 11 and value > 0:
            receiver = intern(names, buf, at, stop)
        at = stop + 1
        field += 1
    calendar = 1970 <= year <= 2999 and 1 <= month <= 12 and 1 <= day <= 31
    clock = 0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 60 and 0 <= ms <= 999
    if not (calendar and clock):
        return NULL_TIME_MS, receiver
    seconds = ((_days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
    return seconds * 1000 + ms, receiver
