"""A deadline for calls of the client library that have none of their own."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as OutOfTime
from typing import TypeVar

from lacuna_core.errors import Transient
from lacuna_runtime.bus.kafka.failures import FOREIGN

T = TypeVar("T")
_LOG = logging.getLogger(__name__)
_CLOSE_S = 5.0


def bounded(call: Callable[[], T], timeout_s: float, doing: str) -> T:
    """Make a call in a thread of its own, and wait for it only so long.

    Parameters
    ----------
    call : callable
        What to do. It goes on when nobody waits for it any more.
    timeout_s : float
        Longest wait, seconds.
    doing : str
        What is attempted, for the message.

    Returns
    -------
    object
        What the call returns.

    Raises
    ------
    Transient
        If it does not return in time.
    """
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
            answer.set_exception(error)

    threading.Thread(target=run, name=f"kafka {doing}", daemon=True).start()
    try:
        return answer.result(timeout_s)
    except OutOfTime as error:
        if answer.done():
            raise
        raise Transient(f"{doing}: no answer in {timeout_s:.0f} s") from error


def close_quietly(close: Callable[[], object], what: str) -> None:
    """Close a client; one that can't be closed is left behind and named in the log.

    Parameters
    ----------
    close : callable
        Its ``close``.
    what : str
        For the log.
    """
    try:
        bounded(close, _CLOSE_S, f"closing {what}")
    except (*FOREIGN, Transient) as error:
        _LOG.warning("%s was not closed in good order: %s", what, error)
