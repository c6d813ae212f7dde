"""Asks a broker once whether it is one of ours and ready."""

import socket

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from lacuna_runtime.bus.kafka.options import client_options
from lacuna_runtime.sections import KafkaSettings

_CONNECT_S = 1.0
_ASK_MS = 5_000


class _Admin(KafkaAdminClient):  # type: ignore[misc] # the library has no types
    """A client that cleans up when it can't connect; the library's leaves a thread and sockets behind."""

    def __init__(self, **options: object) -> None:
        try:
            super().__init__(**options)
        except BaseException:
            self._closed = False
            self.close()
            raise


def probe(settings: KafkaSettings, cluster_id: str, brokers: int) -> str | None:
    """Ask a broker whether the cluster is whole.

    Parameters
    ----------
    settings : KafkaSettings
        How to connect to this broker alone.
    cluster_id : str
        Ours: a broker of somebody else may answer at the same place.
    brokers : int
        How many must be up.

    Returns
    -------
    str or None
        None when it is ready, else what is amiss.
    """
    # asked first because it costs nothing: most of the time the server is still starting
    if not listens(settings.bootstrap[0]):
        return "nobody listens"
    short = settings.model_copy(update={"request_ms": _ASK_MS})
    try:
        with _Admin(**client_options(short, "probe")) as admin:
            told = admin.describe_cluster()
    except (KafkaError, OSError) as error:
        return f"{type(error).__name__}: {error}"
    if told["cluster_id"] != cluster_id:
        return f"another cluster answers there, {told['cluster_id']}"
    up = [b["broker_id"] for b in told["brokers"] if not b.get("is_fenced")]
    return None if len(up) >= brokers else f"only brokers {up} are up"


def listens(host_port: str) -> bool:
    """Say whether somebody accepts connections.

    Parameters
    ----------
    host_port : str
        Where.

    Returns
    -------
    bool
        Whether one was accepted.
    """
    host, port = host_port.rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), timeout=_CONNECT_S).close()
    except OSError:
        return False
    return True
