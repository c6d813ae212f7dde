"""Where a record stands: its partition's number and its offset in one integer, the rowid.

So reading on is a range scan of the table itself, and appending is at the end of a partition's range.
"""

from dataclasses import dataclass

_OFFSET_BITS = 40


@dataclass(frozen=True, slots=True)
class Place:
    """A partition of the file.

    Attributes
    ----------
    number : int
        Its number.
    compacted : bool
        Whether only the newest record of a key is kept.
    """

    number: int
    compacted: bool

    def row(self, offset: int) -> int:
        """Rowid of a record.

        Parameters
        ----------
        offset : int
            Its offset.

        Returns
        -------
        int
            The rowid.
        """
        return (self.number << _OFFSET_BITS) | offset

    def offset(self, row: int) -> int:
        """Offset of a record.

        Parameters
        ----------
        row : int
            Its rowid.

        Returns
        -------
        int
            The offset.
        """
        return row - (self.number << _OFFSET_BITS)

    @property
    def end(self) -> int:
        """First rowid behind this partition."""
        return (self.number + 1) << _OFFSET_BITS
