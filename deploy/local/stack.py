"""The services as processes on one machine, over brokers that run already."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.error import URLError
from urllib.request import urlopen

from deploy.local.environment import environment
from lacuna_core.errors import ConfigError, Transient
from lacuna_runtime.sections import CassandraSettings, KafkaSettings
from lacuna_runtime.settings import Settings, load_settings

MODULES = {
    "ingestion": "lacuna_ingestion.main",
    "detection": "lacuna_detection.main",
    "flight-correlation": "lacuna_flight_correlation.main",
    "query": "lacuna_query.main",
    "gateway": "lacuna_gateway.process",
}
REPLICAS = dict.fromkeys(MODULES, 1)
_START_S = 120.0
_STOP_S = 30.0
_LOOK_S = 0.1
"""Between two looks at the health ports of replicas that start."""


def free_port() -> int:
    """Find a TCP port of the loopback that nobody has.

    Returns
    -------
    int
        Free a moment ago.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Process:
    """One replica of a service.

    Attributes
    ----------
    name : str
        ``service-number``, its instance name.
    service : str
        Dashed name.
    settings : Settings
        What it is started with.
    log : Path
        Its standard error.
    child : subprocess.Popen or None
        The process, once it was started.
    """

    name: str
    service: str
    settings: Settings
    log: Path
    child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, or start it again."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("LACUNA__")}
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                [sys.executable, "-m", MODULES[self.service]],
                env=inherited | environment(self.settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self.child is not None and self.child.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process.

        Parameters
        ----------
        number : signal.Signals
            Which.
        """
        if self.child is not None:
            self.child.send_signal(number)

    def end(self, number: signal.Signals | None = signal.SIGTERM, timeout_s: float = _STOP_S) -> int:
        """End the process and wait for it.

        Parameters
        ----------
        number : signal.Signals or None
            How it is asked; None when it was asked already: a second signal may meet it on its way out.
        timeout_s : float
            Then it is killed.

        Returns
        -------
        int
            Its exit code, negative for a signal.
        """
        if self.child is None:
            return 0
        if self.child.poll() is None:
            if number is not None:
                self.child.send_signal(number)
            try:
                self.child.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait(timeout_s)
        return self.child.returncode

    @property
    def ready(self) -> bool:
        """Whether it says that it is ready."""
        try:
            with urlopen(f"http://127.0.0.1:{self.settings.service.health_port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def tail(self, lines: int = 20) -> str:
        """Read the end of its log.

        Parameters
        ----------
        lines : int
            Most lines.

        Returns
        -------
        str
            The lines.
        """
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class Stack:
    """Replicas of the services.

    Parameters
    ----------
    folder : Path
        For logs.
    kafka : KafkaSettings
        The brokers.
    cassandra : CassandraSettings
        The nodes.
    replicas : mapping of str to int
        How many of which service, by dashed name.
    overrides : mapping
        Other sections of the settings.
    gateway_port : int
        Port of the REST API; 0 takes any free one.
    """

    def __init__(
        self,
        folder: Path,
        kafka: KafkaSettings,
        cassandra: CassandraSettings,
        *,
        replicas: Mapping[str, int] = REPLICAS,
        overrides: Mapping[str, Any] | None = None,
        gateway_port: int = 0,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._told = {
            "mode": "distributed",
            "kafka": kafka.model_dump(),
            "cassandra": cassandra.model_dump(),
            **(overrides or {}),
        }
        self._query_port = free_port()
        self.gateway_port = gateway_port or free_port()
        self.processes: dict[str, Process] = {}
        for service in MODULES:
            for _ in range(replicas.get(service, 0)):
                self.add(service)

    @property
    def settings(self) -> Settings:
        """Settings of a process that looks at the same log and stores."""
        return load_settings(command_line=self._told)

    def add(self, service: str) -> Process:
        """Add a replica, not yet started.

        Parameters
        ----------
        service : str
            Dashed name.

        Returns
        -------
        Process
            The replica.
        """
        number = sum(p.service == service for p in self.processes.values())
        name = f"{service}-{number}"
        first_query = service == "query" and number == 0
        told = dict(self._told)
        told["service"] = {
            **told.get("service", {}),
            "instance": name,
            "health_port": free_port(),
            "grpc_port": self._query_port if first_query else free_port(),
        }
        told["gateway"] = {
            **told.get("gateway", {}),
            "port": self.gateway_port,
            "query_target": f"127.0.0.1:{self._query_port}",
        }
        settings = load_settings(command_line=told)
        process = Process(name, service, settings, self.folder / f"{name}.log")
        self.processes[name] = process
        return process

    def start(self, timeout_s: float = _START_S) -> None:
        """Start every replica that does not run and wait until all are ready.

        Parameters
        ----------
        timeout_s : float
            Longest wait.

        Raises
        ------
        ConfigError
            If one ends, with the end of its log.
        Transient
            If one is not ready in time.
        """
        for process in self.processes.values():
            if not process.running:
                process.start()
        self.wait_ready(timeout_s)

    def wait_ready(self, timeout_s: float = _START_S) -> None:
        """Wait until all replicas that were started are ready.

        Parameters
        ----------
        timeout_s : float
            Longest wait.

        Raises
        ------
        ConfigError
            If one ends, with the end of its log.
        Transient
            If one is not ready in time.
        """
        deadline = time.monotonic() + timeout_s
        waiting = [p for p in self.processes.values() if p.child is not None]
        while waiting:
            self.expect_running()
            waiting = [p for p in waiting if not p.ready]
            if waiting and time.monotonic() > deadline:
                late = waiting[0]
                raise Transient(f"{late.name} is not ready after {timeout_s:.0f} s:\n{late.tail()}")
            time.sleep(_LOOK_S)

    def expect_running(self) -> None:
        """Make sure that all replicas that were started still run.

        Raises
        ------
        ConfigError
            If one has ended, with the end of its log.
        """
        for process in self.processes.values():
            if process.child is not None and not process.running:
                raise ConfigError(f"{process.name} has ended:\n{process.tail()}")

    def stop(self) -> dict[str, int]:
        """End every replica, those first that feed the others.

        Returns
        -------
        dict of str to int
            Exit codes by name.
        """
        for process in self.processes.values():
            if process.running:
                process.send(signal.SIGTERM)
        return {name: process.end(None) for name, process in self.processes.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
