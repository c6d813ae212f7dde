"""The connections of a client: those of the library, which also say why a broker does not let us in.

The library takes a refused password or certificate for a broker that is away: it tries again until its time
is over, and what it raises then names no reason. Here the first refusal ends the attempt, as long as the
client is still finding its cluster; later on a refusal is met with patience, as the library does. And what
a broker says last is heard even when it hangs up at once, as it does after refusing a password.
"""

import socket
import ssl
from typing import Any

from kafka import errors
from kafka.net.compat import KafkaNetClient
from kafka.net.inet import KafkaNetSocket
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector

_REFUSALS = (
    errors.AuthorizationError,
    errors.SaslAuthenticationFailedError,
    errors.UnsupportedSaslMechanismError,
    errors.KafkaConfigurationError,
)
DIRECT = "direct://"
"""As the library's option ``proxy_url``: no proxy, and sockets that are closed when they don't connect."""
_HUNG_UP = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)


def net_client(**configs: Any) -> KafkaNetClient:
    """Open the network of a client, as the library's option ``kafka_client`` asks for.

    Parameters
    ----------
    **configs
        Options of the client.

    Returns
    -------
    KafkaNetClient
        With connections that say why they fail.
    """
    net = NetworkSelector(**configs)
    return KafkaNetClient(net=net, manager=_Connections(net, **configs), **configs)


class _DirectSocket(KafkaNetSocket):  # type: ignore[misc] # the library has no types
    SCHEMES = ("direct",)

    async def sock_connect(self, net: Any, sock: socket.socket, *address: Any, **options: Any) -> Any:
        try:
            return await super().sock_connect(net, sock, *address, **options)
        except BaseException:
            # in a long outage the library would leave thousands of them to the garbage collector
            sock.close()
            raise


class _Connections(KafkaConnectionManager):  # type: ignore[misc] # the library has no types
    async def _build_transport(self, node: Any, timeout_at: float | None = None) -> Any:
        try:
            transport = await super()._build_transport(node, timeout_at=timeout_at)
        except errors.KafkaConnectionError as error:
            raise _named(error) from error
        receive = transport._sock_recv  # noqa: SLF001 - what came before the end is thrown away there

        def last_words() -> tuple[bytes, BaseException | None]:
            data, error = receive()
            return data, None if data else error

        transport._sock_recv = last_words  # noqa: SLF001
        return transport

    async def _connect(self, node: Any, conn: Any, **options: Any) -> None:
        await super()._connect(node, conn, **options)
        if conn.init_future.failed() and self.cluster.is_bootstrap(node.node_id):
            error = _named(conn.init_future.exception)
            if isinstance(error, _REFUSALS):
                # raised by the library's next attempt
                self._auth_failures[node.node_id] = error


def _named(error: BaseException) -> BaseException:
    """Tell a refusal of TLS from a connection that broke."""
    for cause in (error.__context__, *error.args):
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, _HUNG_UP):
            refusal: BaseException = errors.KafkaConfigurationError(f"TLS: {cause}")
            return refusal
    return error
