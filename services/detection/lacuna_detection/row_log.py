"""A log of rows sorted by time, kept as growing columns and forgotten from the front."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from lacuna_core.fold import Snapshot
from lacuna_core.units import I64Array, TimeMs

_FIRST_CAPACITY = 1_024


class RowLog:
    """Columns of equal length, the first of them ``t_ms``, not decreasing.

    Parameters
    ----------
    dtypes : mapping of str to str
        Further columns and their dtypes.
    """

    def __init__(self, dtypes: Mapping[str, str]) -> None:
        self._dtypes = {"t_ms": "<i8", **dtypes}
        self._columns = {name: np.empty(_FIRST_CAPACITY, d) for name, d in self._dtypes.items()}
        self._first = 0
        self._end = 0

    def __len__(self) -> int:
        """Count the rows."""
        return self._end - self._first

    def column(self, name: str) -> npt.NDArray[Any]:
        """Look at a column.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        numpy.ndarray
            Shape (n,), a view.
        """
        return self._columns[name][self._first : self._end]

    @property
    def t_ms(self) -> I64Array:
        """Times, Unix milliseconds UTC."""
        return self.column("t_ms")

    def between(self, after_ms: TimeMs, until_ms: TimeMs) -> tuple[int, int]:
        """Find the rows with ``after_ms < t <= until_ms``.

        Parameters
        ----------
        after_ms, until_ms : int
            Unix milliseconds UTC.

        Returns
        -------
        tuple of (int, int)
            First row and the one after the last.
        """
        low, high = np.searchsorted(self.t_ms, [after_ms, until_ms], side="right")
        return int(low), max(int(low), int(high))

    def append(self, rows: Mapping[str, npt.NDArray[Any]]) -> None:
        """Add rows at the end.

        Parameters
        ----------
        rows : mapping of str to numpy.ndarray
            Every column; times not before the last one here.
        """
        n = len(rows["t_ms"])
        if self._end + n > len(self._columns["t_ms"]):
            self._make_room(n)
        for name, column in self._columns.items():
            column[self._end : self._end + n] = rows[name]
        self._end += n

    def _make_room(self, n: int) -> None:
        kept = len(self)
        capacity = max(_FIRST_CAPACITY, 2 * (kept + n))
        for name in self._columns:
            wider = np.empty(capacity, self._dtypes[name])
            wider[:kept] = self.column(name)
            self._columns[name] = wider
        self._first, self._end = 0, kept

    def forget(self, before_ms: TimeMs) -> None:
        """Drop the rows with ``t < before_ms``.

        Parameters
        ----------
        before_ms : int
            Unix milliseconds UTC.
        """
        self._first += int(np.searchsorted(self.t_ms, before_ms, side="left"))

    def dump(self, prefix: str) -> Snapshot:
        """Write the rows.

        Parameters
        ----------
        prefix : str
            Of the array names.

        Returns
        -------
        dict of str to numpy.ndarray
            One array a column.
        """
        return {f"{prefix}.{name}": self.column(name).copy() for name in self._columns}

    def load(self, snapshot: Snapshot, prefix: str) -> None:
        """Read rows into an empty log.

        Parameters
        ----------
        snapshot : dict of str to numpy.ndarray
            What ``dump`` wrote, among others.
        prefix : str
            Of the array names.
        """
        self.append({name: snapshot[f"{prefix}.{name}"] for name in self._columns})
