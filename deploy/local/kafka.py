"""Real Kafka brokers on this machine."""

import base64
import secrets
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from deploy.local.certificates import certificates
from deploy.local.cluster import Cluster, Launch
from deploy.local.files import write_whole
from deploy.local.java import java
from deploy.local.kafka_config import ADMIN, MECHANISM, Plan, Security, Voter, render
from deploy.local.kafka_probe import probe
from deploy.local.maven import jars
from deploy.local.ports import address, free_ports
from lacuna_core.errors import ConfigError
from lacuna_runtime.sections import KafkaSettings, TlsSettings

USERS = (ADMIN, "lacuna", "stranger")
_START_S = 90.0
_FORMAT_S = 60.0


class KafkaCluster(Cluster):
    """Brokers, each its own controller.

    With ``sasl_ssl`` there are three users, whose passwords lie in files: ``admin`` may do everything,
    ``lacuna`` and ``stranger`` what they are granted.

    Parameters
    ----------
    folder : Path
        For data, logs, certificates and passwords.
    nodes : int
        1, or 3 with every record on all and durable on two.
    security : str
        ``plaintext`` or ``sasl_ssl``.
    heap_mb : int
        Most heap of a broker, MiB.
    fast_start : bool
        Start fast rather than run fast; False to measure speed.
    properties : mapping of str to str or None
        Broker properties that overrule the harness.
    port : int or None
        For clients; a free one when None.
    """

    def __init__(
        self,
        folder: Path,
        nodes: int = 1,
        *,
        security: Security = "plaintext",
        heap_mb: int = 384,
        fast_start: bool = True,
        properties: Mapping[str, str] | None = None,
        port: int | None = None,
    ) -> None:
        super().__init__(folder, nodes, kind="Kafka", start_s=_START_S)
        self._heap_mb, self._fast_start = heap_mb, fast_start
        self._port = port
        kept = self.identity(self._born, port)
        voters = tuple(Voter(n, directory) for n, directory in enumerate(kept["directories"], start=1))
        self.plan = Plan(
            kept["cluster_id"],
            voters,
            kept["port"],
            kept["controller_port"],
            security,
            dict(properties or {}),
        )

    def _born(self) -> dict[str, Any]:
        port, controller_port = free_ports(2, len(self.nodes))
        return {
            "cluster_id": new_id(),
            "directories": [new_id() for _ in self.nodes],
            "port": self._port or port,
            "controller_port": controller_port,
        }

    @property
    def bootstrap(self) -> tuple[str, ...]:
        """``host:port`` of every broker."""
        return tuple(f"{address(node)}:{self.plan.port}" for node in self.nodes)

    @property
    def password_files(self) -> dict[str, Path]:
        """Password file by user; empty without security."""
        if self.plan.security == "plaintext":
            return {}
        return {user: self.folder / "passwords" / user for user in USERS}

    def settings(self, **overrides: Any) -> KafkaSettings:
        """Say how a client connects, as ``admin`` where users are asked for.

        Parameters
        ----------
        **overrides : Any
            Other values of the section.

        Returns
        -------
        KafkaSettings
            The section.
        """
        told: dict[str, Any] = {
            "bootstrap": self.bootstrap,
            "replication": len(self.nodes),
            "min_insync": self.plan.min_insync,
        }
        if self.plan.security == "sasl_ssl":
            told |= {
                "security": "SASL_SSL",
                "sasl_mechanism": MECHANISM,
                "username": ADMIN,
                "password_file": self.password_files[ADMIN],
                "tls": TlsSettings(ca_file=certificates(self.folder / "tls").ca_file),
            }
        return KafkaSettings(**(told | overrides))

    def start(self) -> Self:
        """Start every broker and wait until all answer.

        Returns
        -------
        KafkaCluster
            Itself.

        Raises
        ------
        MissingTool
            If something has to be installed first.
        ConfigError
            If a broker ends or its port is taken.
        Transient
            If one does not answer in time.
        """
        try:
            for node in self.nodes:
                self._format(node)
            for node in self.nodes:
                self.start_node(node, wait=False)
            for node in self.nodes:
                self._wait_ready(node, brokers=len(self.nodes))
        except BaseException:
            self.stop()
            raise
        return self

    def start_node(self, node: int, *, wait: bool = True) -> None:
        """Start one broker, again or for the first time.

        Parameters
        ----------
        node : int
            Which.
        wait : bool
            Whether to wait until it answers.
        """
        properties = self._write_properties(node)
        self.launch(node, self._program("kafka.Kafka", properties), self.plan.port)
        if wait:
            self._wait_ready(node, brokers=1)

    def _wait_ready(self, node: int, brokers: int) -> None:
        only = self.settings(bootstrap=(f"{address(node)}:{self.plan.port}",))
        self.wait(node, lambda: probe(only, self.plan.cluster_id, brokers))

    def _format(self, node: int) -> None:
        """Give the data folder of a broker the id of the cluster, its voters and its users."""
        if (self._data(node) / "meta.properties").exists():
            return
        properties = self._write_properties(node)
        arguments: list[str | Path] = [
            "format", "--config", properties, "--cluster-id", self.plan.cluster_id,
            "--initial-controllers", self.plan.initial_controllers,
        ]  # fmt: skip
        for user, file in self.password_files.items():
            arguments += ["--add-scram", f"{MECHANISM}=[name={user},password={file.read_text()}]"]
        launch = self._program("kafka.tools.StorageTool", *arguments)
        done = subprocess.run(
            launch.command,
            env=dict(launch.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_FORMAT_S,
            check=False,
        )
        if done.returncode != 0:
            raise ConfigError(f"{self.nodes[node].name} could not be formatted:\n{done.stdout}{done.stderr}")

    def _program(self, main: str, *arguments: str | Path) -> Launch:
        flags = (
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS",
        )
        return java(
            jars("kafka").values(),
            main,
            *arguments,
            flags=flags,
            heap_mb=self._heap_mb,
            fast_start=self._fast_start,
        )

    def _data(self, node: int) -> Path:
        return self.nodes[node].folder / "data"

    def _write_properties(self, node: int) -> Path:
        secured = None
        if self.plan.security == "sasl_ssl":
            secured = certificates(self.folder / "tls"), self._passwords()[ADMIN]
        file = self.nodes[node].folder / "server.properties"
        write_whole(file, render(self.plan, node, self._data(node), secured), private=True)
        return file

    def _passwords(self) -> dict[str, str]:
        for file in self.password_files.values():
            if not file.exists():
                write_whole(file, secrets.token_urlsafe(24), private=True)
        return {user: file.read_text() for user, file in self.password_files.items()}


def new_id() -> str:
    """Make an id as Kafka writes them.

    Returns
    -------
    str
        16 random bytes in 22 characters; the first is no dash, which would look like an option.
    """
    while True:
        made = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        if not made.startswith("-"):
            return made
