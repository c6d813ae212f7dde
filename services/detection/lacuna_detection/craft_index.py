"""Craft to slot: a dense number for each craft, and the columns that grow with them."""

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from lacuna_core.units import I64Array, U64Array
from lacuna_kernels.hash_index import EMPTY, assign_slots

A = TypeVar("A", bound=np.generic)
_FIRST_TABLE = 1_024


def grown(array: npt.NDArray[A], rows: int, fill: Any) -> npt.NDArray[A]:
    """Give a column at least so many rows, doubling, new ones filled.

    Parameters
    ----------
    array : numpy.ndarray
        Shape (m, ...), any dtype.
    rows : int
        Rows needed.
    fill : Any
        Value, or one row of values, of the new rows.

    Returns
    -------
    numpy.ndarray
        The same array when it is long enough, otherwise a longer copy.
    """
    if rows <= len(array):
        return array
    longer = np.empty((max(rows, 2 * len(array), 64), *array.shape[1:]), array.dtype)
    longer[: len(array)] = array
    longer[len(array) :] = fill
    return longer


class CraftIndex:
    """Slots of craft in order of first appearance.

    Attributes
    ----------
    count : int
        Craft seen.
    crafts : numpy.ndarray
        Craft key by slot, shape (>= count,), uint64.
    """

    def __init__(self) -> None:
        self.count = 0
        self.crafts: U64Array = np.empty(0, np.uint64)
        self._keys = np.zeros(_FIRST_TABLE, np.uint64)
        self._slots = np.full(_FIRST_TABLE, EMPTY, np.int64)

    def slots_of(self, keys: U64Array) -> I64Array:
        """Find the slots of craft, giving new ones the next.

        Parameters
        ----------
        keys : numpy.ndarray
            Craft keys, shape (n,), uint64.

        Returns
        -------
        numpy.ndarray
            Shape (n,), int64.
        """
        slots = np.empty(len(keys), np.int64)
        before, done = self.count, 0
        while True:
            done, self.count = assign_slots(self._keys, self._slots, keys, done, self.count, slots)
            if done == len(keys):
                break
            self._widen()
        if self.count > before:
            self.crafts = grown(self.crafts, self.count, 0)
            self.crafts[slots] = keys
        return slots

    def _widen(self) -> None:
        used = self._slots != EMPTY
        keys, slots = self._keys[used], self._slots[used]
        ordered = keys[np.argsort(slots)]
        self._keys = np.zeros(4 * len(self._keys), np.uint64)
        self._slots = np.full(len(self._keys), EMPTY, np.int64)
        assign_slots(self._keys, self._slots, ordered, 0, 0, np.empty(len(ordered), np.int64))

    def dump(self) -> U64Array:
        """Write the index.

        Returns
        -------
        numpy.ndarray
            Craft keys in slot order, uint64.
        """
        return self.crafts[: self.count].copy()

    @classmethod
    def load(cls, crafts: U64Array) -> "CraftIndex":
        """Read an index.

        Parameters
        ----------
        crafts : numpy.ndarray
            What ``dump`` wrote.

        Returns
        -------
        CraftIndex
            The index with the same slots.
        """
        index = cls()
        index.slots_of(np.ascontiguousarray(crafts, np.uint64))
        return index
