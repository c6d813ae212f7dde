"""A channel to a service: every replica in turn, a deadline on each call, certificates that may change."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import grpc

from lacuna_core.errors import ConfigError
from lacuna_runtime.rpc.limits import MAX_DEADLINE_S, RpcLimits
from lacuna_runtime.rpc.tls import CertificateFiles, channel_credentials
from lacuna_runtime.sections import TlsSettings

_RETRY = {
    "maxAttempts": 4,
    "initialBackoff": "0.1s",
    "maxBackoff": "1s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}


def open_channel(
    target: str,
    tls: TlsSettings | None = None,
    *,
    idempotent: Sequence[str] = (),
    interceptors: Sequence[Any] = (),
    limits: RpcLimits | None = None,
) -> grpc.Channel:
    """Open a channel; it connects at its first call, and again whenever it must.

    Parameters
    ----------
    target : str
        ``host:port``; a name with several addresses is used in turn.
    tls : TlsSettings or None
        Whom to trust and what to show; None speaks in the clear.
    idempotent : sequence of str
        Services (``lacuna_protos.v1.QueryService``) or methods (``.../GetEvent``) that may be tried again
        when a replica is away.
    interceptors : sequence of client interceptors
        Around every call.
    limits : RpcLimits or None
        How much, how long, how often.

    Returns
    -------
    grpc.Channel
        For the stubs; to be closed.

    Raises
    ------
    ConfigError
        If a certificate can't be used.
    """
    limits = limits or RpcLimits()
    if limits.default_deadline_s > MAX_DEADLINE_S:
        raise ConfigError(f"a deadline is at most {MAX_DEADLINE_S:.0f} s")
    options = (
        *limits.channel_options(),
        ("grpc.service_config", service_config(idempotent)),
        # a channel has connections of its own, so that new certificates mean new handshakes
        ("grpc.use_local_subchannel_pool", 1),
    )
    files = None if tls is None else CertificateFiles(tls)

    def connect(certificates: Any) -> grpc.Channel:
        channel = (
            grpc.insecure_channel(target, options)
            if certificates is None
            else grpc.secure_channel(target, channel_credentials(certificates), options)
        )
        return grpc.intercept_channel(channel, *interceptors) if interceptors else channel

    return FreshChannel(connect, files, limits.default_deadline_s)


def service_config(idempotent: Sequence[str]) -> str:
    """Write the rules of a channel.

    Parameters
    ----------
    idempotent : sequence of str
        Services, or methods as ``service/method``.

    Returns
    -------
    str
        JSON.
    """
    config: dict[str, Any] = {"loadBalancingConfig": [{"round_robin": {}}]}
    if idempotent:
        names = [dict(zip(("service", "method"), name.split("/"), strict=False)) for name in idempotent]
        # when most calls fail, trying again only adds to the load
        config["retryThrottling"] = {"maxTokens": 20, "tokenRatio": 0.2}
        config["methodConfig"] = [{"name": names, "retryPolicy": _RETRY}]
    return json.dumps(config)


class FreshChannel(grpc.Channel):  # type: ignore[misc]  # gRPC brings no types
    """Connects anew when its certificates have changed, and gives a deadline to calls that have none.

    Parameters
    ----------
    connect : callable
        Opens a channel with certificates, or without.
    files : CertificateFiles or None
        The certificates.
    deadline_s : float
        For calls that name none.
    """

    def __init__(
        self, connect: Callable[[Any], grpc.Channel], files: CertificateFiles | None, deadline_s: float
    ) -> None:
        self._connect = connect
        self._files = files
        self.deadline_s = deadline_s
        self._lock = threading.Lock()
        self._channel = connect(None if files is None else files.read())
        self._retired: list[tuple[float, grpc.Channel]] = []

    def current(self) -> grpc.Channel:
        """Give the channel with the newest certificates.

        Returns
        -------
        grpc.Channel
            For one call.
        """
        if self._files is None:
            return self._channel
        with self._lock:
            found = self._files.newer()
            now_s = time.monotonic()
            if found is not None:
                # calls under way end on the old one, and none lasts longer than the longest deadline
                self._retired.append((now_s + MAX_DEADLINE_S, self._channel))
                self._channel = self._connect(found)
            while self._retired and self._retired[0][0] <= now_s:
                self._retired.pop(0)[1].close()
            return self._channel

    def subscribe(self, callback: Callable[[Any], None], try_to_connect: bool = False) -> None:
        """Follow the state of the connection, see ``grpc.Channel.subscribe``."""
        self.current().subscribe(callback, try_to_connect)

    def unsubscribe(self, callback: Callable[[Any], None]) -> None:
        """Follow it no longer, see ``grpc.Channel.unsubscribe``."""
        self.current().unsubscribe(callback)

    def unary_unary(self, *args: Any, **kwargs: Any) -> Any:
        """Make a callable, see ``grpc.Channel.unary_unary``."""
        return _Caller(self, lambda channel: channel.unary_unary(*args, **kwargs))

    def unary_stream(self, *args: Any, **kwargs: Any) -> Any:
        """Make a callable, see ``grpc.Channel.unary_stream``."""
        return _Caller(self, lambda channel: channel.unary_stream(*args, **kwargs))

    def stream_unary(self, *args: Any, **kwargs: Any) -> Any:
        """Make a callable, see ``grpc.Channel.stream_unary``."""
        return _Caller(self, lambda channel: channel.stream_unary(*args, **kwargs))

    def stream_stream(self, *args: Any, **kwargs: Any) -> Any:
        """Make a callable, see ``grpc.Channel.stream_stream``."""
        return _Caller(self, lambda channel: channel.stream_stream(*args, **kwargs))

    def close(self) -> None:
        """Close every connection; calls under way are canceled."""
        with self._lock:
            for _, channel in self._retired:
                channel.close()
            self._retired.clear()
            self._channel.close()

    def __enter__(self) -> "FreshChannel":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Caller:
    """One method: made once a channel, called with a deadline."""

    def __init__(self, channel: FreshChannel, make: Callable[[grpc.Channel], Any]) -> None:
        self._channel = channel
        self._make = make
        self._made: tuple[grpc.Channel, Any] | None = None

    def _method(self) -> Any:
        channel = self._channel.current()
        made = self._made
        if made is None or made[0] is not channel:
            made = self._made = (channel, self._make(channel))
        return made[1]

    def __call__(self, request: Any, timeout: float | None = None, **kwargs: Any) -> Any:
        return self._method()(request, timeout=timeout or self._channel.deadline_s, **kwargs)

    def with_call(self, request: Any, timeout: float | None = None, **kwargs: Any) -> Any:
        return self._method().with_call(request, timeout=timeout or self._channel.deadline_s, **kwargs)

    def future(self, request: Any, timeout: float | None = None, **kwargs: Any) -> Any:
        return self._method().future(request, timeout=timeout or self._channel.deadline_s, **kwargs)
