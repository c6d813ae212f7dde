"""Numbering short texts: stations, names, call signs, destinations. A text is compared as five words."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from lacuna_kernels.ais_bytes import I64, Bytes, load8, low_bytes
from lacuna_kernels.ais_layout import NAME, NAME_BYTES, NAME_CAPACITY
from lacuna_kernels.jit import lean_inline, lean_kernel

Names: TypeAlias = npt.NDArray[Any]
U = np.uint64
_MULTIPLIER = U(0x9E3779B97F4A7C15)


def new_names() -> Names:
    """Make an empty table.

    Returns
    -------
    numpy.ndarray
        Shape (NAME_CAPACITY,), dtype NAME; number 0 is the empty text.
    """
    return np.zeros(NAME_CAPACITY, NAME)


def name_count(names: Names) -> int:
    """Count the numbers given so far, the empty text included.

    Parameters
    ----------
    names : numpy.ndarray
        Shape (NAME_CAPACITY,), dtype NAME.

    Returns
    -------
    int
        At least 1.
    """
    return int(names["next"][0]) + 1


def name_texts(names: Names, numbers: npt.NDArray[np.int64]) -> list[str]:
    """Read texts.

    Parameters
    ----------
    names : numpy.ndarray
        Shape (NAME_CAPACITY,), dtype NAME.
    numbers : numpy.ndarray
        Shape (n,), int64.

    Returns
    -------
    list of str
        The texts; bytes outside ASCII become U+FFFD.
    """
    picked = names[numbers]
    words = np.stack([picked[f"w{i}"] for i in range(5)], axis=1)
    raw = np.ascontiguousarray(words, "<u8").view(f"S{NAME_BYTES}").reshape(len(numbers))
    return [text.decode("ascii", "replace") for text in raw.tolist()]


@lean_inline
def _add(names: Names, w0: U, w1: U, w2: U, w3: U, w4: U) -> int:
    mixed = (w0 ^ (w1 * U(3)) ^ (w2 * U(5)) ^ (w3 * U(7)) ^ (w4 * U(11))) * _MULTIPLIER
    bucket = I64(mixed >> U(48))
    i = I64(names[bucket].head)
    while i > 0:
        name = names[i]
        if name.w0 == w0 and name.w1 == w1 and name.w2 == w2 and name.w3 == w3 and name.w4 == w4:
            return i
        i = I64(name.next)
    count = I64(names[0].next) + 1
    if count >= names.shape[0]:
        return 0
    fresh = names[count]
    fresh.w0 = w0
    fresh.w1 = w1
    fresh.w2 = w2
    fresh.w3 = w3
    fresh.w4 = w4
    fresh.next = names[bucket].head
    names[bucket].head = count
    names[0].next = count
    return count


@lean_inline
def intern(names: Names, buf: Bytes, at: int, stop: int) -> int:
    """Number a text; one that is new gets the next number.

    Parameters
    ----------
    names : numpy.ndarray
        Shape (NAME_CAPACITY,), dtype NAME; a new text is added.
    buf : numpy.ndarray
        Bytes, shape (n,), uint8.
    at, stop : int
        Where the text stands, bytes; what exceeds NAME_BYTES - 1 is cut.

    Returns
    -------
    int
        Its number, 0 for the empty text and for a text that finds the table full.
    """
    length = min(stop - at, NAME_BYTES - 1)
    if length <= 0:
        return 0
    w0 = load8(buf, at) & low_bytes(length)
    w1 = w2 = w3 = w4 = U(0)
    if length > 8:
        w1 = load8(buf, at + 8) & low_bytes(length - 8)
    if length > 16:
        w2 = load8(buf, at + 16) & low_bytes(length - 16)
    if length > 24:
        w3 = load8(buf, at + 24) & low_bytes(length - 24)
    if length > 32:
        w4 = load8(buf, at + 32) & low_bytes(length - 32)
    return _add(names, w0, w1, w2, w3, w4)


@lean_kernel
def move_names(old: Names, new: Names, numbers: npt.NDArray[np.int64]) -> None:
    """Number texts of one table in another.

    Parameters
    ----------
    old : numpy.ndarray
        Shape (NAME_CAPACITY,), dtype NAME, where the texts stand.
    new : numpy.ndarray
        Shape (NAME_CAPACITY,), dtype NAME, where they are added.
    numbers : numpy.ndarray
        Shape (n,), int64, numbers in ``old``; overwritten with those in ``new``.
    """
    for i in range(numbers.shape[0]):
        if numbers[i] > 0:
            name = old[numbers[i]]
            numbers[i] = _add(new, name.w0, name.w1, name.w2, name.w3, name.w4)
