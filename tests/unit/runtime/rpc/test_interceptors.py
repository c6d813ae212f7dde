"""The place for trace context: metadata goes out with each call and comes in before anything is refused."""

from collections.abc import Callable
from typing import Any

import grpc

from lacuna_runtime.rpc import RpcServer, open_channel
from lacuna_runtime.sections import ServiceSettings, TelemetrySettings
from lacuna_runtime.telemetry.rpc import client_interceptors, server_interceptors
from lacuna_runtime.telemetry.setup import start_telemetry
from tests.unit.runtime.rpc.echo import Echo, in_threads, method


class Seen(grpc.ServerInterceptor):  # type: ignore[misc]  # gRPC brings no types
    """Keeps the metadata of every call."""

    def __init__(self) -> None:
        self.metadata: list[dict[str, Any]] = []

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        self.metadata.append(dict(details.invocation_metadata))
        return continuation(details)


def test_trace_context_arrives_and_refused_calls_are_seen() -> None:
    telemetry = start_telemetry(
        TelemetrySettings(exporter="otlp", endpoint="http://127.0.0.1:1", sample_ratio=1.0), "test", "one"
    )
    seen, echo = Seen(), Echo()
    try:
        interceptors = (seen, *server_interceptors(telemetry))
        with RpcServer(ServiceSettings(), [echo.servicer()], interceptors=interceptors) as server:
            target = f"127.0.0.1:{server.port}"
            with open_channel(target, interceptors=client_interceptors(telemetry)) as channel:
                assert method(channel, "Say")(b"x") == b"x"
                assert list(method(channel, "Count", stream=True)(b"x")) == [b"0", b"1", b"2"]
            with grpc.insecure_channel(target) as bare:
                refused = in_threads(1, lambda: method(bare, "Say")(b"x"))
    finally:
        telemetry.shutdown(0.1)
    assert refused == [grpc.StatusCode.INVALID_ARGUMENT]
    assert ["traceparent" in metadata for metadata in seen.metadata] == [True, True, False]
