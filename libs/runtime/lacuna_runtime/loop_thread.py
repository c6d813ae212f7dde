"""One loop in a thread of its own: worked until told to stop, built anew when the world was away."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from lacuna_core.errors import LacunaError, Transient
from lacuna_runtime.stage import Loop
from lacuna_runtime.telemetry import names
from lacuna_runtime.telemetry.api import OFF, Telemetry

_LOG = logging.getLogger(__name__)
_WAIT_S = 0.2
_BACK_OFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class LoopSpec:
    """A loop that a service runs.

    Attributes
    ----------
    name : str
        For logs and checks.
    make : callable
        Builds it, restored to where it was.
    """

    name: str
    make: Callable[[], Loop]


class LoopThread:
    """Runs one loop.

    Something away for now (``Transient``) closes the loop; it is built anew after a pause, which restores
    it. Any other error ends it: ``failure`` tells which, and ``on_failure`` is called.

    Parameters
    ----------
    spec : LoopSpec
        What to run.
    on_failure : callable
        Called once, from the thread, when the loop can't go on.
    telemetry : Telemetry
        Where it counts the cycles given up.
    """

    def __init__(self, spec: LoopSpec, on_failure: Callable[[], None], telemetry: Telemetry = OFF) -> None:
        self.name = spec.name
        self._spec = spec
        self._on_failure = on_failure
        self._telemetry = telemetry
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=spec.name, daemon=True)
        self.failure: BaseException | None = None
        self.cycles = 0
        self.rebuilds = 0
        self.beat_s = time.monotonic()
        """When it last showed that it lives, on the monotonic clock."""

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to drain and end."""
        self._stop.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end.

        Parameters
        ----------
        timeout_s : float
            How long, seconds.

        Returns
        -------
        bool
            Whether it has ended.
        """
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            cycles = self.cycles
            try:
                self._work()
            except Transient as error:
                failures = 0 if self.cycles > cycles else failures + 1
                pause_s = _BACK_OFF_S[min(failures, len(_BACK_OFF_S) - 1)]
                _LOG.warning("%s: %s; built anew in %.1f s", self.name, error, pause_s)
                self.rebuilds += 1
                self._count(error)
                self.beat_s = time.monotonic()
                self._stop.wait(pause_s)
            except BaseException as error:  # noqa: BLE001 - whatever it is, the process must hear of it
                self._fail(error)
                return

    def _fail(self, error: BaseException) -> None:
        if isinstance(error, LacunaError):
            _LOG.error("%s stops: %s", self.name, error)
        else:
            _LOG.error("%s stops", self.name, exc_info=error)
        self._count(error)
        self.failure = error
        self._on_failure()

    def _count(self, error: BaseException) -> None:
        told = {names.STAGE.name: self.name, names.REASON.name: type(error).__name__}
        self._telemetry.count(names.CYCLE_GUARD, 1, told)

    def _work(self) -> None:
        loop = self._spec.make()
        try:
            while not self._stop.is_set():
                loop.cycle(_WAIT_S)
                self.cycles += 1
                self.beat_s = time.monotonic()
            loop.drain()
        finally:
            # what is closed after an error may be the thing that is away
            with suppress(Transient):
                loop.close()
