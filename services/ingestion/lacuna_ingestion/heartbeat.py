"""What the receivers of a replica heard, told to every partition every few seconds."""

import threading
import time
from collections.abc import Callable

from lacuna_core.position import SourceHealth
from lacuna_ingestion.publisher import Publisher
from lacuna_runtime.stage import Done

EVERY_S = 10.0


class Heartbeat:
    """A loop that publishes source health; ``heard`` may be called by any number of threads.

    Silence of a feed is told by rows that do not come: detection knows which slots a receiver spoke in.

    Parameters
    ----------
    publisher : Publisher
        The way into the log.
    monotonic_s : callable
        Spaces the rows, nothing else.
    """

    def __init__(self, publisher: Publisher, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._publisher = publisher
        self._monotonic_s = monotonic_s
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._held: list[SourceHealth] = []
        self._told_s = monotonic_s()
        self._rows = 0

    def heard(self, health: SourceHealth) -> None:
        """Take what receivers heard, partial counts.

        Parameters
        ----------
        health : SourceHealth
            Rows of slots.
        """
        with self._lock:
            self._held.append(health)

    def cycle(self, timeout_s: float) -> bool:
        """Publish what is held, when it is time.

        Parameters
        ----------
        timeout_s : float
            How long to wait otherwise, seconds.

        Returns
        -------
        bool
            Whether something was published.
        """
        if self._monotonic_s() - self._told_s < EVERY_S:
            self._wake.wait(timeout_s)
            return False
        self._told_s = self._monotonic_s()
        return self._tell()

    def _tell(self) -> bool:
        with self._lock:
            held, self._held = self._held, []
        if not held:
            return False
        health = SourceHealth.concat(held)
        try:
            self._publisher.put(health)
        except BaseException:
            with self._lock:
                self._held[:0] = held
            raise
        self._rows += len(health)
        return True

    def done(self) -> Done:
        """Tell how far it is."""
        return Done(self._rows, self._rows, self._rows)

    def drain(self) -> None:
        """Publish what is held."""
        self._tell()

    def close(self) -> None:
        """Nothing is open."""
