"""Pass two: payloads to the fields that move (ITU-R M.1371-5 tables 48, 51, 52, 71, 72, 84).

The first 192 bits of a payload are held in four words of 48 bits; a field at a constant place is two
shifts and a mask. Whole payloads are checked for characters outside the armor alphabet.
"""

import numpy as np

from lacuna_kernels.ais_bytes import BAD_ARMOR, I64, Bytes, Record, Records, six_bits
from lacuna_kernels.ais_layout import (
    BAD_LENGTH,
    BAD_PAYLOAD,
    EMPTY_PAYLOAD,
    NULL_I32,
    NULL_U16,
    OK,
    UNKNOWN_TYPE,
)
from lacuna_kernels.jit import lean_inline, lean_kernel

U = np.uint64
LON_NOT_AVAILABLE = 181 * 600_000
LAT_NOT_AVAILABLE = 91 * 600_000
Words = tuple[np.uint64, np.uint64, np.uint64, np.uint64]


@lean_inline
def bits(words: Words, start: int, count: int) -> int:
    """Take an unsigned field out of the first 192 bits.

    Parameters
    ----------
    words : tuple of numpy.uint64
        Four groups of 48 bits.
    start, count : int
        First bit and number of bits (at most 48), constants where it is called.

    Returns
    -------
    int
        The value.
    """
    group = start // 48
    offset = start - 48 * group
    first = words[0] if group == 0 else (words[1] if group == 1 else (words[2] if group == 2 else words[3]))
    mask = (U(1) << U(count)) - U(1)
    if offset + count <= 48:
        return I64((first >> U(48 - offset - count)) & mask)
    second = words[1] if group == 0 else (words[2] if group == 1 else words[3])
    over = offset + count - 48
    return I64(((first << U(over)) | (second >> U(48 - over))) & mask)


@lean_inline
def signed(value: int, count: int) -> int:
    """Read a field as two's complement.

    Parameters
    ----------
    value : int
        Unsigned field.
    count : int
        Its bits.

    Returns
    -------
    int
        The signed value.
    """
    return (value << (64 - count)) >> (64 - count)


@lean_inline
def length_is_right(kind: int, size: int, part: int) -> bool:
    """Tell whether a message type may have this length.

    The lengths of the standard, as libais takes them, and what gpsd takes besides: a type 1-3 whose sentence
    miscounts its fill bits, a type 21 padded to whole bytes.

    Parameters
    ----------
    kind : int
        Message type.
    size : int
        Bits without fill.
    part : int
        Part number of type 24.

    Returns
    -------
    bool
        True for a known length; types of which only the header is read need just that, 38 bits.
    """
    if kind <= 3:
        return 163 <= size <= 168
    if kind == 4 or kind == 9 or kind == 11 or kind == 18:
        return size == 168
    if kind == 5:
        return 422 <= size <= 426
    if kind == 19:
        return size == 312
    if kind == 21:
        return 272 <= size <= 368
    if kind == 24:
        return size == 168 or (part == 0 and (size == 160 or size == 162))
    if kind == 27:
        return size == 96 or size == 168
    return size >= 38


@lean_inline
def _position(out: Record, words: Words, start: int) -> None:
    # Accuracy, longitude and latitude, which follow each other in most types.
    out.accurate = bits(words, start, 1)
    lon = signed(bits(words, start + 1, 28), 28)
    lat = signed(bits(words, start + 29, 27), 27)
    out.lon = NULL_I32 if lon == LON_NOT_AVAILABLE else lon
    out.lat = NULL_I32 if lat == LAT_NOT_AVAILABLE else lat


@lean_inline
def _motion(out: Record, speed: int, course: int, heading: int) -> None:
    out.speed = NULL_U16 if speed == 1023 else speed
    out.course = NULL_U16 if course == 3600 else course
    out.heading = NULL_U16 if heading == 511 else heading


@lean_inline
def _class_a(out: Record, words: Words) -> None:
    out.status = bits(words, 38, 4)
    out.rot = signed(bits(words, 42, 8), 8)
    _position(out, words, 60)
    _motion(out, bits(words, 50, 10), bits(words, 116, 12), bits(words, 128, 9))
    out.second = bits(words, 137, 6)
    out.raim = bits(words, 148, 1)


@lean_inline
def _class_b(out: Record, words: Words) -> None:
    _position(out, words, 56)
    _motion(out, bits(words, 46, 10), bits(words, 112, 12), bits(words, 124, 9))
    out.second = bits(words, 133, 6)
    out.raim = bits(words, 147, 1)


