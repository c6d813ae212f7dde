"""Cutting a JSON array into its records without parsing it, a block at a time."""

import numpy as np

from lacuna_core.units import I64Array

_BLANK = b" \t\r\n"


def cut_records(data: bytes) -> tuple[list[bytes], int, bool]:
    """Cut the inside of an array after each object or array in it that is whole.

    Parameters
    ----------
    data : bytes
        What stands behind the opening bracket, from the beginning of a value on.

    Returns
    -------
    values : list of bytes
        Whole values, and what stands between them and is no value.
    used : int
        How many bytes they took.
    closed : bool
        Whether the array ended there.
    """
    at, depth = _structure(data)
    closers = np.flatnonzero(depth <= 0)
    raw: list[bytes] = []
    begin = 0
    for k in closers.tolist():
        end = int(at[k])
        if depth[k] < 0:
            tail = data[begin:end].strip(_BLANK + b",")
            return ([*raw, tail] if tail else raw), end + 1, True
        if data[end] not in b"}]":
            continue
        raw.append(data[begin : end + 1].lstrip(_BLANK + b","))
        begin = end + 1
    return raw, begin, False


def _structure(data: bytes) -> tuple[I64Array, I64Array]:
    """Find brackets and braces outside strings, and the depth behind each."""
    octets = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(octets == 0x22)
    if b"\\" in data and len(quotes):
        place = np.arange(len(octets), dtype=np.int64)
        solid = np.maximum.accumulate(np.where(octets != 0x5C, place, -1))
        before = np.maximum(quotes - 1, 0)
        run = np.where(quotes > 0, before - solid[before], 0)
        quotes = quotes[run % 2 == 0]
    folded = octets & 0xDF
    marks = np.flatnonzero((folded == 0x5B) | (folded == 0x5D))
    outside = np.searchsorted(quotes, marks) % 2 == 0
    marks = marks[outside]
    step = np.where(folded[marks] == 0x5B, 1, -1)
    return marks, np.cumsum(step)
