"""Compressed columnar chunks: the rows of one craft in one day (tracks) or one month (identities).

A chunk is a header, a zstd frame and the xxh64 of both. The frame holds the chunk's own string table and the
packed columns of ``lacuna_kernels.track_codec``. Equal sets of rows give equal chunks, so a chunk's digest
makes storing it again harmless.
"""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import xxhash
import zstandard

from lacuna_core.errors import CorruptState
from lacuna_core.position import MAX_ROWS, Domain, IdentityBatch, PositionBatch
from lacuna_core.units import MS_PER_DAY, I64Array
from lacuna_kernels.track_codec import decode_chunk, encode_chunks, sorted_chunk_bounds

B = TypeVar("B", PositionBatch, IdentityBatch)
FORMAT = 1
_MAGIC = b"LACK"
_HEADER = struct.Struct("<4sHBBII")
_SUM = struct.Struct("<Q")
_TEXT = struct.Struct("<H")
_SLAB_ROWS = 65_536
"""Rows packed by one call of the kernel, which bounds its scratch memory."""
_LEVEL = 3
SEALED_ROWS = 16_384
"""Most rows of a chunk that was joined from parts: a busy craft's whole day."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of one craft in one bucket of time.

    Attributes
    ----------
    craft : int
        Craft key.
    bucket : int
        Day, or month, since 1970.
    digest : bytes
        blake2b-128 of craft, bucket, number of rows and content.
    domain : Domain
        Sea or air.
    rows : int
        Number of rows.
    start_ms, end_ms : int
        Times of the first and the last row.
    body : bytes
        Header, frame and checksum.
    """

    craft: int
    bucket: int
    digest: bytes
    domain: Domain
    rows: int
    start_ms: int
    end_ms: int
    body: bytes


def day_of(t_ms: I64Array) -> I64Array:
    """Days since 1970-01-01 UTC.

    Parameters
    ----------
    t_ms : numpy.ndarray
        Unix milliseconds UTC.

    Returns
    -------
    numpy.ndarray
        Day numbers, int64.
    """
    return np.asarray(t_ms // MS_PER_DAY, np.int64)


def month_of(t_ms: I64Array) -> I64Array:
    """Months since January 1970 UTC.

    Parameters
    ----------
    t_ms : numpy.ndarray
        Unix milliseconds UTC.

    Returns
    -------
    numpy.ndarray
        Month numbers, int64.
    """
    return t_ms.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)


def _packed_columns(batch: PositionBatch | IdentityBatch) -> tuple[list[str], int]:
    """Column names in packing order, text last, and where text starts; the craft is in the key."""
    numbers = [c.name for c in batch.SCHEMA if not c.text and c.name != "craft"]
    return numbers + [c.name for c in batch.SCHEMA if c.text], len(numbers)


def _string_block(strings: list[str]) -> bytes:
    texts = [s.encode() for s in strings]
    return _TEXT.pack(len(texts)) + b"".join(_TEXT.pack(len(t)) + t for t in texts)


def encode(batch: B, bucket: I64Array, max_rows: int = MAX_ROWS) -> Iterator[Chunk]:
    """Cut rows into chunks.

    Parameters
    ----------
    batch : PositionBatch or IdentityBatch
        In canonical order.
    bucket : numpy.ndarray
        Day or month of each row, int64.
    max_rows : int
        Most rows of a chunk.

    Yields
    ------
    Chunk
        In order of craft and bucket.
    """
    bounds = sorted_chunk_bounds(batch.craft, bucket, max_rows)
    at = 0
    while at < len(bounds) - 1:
        to = max(at + 1, int(np.searchsorted(bounds, bounds[at] + _SLAB_ROWS, "right")) - 1)
        rows = slice(int(bounds[at]), int(bounds[to]))
        yield from _encode_slab(batch.take(rows), bucket[rows], bounds[at : to + 1] - bounds[at])
        at = to


