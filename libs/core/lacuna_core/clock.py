"""Clocks: the wall clock for people and processes, never for anything that decides."""

import time


class SystemClock:
    """The wall clock of this machine."""

    def now_ms(self) -> int:
        """Read the time.

        Returns
        -------
        int
            Unix milliseconds UTC.
        """
        return time.time_ns() // 1_000_000


class ManualClock:
    """A clock that stands until it is moved; for tests.

    Parameters
    ----------
    start_ms : int
        First reading, Unix milliseconds UTC.
    """

    def __init__(self, start_ms: int) -> None:
        self._now_ms = start_ms

    def now_ms(self) -> int:
        """Read the time.

        Returns
        -------
        int
            Unix milliseconds UTC.
        """
        return self._now_ms

    def advance(self, by_ms: int) -> None:
        """Move the clock.

        Parameters
        ----------
        by_ms : int
            Milliseconds to move forward.
        """
        self._now_ms += by_ms
