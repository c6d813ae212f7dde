"""Real Cassandra nodes on this machine."""

import secrets
from pathlib import Path
from typing import Any, Self

from deploy.local.cassandra_config import Plan, flags, logback, render
from deploy.local.cassandra_probe import probe, session
from deploy.local.certificates import Certificates, certificates
from deploy.local.cluster import Cluster
from deploy.local.files import write_whole
from deploy.local.java import java
from deploy.local.maven import jars
from deploy.local.ports import address, free_ports
from lacuna_runtime.sections import CassandraSettings, TlsSettings

ADMIN = "cassandra"
_BORN_PASSWORD = "cassandra"
_START_S = 120.0


class CassandraCluster(Cluster):
    """Nodes of one data center.

    With ``auth`` there is one role, ``cassandra``, which may do everything; its password lies in a file.

    Parameters
    ----------
    folder : Path
        For data, logs, certificates and passwords.
    nodes : int
        1, or 3 for replication 3.
    tls : bool
        Whether clients have to use TLS.
    auth : bool
        Whether clients have to log in.
    heap_mb : int
        Most heap of a node, MiB.
    fast_start : bool
        Start fast rather than run fast; False to measure speed.
    port : int or None
        For clients; a free one when None.
    """

    def __init__(
        self,
        folder: Path,
        nodes: int = 1,
        *,
        tls: bool = False,
        auth: bool = False,
        heap_mb: int = 384,
        fast_start: bool = True,
        port: int | None = None,
    ) -> None:
        super().__init__(folder, nodes, kind="Cassandra", start_s=_START_S)
        self._heap_mb, self._fast_start = heap_mb, fast_start
        self._port = port
        self._tls = tls
        kept = self.identity(self._born, port)
        self.plan = Plan(kept["cluster_name"], nodes, kept["port"], kept["storage_port"], auth)

    def _born(self) -> dict[str, Any]:
        port, storage_port = free_ports(2, len(self.nodes))
        return {
            "cluster_name": f"lacuna-{secrets.token_hex(6)}",
            "port": self._port or port,
            "storage_port": storage_port,
        }

    @property
    def password_file(self) -> Path | None:
        """Password of `ADMIN`; None without authentication."""
        return self.folder / "passwords" / ADMIN if self.plan.auth else None

    def settings(self, **overrides: Any) -> CassandraSettings:
        """Say how a client connects, as ``cassandra`` where roles are asked for.

        Parameters
        ----------
        **overrides : Any
            Other values of the section.

        Returns
        -------
        CassandraSettings
            The section.
        """
        certified = self._certificates()
        told: dict[str, Any] = {
            "contact_points": tuple(address(node) for node in self.nodes),
            "port": self.plan.port,
            "replication": len(self.nodes),
            "username": ADMIN if self.plan.auth else "",
            "password_file": self.password_file,
            "tls": TlsSettings(ca_file=certified.ca_file) if certified else None,
        }
        return CassandraSettings(**(told | overrides))

    def start(self) -> Self:
        """Start the nodes one after another, each when the one before answers.

        Returns
        -------
        CassandraCluster
            Itself.

        Raises
        ------
        MissingTool
            If something has to be installed first.
        ConfigError
            If a node ends or its port is taken.
        Transient
            If one does not answer in time.
        """
        try:
            for node in self.nodes:
                self.start_node(node)
        except BaseException:
            self.stop()
            raise
        return self

    def start_node(self, node: int, *, wait: bool = True) -> None:
        """Start one node, again or for the first time.

        Parameters
        ----------
        node : int
            Which.
        wait : bool
            Whether to wait until it answers and knows the nodes that run.
        """
        folder = self.nodes[node].folder
        conf, data = folder / "conf", folder / "data"
        write_whole(
            conf / "cassandra.yaml", render(self.plan, node, data, self._certificates()), private=True
        )
        write_whole(conf / "logback.xml", logback())
        found = jars("cassandra")
        program = java(
            found.values(),
            "org.apache.cassandra.service.CassandraDaemon",
            flags=flags(conf, data, found["jamm"], self._fast_start),
            heap_mb=self._heap_mb,
            fast_start=self._fast_start,
        )
        self.launch(node, program, self.plan.port)
        if wait:
            self._wait_ready(node)

    def _wait_ready(self, node: int) -> None:
        known = len(self.pids)
        self.wait(node, lambda: probe(self._login(node), self.plan.cluster_name, known))
        if self.password_file is not None and not self.password_file.exists() and node == len(self.nodes):
            self._take_over(node)

    def _login(self, node: int) -> CassandraSettings:
        """Log in to one node; with the password it was born with until that was changed."""
        only = self.settings(contact_points=(address(node),))
        if self.password_file is None or self.password_file.exists():
            return only
        born = self.folder / "passwords" / "born"
        write_whole(born, _BORN_PASSWORD, private=True)
        return only.model_copy(update={"password_file": born})

    def _take_over(self, node: int) -> None:
        """Put the roles on every node and give the first role a password that nobody knows."""
        assert self.password_file is not None
        password = secrets.token_urlsafe(24)
        with session(self._login(node)) as opened:
            opened.execute(
                "ALTER KEYSPACE system_auth WITH replication = "
                f"{{'class': 'NetworkTopologyStrategy', 'datacenter1': {len(self.nodes)}}}"
            )
            opened.execute(f"ALTER ROLE {ADMIN} WITH PASSWORD = '{password}'")
        write_whole(self.password_file, password, private=True)

    def _certificates(self) -> Certificates | None:
        return certificates(self.folder / "tls") if self._tls else None
