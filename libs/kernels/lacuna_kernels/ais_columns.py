"""Pass three: decoded fields to the columns of position batches, and counts for source health."""

import numpy as np
import numpy.typing as npt

from lacuna_kernels.ais_bytes import I64, Records
from lacuna_kernels.ais_layout import (
    INVALID_MMSI,
    INVALID_POSITION,
    NO_TIME,
    NON_POSITION,
    NULL_I32,
    NULL_TIME_MS,
    NULL_U16,
    OK,
    PUBLISHED,
)
from lacuna_kernels.jit import inline, kernel

MMSI_SCHEME = 1 << 56
CLASS_A = 1
CLASS_B = 2
SEARCH_AND_RESCUE = 3
ACCURATE = 0x0020
RAIM = 0x0040
LONG_RANGE = 0x0080
UNIT_PER_DEG = 600_000
SLOT_MS = 600_000
"""Length of a health slot, 10 minutes."""
Columns = tuple[
    npt.NDArray[np.uint64], npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.int32],
    npt.NDArray[np.uint16], npt.NDArray[np.uint16], npt.NDArray[np.uint16], npt.NDArray[np.int32],
    npt.NDArray[np.uint16], npt.NDArray[np.uint8], npt.NDArray[np.int64],
]  # fmt: skip


@inline
def _e7(value: int) -> int:
    # 1/10,000 minute to 1e-7 degree, nearest; a third is never a tie.
    return (value * 100 + 3) // 6


@inline
def _feet(altitude_m: int) -> int:
    # 4095 is not available; 4094 is that or more. One foot is 0.3048 m exactly.
    return NULL_I32 if altitude_m >= 4095 else (altitude_m * 100_000 + 15_240) // 30_480


@inline
def _fate(kind: int, mmsi: int, lon: int, lat: int, t_ms: int) -> int:
    # What becomes of an understood message.
    moves = kind <= 3 or kind == 9 or kind == 18 or kind == 19 or kind == 27
    static = kind == 5 or kind == 24
    if mmsi == 0 or mmsi > 999_999_999:
        return INVALID_MMSI
    if not moves:
        return NO_TIME if static and t_ms == NULL_TIME_MS else NON_POSITION
    if lon != NULL_I32 and abs(lon) > 180 * UNIT_PER_DEG:
        return INVALID_POSITION
    if lat != NULL_I32 and abs(lat) > 90 * UNIT_PER_DEG:
        return INVALID_POSITION
    if t_ms == NULL_TIME_MS:
        return NO_TIME
    return NON_POSITION if lon == NULL_I32 or lat == NULL_I32 else PUBLISHED


@inline
def _class(kind: int) -> int:
    if kind <= 3:
        return CLASS_A
    if kind == 18 or kind == 19:
        return CLASS_B
    return SEARCH_AND_RESCUE if kind == 9 else 0


@kernel
def to_columns(rows: Records, fields: Records, count: int, fate: npt.NDArray[np.uint8]) -> Columns:
    """Say what becomes of each message and gather those that are positions.

    Parameters
    ----------
    rows, fields : numpy.ndarray
        Messages and what was decoded of them, shape (n,), dtype ROW and FIELDS.
    count : int
        How many of them, messages.
    fate : numpy.ndarray
        Shape (n,), uint8, overwritten: PUBLISHED, NON_POSITION or the reason of a dead letter.

    Returns
    -------
    tuple of numpy.ndarray
        Each of shape (k,): craft key uint64, t_ms int64 (ms), lat_e7 and lon_e7 int32 (1e-7 deg), speed
        uint16 (0.1 kn), course and heading uint16 (0.1 deg), altitude int32 (ft), flags uint16, class uint8,
        receiver number int64. What a position can't be (a course or heading of 360 deg or more) is null.
    """
    craft, t_ms = np.empty(count, np.uint64), np.empty(count, np.int64)
    lat_e7, lon_e7 = np.empty(count, np.int32), np.empty(count, np.int32)
    speed, course = np.empty(count, np.uint16), np.empty(count, np.uint16)
    heading, altitude = np.empty(count, np.uint16), np.empty(count, np.int32)
    flags, klass = np.empty(count, np.uint16), np.empty(count, np.uint8)
    receiver = np.empty(count, np.int64)
    n = 0
    for i in range(count):
        f = fields[i]
        if f.verdict != OK:
            fate[i] = f.verdict
            continue
        kind, lon, lat = I64(f.kind), I64(f.lon), I64(f.lat)
        what = _fate(kind, I64(f.mmsi), lon, lat, rows[i].t_ms)
        fate[i] = what
        if what != PUBLISHED:
            continue
        craft[n] = MMSI_SCHEME | I64(f.mmsi)
        t_ms[n] = rows[i].t_ms
        lat_e7[n] = _e7(lat)
        lon_e7[n] = _e7(lon)
        speed[n] = f.speed
        course[n] = f.course if f.course < 3600 else NULL_U16
        heading[n] = f.heading * 10 if f.heading < 360 else NULL_U16
        altitude[n] = _feet(I64(f.altitude)) if kind == 9 else NULL_I32
        long_range = LONG_RANGE if kind == 27 else 0
        flags[n] = f.status | (ACCURATE if f.accurate else 0) | (RAIM if f.raim else 0) | long_range
        klass[n] = _class(kind)
        receiver[n] = rows[i].receiver
        n += 1
    return (
        craft[:n], t_ms[:n], lat_e7[:n], lon_e7[:n], speed[:n], course[:n], heading[:n], altitude[:n],
        flags[:n], klass[:n], receiver[:n],
    )  # fmt: skip


@kernel
def count_heard(
    rows: Records, fate: npt.NDArray[np.uint8], count: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Count understood messages by receiver and 10-minute slot.

    Parameters
    ----------
    rows : numpy.ndarray
        Messages, shape (n,), dtype ROW.
    fate : numpy.ndarray
        What became of them, shape (n,), uint8.
    count : int
        How many of them, messages.

    Returns
    -------
    tuple of numpy.ndarray
        Each of shape (k,), int64: receiver number, start of the slot in Unix milliseconds UTC, messages. In
        the order in which they were first heard.
    """
    size = 16
    while size < 2 * count:
        size *= 2
    place = np.full(size, -1, np.int32)
    receiver, start, heard = np.empty(count, np.int64), np.empty(count, np.int64), np.zeros(count, np.int64)
    n, last = 0, -1
    for i in range(count):
        t_ms = rows[i].t_ms
        if fate[i] < PUBLISHED or t_ms == NULL_TIME_MS:
            continue
        slot, who = t_ms // SLOT_MS, I64(rows[i].receiver)
        if last < 0 or start[last] != slot or receiver[last] != who:
            at = (slot * 0x9E3779B1 + who * 0x85EBCA6B) & (size - 1)
            while place[at] >= 0 and (start[place[at]] != slot or receiver[place[at]] != who):
                at = (at + 1) & (size - 1)
            if place[at] < 0:
                place[at] = n
                receiver[n], start[n] = who, slot
                n += 1
            last = I64(place[at])
        heard[last] += 1
    return receiver[:n], start[:n] * SLOT_MS, heard[:n]
