"""The numbered rows of one partition: which are new, which are missing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

Key = tuple[str, int, str]
"""Origin stage, origin partition, kind of row."""
Interval = tuple[int, int]


@dataclass(slots=True)
class Stream:
    """Rows of one kind of one origin.

    Attributes
    ----------
    intervals : list of (int, int)
        Half-open ranges of the numbers that readers take, ascending.
    """

    intervals: list[Interval] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows that readers take."""
        return sum(end - start for start, end in self.intervals)

    def take(self, first: int, count: int) -> int:
        """Take a record's rows as every reader does: a number that was passed is a repeat.

        Parameters
        ----------
        first : int
            Number of its first row.
        count : int
            How many rows.

        Returns
        -------
        int
            How many of them, from the first on, are repeats.
        """
        reached = self.intervals[-1][1] if self.intervals else first
        known = min(count, max(0, reached - first))
        if known == count:
            return known
        start, end = first + known, first + count
        if self.intervals and start == reached:
            self.intervals[-1] = (self.intervals[-1][0], end)
        else:
            self.intervals.append((start, end))
        return known

    def holes(self, *, whole: bool) -> list[Interval]:
        """Find numbers that were left out.

        Parameters
        ----------
        whole : bool
            Whether the log still has the start, so that the first number must be 0.

        Returns
        -------
        list of (int, int)
            Half-open ranges.
        """
        reached = 0 if whole else None
        found = []
        for start, end in self.intervals:
            if reached is not None and start > reached:
                found.append((reached, start))
            reached = end
        return found


def missing(claimed: Sequence[Interval], there: Sequence[Interval]) -> list[Interval]:
    """Find claimed numbers that are not there.

    Parameters
    ----------
    claimed, there : sequence of (int, int)
        Half-open ranges, ascending, none meeting another of its own sequence.

    Returns
    -------
    list of (int, int)
        Half-open ranges.
    """
    found = []
    for start, end in claimed:
        at = start
        for has_start, has_end in there:
            if has_end <= at or has_start >= end:
                continue
            if has_start > at:
                found.append((at, has_start))
            at = has_end
        if at < end:
            found.append((at, end))
    return found


def length(intervals: Sequence[Interval]) -> int:
    """Count numbers.

    Parameters
    ----------
    intervals : sequence of (int, int)
        Half-open ranges.

    Returns
    -------
    int
        How many numbers they hold.
    """
    return sum(end - start for start, end in intervals)