def _encode_slab(batch: B, bucket: I64Array, bounds: I64Array) -> Iterator[Chunk]:
    names, first_text = _packed_columns(batch)
    values = np.empty((len(names), len(batch)), np.int64)
    for i, name in enumerate(names):
        values[i] = getattr(batch, name)
    body, offsets, used, used_offsets = encode_chunks(values, bounds, first_text, len(batch.strings))
    packed, places, strings = body.tobytes(), offsets.tolist(), used.tolist()
    tables = used_offsets.tolist()
    edges = bounds.tolist()
    crafts, buckets = batch.craft[bounds[:-1]].tolist(), bucket[bounds[:-1]].tolist()
    starts, ends = batch.t_ms[bounds[:-1]].tolist(), batch.t_ms[bounds[1:] - 1].tolist()
    compressor = zstandard.ZstdCompressor(level=_LEVEL)
    blocks: dict[tuple[int, ...], bytes] = {}
    for i, craft in enumerate(crafts):
        table = tuple(strings[tables[i] : tables[i + 1]])
        if table not in blocks:
            blocks[table] = _string_block([batch.strings[s] for s in table])
        payload = blocks[table] + packed[places[i] : places[i + 1]]
        rows = edges[i + 1] - edges[i]
        header = _HEADER.pack(_MAGIC, FORMAT, batch.domain, len(names), rows, len(blocks[table]))
        sealed = header + compressor.compress(payload)
        # Packed columns that go on evenly are the same bytes for any number of rows: the number is content.
        key = struct.pack("<QqBI", craft, buckets[i], batch.domain, rows)
        yield Chunk(
            craft=craft,
            bucket=buckets[i],
            digest=hashlib.blake2b(key + payload, digest_size=16).digest(),
            domain=batch.domain,
            rows=rows,
            start_ms=starts[i],
            end_ms=ends[i],
            body=sealed + _SUM.pack(xxhash.xxh64_intdigest(sealed)),
        )


def _strings(block: bytes) -> tuple[str, ...]:
    (count,) = _TEXT.unpack_from(block)
    texts, at = [], _TEXT.size
    for _ in range(count):
        (length,) = _TEXT.unpack_from(block, at)
        at += _TEXT.size
        texts.append(block[at : at + length].decode())
        at += length
    return tuple(texts)


def decode(kind: type[B], craft: int, body: bytes) -> B:
    """Read a chunk.

    Parameters
    ----------
    kind : type
        ``PositionBatch`` or ``IdentityBatch``.
    craft : int
        Whose rows they are.
    body : bytes
        Header, frame and checksum.

    Returns
    -------
    PositionBatch or IdentityBatch
        The rows as they were encoded.

    Raises
    ------
    CorruptState
        If the chunk is cut, damaged or of an unknown format; the caller names the craft and the bucket.
    """
    if len(body) < _HEADER.size + _SUM.size:
        raise CorruptState(f"chunk of {len(body)} bytes is cut")
    sealed = memoryview(body)[: -_SUM.size]
    if _SUM.unpack(body[-_SUM.size :])[0] != xxhash.xxh64_intdigest(sealed):
        raise CorruptState("chunk does not match its checksum")
    magic, version, domain, columns, rows, block_bytes = _HEADER.unpack_from(sealed)
    schema = kind.empty(domain=Domain(domain))
    names, _ = _packed_columns(schema)
    if magic != _MAGIC or version != FORMAT or columns != len(names):
        raise CorruptState(f"chunk has format {version} with {columns} columns, expected {FORMAT}")
    payload = zstandard.ZstdDecompressor().decompress(sealed[_HEADER.size :])
    values, end = decode_chunk(np.frombuffer(payload, np.uint8, offset=block_bytes), columns, rows)
    if end != len(payload) - block_bytes:
        raise CorruptState(f"chunk holds {len(payload)} bytes, of which {end} could be read")
    dtypes = {c.name: c.dtype for c in kind.SCHEMA}
    arrays: dict[str, Any] = {n: values[i].astype(dtypes[n]) for i, n in enumerate(names)}
    arrays["craft"] = np.full(rows, craft, np.uint64)
    return kind(**arrays, strings=_strings(payload[:block_bytes]), domain=Domain(domain))
