"""Lossless packing of columns that change slowly: deltas, zigzag, byte planes; zstd goes over it elsewhere.

A chunk is a run of rows; each of its columns is written as

- a head byte: width of a residual in bytes (bits 0-3), order of the differences (bits 4-5), whether the
  values lie on the AIS grid of 1/10000 minute and are kept as its numbers (bit 6);
- the first value, the greatest common divisor of all differences and, at order 2, the first difference, each
  as a zigzag varint;
- ``width`` planes of ``rows - 1`` bytes: the residuals divided by that divisor, least significant byte first.

Order 0 writes distances from the first value, 1 differences, 2 differences of differences; each column of
each chunk takes the order whose residuals are smallest in sum.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from lacuna_kernels.jit import inline, kernel

_HEAD_BYTES = 31
"""Longest head of a column: one byte and three varints of at most ten."""


@inline
def _zigzag(value: Any) -> Any:
    return np.uint64((value << 1) ^ (value >> 63))


@inline
def _unzigzag(value: Any) -> Any:
    return np.int64(value >> np.uint64(1)) ^ -np.int64(value & np.uint64(1))


@inline
def _put_varint(out: npt.NDArray[np.uint8], at: int, value: Any) -> int:
    rest = _zigzag(value)
    while rest >= np.uint64(128):
        out[at] = np.uint8(rest & np.uint64(127)) | np.uint8(128)
        rest >>= np.uint64(7)
        at += 1
    out[at] = np.uint8(rest)
    return at + 1


@inline
def _get_varint(body: npt.NDArray[np.uint8], at: int) -> tuple[Any, int]:
    """Value and the place behind it; the place is -1 when the body ends inside."""
    rest: Any = np.uint64(0)
    shift = np.uint64(0)
    while at < body.shape[0] and shift < np.uint64(70):
        byte = body[at]
        at += 1
        rest |= np.uint64(byte & np.uint8(127)) << shift
        if byte < np.uint8(128):
            return _unzigzag(rest), at
        shift += np.uint64(7)
    return 0, -1


@inline
def _is_safe(values: npt.NDArray[np.int64], n: int) -> bool:
    """Whether differences and the grid can be computed without overflow."""
    widest = np.int64(0)
    for i in range(n):
        widest |= values[i] ^ (values[i] >> 63)
    return bool(widest < 1 << 58)


@inline
def _to_grid(values: npt.NDArray[np.int64], n: int) -> bool:
    """Replace degrees times 1e7 by 1/10000 minutes where that loses nothing; else leave them."""
    for i in range(n):
        number = (6 * values[i] + 50) // 100
        if (100 * number + 3) // 6 != values[i]:
            return False
    for i in range(n):
        values[i] = (6 * values[i] + 50) // 100
    return True


@inline
def _divisor(values: npt.NDArray[np.int64], n: int) -> Any:
    divisor = np.int64(0)
    for i in range(1, n):
        a = abs(values[i] - values[i - 1])
        while a:
            divisor, a = a, divisor % a
        if divisor == 1:
            break
    return max(divisor, np.int64(1))


@inline
def _order(values: npt.NDArray[np.int64], n: int) -> int:
    """Order of the differences whose residuals are smallest in sum."""
    offsets, steps, bends = 0.0, 0.0, 0.0
    before = values[1] - values[0]
    for i in range(1, n):
        step = values[i] - values[i - 1]
        offsets += abs(float(values[i] - values[0]))
        steps += abs(float(step))
        bends += abs(float(step - before))
        before = step
    if steps <= bends and steps <= offsets:
        return 1
    return 2 if bends <= offsets else 0


@inline
def _to_residuals(values: npt.NDArray[np.int64], n: int, order: int, divisor: Any) -> int:
    """Replace values from the second on by their zigzag residuals; the width they need, in bytes."""
    first, step = values[0], values[1] - values[0]
    widest = np.uint64(0)
    for back in range(n - 1):
        i = n - 1 - back
        if order == 0:
            residual = values[i] - first
        else:
            residual = values[i] - values[i - 1]
            if order == 2:
                residual -= values[i - 1] - values[i - 2] if i > 1 else step
        folded = _zigzag(residual if divisor == 1 else residual // divisor)
        widest |= folded
        values[i] = np.int64(folded)
    width = 0
    while width < 8 and widest >> np.uint64(8 * width):
        width += 1
    return width


@inline
def _put_column(values: npt.NDArray[np.int64], n: int, out: npt.NDArray[np.uint8], at: int) -> int:
    """Write one column, which may be changed in place; the place behind it."""
    constant = True
    for i in range(1, n):
        if values[i] != values[0]:
            constant = False
            break
    if constant:
        out[at] = np.uint8(1 << 4)
        at = _put_varint(out, at + 1, values[0])
        return _put_varint(out, at, 1)
    safe = _is_safe(values, n)
    grid = safe and _to_grid(values, n)
    divisor = _divisor(values, n) if safe else np.int64(1)
    order = _order(values, n)
    step = values[1] - values[0]
    width = _to_residuals(values, n, order, divisor)
    out[at] = np.uint8(width | (order << 4) | (64 if grid else 0))
    at = _put_varint(out, at + 1, values[0])
    at = _put_varint(out, at, divisor)
    if order == 2:
        at = _put_varint(out, at, step)
    for plane in range(width):
        shift = np.uint64(8 * plane)
        for i in range(1, n):
            out[at + i - 1] = np.uint8((np.uint64(values[i]) >> shift) & np.uint64(255))
        at += n - 1
    return at


@inline
def _get_column(body: npt.NDArray[np.uint8], at: int, out: npt.NDArray[np.int64]) -> int:
    """Read one column; the place behind it, -1 when the body is malformed."""
    n = out.shape[0]
    if at >= body.shape[0]:
        return -1
    head: Any = np.int64(body[at])
    width, order, grid = head & 15, (head >> 4) & 3, head & 64
    out[0], at = _get_varint(body, at + 1)
    if at < 0 or width > 8 or order > 2:
        return -1
    divisor, at = _get_varint(body, at)
    step: Any = np.int64(0)
    if order == 2 and at >= 0:
        step, at = _get_varint(body, at)
    if at < 0 or at + width * (n - 1) > body.shape[0]:
        return -1
    for i in range(1, n):
        rest: Any = np.uint64(0)
        for plane in range(width):
            rest |= np.uint64(body[at + plane * (n - 1) + i - 1]) << np.uint64(8 * plane)
        residual = _unzigzag(rest) * divisor
        if order == 2:
            step += residual
            out[i] = out[i - 1] + step
        else:
            out[i] = (out[0] if order == 0 else out[i - 1]) + residual
    if grid:
        for i in range(n):
            out[i] = (100 * out[i] + 3) // 6
    end: int = at + width * (n - 1)
    return end


@kernel
def encode_chunks(
    values: npt.NDArray[np.int64], bounds: npt.NDArray[np.int64], first_text: int, n_strings: int
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Pack runs of rows, each with a string table of its own.

    Parameters
    ----------
    values : numpy.ndarray
        Columns as integers, shape (columns, rows), int64; units as the columns have them.
    bounds : numpy.ndarray
        Row numbers where chunks start, and the end of the last, shape (chunks + 1,), int64; no run
        is empty.
    first_text : int
        Columns from this one on index the string table.
    n_strings : int
        Length of that table.

    Returns
    -------
    body : numpy.ndarray
        Packed chunks one behind the other, shape (bytes,), uint8.
    offsets : numpy.ndarray
        Where each starts in ``body``, and the end of the last, shape (chunks + 1,), int64.
    used : numpy.ndarray
        For each chunk the strings that it uses, ascending, shape (used,), int64; its text columns
        index these.
    used_offsets : numpy.ndarray
        Where those of each chunk start in ``used``, and the end, shape (chunks + 1,), int64.
    """
    columns, rows = values.shape
    chunks = bounds.shape[0] - 1
    body = np.empty(chunks * columns * _HEAD_BYTES + 8 * columns * rows, np.uint8)
    offsets = np.zeros(chunks + 1, np.int64)
    used = np.empty(min(chunks * n_strings, (columns - first_text) * rows), np.int64)
    used_offsets = np.zeros(chunks + 1, np.int64)
    place = np.full(n_strings, -1, np.int64)
    scratch = np.empty(rows, np.int64)
    at, filled = 0, 0
    for chunk in range(chunks):
        start, end = bounds[chunk], bounds[chunk + 1]
        for column in range(first_text, columns):
            for i in range(start, end):
                place[values[column, i]] = 0
        for string in range(n_strings):
            if place[string] == 0:
                place[string] = filled - used_offsets[chunk]
                used[filled] = string
                filled += 1
        for column in range(columns):
            for i in range(start, end):
                value = values[column, i]
                scratch[i - start] = value if column < first_text else place[value]
            at = _put_column(scratch, end - start, body, at)
        for i in range(used_offsets[chunk], filled):
            place[used[i]] = -1
        offsets[chunk + 1] = at
        used_offsets[chunk + 1] = filled
    return body[:at], offsets, used[:filled], used_offsets


