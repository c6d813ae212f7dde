"""A short session with one Cassandra node."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cassandra import DriverException, OperationTimedOut, RequestExecutionException
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, NoHostAvailable
from cassandra.policies import WhiteListRoundRobinPolicy

from deploy.local.kafka_probe import listens
from lacuna_runtime.sections import CassandraSettings

_ASK_S = 5.0
_PROTOCOL = 5
_NOT_YET = (NoHostAvailable, OperationTimedOut, RequestExecutionException, DriverException, OSError)


@contextmanager
def session(settings: CassandraSettings) -> Iterator[Any]:
    """Talk to one node.

    Parameters
    ----------
    settings : CassandraSettings
        How to connect; the first contact point is the node.

    Yields
    ------
    Session
        Of the driver.
    """
    node = settings.contact_points[0]
    only = ExecutionProfile(WhiteListRoundRobinPolicy([node]), request_timeout=_ASK_S)
    cluster = Cluster(
        [node],
        port=settings.port,
        protocol_version=_PROTOCOL,
        auth_provider=_login(settings),
        ssl_context=_tls(settings),
        execution_profiles={EXEC_PROFILE_DEFAULT: only},
        connect_timeout=_ASK_S,
        control_connection_timeout=_ASK_S,
    )
    try:
        yield cluster.connect()
    finally:
        cluster.shutdown()


def probe(settings: CassandraSettings, cluster_name: str, nodes: int) -> str | None:
    """Ask a node whether it and those before it are there.

    Parameters
    ----------
    settings : CassandraSettings
        How to connect; the first contact point is the node.
    cluster_name : str
        Ours: a node of somebody else may answer at the same place.
    nodes : int
        How many it must know, itself included.

    Returns
    -------
    str or None
        None when it is ready, else what is amiss.
    """
    if not listens(f"{settings.contact_points[0]}:{settings.port}"):
        return "nobody listens"
    try:
        with session(settings) as opened:
            found = opened.execute("SELECT cluster_name FROM system.local").one().cluster_name
            known = 1 + len(list(opened.execute("SELECT peer FROM system.peers_v2")))
    except _NOT_YET as error:
        return f"{type(error).__name__}: {error}"
    if found != cluster_name:
        return f"another cluster answers there, {found}"
    return None if known >= nodes else f"knows {known} nodes of {nodes}"


def _login(settings: CassandraSettings) -> PlainTextAuthProvider | None:
    if settings.password_file is None:
        return None
    return PlainTextAuthProvider(settings.username, settings.password_file.read_text())


def _tls(settings: CassandraSettings) -> ssl.SSLContext | None:
    if settings.tls is None:
        return None
    return ssl.create_default_context(cafile=str(settings.tls.ca_file))
