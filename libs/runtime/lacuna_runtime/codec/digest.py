"""The byte sequence that the hash of an envelope covers; ``envelope.proto`` is its definition."""

import operator
import struct
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

import xxhash

_NAMESPACE = b"lacuna.wire.1\0"
_HEADER = struct.Struct("<HBBIqqIQ")
_U32 = struct.Struct("<I")
_INTEGER = struct.Struct("<cQ")
_DOUBLE = struct.Struct("<cd")
_SIZED = struct.Struct("<cI")
_U64_MASK = (1 << 64) - 1


def framed(data: bytes) -> bytes:
    """Write bytes after their length.

    Parameters
    ----------
    data : bytes
        Anything shorter than 4 GiB.

    Returns
    -------
    bytes
        Length as u32, then the bytes.
    """
    return _U32.pack(len(data)) + data


def column_frame(name: str, dtype: str) -> bytes:
    """Write what stands before the length of a column; worth keeping, it never changes.

    Parameters
    ----------
    name : str
        Column name.
    dtype : str
        Its dtype as on the wire.

    Returns
    -------
    bytes
        Both texts, framed.
    """
    return framed(name.encode()) + framed(dtype.encode())


def values(value: Any) -> bytes:
    """Write a row, or a list of rows, as values.

    Parameters
    ----------
    value : Any
        Dataclasses and tuples of str, int, float, bytes, None and their like.

    Returns
    -------
    bytes
        The byte sequence.

    Raises
    ------
    TypeError
        For any other type.
    """
    pieces: list[bytes] = []
    _append(pieces, value)
    return b"".join(pieces)


def _append(pieces: list[bytes], value: Any) -> None:
    if value is None:
        pieces.append(b"n")
    elif isinstance(value, str):
        raw = value.encode()
        pieces += (_SIZED.pack(b"s", len(raw)), raw)
    elif isinstance(value, float):
        pieces.append(_DOUBLE.pack(b"f", value))
    elif isinstance(value, bytes):
        pieces += (_SIZED.pack(b"b", len(value)), value)
    elif isinstance(value, tuple):
        pieces.append(_SIZED.pack(b"l", len(value)))
        for item in value:
            _append(pieces, item)
    elif is_dataclass(value) and not isinstance(value, type):
        names = _field_names(type(value))
        pieces.append(_SIZED.pack(b"l", len(names)))
        for name in names:
            _append(pieces, getattr(value, name))
    else:
        pieces.append(_INTEGER.pack(b"i", operator.index(value) & _U64_MASK))


@lru_cache(maxsize=64)
def _field_names(row_class: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(row_class))


@lru_cache(maxsize=256)
def _table_frame(strings: tuple[str, ...]) -> bytes:
    # one origin writes the same few tables again and again
    return _U32.pack(len(strings)) + b"".join(framed(s.encode()) for s in strings)


def envelope_hash(
    header: tuple[int, int, int, int, int, int, int, int],
    stage: str,
    columns: Sequence[tuple[bytes, bytes]],
    strings: tuple[str, ...],
    body: bytes,
) -> int:
    """Hash everything an envelope says.

    Parameters
    ----------
    header : tuple of int
        Format, kind, domain, rows, least and greatest time, origin partition, seq.
    stage : str
        Origin stage.
    columns : sequence of (bytes, bytes)
        Each column's frame (see ``column_frame``) and data.
    strings : tuple of str
        String table.
    body : bytes
        The body as values.

    Returns
    -------
    int
        xxh64, seed 0.
    """
    state = xxhash.xxh64(_NAMESPACE + _HEADER.pack(*header) + framed(stage.encode()))
    state.update(_U32.pack(len(columns)))
    for frame, data in columns:
        state.update(frame + _U32.pack(len(data)))
        state.update(data)
    state.update(_table_frame(strings) + body)
    return state.intdigest()
