"""Many requests at once, never too many: the driver is fast only when it need not wait for each answer."""

import threading
from collections.abc import Iterable
from typing import Any

from cassandra.cluster import ResponseFuture, Session

from lacuna_core.errors import Transient
from lacuna_runtime.stores.cassandra.failure import asking, reaction_to

MOST = 200
"""Requests in flight; more only wait in the node, and what waits there times out there."""


class _Run:
    """How far one run of requests is; the answers come on the driver's thread."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._open = 0
        self.error: BaseException | None = None

    def begin(self) -> None:
        with self._change:
            self._open += 1

    def end(self, error: BaseException | None = None) -> None:
        with self._change:
            self._open -= 1
            self.error = self.error or error
            if not self._open:
                self._change.notify_all()

    def wait(self, timeout_s: float) -> bool:
        with self._change:
            return self._change.wait_for(lambda: not self._open, timeout_s)


class InFlight:
    """Sends requests, a bounded number at a time; any thread may.

    Parameters
    ----------
    session : cassandra.cluster.Session
        Where to send them.
    request_s : float
        Longest wait of the driver for one answer, seconds.
    most : int
        Most requests in flight.
    """

    def __init__(self, session: Session, request_s: float, most: int = MOST) -> None:
        self._session = session
        # Every request ends by itself within its time; twice that is a driver that has stopped.
        self._wait_s = 2.0 * request_s
        self._slots = threading.BoundedSemaphore(most)

    def _acquire(self) -> None:
        if not self._slots.acquire(timeout=self._wait_s):
            raise Transient(f"Cassandra had no answer to any request for {self._wait_s:g} s")

    def run(self, requests: Iterable[Any]) -> None:
        """Send requests and wait until all are answered.

        Parameters
        ----------
        requests : iterable of cassandra.query.Statement
            In any order; sending stops at the first error.

        Raises
        ------
        Transient
            If one failed and may succeed later; the first error is told.
        ConfigError
            If one was refused.
        """
        run = _Run()

        def answered(_: Any) -> None:
            self._slots.release()
            run.end()

        def failed(error: BaseException) -> None:
            self._slots.release()
            run.end(error)

        for request in requests:
            if run.error is not None:
                break
            self._acquire()
            run.begin()
            try:
                future = self._session.execute_async(request)
            except BaseException as error:
                failed(error)
                raise
            future.add_callbacks(answered, failed)
        if not run.wait(self._wait_s):
            raise Transient(f"Cassandra had requests without an answer for {self._wait_s:g} s")
        if run.error is not None:
            raise reaction_to(run.error) from run.error

    def start(self, request: Any) -> ResponseFuture:
        """Send one request.

        Parameters
        ----------
        request : cassandra.query.Statement
            The request.

        Returns
        -------
        cassandra.cluster.ResponseFuture
            Its answer, to be waited for; it counts as in flight until then.
        """
        self._acquire()
        first = threading.Lock()

        def answered(_: Any) -> None:
            # Called once a page; only the first one frees what was taken.
            if first.acquire(blocking=False):
                self._slots.release()

        try:
            with asking():
                future = self._session.execute_async(request)
        except BaseException as error:
            answered(error)
            raise
        future.add_callbacks(answered, answered)
        return future
