"""The chunk packing against its oracle, and against damaged bodies."""

import itertools
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_kernels.track_codec import decode_chunk, encode_chunks, sorted_chunk_bounds
from tests.reference.track_codec_oracle import decode_column, encode_column

_I64 = st.integers(-(2**63), 2**63 - 1)
_SMALL = st.integers(-3, 3)
_GRID = st.integers(-1_080_000_000, 1_080_000_000).map(lambda k: (100 * k + 3) // 6)
_CLOCK = st.integers(0, 200).map(lambda k: 1_661_990_400_000 + 10_000 * k)
_COLUMN = st.one_of(*(st.lists(values, min_size=1, max_size=40) for values in (_I64, _SMALL, _GRID, _CLOCK)))
_SETTINGS = settings(max_examples=300, deadline=None, derandomize=True)


def _encode(values: list[list[int]], bounds: list[int], first_text: int, strings: int) -> Any:
    return encode_chunks(np.array(values, np.int64), np.array(bounds, np.int64), first_text, strings)


@_SETTINGS
@given(column=_COLUMN)
def test_bytes_are_those_of_the_oracle(column: list[int]) -> None:
    body, offsets, used, _ = _encode([column], [0, len(column)], 1, 0)
    assert body.tobytes() == encode_column(column)
    assert offsets.tolist() == [0, len(body)]
    assert used.size == 0
    assert decode_column(body.tobytes(), 0, len(column)) == (column, len(body))
    values, end = decode_chunk(body, 1, len(column))
    assert (values[0].tolist(), end) == (column, len(body))


@_SETTINGS
@given(
    rows=st.lists(st.tuples(_I64, _GRID, st.integers(0, 5)), min_size=1, max_size=40),
    cut=st.integers(1, 40),
)
def test_each_chunk_has_its_own_strings(rows: list[tuple[int, int, int]], cut: int) -> None:
    bounds = sorted({0, min(cut, len(rows)), len(rows)})
    columns = [list(column) for column in zip(*rows, strict=True)]
    body, offsets, used, used_offsets = _encode(columns, bounds, 2, 6)
    for i, (start, end) in enumerate(itertools.pairwise(bounds)):
        part = body[offsets[i] : offsets[i + 1]]
        values, read = decode_chunk(part, 3, end - start)
        table = used[used_offsets[i] : used_offsets[i + 1]].tolist()
        assert read == len(part)
        assert table == sorted(set(columns[2][start:end]))
        assert values[0].tolist() == columns[0][start:end]
        assert values[1].tolist() == columns[1][start:end]
        assert [table[code] for code in values[2]] == columns[2][start:end]


@_SETTINGS
@given(column=_COLUMN, keep=st.integers(0, 400))
def test_a_cut_body_is_refused(column: list[int], keep: int) -> None:
    body = _encode([column, column], [0, len(column)], 2, 0)[0]
    keep %= len(body)
    assert decode_chunk(body[:keep].copy(), 2, len(column))[1] == -1


@_SETTINGS
@given(body=st.binary(max_size=200), rows=st.integers(1, 50))
def test_any_bytes_are_read_within_bounds(body: bytes, rows: int) -> None:
    values, end = decode_chunk(np.frombuffer(body, np.uint8), 3, rows)
    assert values.shape == (3, rows)
    assert end == -1 or 0 < end <= len(body)


@_SETTINGS
@given(keys=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2)), max_size=60), most=st.integers(1, 7))
def test_runs_are_of_one_craft_and_bucket_and_short(keys: list[tuple[int, int]], most: int) -> None:
    keys = sorted(keys)
    craft = np.array([k[0] for k in keys], np.uint64)
    bucket = np.array([k[1] for k in keys], np.int64)
    bounds = sorted_chunk_bounds(craft, bucket, most).tolist()
    assert (bounds[0], bounds[-1]) == (0, len(keys))
    runs = [keys[a:b] for a, b in itertools.pairwise(bounds)]
    assert [key for run in runs for key in run] == keys
    assert all(len(set(run)) == 1 and len(run) <= most for run in runs)
    joins = itertools.pairwise(runs)
    assert all(a[0] != b[0] or len(a) == most for a, b in joins)
