"""Batches of columns on the wire: little-endian bytes, one protobuf message a column."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from lacuna_core.columns import ColumnBatch
from lacuna_core.errors import InvalidMessage
from lacuna_core.fact import Contacts, Heard
from lacuna_core.position import MAX_ROWS, Domain, IdentityBatch, PositionBatch, SourceHealth
from lacuna_core.units import NULL_I16, NULL_I32
from lacuna_protos.v1 import envelope_pb2 as pb
from lacuna_runtime.codec.digest import column_frame


class _WireColumn(NamedTuple):
    name: str
    dtype: str
    kind: np.dtype[Any]
    text: bool
    frame: bytes


_DOMAINS = {int(d): d for d in Domain}
_CLASSES: dict[int, type[ColumnBatch]] = {
    pb.KIND_POSITIONS: PositionBatch,
    pb.KIND_IDENTITIES: IdentityBatch,
    pb.KIND_SOURCE_HEALTH: SourceHealth,
    pb.KIND_CONTACTS: Contacts,
    pb.KIND_HEARD: Heard,
}
KINDS = {batch_class: kind for kind, batch_class in _CLASSES.items()}
"""Wire kind of each batch class."""
_COLUMNS = {
    kind: tuple(
        _WireColumn(c.name, c.dtype, np.dtype(c.dtype), c.text, column_frame(c.name, c.dtype))
        for c in batch_class.SCHEMA
    )
    for kind, batch_class in _CLASSES.items()
}
_BY_NAME = {kind: {column.name: column for column in columns} for kind, columns in _COLUMNS.items()}


def _nulls(null: int, dtype: str) -> npt.NDArray[Any]:
    # read-only, because every batch that left the column off shares it
    return np.frombuffer(np.full(MAX_ROWS, null, dtype=dtype).tobytes(), dtype=dtype)


_AIR_ONLY = {
    "baro_altitude_ft": _nulls(NULL_I32, "<i4"),
    "geo_altitude_ft": _nulls(NULL_I32, "<i4"),
    "vertical_rate_fpm": _nulls(NULL_I16, "<i2"),
}
"""Columns that ships leave off; a rescue aircraft on AIS keeps those in which it has a value."""


def is_batch_kind(kind: int) -> bool:
    """Tell whether a wire kind is one of columns.

    Parameters
    ----------
    kind : int
        Wire kind.

    Returns
    -------
    bool
        True for batches of columns.
    """
    return kind in _CLASSES


def write_columns(kind: int, batch: ColumnBatch) -> list[tuple[str, str, bytes, bytes]]:
    """Write the columns of a batch.

    Parameters
    ----------
    kind : int
        Wire kind.
    batch : ColumnBatch
        1 to ``MAX_ROWS`` rows.

    Returns
    -------
    list of (str, str, bytes, bytes)
        Name, dtype, hash frame and data of each column sent.

    Raises
    ------
    InvalidMessage
        If the batch has no rows, too many, or columns of unequal length.
    """
    rows = len(batch)
    if not 0 < rows <= MAX_ROWS:
        raise InvalidMessage("bad_row_count", f"{rows} rows; a batch has 1 to {MAX_ROWS}")
    sea = getattr(batch, "domain", None) == Domain.SEA
    written = []
    for column in _COLUMNS[kind]:
        array = np.ascontiguousarray(getattr(batch, column.name), dtype=column.kind)
        if array.shape != (rows,):
            raise InvalidMessage(
                "wrong_length", f"column {column.name} has shape {array.shape}, not ({rows},)"
            )
        data = array.tobytes()
        if sea and column.name in _AIR_ONLY and data == _AIR_ONLY[column.name][:rows].tobytes():
            continue
        if column.text and int(array.max()) >= len(batch.strings):
            raise InvalidMessage("bad_string_index", f"column {column.name} points outside the string table")
        written.append((column.name, column.dtype, column.frame, data))
    return written


def column_data(kind: int, columns: Iterable[pb.Column]) -> dict[str, tuple[bytes, bytes]]:
    """Take columns off the wire, checked against the schema but for their length.

    Parameters
    ----------
    kind : int
        Wire kind.
    columns : iterable of Column
        As parsed.

    Returns
    -------
    dict of str to (bytes, bytes)
        Hash frame and data by name, in wire order.

    Raises
    ------
    InvalidMessage
        For an unknown or repeated column, or another dtype than the schema's.
    """
    known = _BY_NAME.get(kind, {})
    found: dict[str, tuple[bytes, bytes]] = {}
    for column in columns:
        name = column.name
        expected = known.get(name)
        if expected is None or name in found:
            raise InvalidMessage("unknown_column", f"{name!r} is not expected, or is there twice")
        if column.dtype != expected.dtype:
            raise InvalidMessage(
                "unknown_dtype", f"column {name} is {column.dtype!r}, not {expected.dtype!r}"
            )
        found[name] = (expected.frame, column.data)
    return found


def read_columns(
    kind: int, domain: int, rows: int, data: dict[str, tuple[bytes, bytes]], strings: tuple[str, ...]
) -> ColumnBatch:
    """Make a batch of checked columns without copying them.

    Parameters
    ----------
    kind : int
        Wire kind.
    domain : int
        Wire domain, 0 for batches without one.
    rows : int
        Rows announced.
    data : dict of str to (bytes, bytes)
        From ``column_data``.
    strings : tuple of str
        String table.

    Returns
    -------
    ColumnBatch
        Its arrays are read-only views of the bytes.

    Raises
    ------
    InvalidMessage
        For a missing column, a wrong length or a string index out of range.
    """
    if not 0 < rows <= MAX_ROWS:
        raise InvalidMessage("bad_row_count", f"{rows} rows; a batch has 1 to {MAX_ROWS}")
    arrays: dict[str, Any] = {}
    for column in _COLUMNS[kind]:
        name = column.name
        piece = data.get(name)
        if piece is None:
            if domain != Domain.SEA or name not in _AIR_ONLY:
                raise InvalidMessage("missing_column", name)
            arrays[name] = _AIR_ONLY[name][:rows]
            continue
        if len(piece[1]) != rows * column.kind.itemsize:
            wanted = rows * column.kind.itemsize
            raise InvalidMessage("wrong_length", f"column {name} has {len(piece[1])} bytes, not {wanted}")
        array = np.frombuffer(piece[1], dtype=column.kind)
        if column.text and int(array.max()) >= len(strings):
            raise InvalidMessage("bad_string_index", f"column {name} points outside the string table")
        arrays[name] = array
    batch_class = _CLASSES[kind]
    if batch_class in (PositionBatch, IdentityBatch):
        if domain not in _DOMAINS:
            raise InvalidMessage("unknown_domain", str(domain))
        return batch_class(**arrays, strings=strings, domain=_DOMAINS[domain])
    if domain:
        raise InvalidMessage("unknown_domain", f"{domain} on a batch without a domain")
    return batch_class(**arrays, strings=strings)
