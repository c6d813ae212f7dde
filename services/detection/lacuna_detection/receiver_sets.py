"""Sets of receivers as numbers, so that columns can hold them."""

import numpy as np

from lacuna_core.position import RECEIVER_SEPARATOR
from lacuna_core.units import I64Array


class ReceiverSets:
    """Gives each set of receivers a number in order of first use; no result depends on the numbers."""

    def __init__(self, sets: tuple[tuple[str, ...], ...] = ()) -> None:
        self._sets: list[tuple[str, ...]] = []
        self._number: dict[tuple[str, ...], int] = {}
        self._unions: dict[tuple[int, int], int] = {}
        for names in sets:
            self.number(names)

    def number(self, names: tuple[str, ...]) -> int:
        """Number of a set.

        Parameters
        ----------
        names : tuple of str
            Sorted.

        Returns
        -------
        int
            Its number.
        """
        found = self._number.get(names)
        if found is None:
            found = self._number[names] = len(self._sets)
            self._sets.append(names)
        return found

    def names(self, number: int) -> tuple[str, ...]:
        """Receivers of a set.

        Parameters
        ----------
        number : int
            Its number.

        Returns
        -------
        tuple of str
            Sorted.
        """
        return self._sets[number]

    def parse(self, joined: tuple[str, ...]) -> I64Array:
        """Number the sets of a string table.

        Parameters
        ----------
        joined : tuple of str
            Receivers joined by ``|``.

        Returns
        -------
        numpy.ndarray
            Shape (n,), int64.
        """
        sets = (tuple(sorted(set(text.split(RECEIVER_SEPARATOR)))) for text in joined)
        return np.array([self.number(names) for names in sets], np.int64)

    def union(self, a: I64Array, b: I64Array) -> I64Array:
        """Unite sets pairwise.

        Parameters
        ----------
        a, b : numpy.ndarray
            Numbers, shape (n,), int64.

        Returns
        -------
        numpy.ndarray
            Numbers of the unions, shape (n,), int64.
        """
        pairs, inverse = np.unique(np.stack([a, b]), axis=1, return_inverse=True)
        united = np.array([self._union(int(x), int(y)) for x, y in pairs.T], np.int64)
        result: I64Array = united[inverse.reshape(-1)]
        return result

    def _union(self, a: int, b: int) -> int:
        found = self._unions.get((a, b))
        if found is None:
            both = tuple(sorted({*self._sets[a], *self._sets[b]}))
            found = self._unions[(a, b)] = self.number(both)
        return found

    def all(self) -> tuple[tuple[str, ...], ...]:
        """List the sets by number.

        Returns
        -------
        tuple of tuple of str
            Each sorted.
        """
        return tuple(self._sets)
