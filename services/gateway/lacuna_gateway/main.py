"""Serves the gateway over HTTP."""

import socket
from collections.abc import Callable

import uvicorn

from lacuna_core.errors import ConfigError
from lacuna_core.ports import Clock
from lacuna_core.query import QueryApi
from lacuna_gateway.app import create_app
from lacuna_gateway.settings import GatewaySettings

_GRACE_S = 10


def listen(host: str, port: int) -> socket.socket:
    """Take a port before anything else is started.

    Parameters
    ----------
    host : str
        Address or name to listen on.
    port : int
        Port; 0 takes any free one.

    Returns
    -------
    socket.socket
        Bound and listening.

    Raises
    ------
    ConfigError
        If the port is in use or may not be taken, or the host is none of this machine.
    """
    if not 0 <= port <= 65_535:
        raise ConfigError(f"port {port} is outside 0..65535")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise ConfigError(f"host {host!r} can't be listened on: {error.strerror or error}") from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise ConfigError(f"port {port} on {host} can't be taken: {error.strerror or error}") from error
    return listener


def make_server(
    query: QueryApi, settings: GatewaySettings | None = None, clock: Clock | None = None
) -> uvicorn.Server:
    """Make the HTTP server.

    Parameters
    ----------
    query : QueryApi
        The reads.
    settings : GatewaySettings or None
        Limits and secrets.
    clock : Clock or None
        The wall clock when None.

    Returns
    -------
    uvicorn.Server
        Not yet running; setting ``should_exit`` drains and ends it.
    """
    limits = settings or GatewaySettings()
    config = uvicorn.Config(
        create_app(query, limits, clock),
        http="h11",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=_GRACE_S,
        # A little above the gateway's own bounds, so that it can still answer with a problem.
        h11_max_incomplete_event_size=2 * (limits.max_header_bytes + limits.max_target_bytes),
    )
    return uvicorn.Server(config)


def serve(
    query: QueryApi,
    host: str,
    port: int,
    settings: GatewaySettings | None = None,
    on_listening: Callable[[str], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, then drain.

    Parameters
    ----------
    query : QueryApi
        The reads.
    host : str
        Address or name to listen on.
    port : int
        Port; 0 takes any free one.
    settings : GatewaySettings or None
        Limits and secrets.
    on_listening : callable or None
        Told the URL once the port is taken.

    Raises
    ------
    ConfigError
        If the port can't be taken.
    """
    listener = listen(host, port)
    try:
        if on_listening is not None:
            name, taken = listener.getsockname()[:2]
            shown = f"[{name}]" if ":" in name else name
            on_listening(f"http://{shown}:{taken}")
        make_server(query, settings).run(sockets=[listener])
    finally:
        listener.close()
