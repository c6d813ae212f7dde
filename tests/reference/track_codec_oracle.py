"""The chunk packing, one value at a time with Python integers, as the docstring of the kernel says it."""

import itertools
from math import gcd

_SAFE = 1 << 58


def _wrap(value: int) -> int:
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


def _zigzag(value: int) -> int:
    return ((value << 1) ^ (value >> 63)) % (1 << 64)


def _unzigzag(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def _varint(value: int) -> bytes:
    rest, out = _zigzag(value), bytearray()
    while rest >= 128:
        out.append(rest & 127 | 128)
        rest >>= 7
    out.append(rest)
    return bytes(out)


def _differences(values: list[int]) -> dict[int, list[int]]:
    steps = [_wrap(b - a) for a, b in itertools.pairwise(values)]
    return {
        0: [_wrap(v - values[0]) for v in values[1:]],
        1: steps,
        2: [0] + [_wrap(b - a) for a, b in itertools.pairwise(steps)],
    }


def _costs(values: list[int]) -> dict[int, float]:
    return {order: float(sum(abs(float(r)) for r in found)) for order, found in _differences(values).items()}


def encode_column(values: list[int]) -> bytes:
    """Pack one column."""
    if len(set(values)) == 1:
        return bytes([16]) + _varint(values[0]) + _varint(1)
    safe = all(-_SAFE <= v < _SAFE for v in values)
    grid = [(6 * v + 50) // 100 for v in values]
    on_grid = safe and all((100 * g + 3) // 6 == v for g, v in zip(grid, values, strict=True))
    numbers = grid if on_grid else values
    divisor = 1
    if safe:
        divisor = gcd(*(b - a for a, b in itertools.pairwise(numbers))) or 1
    costs = _costs(numbers)
    order = min((1, 2, 0), key=lambda o: costs[o])
    residuals = [_zigzag(r // divisor) for r in _differences(numbers)[order]]
    width = (max(residuals).bit_length() + 7) // 8
    head = bytes([width | order << 4 | (64 if on_grid else 0)]) + _varint(numbers[0]) + _varint(divisor)
    if order == 2:
        head += _varint(_wrap(numbers[1] - numbers[0]))
    return head + b"".join(bytes(r >> 8 * plane & 255 for r in residuals) for plane in range(width))


def _read_varint(body: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while body[at] & 128:
        value |= (body[at] & 127) << shift
        shift += 7
        at += 1
    return _unzigzag(value | body[at] << shift), at + 1


def decode_column(body: bytes, at: int, rows: int) -> tuple[list[int], int]:
    """Unpack one column; the place behind it."""
    width, order, grid = body[at] & 15, body[at] >> 4 & 3, body[at] & 64
    first, at = _read_varint(body, at + 1)
    divisor, at = _read_varint(body, at)
    step = 0
    if order == 2:
        step, at = _read_varint(body, at)
    values = [first]
    for i in range(rows - 1):
        code = sum(body[at + plane * (rows - 1) + i] << 8 * plane for plane in range(width))
        residual = _wrap(_unzigzag(code) * divisor)
        step = _wrap(step + residual) if order == 2 else residual
        values.append(_wrap((first if order == 0 else values[-1]) + step))
    if grid:
        values = [(100 * v + 3) // 6 for v in values]
    return values, at + width * (rows - 1)
