"""One ``!xxVDM`` or ``!xxVDO`` sentence: its fields and its checksum."""

import numpy as np

from lacuna_kernels.ais_bytes import I64, Bytes, checksum_holds, find
from lacuna_kernels.ais_layout import BAD_CHECKSUM, BAD_SENTENCE, NOT_NMEA, OK, OTHER_SENTENCE
from lacuna_kernels.jit import lean_inline

U = np.uint64
SHORTEST = 16
"""Bytes of ``!AIVDM,1,1,,,0*hh``, the shortest sentence."""
Sentence = tuple[int, int, int, int, int, int, int, int]


@lean_inline
def star_of(buf: Bytes, at: int, stop: int) -> int:
    """Find the star before the checksum.

    Parameters
    ----------
    buf : numpy.ndarray
        Bytes, shape (n,), uint8.
    at, stop : int
        The sentence with what follows it, bytes.

    Returns
    -------
    int
        Its index, -1 when there is none with two characters behind it.
    """
    star = stop - 3
    if star > at and buf[U(star)] == 42:
        return star
    star = find(buf, at, stop, 42)
    return star if star + 2 < stop else -1


@lean_inline
def _digit(buf: Bytes, at: int) -> int:
    value = I64(buf[U(at)]) - 48
    return value if 0 <= value <= 9 else -1


@lean_inline
def _fill(buf: Bytes, payload: int, star: int) -> tuple[int, int]:
    # End of the payload and its fill bits; -1 when there is no such field. It may be missing in old logs.
    if star - 2 >= payload and buf[U(star - 2)] == 44:
        fill = _digit(buf, star - 1)
        return star - 2, fill if fill <= 5 else -1
    if star - 1 >= payload and buf[U(star - 1)] == 44:
        return star - 1, 0
    return star, -1


@lean_inline
def sentence(buf: Bytes, at: int, stop: int) -> Sentence:
    """Take a sentence apart.

    Parameters
    ----------
    buf : numpy.ndarray
        Bytes, shape (n,), uint8.
    at, stop : int
        Its exclamation mark, and the end of the line, bytes.

    Returns
    -------
    tuple of int
        Verdict, star, total and number of sentences, sequence id (-1 for none), channel (0 for none), start
        of the payload, and its length shifted over the fill bits (``length * 8 + fill``).
    """
    if stop - at < SHORTEST:
        return NOT_NMEA, 0, 0, 0, 0, 0, 0, 0
    last = buf[U(at + 5)]
    vdl = buf[U(at + 3)] == 86 and buf[U(at + 4)] == 68 and (last == 77 or last == 79)
    star = star_of(buf, at, stop)
    if star < 0:
        return (BAD_SENTENCE if vdl else NOT_NMEA), 0, 0, 0, 0, 0, 0, 0
    if not checksum_holds(buf, at + 1, star):
        return BAD_CHECKSUM, star, 0, 0, 0, 0, 0, 0
    if not vdl or buf[U(at + 6)] != 44:
        return OTHER_SENTENCE, star, 0, 0, 0, 0, 0, 0
    total, number = _digit(buf, at + 7), _digit(buf, at + 9)
    if buf[U(at + 8)] != 44 or buf[U(at + 10)] != 44 or not 1 <= number <= total:
        return BAD_SENTENCE, star, 0, 0, 0, 0, 0, 0
    comma = at + 11 if buf[U(at + 11)] == 44 else find(buf, at + 11, star, 44)
    sequence = -1
    for i in range(at + 11, min(comma, at + 14)):
        sequence = max(sequence, 0) * 256 + I64(buf[U(i)])
    channel = I64(buf[U(comma + 1)])
    if channel == 44:
        channel, payload = 0, comma + 2
    else:
        payload = (comma + 3) if buf[U(comma + 2)] == 44 else find(buf, comma + 2, star, 44) + 1
    end, fill = _fill(buf, payload, star)
    if payload > star or fill < 0:
        return BAD_SENTENCE, star, 0, 0, 0, 0, 0, 0
    return OK, star, total, number, sequence, channel, payload, (end - payload) * 8 + fill
