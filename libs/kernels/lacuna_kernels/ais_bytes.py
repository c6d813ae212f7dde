"""Reading text eight bytes at a time: line ends, checksums, six-bit armor, digits.

Eight single-byte loads joined by shifts become one machine load; indices are unsigned so that no
wrap-around is computed. Every function may read up to PAD bytes behind the range it is given.
"""

from collections.abc import Callable
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from lacuna_kernels.jit import lean_inline

Bytes: TypeAlias = npt.NDArray[np.uint8]
Records: TypeAlias = npt.NDArray[Any]
Record: TypeAlias = Any
"""One record of a record array: a view, so that what is assigned to its fields is assigned there."""
I64 = cast(Callable[[Any], int], np.int64)
"""Makes a signed 64-bit number; mixing signed and unsigned ones would give a float."""
U = np.uint64
ONES = U(0x0101010101010101)
HIGH = U(0x8080808080808080)
LOW7 = U(0x7F7F7F7F7F7F7F7F)
ZEROS_48 = U(0x3030303030303030)
BAD_ARMOR = U(1 << 63)
"""Set in a six-bit group that held a character outside the armor alphabet."""


@lean_inline
def load8(buf: Bytes, at: int) -> np.uint64:
    """Load eight bytes, the first in the lowest place.

    Parameters
    ----------
    buf : numpy.ndarray
        Bytes, shape (n,), uint8.
    at : int
        Index of the first, bytes.

    Returns
    -------
    numpy.uint64
        The bytes, little-endian.
    """
    i = U(at)
    return (
        U(buf[i])
        | U(buf[i + U(1)]) << U(8)
        | U(buf[i + U(2)]) << U(16)
        | U(buf[i + U(3)]) << U(24)
        | U(buf[i + U(4)]) << U(32)
        | U(buf[i + U(5)]) << U(40)
        | U(buf[i + U(6)]) << U(48)
        | U(buf[i + U(7)]) << U(56)
    )


@lean_inline
def low_bytes(count: int) -> np.uint64:
    """Mask the lowest bytes of a word.

    Parameters
    ----------
    count : int
        Bytes to keep, 0..8.

    Returns
    -------
    numpy.uint64
        The mask.
    """
    if count >= 8:
        return U(0xFFFFFFFFFFFFFFFF)
    return (U(1) << U(8 * count)) - U(1)


@lean_inline
def find(buf: Bytes, at: int, stop: int, wanted: int) -> int:
    """Find a byte.

    Parameters
    ----------
    buf : numpy.ndarray
        Bytes, shape (n,), uint8.
    at, stop : int
        Range to look in, bytes.
    wanted : int
        Byte value.

    Returns
    -------
    int
        Its index, ``stop`` when it is not there.
    """
    pattern = U(wanted) * ONES
    while at < stop:
        word = load8(buf, at) ^ pattern
        hit = (word - ONES) & ~word & HIGH
        if hit:
            below = (hit - U(1)) & ~hit
            at += I64(((below & ONES) * ONES) >> U(56)) - 1
            return min(at, stop)
        at += 8
    return stop


@lean_inline
def xor_of(buf: Bytes, at: int, stop: int) -> int:
    """Exclusive-or of a range, the checksum of NMEA 0183.

    Parameters
    ----------
    buf : numpy.ndarray
        Bytes, shape (n,), uint8.
    at, stop : int
        Range, bytes.

    Returns
    -------
    int
        0..255.
    """
    total = U(0)
    while at + 8 <= stop:
        total ^= load8(buf, at)
        at += 8
    if at < stop:
        total ^= load8(buf, at) & low_bytes(stop - at)
    total ^= total >> U(32)
    total ^= total >> U(16)
    total ^= total >> U(8)
    return I64(total & U(255))


@lean_inline
def hex_value(first: int, second: int) -> int:
    """Read two hexadecimal digits.

    Parameters
    ----------
    first, second : int
        Characters.

    Returns
    -------
    int
        0..255, or -1 when one is no digit.
    """
    value = 0
    for digit in (I64(first), I64(second)):
        if 48 <= digit <= 57:
            value = value * 16 + digit - 48
        elif 65 <= digit <= 70:
            value = value * 16 + digit - 55
        elif 97 <= digit <= 102:
            value = value * 16 + digit - 87
        else:
            return -1
    return value


@lean_inline
def checksum_holds(buf: Bytes, at: int, star: int) -> bool:
    """Verify the checksum that follows a star.

    Parameters
    ----------
    buf : numpy.ndarray
        Bytes, shape (n,), uint8.
    at : int
        First byte that is summed.
    star : int
        Index of the star.

    Returns
    -------
    bool
        True when the two digits behind the star are the sum.
    """
    return xor_of(buf, at, star) == hex_value(buf[U(star + 1)], buf[U(star + 2)])


@lean_inline
def number(buf: Bytes, at: int, stop: int) -> int:
    """Read a decimal number of at most 18 digits.

    Parameters
    ----------
    buf : numpy.ndarray
        Bytes, shape (n,), uint8.
    at, stop : int
        Range, bytes.

    Returns
    -------
    int
        The number, or -1 when the range is empty or holds anything but digits.
    """
    if at >= stop or stop - at > 18:
        return -1
    value = 0
    for i in range(at, stop):
        digit = I64(buf[U(i)]) - 48
        if digit < 0 or digit > 9:
            return -1
        value = value * 10 + digit
    return value


@lean_inline
def six_bits(buf: Bytes, at: int, left: int) -> np.uint64:
    """Unarmor eight characters into 48 bits.

    Parameters
    ----------
    buf : numpy.ndarray
        Bytes, shape (n,), uint8.
    at : int
        First character.
    left : int
        Characters of the payload from there on; those missing to eight count as zero bits.

    Returns
    -------
    numpy.uint64
        48 bits, the first character highest; BAD_ARMOR is set if a character is none of the alphabet.
    """
    word = load8(buf, at)
    if left < 8:
        keep = low_bytes(max(left, 0))
        word = (word & keep) | (ZEROS_48 & ~keep)
    bad = word | ~((word | HIGH) - ZEROS_48) | ((word & LOW7) + U(0x0808080808080808))
    bad |= ~(((word & U(0x7878787878787878)) ^ U(0x5858585858585858)) + LOW7)
    upper = (word >> U(6)) & (word >> U(5)) & ONES
    x = word - ZEROS_48 - (upper << U(3))
    x = ((x & U(0x003F003F003F003F)) << U(6)) | ((x >> U(8)) & U(0x003F003F003F003F))
    x = ((x & U(0x00000FFF00000FFF)) << U(12)) | ((x >> U(16)) & U(0x00000FFF00000FFF))
    x = ((x & U(0xFFFFFF)) << U(24)) | ((x >> U(32)) & U(0xFFFFFF))
    if bad & HIGH:
        return x | BAD_ARMOR
    return x