@kernel
def decode_chunk(body: npt.NDArray[np.uint8], columns: int, rows: int) -> tuple[npt.NDArray[np.int64], int]:
    """Unpack one chunk.

    Parameters
    ----------
    body : numpy.ndarray
        What ``encode_chunks`` wrote for it, shape (bytes,), uint8.
    columns : int
        Number of columns.
    rows : int
        Number of rows, at least one.

    Returns
    -------
    values : numpy.ndarray
        Shape (columns, rows), int64, as they were packed; text columns index the chunk's own table.
    end : int
        Bytes read; -1 when the body is cut or malformed.
    """
    values = np.zeros((columns, rows), np.int64)
    at = 0
    for column in range(columns):
        at = _get_column(body, at, values[column])
        if at < 0:
            return values, -1
    return values, at


@kernel
def sorted_chunk_bounds(
    craft: npt.NDArray[np.uint64], bucket: npt.NDArray[np.int64], max_rows: int
) -> npt.NDArray[np.int64]:
    """Cut sorted rows into runs of one craft and one bucket of time, none longer than a limit.

    Parameters
    ----------
    craft : numpy.ndarray
        Craft keys, sorted, shape (rows,), uint64.
    bucket : numpy.ndarray
        Day or month number, sorted within a craft, shape (rows,), int64.
    max_rows : int
        Most rows of a run.

    Returns
    -------
    numpy.ndarray
        Row numbers where runs start, and the end of the last, shape (runs + 1,), int64.
    """
    n = craft.shape[0]
    bounds = np.empty(n + 1, np.int64)
    count, start = 0, -1
    for i in range(n):
        if start < 0 or craft[i] != craft[i - 1] or bucket[i] != bucket[i - 1] or i - start >= max_rows:
            bounds[count] = i
            count += 1
            start = i
    bounds[count] = n
    return bounds[: count + 1].copy()
