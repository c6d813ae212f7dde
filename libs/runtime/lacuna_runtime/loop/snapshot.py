"""Snapshots: named arrays in two slots that take turns, so that a torn one leaves the other whole.

A blob is ``LACSNAP`` and a zero byte, u32 length of the header, the header (canonical JSON: format, fold
version, number, offsets, arrays with their dtypes and shapes, whatever else the task keeps), the arrays'
bytes compressed with zstd, and the xxh64 of all before it. It is cut into chunks below 900 KiB; each chunk
says to which snapshot it belongs, so leftovers of an older, longer one are never taken for it.
"""

import json
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xxhash
import zstandard

from lacuna_core.errors import CorruptState
from lacuna_core.fold import Snapshot
from lacuna_core.ports import Outgoing, Record
from lacuna_core.topics import state_topic

FORMAT = 1
CHUNK_BYTES = 896 * 1024
_MAGIC = b"LACSNAP\0"
_LENGTH = struct.Struct("<I")
_HASH = struct.Struct("<Q")
_CHUNK = struct.Struct("<QII")
"""Number of the snapshot, of the chunk, and how many chunks there are."""
_SLOTS = "AB"
_LEVEL = 1


@dataclass(frozen=True, slots=True)
class Saved:
    """A whole snapshot.

    Attributes
    ----------
    number : int
        Grows by one a snapshot of a task.
    fold_version : int
        Layout of the fold's arrays.
    header : dict
        What the task keeps beside the arrays.
    arrays : dict of str to numpy.ndarray
        The fold's state and the task's buffers.
    """

    number: int
    fold_version: int
    header: dict[str, Any]
    arrays: Snapshot


def write_snapshot(saved: Saved) -> bytes:
    """Write a snapshot as one blob.

    Parameters
    ----------
    saved : Saved
        The snapshot.

    Returns
    -------
    bytes
        The blob.

    Raises
    ------
    TypeError
        If an array holds Python objects.
    """
    shapes = []
    pieces = []
    for name in sorted(saved.arrays):
        array = np.ascontiguousarray(saved.arrays[name])
        if array.dtype.hasobject:
            raise TypeError(f"array {name} of the state holds Python objects; a snapshot holds plain arrays")
        descr = np.lib.format.dtype_to_descr(array.dtype)
        shapes.append([name, descr, list(saved.arrays[name].shape)])
        pieces.append(array.tobytes())
    header = {
        "format": FORMAT,
        "fold_version": saved.fold_version,
        "number": saved.number,
        "arrays": shapes,
        "task": saved.header,
    }
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    body = zstandard.ZstdCompressor(level=_LEVEL).compress(b"".join(pieces))
    blob = _MAGIC + _LENGTH.pack(len(text)) + text + body
    return blob + _HASH.pack(xxhash.xxh64_intdigest(blob))


def _descr(value: Any) -> Any:
    # JSON turns the tuples of a structured dtype into lists
    if not isinstance(value, list):
        return value
    return [(name, _descr(kind), *map(tuple, shape)) for name, kind, *shape in value]


def read_snapshot(blob: bytes) -> Saved:
    """Read a blob.

    Parameters
    ----------
    blob : bytes
        What ``write_snapshot`` wrote.

    Returns
    -------
    Saved
        The snapshot.

    Raises
    ------
    CorruptState
        If it is damaged or of an unknown format.
    """
    whole, tail = blob[: -_HASH.size], blob[-_HASH.size :]
    if not whole.startswith(_MAGIC) or tail != _HASH.pack(xxhash.xxh64_intdigest(whole)):
        raise CorruptState("the snapshot is damaged")
    start = len(_MAGIC) + _LENGTH.size
    (length,) = _LENGTH.unpack_from(whole, len(_MAGIC))
    header = json.loads(whole[start : start + length])
    if header["format"] != FORMAT:
        raise CorruptState(f"the snapshot has format {header['format']}; this build reads {FORMAT}")
    raw = zstandard.ZstdDecompressor().decompress(whole[start + length :])
    arrays: Snapshot = {}
    at = 0
    for name, descr, shape in header["arrays"]:
        dtype = np.lib.format.descr_to_dtype(_descr(descr))
        size = dtype.itemsize * int(np.prod(shape, dtype=np.int64))
        # a copy, because a state may be changed in place
        arrays[name] = np.frombuffer(raw[at : at + size], dtype=dtype).reshape(shape).copy()
        at += size
    return Saved(header["number"], header["fold_version"], header["task"], arrays)


def snapshot_records(stage: str, task: int, saved: Saved) -> list[Outgoing]:
    """Make the records of a snapshot.

    Parameters
    ----------
    stage : str
        Stage name.
    task : int
        Its task, the partition of the state topic.
    saved : Saved
        The snapshot; its number decides the slot.

    Returns
    -------
    list of Outgoing
        One a chunk.
    """
    blob = write_snapshot(saved)
    slot = _SLOTS[saved.number % len(_SLOTS)]
    count = -(-len(blob) // CHUNK_BYTES)
    return [
        Outgoing(
            state_topic(stage).name,
            task,
            f"{slot}/{i}".encode(),
            _CHUNK.pack(saved.number, i, count) + blob[i * CHUNK_BYTES : (i + 1) * CHUNK_BYTES],
        )
        for i in range(count)
    ]


def whole_snapshots(records: Iterable[Record]) -> Sequence[Saved]:
    """Put the whole snapshots of a state partition together, the newest first; damaged ones are left out.

    Parameters
    ----------
    records : iterable of Record
        All of the partition.

    Returns
    -------
    sequence of Saved
        At most one a slot.
    """
    newest: dict[bytes, bytes] = {record.key: record.value for record in records}
    parts: dict[int, dict[int, bytes]] = {}
    counts: dict[int, int] = {}
    for value in newest.values():
        if len(value) < _CHUNK.size:
            continue
        number, chunk, count = _CHUNK.unpack_from(value)
        parts.setdefault(number, {})[chunk] = value[_CHUNK.size :]
        counts[number] = count
    found = []
    for number in sorted(parts, reverse=True):
        chunks = parts[number]
        if any(i not in chunks for i in range(counts[number])):
            continue
        try:
            found.append(read_snapshot(b"".join(chunks[i] for i in range(counts[number]))))
        except (CorruptState, KeyError):
            continue
    return found
