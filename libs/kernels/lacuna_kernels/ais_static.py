"""Pass two, static data: types 5, 19, 21 and 24 (ITU-R M.1371-5 tables 52, 72, 74, 77, 78)."""

import numpy as np

from lacuna_kernels.ais_bytes import I64, Bytes, Record, Records
from lacuna_kernels.ais_layout import OK, STATIC
from lacuna_kernels.ais_names import Names, intern
from lacuna_kernels.jit import lean_inline, lean_kernel

U = np.uint64
GROUPS = 72
"""Six-bit groups of the longest static message."""
SCRATCH = 128
"""Room for the letters of one text."""
AUXILIARY = 98
"""Leading digits of the MMSI of craft of a parent ship, which send its MMSI where the dimensions stand."""


@lean_inline
def _unarmor(buf: Bytes, at: int, length: int, groups: Bytes) -> None:
    for k in range(groups.shape[0]):
        value = 0
        if k < length:
            value = I64(buf[U(at + k)]) - 48
            if value > 40:
                value -= 8
        groups[k] = value


@lean_inline
def _bits(groups: Bytes, start: int, count: int) -> int:
    value = 0
    first, last = start // 6, (start + count - 1) // 6
    for k in range(first, last + 1):
        value = (value << 6) | I64(groups[k])
    return (value >> (6 * (last + 1) - start - count)) & ((1 << count) - 1)


@lean_inline
def _letters(groups: Bytes, start: int, size: int, letters: Bytes, to: int) -> int:
    # Spell six-bit text up to the first "@"; where it ends.
    k, shift = start // 6, start % 6
    for _ in range(size):
        value = ((I64(groups[U(k)]) << shift) | (I64(groups[U(k + 1)]) >> (6 - shift))) & 63
        if value == 0:
            return to
        letters[U(to)] = value + 64 if value < 32 else value
        to += 1
        k += 1
    return to


@lean_inline
def _number(letters: Bytes, end: int, names: Names) -> int:
    # Name number of a text, blanks around it cut.
    begin = 0
    while begin < end and letters[U(begin)] == 32:
        begin += 1
    while end > begin and letters[U(end - 1)] == 32:
        end -= 1
    return intern(names, letters, begin, end)


@lean_inline
def _text(groups: Bytes, start: int, size: int, letters: Bytes, names: Names) -> int:
    return _number(letters, _letters(groups, start, size, letters, 0), names)


@lean_inline
def _dimensions(out: Record, groups: Bytes, start: int) -> None:
    out.to_bow_m = _bits(groups, start, 9)
    out.to_stern_m = _bits(groups, start + 9, 9)
    out.to_port_m = _bits(groups, start + 18, 6)
    out.to_starboard_m = _bits(groups, start + 24, 6)


@lean_inline
def _voyage(out: Record, groups: Bytes, letters: Bytes, names: Names) -> None:
    out.imo = _bits(groups, 40, 30)
    out.callsign = _text(groups, 70, 7, letters, names)
    out.name = _text(groups, 112, 20, letters, names)
    out.ship_type = _bits(groups, 232, 8)
    _dimensions(out, groups, 240)
    out.draught_dm = _bits(groups, 294, 8)
    out.destination = _text(groups, 302, 20, letters, names)


@lean_inline
def _aid(out: Record, groups: Bytes, size: int, letters: Bytes, names: Names) -> None:
    # The name goes on behind the message when its 20 characters are full.
    end = _letters(groups, 43, 20, letters, 0)
    if end == 20:
        end = _letters(groups, 272, max(0, min(14, (size - 272) // 6)), letters, end)
    out.name = _number(letters, end, names)
    _dimensions(out, groups, 219)


@lean_inline
def _class_b(out: Record, groups: Bytes, mmsi: int, letters: Bytes, names: Names) -> None:
    out.ship_type = _bits(groups, 40, 8)
    out.callsign = _text(groups, 90, 7, letters, names)
    if mmsi // 10_000_000 != AUXILIARY:
        _dimensions(out, groups, 132)


@lean_inline
def _is_static(kind: int) -> bool:
    return kind == 5 or kind == 19 or kind == 21 or kind == 24


@lean_kernel
def fill_static(
    buf: Bytes, rows: Records, fields: Records, count: int, names: Names, scratch: Bytes, out: Records
) -> int:
    """Decode static and voyage data into records that are there.

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
    scratch : numpy.ndarray
        Room to work in, shape (GROUPS + SCRATCH,), uint8.
    out : numpy.ndarray
        Records of zeros, shape (k,), dtype STATIC.

    Returns
    -------
    int
        How many there are; when that is more than ``out`` has, the others were not written.
    """
    groups, letters = scratch[:GROUPS], scratch[GROUPS:]
    n = 0
    for i in range(count):
        kind = fields[i].kind
        if fields[i].verdict != OK or not _is_static(kind):
            continue
        n += 1
        if n > out.shape[0]:
            continue
        _unarmor(buf, I64(rows[i].payload), I64(rows[i].length), groups)
        o = out[n - 1]
        o.row = i
        if kind == 5:
            _voyage(o, groups, letters, names)
        elif kind == 19:
            o.name = _text(groups, 143, 20, letters, names)
            o.ship_type = _bits(groups, 263, 8)
            _dimensions(o, groups, 271)
        elif kind == 21:
            _aid(o, groups, 6 * I64(rows[i].length) - I64(rows[i].fill), letters, names)
        elif fields[i].part == 0:
            o.name = _text(groups, 40, 20, letters, names)
        else:
            _class_b(o, groups, I64(fields[i].mmsi), letters, names)
    return n


def decode_static(buf: Bytes, rows: Records, fields: Records, names: Names) -> Records:
    """Decode static and voyage data.

    Parameters
    ----------
    buf : numpy.ndarray
        Text, padding and arena, shape (m,), uint8.
    rows, fields : numpy.ndarray
        Messages and what was decoded of them, shape (n,), dtype ROW and FIELDS.
    names : numpy.ndarray
        Table of texts, dtype NAME; new ones are added.

    Returns
    -------
    numpy.ndarray
        Shape (k,), dtype STATIC, one record for each usable message of types 5, 19, 21 and 24.
    """
    scratch = np.zeros(GROUPS + SCRATCH, np.uint8)
    wanted = fill_static(buf, rows, fields, len(rows), names, scratch, np.zeros(0, STATIC))
    out = np.zeros(wanted, STATIC)
    fill_static(buf, rows, fields, len(rows), names, scratch, out)
    return out
