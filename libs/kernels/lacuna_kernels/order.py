"""Partitions, the canonical order, and which rows are repeats of one transmission."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from lacuna_kernels.jit import inline, kernel

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)
_MS_PER_S = 1_000


@inline
def splitmix64(value: np.uint64) -> np.uint64:
    """Finalizer of SplitMix64, the same number as ``lacuna_core.ids.splitmix64`` gives.

    Parameters
    ----------
    value : numpy.uint64
        Input.

    Returns
    -------
    numpy.uint64
        Hash.

    Examples
    --------
    >>> hex(splitmix64(np.uint64(0)))
    '0xe220a8397b1dcdaf'
    """
    z = value + _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * _MIX_A
    z = (z ^ (z >> np.uint64(27))) * _MIX_B
    return z ^ (z >> np.uint64(31))


@kernel
def partitions(craft: npt.NDArray[np.uint64], count: int) -> npt.NDArray[np.uint8]:
    """Partition of each craft: ``splitmix64(craft) mod count``.

    Parameters
    ----------
    craft : numpy.ndarray
        Craft keys, shape (n,), uint64.
    count : int
        Number of partitions, 1 to 256.

    Returns
    -------
    numpy.ndarray
        Shape (n,), uint8.

    Examples
    --------
    >>> partitions(np.array([0], np.uint64), 16).tolist()
    [15]
    """
    found = np.empty(len(craft), np.uint8)
    for i in range(len(craft)):
        found[i] = splitmix64(craft[i]) % np.uint64(count)
    return found


def canonical_order(
    t_ms: npt.NDArray[np.int64], craft: npt.NDArray[np.uint64], digest: npt.NDArray[np.uint64]
) -> npt.NDArray[np.int64]:
    """Order rows by (t, craft, digest).

    Parameters
    ----------
    t_ms : numpy.ndarray
        Unix milliseconds UTC, shape (n,), int64.
    craft : numpy.ndarray
        Craft keys, shape (n,), uint64.
    digest : numpy.ndarray
        Row digests, shape (n,), uint64.

    Returns
    -------
    numpy.ndarray
        Row numbers, shape (n,), int64; equal rows keep the order given.

    Examples
    --------
    >>> one = np.ones(3, np.uint64)
    >>> canonical_order(np.array([5, 3, 4]), one, one).tolist()
    [1, 2, 0]
    """
    order = np.argsort(t_ms, kind="stable")
    _settle_ties(order, t_ms, craft, digest)
    return order


@inline
def _before(a: int, b: int, craft: npt.NDArray[np.uint64], digest: npt.NDArray[np.uint64]) -> bool:
    if craft[a] != craft[b]:
        return bool(craft[a] < craft[b])
    if digest[a] != digest[b]:
        return bool(digest[a] < digest[b])
    return a < b


@inline
def _sift(
    heap: npt.NDArray[np.int64], root: int, size: int, craft: npt.NDArray[np.uint64],
    digest: npt.NDArray[np.uint64],
) -> None:  # fmt: skip
    while 2 * root + 1 < size:
        child = 2 * root + 1
        if child + 1 < size and _before(heap[child], heap[child + 1], craft, digest):
            child += 1
        if not _before(heap[root], heap[child], craft, digest):
            return
        heap[root], heap[child] = heap[child], heap[root]
        root = child


@kernel
def _settle_ties(
    order: npt.NDArray[np.int64], t_ms: npt.NDArray[np.int64], craft: npt.NDArray[np.uint64],
    digest: npt.NDArray[np.uint64],
) -> None:  # fmt: skip
    """Sort each run of equal times in place, by heap: a second may hold every craft of the world."""
    first = 0
    while first < len(order):
        last = first + 1
        while last < len(order) and t_ms[order[last]] == t_ms[order[first]]:
            last += 1
        run = order[first:last]
        size = last - first
        for root in range(size // 2 - 1, -1, -1):
            _sift(run, root, size, craft, digest)
        for end in range(size - 1, 0, -1):
            run[0], run[end] = run[end], run[0]
            _sift(run, 0, end, craft, digest)
        first = last


@inline
def _same(
    a: int, b: int, second: npt.NDArray[np.int64], craft: npt.NDArray[np.uint64],
    payload: npt.NDArray[np.uint64],
) -> bool:  # fmt: skip
    if second[a] != second[b] or craft[a] != craft[b]:
        return False
    same = True
    for k in range(payload.shape[1]):
        same = same and payload[a, k] == payload[b, k]
    return same


@kernel
def _first_of_repeats(
    second: npt.NDArray[np.int64], craft: npt.NDArray[np.uint64], payload: npt.NDArray[np.uint64]
) -> npt.NDArray[np.int64]:
    n = len(craft)
    size = 16
    while size < 2 * n:
        size *= 2
    table = np.full(size, -1, np.int64)
    first = np.empty(n, np.int64)
    for i in range(n):
        h = splitmix64(craft[i] ^ splitmix64(np.uint64(second[i])))
        for k in range(payload.shape[1]):
            h = splitmix64(h ^ payload[i, k])
        slot = np.int64(h & np.uint64(size - 1))
        while table[slot] >= 0 and not _same(table[slot], i, second, craft, payload):
            slot = (slot + 1) & (size - 1)
        if table[slot] < 0:
            table[slot] = i
        first[i] = table[slot]
    return first


_PAYLOAD = np.dtype(
    [
        ("lat_e7", "<i4"), ("lon_e7", "<i4"), ("speed_dkn", "<u2"), ("course_ddeg", "<u2"),
        ("heading_ddeg", "<u2"), ("flags", "<u2"), ("baro_altitude_ft", "<i4"), ("geo_altitude_ft", "<i4"),
        ("vertical_rate_fpm", "<i2"), ("craft_class", "|u1"), ("padding", "V5"),
    ]
)  # fmt: skip


def first_of_repeats(columns: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[np.int64]:
    """For each row, the first row equal in (craft, whole second, payload).

    Parameters
    ----------
    columns : mapping of str to numpy.ndarray
        Columns of a position batch, each of shape (n,): ``craft``, ``t_ms`` (Unix ms UTC) and the fields of
        ``lacuna_kernels.digest.PAYLOAD_FIELDS``.

    Returns
    -------
    numpy.ndarray
        Row numbers, shape (n,), int64; a row that is no repeat holds its own.
    """
    payload = np.zeros(len(columns["craft"]), _PAYLOAD)
    for name in _PAYLOAD.names or ():
        if name != "padding":
            payload[name] = columns[name]
    craft = np.asarray(columns["craft"], dtype=np.uint64)
    second = np.asarray(columns["t_ms"], dtype=np.int64) // _MS_PER_S
    return _first_of_repeats(second, craft, payload.view(np.uint64).reshape(-1, 4))