@lean_inline
def _base_station(out: Record, words: Words) -> None:
    out.second = bits(words, 72, 6)
    _position(out, words, 78)
    out.raim = bits(words, 148, 1)


@lean_inline
def _search_and_rescue(out: Record, words: Words) -> None:
    out.altitude = bits(words, 38, 12)
    _position(out, words, 60)
    speed = bits(words, 50, 10)
    course = bits(words, 116, 12)
    out.speed = NULL_U16 if speed == 1023 else speed * 10
    out.course = NULL_U16 if course == 3600 else course
    out.second = bits(words, 128, 6)
    out.raim = bits(words, 147, 1)


@lean_inline
def _long_range(out: Record, words: Words) -> None:
    # Tenths of a minute, knots and degrees.
    out.accurate = bits(words, 38, 1)
    out.raim = bits(words, 39, 1)
    out.status = bits(words, 40, 4)
    lon = signed(bits(words, 44, 18), 18) * 1000
    lat = signed(bits(words, 62, 17), 17) * 1000
    out.lon = NULL_I32 if lon == LON_NOT_AVAILABLE else lon
    out.lat = NULL_I32 if lat == LAT_NOT_AVAILABLE else lat
    speed, course = bits(words, 79, 6), bits(words, 85, 9)
    out.speed = NULL_U16 if speed == 63 else speed * 10
    out.course = NULL_U16 if course == 511 else course * 10


@lean_inline
def _aid(out: Record, words: Words, beyond: np.uint64, last: np.uint64) -> None:
    # The position straddles the 192 bits: shift by 96 and read on.
    shifted = (words[2], words[3], beyond, last)
    _position(out, shifted, 163 - 96)
    out.second = bits(shifted, 253 - 96, 6)
    out.raim = bits(shifted, 268 - 96, 1)


@lean_inline
def _blank(out: Record) -> None:
    out.lon = NULL_I32
    out.lat = NULL_I32
    out.speed = NULL_U16
    out.course = NULL_U16
    out.heading = NULL_U16
    out.altitude = NULL_U16
    out.rot = -128
    out.status = 15
    out.second = 60
    out.accurate = 0
    out.raim = 0
    out.part = 0


@lean_inline
def _verdict(out: Record, words: Words, bad: np.uint64, length: int, fill: int) -> int:
    size = 6 * length - fill
    kind = bits(words, 0, 6)
    out.kind = kind
    out.mmsi = bits(words, 8, 30)
    if length == 0:
        return EMPTY_PAYLOAD
    if bad & BAD_ARMOR:
        return BAD_PAYLOAD
    if kind == 0 or kind > 27:
        return UNKNOWN_TYPE
    out.part = bits(words, 38, 2) if kind == 24 else 0
    return OK if size >= 38 and out.part <= 1 and length_is_right(kind, size, out.part) else BAD_LENGTH


@lean_kernel
def decode_fields(buf: Bytes, rows: Records, count: int, out: Records) -> None:
    """Decode what moves, message by message.

    Parameters
    ----------
    buf : numpy.ndarray
        Text, padding and arena, shape (m,), uint8.
    rows : numpy.ndarray
        Messages, shape (n,), dtype ROW.
    count : int
        How many of them, messages.
    out : numpy.ndarray
        Shape (n,), dtype FIELDS, overwritten.
    """
    for i in range(count):
        at, length = I64(rows[i].payload), I64(rows[i].length)
        words = (
            six_bits(buf, at, length),
            six_bits(buf, at + 8, length - 8),
            six_bits(buf, at + 16, length - 16),
            six_bits(buf, at + 24, length - 24),
        )
        bad = words[0] | words[1] | words[2] | words[3]
        k = 32
        while k < length:
            bad |= six_bits(buf, at + k, length - k)
            k += 8
        o = out[i]
        _blank(o)
        verdict = _verdict(o, words, bad, length, I64(rows[i].fill))
        o.verdict = verdict
        if verdict != OK:
            continue
        kind = o.kind
        if kind <= 3:
            _class_a(o, words)
        elif kind == 18 or kind == 19:
            _class_b(o, words)
            if kind == 19:
                o.raim = (six_bits(buf, at + 48, length - 48) >> U(30)) & U(1)
        elif kind == 27:
            _long_range(o, words)
        elif kind == 4 or kind == 11:
            _base_station(o, words)
        elif kind == 9:
            _search_and_rescue(o, words)
        elif kind == 21:
            _aid(o, words, six_bits(buf, at + 32, length - 32), six_bits(buf, at + 40, length - 40))
