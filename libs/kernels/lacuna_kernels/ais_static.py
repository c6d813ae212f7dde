"""Pass two, static data: types 5, 19, 21 and 24 (ITU-R M.1371-5 tables 52, 72, 74, 77, 78)."""

import numpy as np
import numpy.typing as npt

from lacuna_kernels.ais_bytes import Bytes
from lacuna_kernels.ais_layout import OK, STATIC
from lacuna_kernels.ais_names import Names, intern
from lacuna_kernels.jit import inline, kernel

Records = npt.NDArray[np.void]
U = np.uint64
GROUPS = 72
"""Six-bit groups of the longest static message, and room for a text at its end."""
AUXILIARY = 98
"""Leading digits of the MMSI of craft of a parent ship, which send its MMSI where the dimensions stand."""


@inline
def _unarmor(buf: Bytes, at: int, length: int, groups: Bytes) -> None:
    for k in range(groups.shape[0]):
        value = 0
        if k < length:
            value = np.int64(buf[U(at + k)]) - 48
            if value > 40:
                value -= 8
        groups[k] = value


@inline
def _bits(groups: Bytes, start: int, count: int) -> int:
    value = 0
    first, last = start // 6, (start + count - 1) // 6
    for k in range(first, last + 1):
        value = (value << 6) | np.int64(groups[k])
    return (value >> (6 * (last + 1) - start - count)) & ((1 << count) - 1)


@inline
def _text(groups: Bytes, start: int, size: int, scratch: Bytes, names: Names) -> int:
    # Six-bit text up to the first "@", blanks around it cut; its name number.
    begin, end = 0, 0
    for k in range(size):
        value = _bits(groups, start + 6 * k, 6)
        if value == 0:
            break
        scratch[k] = value + 64 if value < 32 else value
        if value != 32:
            end = k + 1
        elif end == 0:
            begin = k + 1
    return intern(names, scratch, begin, end)


@inline
def _dimensions(out: Records, groups: Bytes, start: int) -> None:
    out.to_bow_m = _bits(groups, start, 9)
    out.to_stern_m = _bits(groups, start + 9, 9)
    out.to_port_m = _bits(groups, start + 18, 6)
    out.to_starboard_m = _bits(groups, start + 24, 6)


@inline
def _voyage(out: Records, groups: Bytes, scratch: Bytes, names: Names) -> None:
    out.imo = _bits(groups, 40, 30)
    out.callsign = _text(groups, 70, 7, scratch, names)
    out.name = _text(groups, 112, 20, scratch, names)
    out.ship_type = _bits(groups, 232, 8)
    _dimensions(out, groups, 240)
    out.draught_dm = _bits(groups, 294, 8)
    out.destination = _text(groups, 302, 20, scratch, names)


@inline
def _aid(out: Records, groups: Bytes, size: int, scratch: Bytes, names: Names) -> None:
    # The name goes on behind the message when its 20 characters are full.
    more = max(0, min(14, (size - 272) // 6))
    for k in range(20):
        scratch[k + 40] = _bits(groups, 43 + 6 * k, 6)
    for k in range(more):
        scratch[k + 60] = _bits(groups, 272 + 6 * k, 6)
    begin, end = 0, 0
    for k in range(20 + more):
        value = scratch[k + 40]
        if value == 0:
            break
        scratch[k] = value + 64 if value < 32 else value
        if value != 32:
            end = k + 1
        elif end == 0:
            begin = k + 1
    out.name = intern(names, scratch, begin, end)
    _dimensions(out, groups, 219)


@inline
def _class_b(out: Records, groups: Bytes, mmsi: int, scratch: Bytes, names: Names) -> None:
    out.ship_type = _bits(groups, 40, 8)
    out.callsign = _text(groups, 90, 7, scratch, names)
    if mmsi // 10_000_000 != AUXILIARY:
        _dimensions(out, groups, 132)


@kernel
def decode_static(buf: Bytes, rows: Records, fields: Records, count: int, names: Names) -> Records:
    """Decode static and voyage data.

    Parameters
    ----------
    buf : numpy.ndarray
        Text, padding and arena, shape (m,), uint8.
    rows, fields : numpy.ndarray
        Messages and what was decoded of them, shape (n,), dtype ROW and FIELDS.
    count : int
        How many of them, messages.
    names : numpy.ndarray
        Table of texts, dtype NAME; new ones are added.

    Returns
    -------
    numpy.ndarray
        Shape (k,), dtype STATIC, one record for each usable message of types 5, 19, 21 and 24.
    """
    total = 0
    for i in range(count):
        kind = fields[i].kind
        if fields[i].verdict == OK and (kind == 5 or kind == 19 or kind == 21 or kind == 24):
            total += 1
    out = np.zeros(total, STATIC)
    groups = np.zeros(GROUPS, np.uint8)
    scratch = np.zeros(128, np.uint8)
    n = 0
    for i in range(count):
        kind = fields[i].kind
        if fields[i].verdict != OK or not (kind == 5 or kind == 19 or kind == 21 or kind == 24):
            continue
        _unarmor(buf, np.int64(rows[i].payload), np.int64(rows[i].length), groups)
        o = out[n]
        o.row = i
        n += 1
        if kind == 5:
            _voyage(o, groups, scratch, names)
        elif kind == 19:
            o.name = _text(groups, 143, 20, scratch, names)
            o.ship_type = _bits(groups, 263, 8)
            _dimensions(o, groups, 271)
        elif kind == 21:
            _aid(o, groups, 6 * np.int64(rows[i].length) - np.int64(rows[i].fill), scratch, names)
        elif fields[i].part == 0:
            o.name = _text(groups, 40, 20, scratch, names)
        else:
            _class_b(o, groups, np.int64(fields[i].mmsi), scratch, names)
    return out
