"""AIS messages from columns: bit packing to six-bit payloads, and NMEA sentences with tag blocks."""

import numpy as np
import numpy.typing as npt

from lacuna_kernels.jit import inline, kernel

MAX_PAYLOAD_CHARS = 72
"""Longest payload that is written, characters."""
PART_CHARS = 60
"""Payload characters of one sentence; the rest goes into a second one."""
STATION_BYTES = 16
"""Width of the station name column, zero-padded."""
MAX_LINE_BYTES = 2 * (32 + STATION_BYTES + 24 + PART_CHARS)
"""Room for the two sentences of a message with their tag blocks and line ends."""


@kernel
def pack_sixbit(values: npt.NDArray[np.int64], widths: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """Pack fields most significant bit first and armor them as AIS payload characters.

    Parameters
    ----------
    values : numpy.ndarray
        Fields of each message, shape (n, k), int64; negative values are taken as two's complement.
    widths : numpy.ndarray
        Width of each field, shape (k,), int64, bits, 1 to 32.

    Returns
    -------
    numpy.ndarray
        Payload characters, shape (n, ceil(sum(widths) / 6)), uint8; fill bits are zero.

    Examples
    --------
    >>> bytes(pack_sixbit(np.array([[1, -1]]), np.array([6, 8]))[0])
    b'1wh'
    """
    n, k = values.shape
    n_bits = 0
    for j in range(k):
        n_bits += widths[j]
    out = np.empty((n, (n_bits + 5) // 6), np.uint8)
    for i in range(n):
        held = 0
        held_bits = 0
        at = 0
        for j in range(k):
            held = (held << widths[j]) | (values[i, j] & ((1 << widths[j]) - 1))
            held_bits += widths[j]
            while held_bits >= 6:
                held_bits -= 6
                out[i, at] = _armored((held >> held_bits) & 63)
                at += 1
            held &= (1 << held_bits) - 1
        if held_bits > 0:
            out[i, at] = _armored((held << (6 - held_bits)) & 63)
    return out


@inline
def _armored(six_bits: int) -> int:
    return six_bits + 48 if six_bits < 40 else six_bits + 56


@inline
def _put(buffer: npt.NDArray[np.uint8], at: int, text: bytes) -> int:
    for i in range(len(text)):
        buffer[at + i] = text[i]
    return at + len(text)


@inline
def _put_number(buffer: npt.NDArray[np.uint8], at: int, number: int) -> int:
    n_digits = 1
    rest = number // 10
    while rest > 0:
        n_digits += 1
        rest //= 10
    rest = number
    for i in range(n_digits - 1, -1, -1):
        buffer[at + i] = 48 + rest % 10
        rest //= 10
    return at + n_digits


@inline
def _put_checksum(buffer: npt.NDArray[np.uint8], start: int, at: int) -> int:
    check = 0
    for i in range(start, at):
        check ^= buffer[i]
    buffer[at] = 42
    for i in range(2):
        nibble = (check >> (4 - 4 * i)) & 15
        buffer[at + 1 + i] = nibble + 48 if nibble < 10 else nibble + 55
    return at + 3


@inline
def _put_tag_block(
    buffer: npt.NDArray[np.uint8],
    at: int,
    station: npt.NDArray[np.uint8],
    t_s: int,
    part: int,
    parts: int,
    group: int,
) -> int:
    at = _put(buffer, at, b"\\")
    start = at
    if parts > 1:
        at = _put(buffer, at, b"g:")
        at = _put_number(buffer, at, part)
        at = _put(buffer, at, b"-")
        at = _put_number(buffer, at, parts)
        at = _put(buffer, at, b"-")
        at = _put_number(buffer, at, group)
        at = _put(buffer, at, b",")
    at = _put(buffer, at, b"s:")
    for i in range(station.shape[0]):
        if station[i] == 0:
            break
        buffer[at] = station[i]
        at += 1
    at = _put(buffer, at, b",c:")
    at = _put_number(buffer, at, t_s)
    at = _put_checksum(buffer, start, at)
    return _put(buffer, at, b"\\")


@inline
def _put_head(
    buffer: npt.NDArray[np.uint8], at: int, part: int, parts: int, sequence: int, channel: int
) -> int:
    at = _put(buffer, at, b"!AIVDM,")
    at = _put_number(buffer, at, parts)
    at = _put(buffer, at, b",")
    at = _put_number(buffer, at, part)
    at = _put(buffer, at, b",")
    if parts > 1:
        at = _put_number(buffer, at, sequence)
    at = _put(buffer, at, b",")
    buffer[at] = channel
    return _put(buffer, at + 1, b",")


@kernel
def sentence_lines(
    payload: npt.NDArray[np.uint8],
    n_chars: npt.NDArray[np.int64],
    fill_bits: npt.NDArray[np.int64],
    channel: npt.NDArray[np.uint8],
    station: npt.NDArray[np.int64],
    t_s: npt.NDArray[np.int64],
    group: npt.NDArray[np.int64],
    stations: npt.NDArray[np.uint8],
) -> npt.NDArray[np.uint8]:
    r"""Write messages as ``\s:<station>,c:<unix s>*hh\!AIVDM,...*hh`` lines, in the given order.

    A payload of more than 60 characters takes two sentences, joined by ``g:`` in their tag blocks.

    Parameters
    ----------
    payload : numpy.ndarray
        Payload characters, shape (n, at most 72), uint8.
    n_chars : numpy.ndarray
        Characters used of each payload, shape (n,), int64.
    fill_bits : numpy.ndarray
        Bits that pad the last character, shape (n,), int64, 0 to 5.
    channel : numpy.ndarray
        Channel letter, shape (n,), uint8, ASCII.
    station : numpy.ndarray
        Row of ``stations`` that heard each message, shape (n,), int64.
    t_s : numpy.ndarray
        Time of reception, shape (n,), int64, Unix seconds UTC.
    group : numpy.ndarray
        Group number and, modulo ten, sequence number of two-sentence messages, shape (n,), int64.
    stations : numpy.ndarray
        Names, shape (m, 16), uint8, ASCII, zero-padded.

    Returns
    -------
    numpy.ndarray
        The bytes of all lines, shape (b,), uint8.
    """
    n = payload.shape[0]
    buffer = np.empty(n * MAX_LINE_BYTES, np.uint8)
    at = 0
    for i in range(n):
        parts = 1 if n_chars[i] <= PART_CHARS else 2
        for part in range(1, parts + 1):
            at = _put_tag_block(buffer, at, stations[station[i]], t_s[i], part, parts, group[i])
            start = at + 1
            at = _put_head(buffer, at, part, parts, group[i] % 10, channel[i])
            first = (part - 1) * PART_CHARS
            last = min(n_chars[i], first + PART_CHARS)
            for j in range(first, last):
                buffer[at] = payload[i, j]
                at += 1
            at = _put(buffer, at, b",")
            at = _put_number(buffer, at, fill_bits[i] if part == parts else 0)
            at = _put_checksum(buffer, start, at)
            at = _put(buffer, at, b"\r\n")
    return buffer[:at].copy()
