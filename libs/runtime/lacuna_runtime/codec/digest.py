"""The byte sequence that the hash of an envelope covers; ``envelope.proto`` is its definition."""

import operator
import struct
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import xxhash

_NAMESPACE = b"lacuna.wire.1\0"
_HEADER = struct.Struct("<HBBIqqIQ")
_U32 = struct.Struct("<I")
_INTEGER = struct.Struct("<cQ")
_DOUBLE = struct.Struct("<cd")
_SIZED = struct.Struct("<cI")
_U64_MASK = (1 << 64) - 1
_Writer: TypeAlias = Callable[[list[bytes], Any], None]


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


def listed(items: Sequence[bytes]) -> bytes:
    """Write a list whose items are written already.

    Parameters
    ----------
    items : sequence of bytes
        Each as ``values`` writes it.

    Returns
    -------
    bytes
        What ``values`` writes for the tuple of them.
    """
    return _SIZED.pack(b"l", len(items)) + b"".join(items)


def _append(pieces: list[bytes], value: Any) -> None:
    kind = type(value)
    write = _WRITERS.get(kind)
    if write is None:
        write = _WRITERS[kind] = _writer(kind)
    write(pieces, value)


def _none(pieces: list[bytes], _: None) -> None:
    pieces.append(b"n")


def _text(pieces: list[bytes], value: str) -> None:
    raw = value.encode()
    pieces += (_SIZED.pack(b"s", len(raw)), raw)


def _double(pieces: list[bytes], value: float) -> None:
    pieces.append(_DOUBLE.pack(b"f", value))


def _raw(pieces: list[bytes], value: bytes) -> None:
    pieces += (_SIZED.pack(b"b", len(value)), value)


def _whole(pieces: list[bytes], value: Any) -> None:
    pieces.append(_INTEGER.pack(b"i", operator.index(value) & _U64_MASK))


def _items(pieces: list[bytes], items: tuple[Any, ...]) -> None:
    pieces.append(_SIZED.pack(b"l", len(items)))
    for item in items:
        kind = type(item)
        # the common kinds in place: a row has twenty fields, and a call costs more than its work
        if kind is int:
            pieces.append(_INTEGER.pack(b"i", item & _U64_MASK))
        elif kind is str:
            raw = item.encode()
            pieces.append(_SIZED.pack(b"s", len(raw)) + raw)
        elif kind is float:
            pieces.append(_DOUBLE.pack(b"f", item))
        elif item is None:
            pieces.append(b"n")
        else:
            _append(pieces, item)


_BY_BASE: tuple[tuple[type, _Writer], ...] = (
    (str, _text), (float, _double), (bytes, _raw), (tuple, _items),
)  # fmt: skip
_WRITERS: dict[type, _Writer] = {type(None): _none}
"""How each type met so far is written."""


def _writer(kind: type) -> _Writer:
    for base, write in _BY_BASE:
        if issubclass(kind, base):
            return write
    if not is_dataclass(kind):
        return _whole
    names = tuple(field.name for field in fields(kind))
    if len(names) == 1:
        return lambda pieces, row: _items(pieces, (getattr(row, names[0]),))
    get = operator.attrgetter(*names)
    return lambda pieces, row: _items(pieces, get(row))


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
    pieces = [_NAMESPACE, _HEADER.pack(*header), framed(stage.encode()), _U32.pack(len(columns))]
    for frame, data in columns:
        pieces += (frame, _U32.pack(len(data)), data)
    pieces += (_table_frame(strings), body)
    return xxhash.xxh64_intdigest(b"".join(pieces))
