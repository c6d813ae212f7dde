"""Waiting for the end: until somebody asks for it, or a process is gone."""

import os
import select
import signal
from types import FrameType
from typing import Self

_LOOK_MS = 500


class Asked:
    """True once SIGTERM or SIGINT came, while it is open."""

    def __init__(self) -> None:
        self._asked = False
        self._before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def __enter__(self) -> Self:
        for number in self._before:
            signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def __bool__(self) -> bool:
        return self._asked

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._asked = True


class Watched:
    """A process of somebody else, held so that its id can't come to mean another one.

    Parameters
    ----------
    pid : int
        Its id.

    Raises
    ------
    ProcessLookupError
        If it is gone already.
    """

    def __init__(self, pid: int) -> None:
        self._file = os.pidfd_open(pid)
        self._poll = select.poll()
        self._poll.register(self._file, select.POLLIN)

    def gone(self, timeout_s: float = _LOOK_MS / 1_000) -> bool:
        """Wait for its end.

        Parameters
        ----------
        timeout_s : float
            Longest wait.

        Returns
        -------
        bool
            Whether it has ended.
        """
        return bool(self._poll.poll(timeout_s * 1_000))

    def send(self, number: signal.Signals) -> None:
        """Send it a signal.

        Parameters
        ----------
        number : signal.Signals
            Which.
        """
        signal.pidfd_send_signal(self._file, number)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)
