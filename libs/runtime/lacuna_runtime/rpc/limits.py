"""How much, how long, how often: what both ends of a connection must agree on."""

from dataclasses import dataclass
from typing import Any

MAX_DEADLINE_S = 60.0
"""No call may take longer."""
Options = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class RpcLimits:
    """Limits of a server and of a channel to it.

    Attributes
    ----------
    threads : int
        Calls that a server works on at once.
    concurrent : int
        Calls that it holds at once, the waiting ones included; one more is refused as RESOURCE_EXHAUSTED.
    message_bytes : int
        Largest message, either way.
    connection_age_ms, connection_grace_ms : int
        A server asks its clients to connect anew after so long, and ends what is left of the old connection
        after so long again. Thus clients find replicas that came later.
    ping_ms, ping_timeout_ms : int
        A client pings a connection that says nothing, and drops it without an answer.
    least_ping_ms : int
        A server ends connections that ping more often; must be less than ``ping_ms``.
    default_deadline_s : float
        Of a client's call that names none.
    """

    threads: int = 16
    concurrent: int = 64
    message_bytes: int = 16 * 1024 * 1024
    connection_age_ms: int = 300_000
    connection_grace_ms: int = 30_000
    ping_ms: int = 30_000
    ping_timeout_ms: int = 10_000
    least_ping_ms: int = 20_000
    default_deadline_s: float = 30.0

    def server_options(self) -> Options:
        """Say the limits to a server.

        Returns
        -------
        tuple of (str, Any)
            Channel arguments.
        """
        return (
            *self._sizes(),
            # a second process on the same port must fail, not share it in silence
            ("grpc.so_reuseport", 0),
            ("grpc.max_connection_age_ms", self.connection_age_ms),
            ("grpc.max_connection_age_grace_ms", self.connection_grace_ms),
            ("grpc.keepalive_time_ms", self.ping_ms),
            ("grpc.keepalive_timeout_ms", self.ping_timeout_ms),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.min_ping_interval_without_data_ms", self.least_ping_ms),
        )

    def channel_options(self) -> Options:
        """Say the limits to a channel.

        Returns
        -------
        tuple of (str, Any)
            Channel arguments.
        """
        return (
            *self._sizes(),
            ("grpc.keepalive_time_ms", self.ping_ms),
            ("grpc.keepalive_timeout_ms", self.ping_timeout_ms),
            ("grpc.keepalive_permit_without_calls", 1),
            # otherwise an idle connection stops pinging after the second one
            ("grpc.http2.max_pings_without_data", 0),
        )

    def _sizes(self) -> Options:
        return (
            ("grpc.max_send_message_length", self.message_bytes),
            ("grpc.max_receive_message_length", self.message_bytes),
        )
