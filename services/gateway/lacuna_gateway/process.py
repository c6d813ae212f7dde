"""The gateway as a process: REST to the outside, gRPC to the query service."""

import logging
import signal
from typing import NoReturn

from lacuna_core.errors import ConfigError
from lacuna_gateway.grpc_client import RemoteQuery
from lacuna_gateway.main import serve
from lacuna_gateway.settings import GatewaySettings
from lacuna_runtime.health import HealthChecks, HealthServer
from lacuna_runtime.rpc import open_channel
from lacuna_runtime.service import main_of
from lacuna_runtime.settings import Settings
from lacuna_runtime.telemetry.api import Telemetry
from lacuna_runtime.telemetry.rpc import client_interceptors

_LOG = logging.getLogger(__name__)
_SECRET_BYTES = 16
_QUERY = "lacuna_protos.v1.QueryService"


def _end(*_: object) -> NoReturn:
    raise SystemExit(0)


def _limits(settings: Settings) -> GatewaySettings:
    path = settings.gateway.cursor_secret_file
    if path is None:
        return GatewaySettings()
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise ConfigError(
            f"setting gateway.cursor_secret_file: {path} can't be read ({error.strerror})"
        ) from error
    if len(secret) < _SECRET_BYTES:
        raise ConfigError(f"setting gateway.cursor_secret_file: {path} holds less than {_SECRET_BYTES} bytes")
    return GatewaySettings(cursor_secret=secret)


def run(settings: Settings, telemetry: Telemetry) -> int:
    """Serve until SIGINT or SIGTERM, then drain.

    Parameters
    ----------
    settings : Settings
        Its ``gateway`` and ``service``.
    telemetry : Telemetry
        Where it tells about itself.

    Returns
    -------
    int
        Exit code.
    """
    told = settings.service
    channel = open_channel(
        settings.gateway.query_target,
        told.grpc_tls,
        idempotent=(_QUERY,),
        interceptors=client_interceptors(telemetry),
    )
    # the HTTP server drains, then raises the signal once more: by then there is nothing left to do
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    listening: list[str] = []

    def ready() -> str:
        return "" if listening else "does not listen yet"

    def tell(url: str) -> None:
        _LOG.info("gateway serves %s/v1", url)
        listening.append(url)

    checks = HealthChecks(ready={"http": ready}, started={"http": ready})
    with HealthServer(told.host, told.health_port, checks, telemetry.scrape), channel:
        serve(
            RemoteQuery(channel),
            settings.gateway.host,
            settings.gateway.port,
            _limits(settings),
            on_listening=tell,
        )
    return 0


def main() -> None:
    """Run the gateway; does not return."""
    main_of("gateway", run)


if __name__ == "__main__":
    main()
