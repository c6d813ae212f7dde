"""Canonical order of every kind of row, and the merging of what is the same row twice."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from lacuna_core.columns import ColumnBatch
from lacuna_core.errors import InvalidMessage
from lacuna_core.position import RECEIVER_SEPARATOR, PositionBatch
from lacuna_core.units import U64Array
from lacuna_kernels.digest import row_digests
from lacuna_kernels.order import canonical_order, first_of_repeats

MAX_STRINGS = 65_535
"""Most strings of one batch: text columns are uint16."""
B = TypeVar("B", bound=ColumnBatch)


def canonical_positions(batch: PositionBatch) -> tuple[PositionBatch, U64Array, int]:
    """Sort positions by (t, craft, digest) and merge repeats of one transmission.

    Rows equal in craft, whole second and every digested field but the time are one row: at the earliest
    time, with the source of the earliest (the first by name among equals) and all receivers.

    Parameters
    ----------
    batch : PositionBatch
        Rows of whole seconds: no second may be cut between two calls.

    Returns
    -------
    batch : PositionBatch
        Sorted, merged.
    digests : numpy.ndarray
        Its row digests, uint64.
    merged : int
        Rows that are gone.
    """
    if not len(batch):
        return batch, np.empty(0, np.uint64), 0
    columns = {c.name: array for c, array in batch.columns()}
    digests = row_digests(columns)
    order = canonical_order(batch.t_ms, batch.craft, digests)
    batch, digests = batch.take(order), digests[order]
    first = first_of_repeats({c.name: array for c, array in batch.columns()})
    keep = first == np.arange(len(first))
    merged = len(first) - int(np.count_nonzero(keep))
    if merged:
        batch = _with_witnesses(batch, first, keep)
        digests = digests[keep]
    return batch, digests, merged


def _with_witnesses(
    batch: PositionBatch, first: npt.NDArray[np.int64], keep: npt.NDArray[np.bool_]
) -> PositionBatch:
    source = batch.source.copy()
    earliest = batch.t_ms == batch.t_ms[first]
    # the table is sorted, so the least index is the first name
    np.minimum.at(source, first[earliest], batch.source[earliest])
    names, receiver = _unite(batch, first)
    kept_receiver, kept_source = receiver[keep], source[keep]
    used = {batch.strings[i] for i in np.flatnonzero(np.bincount(kept_source))}
    used |= {names[i] for i in np.flatnonzero(np.bincount(kept_receiver))}
    table = tuple(sorted(used))
    if len(table) > MAX_STRINGS:
        raise InvalidMessage("too_many_strings", f"{len(table)} sets of receivers in one span")
    place = {name: i for i, name in enumerate(table)}
    source_map = np.array([place.get(s, 0) for s in batch.strings], dtype=np.uint16)
    receiver_map = np.array([place.get(s, 0) for s in names], dtype=np.uint16)
    columns = {c.name: array[keep] for c, array in batch.columns()}
    columns["source"] = source_map[kept_source]
    columns["receiver"] = receiver_map[kept_receiver]
    return PositionBatch(**columns, strings=table, domain=batch.domain)


def _unite(batch: PositionBatch, first: npt.NDArray[np.int64]) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Receiver set of each first row, as an index into a growing list of names.

    The members of all sets are united rank by rank, and text is joined once for each distinct pair of a set
    so far and a new member, not once a row.
    """
    names = list(batch.strings)
    place = {name: i for i, name in enumerate(names)}
    united = batch.receiver.astype(np.int64)
    repeated = first != np.arange(len(first))
    heads = np.zeros(len(first), bool)
    heads[first[repeated]] = True
    mine = heads[first]
    pairs = np.unique(first[mine] * (MAX_STRINGS + 1) + batch.receiver[mine])
    group, code = pairs // (MAX_STRINGS + 1), pairs % (MAX_STRINGS + 1)
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    sizes = np.diff(np.r_[starts, len(group)])
    united[group[starts]] = code[starts]
    for rank in range(1, int(sizes.max(initial=1))):
        at = starts[sizes > rank]
        rows, added = group[at], code[at + rank]
        distinct, which = np.unique(united[rows] * (MAX_STRINGS + 1) + added, return_inverse=True)
        joined = []
        for pair in distinct.tolist():
            so_far, new = divmod(pair, MAX_STRINGS + 1)
            sets = {*names[so_far].split(RECEIVER_SEPARATOR), *names[new].split(RECEIVER_SEPARATOR)} - {""}
            name = RECEIVER_SEPARATOR.join(sorted(sets))
            if name not in place:
                place[name] = len(names)
                names.append(name)
            joined.append(place[name])
        united[rows] = np.array(joined, dtype=np.int64)[which]
    return names, united


def canonical_batch(batch: B, leading: tuple[str, ...]) -> tuple[B, int]:
    """Sort rows by some columns, then by all others, and drop rows equal in everything.

    Parameters
    ----------
    batch : ColumnBatch
        With a sorted string table.
    leading : tuple of str
        Columns to sort by first.

    Returns
    -------
    batch : ColumnBatch
        Sorted, no row twice.
    merged : int
        Rows that are gone.
    """
    if len(batch) < 2:
        return batch, 0
    keys = [np.asarray(getattr(batch, name)) for name in leading]
    order = np.lexsort(keys[::-1])
    tied_with_last = np.ones(len(batch) - 1, bool)
    for key in keys:
        ordered = key[order]
        tied_with_last &= ordered[1:] == ordered[:-1]
    if not tied_with_last.any():
        return batch.take(order), 0
    # only tied rows need the other columns
    tied = np.flatnonzero(np.r_[tied_with_last, False] | np.r_[False, tied_with_last])
    rest = [array for c, array in batch.columns() if c.name not in leading]
    picked = order[tied]
    order[tied] = picked[np.lexsort([key[picked] for key in (*rest[::-1], *keys[::-1])])]
    batch = batch.take(order)
    same = np.ones(len(batch) - 1, bool)
    for _, array in batch.columns():
        same &= array[1:] == array[:-1]
    keep = np.r_[True, ~same]
    return (batch if keep.all() else batch.take(keep)), int(np.count_nonzero(same))
