"""Batches of rows kept as columns: the one shape in which data moves.

A batch class is a frozen dataclass whose fields are one-dimensional arrays of equal length, plus
``strings``, a sorted table that its text columns index. A text column holding the index of ``""`` has no
value. Batches are values: nothing mutates the arrays of a batch that it was handed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

import numpy as np
import numpy.typing as npt


class Column(NamedTuple):
    """One column: its name, its little-endian dtype, and whether it indexes the string table."""

    name: str
    dtype: str
    text: bool = False


class ColumnBatch:
    """Common behavior of all batches; subclasses are frozen dataclasses with a ``SCHEMA``."""

    SCHEMA: ClassVar[tuple[Column, ...]]
    strings: tuple[str, ...]

    if TYPE_CHECKING:

        def __init__(self, **columns: Any) -> None: ...

    def __len__(self) -> int:
        """Count the rows."""
        return len(getattr(self, self.SCHEMA[0].name))

    def __eq__(self, other: object) -> bool:
        """Compare schema, string values and all columns."""
        if type(other) is not type(self) or not isinstance(other, ColumnBatch) or len(other) != len(self):
            return False
        return all(
            np.array_equal(self.text(c.name), other.text(c.name))
            if c.text
            else np.array_equal(getattr(self, c.name), getattr(other, c.name))
            for c in self.SCHEMA
        )

    __hash__ = None  # type: ignore[assignment]  # arrays have no hash

    def columns(self) -> Iterator[tuple[Column, npt.NDArray[Any]]]:
        """Iterate over the columns in schema order.

        Yields
        ------
        tuple of Column and numpy.ndarray
            The column and its array, shape (n,), of the column's dtype.
        """
        for column in self.SCHEMA:
            yield column, getattr(self, column.name)

    def text(self, name: str) -> npt.NDArray[np.object_]:
        """Values of a text column.

        Parameters
        ----------
        name : str
            Column name.

        Returns
        -------
        numpy.ndarray
            Shape (n,), dtype object, of str.
        """
        table = np.array(self.strings or ("",), dtype=object)
        return table[np.asarray(getattr(self, name), dtype=np.intp)]

    def constants(self) -> dict[str, Any]:
        """Fields that are not columns and travel with a selection.

        Returns
        -------
        dict of str to Any
            Empty here; a subclass may have some (``domain``).
        """
        return {}

    def take(self, index: npt.NDArray[Any] | slice) -> Self:
        """Select rows.

        Parameters
        ----------
        index : numpy.ndarray or slice
            Row numbers (int), a mask (bool), or a slice.

        Returns
        -------
        ColumnBatch
            The rows, same string table.
        """
        picked = {c.name: array[index] for c, array in self.columns()}
        return type(self)(**picked, strings=self.strings, **self.constants())

    @classmethod
    def build(cls, values: Mapping[str, Any], **extra: Any) -> Self:
        """Build a batch from columns, text columns given as sequences of str.

        Parameters
        ----------
        values : mapping of str to array-like
            Every column of the schema; shape (n,). A text column may be one str for all rows.
        **extra : Any
            Fields of the class that are not columns (``domain``).

        Returns
        -------
        ColumnBatch
            The batch with a sorted string table.
        """
        n = len(values[cls.SCHEMA[0].name])
        texts = {
            c.name: np.full(n, values[c.name], dtype=object)
            if isinstance(values[c.name], str)
            else np.asarray(values[c.name], dtype=object)
            for c in cls.SCHEMA
            if c.text
        }
        table = sorted({str(v) for column in texts.values() for v in set(column.tolist())})
        place = {value: i for i, value in enumerate(table)}
        arrays: dict[str, Any] = {}
        for column in cls.SCHEMA:
            if column.text:
                codes = [place[v] for v in texts[column.name].tolist()]
                arrays[column.name] = np.array(codes, dtype=column.dtype)
            else:
                arrays[column.name] = np.ascontiguousarray(values[column.name], dtype=column.dtype)
        return cls(**arrays, strings=tuple(table), **extra)

    @classmethod
    def empty(cls, **extra: Any) -> Self:
        """Build a batch of no rows.

        Parameters
        ----------
        **extra : Any
            Fields of the class that are not columns.

        Returns
        -------
        ColumnBatch
            No rows, no strings.
        """
        return cls(**{c.name: np.empty(0, c.dtype) for c in cls.SCHEMA}, strings=(), **extra)

    @classmethod
    def concat(cls, batches: Iterable[Self], **extra: Any) -> Self:
        """Join batches, merging their string tables.

        Parameters
        ----------
        batches : iterable of ColumnBatch
            Batches of this class, in order.
        **extra : Any
            Fields of the class that are not columns.

        Returns
        -------
        ColumnBatch
            All rows in order; text columns index the merged sorted table.
        """
        parts: Sequence[Self] = [b for b in batches if len(b)]
        if not parts:
            return cls.empty(**extra)
        if len(parts) == 1:
            return parts[0]
        table = tuple(sorted(set().union(*(p.strings for p in parts))))
        place = {value: i for i, value in enumerate(table)}
        arrays: dict[str, Any] = {}
        maps = [np.array([place[s] for s in p.strings], dtype=np.int64) for p in parts]
        for column in cls.SCHEMA:
            pieces = [getattr(p, column.name) for p in parts]
            if column.text:
                pieces = [m[x].astype(column.dtype) for m, x in zip(maps, pieces, strict=True)]
            arrays[column.name] = np.concatenate(pieces)
        return cls(**arrays, strings=table, **(extra or parts[0].constants()))

    def compact(self) -> Self:
        """Drop the strings that no row uses.

        Returns
        -------
        ColumnBatch
            The same rows with the smallest sorted table.
        """
        codes = [array for c, array in self.columns() if c.text]
        if not codes or not len(self):
            return self
        # counting is ten times as fast as sorting, and a table is short
        used = np.sum([np.bincount(array, minlength=len(self.strings)) for array in codes], axis=0)
        keep = np.flatnonzero(used)
        if len(keep) == len(self.strings):
            return self
        remap = np.zeros(len(self.strings), dtype=np.int64)
        remap[keep] = np.arange(len(keep))
        arrays = {c.name: remap[array].astype(c.dtype) if c.text else array for c, array in self.columns()}
        return type(self)(**arrays, strings=tuple(self.strings[i] for i in keep), **self.constants())
