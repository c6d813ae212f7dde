"""A service as a process: its loops and gRPC servicers, health, signals, a bounded end."""

import argparse
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lacuna_core.errors import LacunaError, Transient
from lacuna_core.fold import Fold
from lacuna_runtime.health import HealthChecks, HealthServer
from lacuna_runtime.log import start_logging
from lacuna_runtime.loop_thread import LoopSpec, LoopThread
from lacuna_runtime.rpc import RpcServer, Servicer
from lacuna_runtime.settings import Settings, load_settings
from lacuna_runtime.stage import Stage, StageLimits
from lacuna_runtime.telemetry.api import Telemetry
from lacuna_runtime.telemetry.rpc import server_interceptors
from lacuna_runtime.telemetry.setup import start_telemetry
from lacuna_runtime.wiring import Ports, instance_name, open_ports

_LOG = logging.getLogger(__name__)
_LOOK_S = 0.25
_TELEMETRY_S = 2.0
EXIT_MISTAKE = 2
EXIT_FAILED = 1
EXIT_STUCK = 70
EXIT_AWAY = 75


@dataclass(frozen=True, slots=True)
class Parts:
    """What a service is made of.

    Attributes
    ----------
    loops : tuple of LoopSpec
        Each runs in a thread of its own.
    servicers : tuple of Servicer
        What it answers over gRPC.
    closers : tuple of callable
        Called at the end, when no loop runs and nothing is answered any more.
    """

    loops: tuple[LoopSpec, ...] = ()
    servicers: tuple[Servicer, ...] = ()
    closers: tuple[Callable[[], None], ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """What a service is built on.

    Attributes
    ----------
    settings : Settings
        All of them; a service reads its own section.
    ports : Ports
        The world.
    telemetry : Telemetry
        Where it tells about itself.
    """

    settings: Settings
    ports: Ports
    telemetry: Telemetry

    @property
    def instance(self) -> str:
        """Name of this replica."""
        return instance_name(self.settings)


def stage_specs(folds: Sequence[Fold[Any]], frame: Frame) -> tuple[LoopSpec, ...]:
    """Put folds on the log, each restored whenever it is built.

    Parameters
    ----------
    folds : sequence of Fold
        The logic.
    frame : Frame
        The log, and how much at once.

    Returns
    -------
    tuple of LoopSpec
        One a fold.
    """
    limits = StageLimits(**frame.settings.stage.model_dump())
    bus = frame.ports.bus

    def spec(fold: Fold[Any]) -> LoopSpec:
        return LoopSpec(fold.name, lambda: Stage(fold, bus, limits=limits, telemetry=frame.telemetry))

    return tuple(spec(fold) for fold in folds)


class Service:
    """The running parts of a process.

    Parameters
    ----------
    name : str
        Dashed name.
    frame : Frame
        What it is built on.
    parts : Parts
        What runs.
    """

    def __init__(self, name: str, frame: Frame, parts: Parts) -> None:
        self.name = name
        self._limits = frame.settings.service
        self._end = threading.Event()
        self._closers = parts.closers
        self._threads = [LoopThread(spec, self._end.set, frame.telemetry) for spec in parts.loops]
        self._rpc = (
            RpcServer(self._limits, parts.servicers, interceptors=server_interceptors(frame.telemetry))
            if parts.servicers
            else None
        )
        worked = {t.name: partial(_has_worked, t) for t in self._threads}
        checks = HealthChecks(
            live={t.name: partial(self._turns, t) for t in self._threads},
            ready=worked | {"process": lambda: "is ending" if self._end.is_set() else ""},
            started=worked,
        )
        port = self._limits.health_port
        self._health = HealthServer(self._limits.host, port, checks, frame.telemetry.scrape)

    def _turns(self, thread: LoopThread) -> str:
        silent_s = time.monotonic() - thread.beat_s
        return f"no cycle for {silent_s:.0f} s" if silent_s > self._limits.stuck_s else ""

    def run(self) -> int:
        """Run until told to end, or until a loop can't go on.

        Returns
        -------
        int
            Exit code.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._end.set())
        self._health.start()
        if self._rpc is not None:
            self._rpc.start()
        for thread in self._threads:
            thread.start()
        _LOG.info("%s runs: %s", self.name, ", ".join(t.name for t in self._threads) or "no loops")
        while not self._end.wait(_LOOK_S):
            stuck = {t.name: reason for t in self._threads if (reason := self._turns(t))}
            if stuck:
                _LOG.error("%s is stuck, the process ends itself: %s", self.name, stuck)
                # a thread that hangs in a call can't be ended in any other way
                os._exit(EXIT_STUCK)
        return self._stop()

    def _stop(self) -> int:
        deadline = time.monotonic() + self._limits.grace_s
        if self._rpc is not None:
            self._rpc.stop(self._limits.grace_s / 2)
        for thread in self._threads:
            thread.stop()
        late = [t.name for t in self._threads if not t.join(max(0.0, deadline - time.monotonic()))]
        for close in self._closers:
            try:
                close()
            except LacunaError as error:
                _LOG.warning("%s at the end: %s", self.name, error)
        self._health.stop()
        if late:
            _LOG.error("%s ends without %s: not drained in %.0f s", self.name, late, self._limits.grace_s)
        failed = [t.name for t in self._threads if t.failure is not None]
        _LOG.info("%s has ended", self.name)
        return EXIT_FAILED if failed or late else 0


def _has_worked(thread: LoopThread) -> str:
    return "" if thread.cycles else "has not worked yet"


def run_service(name: str, build: Callable[[Frame], Parts]) -> None:
    """Run a service as the whole of this process; does not return.

    Parameters
    ----------
    name : str
        Dashed name.
    build : callable
        Makes its parts.
    """

    def run(settings: Settings, telemetry: Telemetry) -> int:
        with open_ports(settings) as ports:
            frame = Frame(settings, ports, telemetry)
            return Service(name, frame, build(frame)).run()

    main_of(name, run)


def main_of(name: str, run: Callable[[Settings, Telemetry], int]) -> None:
    """Be the main function of a process: settings, logging, telemetry, one line for a mistake.

    Parameters
    ----------
    name : str
        Dashed name.
    run : callable
        Does the work and gives the exit code.
    """
    parser = argparse.ArgumentParser(prog=f"lacuna-{name}")
    parser.add_argument(
        "--settings", type=Path, help="TOML file, lacuna.toml of this folder when it is there"
    )
    arguments = parser.parse_args()
    try:
        settings = load_settings(arguments.settings)
        start_logging(settings.log)
        log = "kafka" if settings.mode == "distributed" else "sqlite"
        telemetry = start_telemetry(settings.telemetry, name, instance_name(settings), log=log)
        try:
            code = run(settings, telemetry)
        finally:
            telemetry.shutdown(_TELEMETRY_S)
    except LacunaError as error:
        print(f"lacuna-{name}: {error}", file=sys.stderr)  # noqa: T201 - for whoever started it
        code = EXIT_AWAY if isinstance(error, Transient) else EXIT_MISTAKE
    except Exception:  # noqa: BLE001 - the last line of a process: whatever it is, it is told
        _LOG.exception("%s ends", name)
        code = EXIT_FAILED
    sys.stderr.flush()
    # threads of clients that still wait for a server must not hold the process up
    os._exit(code)
