"""One order and one copy of each row, however often and in however many pieces it was stored."""

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from lacuna_core.columns import ColumnBatch
from lacuna_core.position import RECEIVER_SEPARATOR, IdentityBatch, PositionBatch
from lacuna_core.units import NULL_U16, BoolArray, I64Array

B = TypeVar("B", PositionBatch, IdentityBatch)
_WITNESS = ("source", "receiver")
_NOT_CONTENT = ("craft", "t_ms", "source")


def _same_as_before(batch: ColumnBatch, names: tuple[str, ...]) -> BoolArray:
    same = np.ones(len(batch), np.bool_)
    same[:1] = False
    for name in names:
        column = getattr(batch, name)
        same[1:] &= column[1:] == column[:-1]
    return same


def canonical(batch: B) -> B:
    """Sort rows by craft, time and then everything else, and drop exact repeats.

    Parameters
    ----------
    batch : PositionBatch or IdentityBatch
        Any craft, any order.

    Returns
    -------
    PositionBatch or IdentityBatch
        The set of rows in the one order that depends on nothing but the set.
    """
    names = tuple(column.name for column in batch.SCHEMA)
    by_time = np.argsort(batch.t_ms, kind="stable")
    order = by_time[np.argsort(batch.craft[by_time], kind="stable")]
    craft, t_ms = batch.craft[order], batch.t_ms[order]
    tied = np.flatnonzero((craft[1:] == craft[:-1]) & (t_ms[1:] == t_ms[:-1])) + 1
    if not len(tied):
        return batch.take(order)
    # Only rows that share craft and time with a neighbor need the other columns, to be put in order by them.
    touched = np.union1d(tied - 1, tied)
    some = batch.take(order[touched])
    finer = np.lexsort([getattr(some, name) for name in reversed(names)])
    order[touched] = order[touched][finer]
    repeated = touched[_same_as_before(some.take(finer), names)]
    return batch.take(np.delete(order, repeated))


def _atoms(strings: tuple[str, ...]) -> tuple[list[str], list[int]]:
    """Single names, sorted, and for each string of the table the bits of the names that it joins."""
    names = sorted({part for text in strings for part in text.split(RECEIVER_SEPARATOR) if part})
    bit = {name: 1 << i for i, name in enumerate(names)}
    masks = [sum({bit[p] for p in text.split(RECEIVER_SEPARATOR) if p}) for text in strings]
    return names, masks


def _united(codes: npt.NDArray[Any], starts: I64Array, strings: tuple[str, ...]) -> list[str]:
    """For each group of rows, the names of all of them, sorted and joined."""
    names, masks = _atoms(strings)
    # Python integers hold more than 64 names; up to 63, numpy does the same at full speed.
    dtype = np.int64 if len(names) < 63 else np.object_
    groups = np.bitwise_or.reduceat(np.array(masks, dtype=dtype)[codes], starts).tolist()
    joined = {
        mask: RECEIVER_SEPARATOR.join(n for i, n in enumerate(names) if mask >> i & 1) for mask in set(groups)
    }
    return [joined[mask] for mask in groups]


def unite_witnesses(batch: PositionBatch) -> PositionBatch:
    """Make one row of a transmission that several receivers or feeds brought.

    Parameters
    ----------
    batch : PositionBatch
        In canonical order.

    Returns
    -------
    PositionBatch
        One row for each craft, time and kinematic content; sources and receivers joined by ``|``.
    """
    names = tuple(c.name for c in batch.SCHEMA if c.name not in _WITNESS)
    repeated = _same_as_before(batch, names)
    if not repeated.any():
        return batch
    starts = np.flatnonzero(~repeated)
    single = {name: getattr(batch, name)[starts] for name in names}
    texts = {name: _united(getattr(batch, name), starts, batch.strings) for name in _WITNESS}
    return PositionBatch.build({**single, **texts}, domain=batch.domain)


def _is_given(batch: IdentityBatch, name: str) -> BoolArray:
    column = getattr(batch, name)
    if name in {c.name for c in batch.SCHEMA if c.text}:
        return np.asarray(np.array([bool(s) for s in batch.strings], np.bool_)[column])
    return np.asarray(column != (NULL_U16 if name == "squawk" else 0))


def changes_only(batch: IdentityBatch) -> IdentityBatch:
    """Keep the rows that say something new: a field not given before, or given otherwise.

    Parameters
    ----------
    batch : IdentityBatch
        One craft in canonical order.

    Returns
    -------
    IdentityBatch
        The changes, as transmitted.
    """
    keep = np.zeros(len(batch), np.bool_)
    keep[:1] = True
    rows = np.arange(len(batch))
    for column in batch.SCHEMA:
        if column.name in _NOT_CONTENT:
            continue
        values, given = getattr(batch, column.name), _is_given(batch, column.name)
        last = np.maximum.accumulate(np.where(given, rows, -1))
        before = np.concatenate([[-1], last[:-1]]) if len(batch) else last
        keep |= given & ((before < 0) | (values != values[np.maximum(before, 0)]))
    return batch.take(keep)


def given_fields(batch: IdentityBatch) -> dict[str, BoolArray]:
    """Where each field of content is given.

    Parameters
    ----------
    batch : IdentityBatch
        Any rows.

    Returns
    -------
    dict of str to numpy.ndarray
        By column name, shape (n,), bool.
    """
    return {c.name: _is_given(batch, c.name) for c in batch.SCHEMA if c.name not in _NOT_CONTENT}
