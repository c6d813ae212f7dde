"""Hash index from 64-bit keys to dense slots: open addressing, linear probing, no deletion."""

import numpy as np
import numpy.typing as npt

from lacuna_kernels.jit import inline, kernel

EMPTY = -1
"""Slot number of a free place in the table."""


@inline
def mix64(key: np.uint64) -> np.uint64:
    """Hash a key: the finalizer of SplitMix64.

    Parameters
    ----------
    key : numpy.uint64
        Any key.

    Returns
    -------
    numpy.uint64
        Its hash.
    """
    z = key + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel
def assign_slots(
    table_keys: npt.NDArray[np.uint64],
    table_slots: npt.NDArray[np.int64],
    keys: npt.NDArray[np.uint64],
    start: int,
    count: int,
    slots: npt.NDArray[np.int64],
) -> tuple[int, int]:
    """Give each key its slot, new keys the next free one, until the table is half full.

    Parameters
    ----------
    table_keys : numpy.ndarray
        Shape (2**k,), uint64; changed in place.
    table_slots : numpy.ndarray
        Shape (2**k,), int64, ``EMPTY`` where free; changed in place.
    keys : numpy.ndarray
        Shape (n,), uint64.
    start : int
        First key to look at.
    count : int
        Slots given so far.
    slots : numpy.ndarray
        Shape (n,), int64; filled from ``start`` on.

    Returns
    -------
    done : int
        Keys handled; fewer than n when the table must grow first.
    count : int
        Slots given now.
    """
    mask = np.uint64(table_keys.shape[0] - 1)
    limit = table_keys.shape[0] // 2
    for i in range(start, keys.shape[0]):
        key = keys[i]
        place = mix64(key) & mask
        while table_slots[place] != EMPTY and table_keys[place] != key:
            place = (place + np.uint64(1)) & mask
        if table_slots[place] == EMPTY:
            if count >= limit:
                return i, count
            table_keys[place] = key
            table_slots[place] = count
            count += 1
        slots[i] = table_slots[place]
    return keys.shape[0], count
