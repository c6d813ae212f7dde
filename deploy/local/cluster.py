"""What the clusters of both servers have in common: nodes, their life, waiting for them."""

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from deploy.local.files import write_whole
from deploy.local.node import Node
from deploy.local.ports import address, is_free
from lacuna_core.errors import ConfigError, Transient

_POLL_S = 0.1
# without a quorum a broker would wait for one for ever; all that was acknowledged is on disk
_STOP_S = 8.0


@dataclass(frozen=True, slots=True)
class Launch:
    """How a node is started.

    Attributes
    ----------
    command : tuple of str or Path
        Program and arguments.
    environment : mapping of str to str
        Added to ours.
    """

    command: tuple[str | Path, ...]
    environment: Mapping[str, str]


class Cluster(ABC):
    """Servers of one kind on 127.0.0.1, 127.0.0.2, ... with the same ports.

    Its folder keeps everything: a cluster opened in the folder of an earlier one is that cluster again.

    Parameters
    ----------
    folder : Path
        For data, logs, certificates and passwords.
    nodes : int
        How many; numbered from 1.
    kind : str
        Name of the server, for messages.
    start_s : float
        Longest start of one node.
    """

    def __init__(self, folder: Path, nodes: int, *, kind: str, start_s: float) -> None:
        self.folder = folder.resolve()
        self.kind = kind
        self.nodes = {n: Node(f"{kind} node {n}", self.folder / f"node-{n}") for n in range(1, nodes + 1)}
        self._start_s = start_s
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)  # it holds keys and passwords

    @abstractmethod
    def start(self) -> Self:
        """Start every node and wait until all answer.

        Returns
        -------
        Cluster
            Itself.
        """

    @abstractmethod
    def start_node(self, node: int, *, wait: bool = True) -> None:
        """Start one node, again or for the first time.

        Parameters
        ----------
        node : int
            Which.
        wait : bool
            Whether to wait until it answers.
        """

    def stop(self) -> None:
        """End every node at once, those that do not listen by force."""
        deadline = time.monotonic() + _STOP_S
        for node in self.nodes.values():
            node.terminate()
        for node in self.nodes.values():
            node.stop(max(0.0, deadline - time.monotonic()))

    def kill(self, node: int) -> None:
        """End a node as a power loss would.

        Parameters
        ----------
        node : int
            Which.
        """
        self.nodes[node].kill()

    def pause(self, node: int) -> None:
        """Freeze a node: its connections stay open and nothing answers.

        Parameters
        ----------
        node : int
            Which.
        """
        self.nodes[node].pause()

    def resume(self, node: int) -> None:
        """Let a frozen node go on.

        Parameters
        ----------
        node : int
            Which.
        """
        self.nodes[node].resume()

    @property
    def pids(self) -> dict[int, int]:
        """Process ids of the nodes that run."""
        return {number: node.pid for number, node in self.nodes.items() if node.pid is not None}

    def identity(self, make: Callable[[], dict[str, Any]], port: int | None) -> dict[str, Any]:
        """Read what this cluster was born with, or make it.

        Parameters
        ----------
        make : callable
            Makes names, ports and ids of a new one.
        port : int or None
            For clients, if it has to be this one.

        Returns
        -------
        dict
            The same for the life of the folder.

        Raises
        ------
        ConfigError
            If the folder belongs to a cluster of another size or with another port.
        """
        file = self.folder / "identity.json"
        if not file.exists():
            write_whole(file, json.dumps(make() | {"nodes": len(self.nodes)}))
        kept: dict[str, Any] = json.loads(file.read_text())
        if kept["nodes"] != len(self.nodes):
            raise ConfigError(
                f"{self.folder} holds a cluster of {kept['nodes']} nodes, not {len(self.nodes)}"
            )
        if port is not None and kept["port"] != port:
            raise ConfigError(f"{self.folder} holds a cluster at port {kept['port']}, not {port}")
        return kept

    def launch(self, number: int, launch: Launch, port: int) -> None:
        """Start the process of a node.

        Parameters
        ----------
        number : int
            Which.
        launch : Launch
            How.
        port : int
            What it will listen on.

        Raises
        ------
        ConfigError
            If somebody else listens there.
        """
        if not is_free(port, [address(number)]):
            raise ConfigError(
                f"{address(number)}:{port} is taken by another program, {self.kind} can't start"
            )
        self.nodes[number].start(launch.command, launch.environment)

    def wait(self, number: int, ready: Callable[[], str | None]) -> None:
        """Wait until a node answers.

        Parameters
        ----------
        number : int
            Which.
        ready : callable
            Asks once; gives None, or what is amiss.

        Raises
        ------
        ConfigError
            If the node ends, with the end of its log.
        Transient
            If it does not answer in time, with the same.
        """
        node = self.nodes[number]
        deadline = time.monotonic() + self._start_s
        while (amiss := ready()) is not None:
            if not node.running:
                raise ConfigError(f"{node.name} has ended:\n{node.tail()}")
            if time.monotonic() > deadline:
                raise Transient(
                    f"{node.name} is not ready after {self._start_s:.0f} s ({amiss}):\n{node.tail()}"
                )
            time.sleep(_POLL_S)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
