"""Serving a data folder."""

import socket
from pathlib import Path

from rich.console import Console

from lacuna_core.errors import ConfigError
from lacuna_gateway.main import serve as serve_app
from lacuna_query.service import QueryService
from lacuna_runtime.wiring import open_ports
from lacuna_standalone.commands import expect_timeline, settings_of


def check_port(host: str, port: int) -> None:
    """Find out early that a port can't be had.

    Parameters
    ----------
    host : str
        Address.
    port : int
        Port.

    Raises
    ------
    ConfigError
        If it is in use or not allowed.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigError(
                f"{host}:{port} can't be served: {error.strerror}; choose another with --port"
            ) from error


def serve(data: Path, host: str, port: int) -> None:
    """Serve the REST API until interrupted.

    Parameters
    ----------
    data : Path
        Data folder.
    host : str
        Address to bind.
    port : int
        Port.
    """
    expect_timeline(data)
    with open_ports(settings_of(data)) as ports:
        store = ports.store
        query = QueryService(store, store, store, store)
        Console(stderr=True).print(
            f"serving http://{host}:{port}/v1 (described at /openapi.json), Ctrl-C ends"
        )
        serve_app(query, host, port)
