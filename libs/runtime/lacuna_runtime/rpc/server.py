"""The gRPC server of a service: its methods, health and reflection, a bounded end."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Self

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from lacuna_core.errors import ConfigError
from lacuna_runtime.rpc.guard import Guard
from lacuna_runtime.rpc.limits import RpcLimits
from lacuna_runtime.rpc.tls import server_credentials
from lacuna_runtime.sections import ServiceSettings

_LOG = logging.getLogger(__name__)
_END_S = 2.0


@dataclass(frozen=True, slots=True)
class Servicer:
    """One service of a server.

    Attributes
    ----------
    name : str
        Full name, as in the proto file: ``lacuna_protos.v1.QueryService``.
    add : callable
        Adds its methods to a server.
    """

    name: str
    add: Callable[[grpc.Server], None]


class RpcServer:
    """Answers calls; the port is taken at once, calls are answered from ``start`` on.

    Parameters
    ----------
    settings : ServiceSettings
        Address, TLS, who may call.
    servicers : sequence of Servicer
        What is answered.
    interceptors : sequence of grpc.ServerInterceptor
        Around every call, refused ones included; the first is outermost.
    limits : RpcLimits
        How much at once.

    Raises
    ------
    ConfigError
        If the port can't be taken or a certificate can't be used.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        servicers: Sequence[Servicer],
        *,
        interceptors: Sequence[grpc.ServerInterceptor] = (),
        limits: RpcLimits | None = None,
    ) -> None:
        limits = limits or RpcLimits()
        if settings.grpc_peers and settings.grpc_tls is None:
            raise ConfigError(
                "setting service.grpc_peers: names are only known where service.grpc_tls is set"
            )
        self._names = tuple(servicer.name for servicer in servicers)
        self._pool = ThreadPoolExecutor(limits.threads, "rpc")
        self._server = grpc.server(
            self._pool,
            interceptors=(*interceptors, Guard(frozenset(settings.grpc_peers))),
            options=limits.server_options(),
            maximum_concurrent_rpcs=limits.concurrent,
        )
        for servicer in servicers:
            servicer.add(self._server)
        self._health = health.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection(
            (*self._names, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server
        )
        self._say(health_pb2.HealthCheckResponse.NOT_SERVING)
        self.port = self._listen(settings)

    def _listen(self, settings: ServiceSettings) -> int:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        address = f"{host}:{settings.grpc_port}"
        try:
            if settings.grpc_tls is None:
                port = self._server.add_insecure_port(address)
            else:
                port = self._server.add_secure_port(address, server_credentials(settings.grpc_tls))
        except RuntimeError as error:
            raise ConfigError(f"setting service.grpc_port: {address} can't be listened on") from error
        return int(port)

    def _say(self, status: "health_pb2.HealthCheckResponse.ServingStatus.ValueType") -> None:
        for name in (health.OVERALL_HEALTH, *self._names):
            self._health.set(name, status)

    def start(self) -> None:
        """Start answering."""
        self._server.start()
        self._say(health_pb2.HealthCheckResponse.SERVING)
        _LOG.info("gRPC listens on port %d: %s", self.port, ", ".join(self._names))

    def stop(self, grace_s: float) -> bool:
        """Take no more calls, let those under way finish, then end the rest.

        Parameters
        ----------
        grace_s : float
            How long they may take.

        Returns
        -------
        bool
            Whether the server has ended; False when a handler hangs.
        """
        self._health.enter_graceful_shutdown()
        ended = bool(self._server.stop(grace_s).wait(grace_s + _END_S))
        self._pool.shutdown(wait=False, cancel_futures=True)
        if not ended:
            _LOG.error("gRPC: a call goes on though it was ended")
        return ended

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(_END_S)
