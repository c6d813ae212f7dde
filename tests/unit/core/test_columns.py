"""Batches: selecting, joining and compacting never change what a row says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.fact import Heard
from lacuna_core.position import Domain, IdentityBatch, PositionBatch

ROWS = st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["", "a", "b", "c|d", "é"])), max_size=12)


def heard(rows: list[tuple[int, str]]) -> Heard:
    n = len(rows)
    return Heard.build(
        {"t_ms": [r[0] for r in rows], "craft": np.arange(n), "lat_e7": np.zeros(n), "lon_e7": np.zeros(n),
         "receiver": [r[1] for r in rows]}
    )  # fmt: skip


def said(batch: Heard) -> list[tuple[int, str]]:
    return list(zip(batch.t_ms.tolist(), batch.text("receiver").tolist(), strict=True))


@given(rows=ROWS)
@settings(derandomize=True, max_examples=100, deadline=None)
def test_build_says_what_it_was_told(rows: list[tuple[int, str]]) -> None:
    batch = heard(rows)
    assert said(batch) == rows
    assert list(batch.strings) == sorted({r[1] for r in rows})
    assert batch.receiver.dtype == np.uint16


@given(parts=st.lists(ROWS, max_size=4))
@settings(derandomize=True, max_examples=100, deadline=None)
def test_concat_keeps_rows_in_order(parts: list[list[tuple[int, str]]]) -> None:
    joined = Heard.concat([heard(rows) for rows in parts])
    assert said(joined) == [row for rows in parts for row in rows]
    assert list(joined.strings) == sorted(set(joined.strings))


@given(rows=ROWS, data=st.data())
@settings(derandomize=True, max_examples=100, deadline=None)
def test_taking_and_compacting_keep_rows(rows: list[tuple[int, str]], data: st.DataObject) -> None:
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))), dtype=bool)
    taken = heard(rows).take(mask)
    small = taken.compact()
    assert said(small) == [row for row, keep in zip(rows, mask, strict=True) if keep]
    assert small == taken
    if len(small):
        assert set(small.strings) == {row[1] for row in said(small)}


def test_equality_is_of_what_rows_say() -> None:
    assert heard([(1, "a")]) != heard([(1, "b")])
    assert heard([(1, "a")]) != heard([(1, "a"), (1, "a")])
    assert heard([(1, "a"), (2, "b")]).take(slice(0, 1)) == heard([(1, "a")])
    assert heard([]) != object()
    with pytest.raises(TypeError):
        hash(heard([]))


def test_empty_batches_keep_their_domain() -> None:
    air = PositionBatch.empty(domain=Domain.AIR)
    assert len(air) == 0
    assert air.take(slice(None)).domain is Domain.AIR
    assert IdentityBatch.concat([], domain=Domain.AIR).domain is Domain.AIR
    assert air.text("source").tolist() == []
