"""Calls over a real socket: the caller's trace goes on in the server, each call is timed by its method."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from opentelemetry.proto.metrics.v1.metrics_pb2 import HistogramDataPoint
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from lacuna_runtime.sections import TelemetrySettings
from lacuna_runtime.telemetry import names
from lacuna_runtime.telemetry.api import OFF, Telemetry
from lacuna_runtime.telemetry.rpc import client_interceptors, server_interceptors
from lacuna_runtime.telemetry.setup import start_telemetry
from tests.unit.runtime.telemetry.collector import Collector, attributes, collecting

SERVICE = "test.Echo"
TIMEOUT_S = 10.0


def answer(request: bytes, context: Any) -> bytes:
    if request == b"abort":
        context.abort(grpc.StatusCode.NOT_FOUND, "no such thing")
    if request == b"raise":
        raise RuntimeError("on purpose")
    return request[::-1]


def stream(request: bytes, context: Any) -> Iterator[bytes]:
    for n in range(3):
        if request == b"abort" and n == 2:
            context.abort(grpc.StatusCode.UNAVAILABLE, "away")
        yield request + b"%d" % n


def endless(request: bytes, context: Any) -> Iterator[bytes]:
    while True:
        yield request


def joined(requests: Iterator[bytes], context: Any) -> bytes:
    return b"".join(requests)


def each(requests: Iterator[bytes], context: Any) -> Iterator[bytes]:
    for request in requests:
        yield request[::-1]


HANDLERS = {
    "Answer": grpc.unary_unary_rpc_method_handler(answer),
    "Stream": grpc.unary_stream_rpc_method_handler(stream),
    "Endless": grpc.unary_stream_rpc_method_handler(endless),
    "Joined": grpc.stream_unary_rpc_method_handler(joined),
    "Each": grpc.stream_stream_rpc_method_handler(each),
}


@contextmanager
def connected(telemetry: Telemetry) -> Iterator[grpc.Channel]:
    server = grpc.server(ThreadPoolExecutor(4), interceptors=server_interceptors(telemetry))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, HANDLERS),))
    health_pb2_grpc.add_HealthServicer_to_server(health.HealthServicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    try:
        yield grpc.intercept_channel(channel, *client_interceptors(telemetry))
    finally:
        channel.close()
        server.stop(None).wait(TIMEOUT_S)


def told(work: Callable[[grpc.Channel, Telemetry], None]) -> Collector:
    with collecting() as collector:
        settings = TelemetrySettings(exporter="otlp", endpoint=collector.endpoint, sample_ratio=1.0)
        telemetry = start_telemetry(settings, "query", "query-0")
        with connected(telemetry) as channel:
            work(channel, telemetry)
        assert telemetry.shutdown(TIMEOUT_S)
    return collector


def pairs(collector: Collector, method: str) -> list[tuple[Span, Span]]:
    """Each call of a method, as its caller and its server tell it."""
    spans = [s for s in collector.spans if s.name == f"{SERVICE}/{method}"]
    servers = {s.parent_span_id: s for s in spans if s.kind == Span.SPAN_KIND_SERVER}
    clients = [s for s in spans if s.kind == Span.SPAN_KIND_CLIENT]
    assert servers.keys() == {s.span_id for s in clients}
    return [(s, servers[s.span_id]) for s in sorted(clients, key=lambda s: s.start_time_unix_nano)]


def calls(collector: Collector, metric: names.Metric) -> dict[tuple[str, str], int]:
    points: list[HistogramDataPoint] = list(collector.newest(metric.name).histogram.data_points)
    found = {}
    for point in points:
        labels = attributes(list(point.attributes))
        found[str(labels["method"]).removeprefix(f"{SERVICE}/"), str(labels["code"])] = point.count
    return found


def test_every_kind_of_call_carries_the_trace_and_is_timed() -> None:
    def work(channel: grpc.Channel, telemetry: Telemetry) -> None:
        with telemetry.span(names.FLUSH, "outer"):
            assert channel.unary_unary(f"/{SERVICE}/Answer")(b"abc", timeout=TIMEOUT_S) == b"cba"
            some = iter([b"a", b"b"])
            assert channel.stream_unary(f"/{SERVICE}/Joined")(some, timeout=TIMEOUT_S) == b"ab"
            assert list(channel.unary_stream(f"/{SERVICE}/Stream")(b"x", timeout=TIMEOUT_S)) == [
                b"x0", b"x1", b"x2",
            ]  # fmt: skip
            some = iter([b"ab", b"cd"])
            assert list(channel.stream_stream(f"/{SERVICE}/Each")(some, timeout=TIMEOUT_S)) == [b"ba", b"dc"]

    collector = told(work)
    outer = collector.span("flush outer")
    for method in ("Answer", "Joined", "Stream", "Each"):
        ((client, server),) = pairs(collector, method)
        assert client.parent_span_id == outer.span_id
        assert client.trace_id == server.trace_id == outer.trace_id
        for span in (client, server):
            assert attributes(span) == {
                "rpc.system.name": "grpc",
                "rpc.method": f"{SERVICE}/{method}",
                "rpc.response.status_code": "OK",
            }
    expected = {(m, "OK"): 1 for m in ("Answer", "Joined", "Stream", "Each")}
    assert calls(collector, names.RPC_SERVER_SECONDS) == expected
    assert calls(collector, names.RPC_CLIENT_SECONDS) == expected


def test_a_failed_call_tells_its_status_on_both_sides() -> None:
    def work(channel: grpc.Channel, telemetry: Telemetry) -> None:
        ask = channel.unary_unary(f"/{SERVICE}/Answer")
        for request in (b"abort", b"raise"):
            with pytest.raises(grpc.RpcError):
                ask(request, timeout=TIMEOUT_S)
        with pytest.raises(grpc.RpcError):
            list(channel.unary_stream(f"/{SERVICE}/Stream")(b"abort", timeout=TIMEOUT_S))

    collector = told(work)
    expected = {("Answer", "NOT_FOUND"): 1, ("Answer", "UNKNOWN"): 1, ("Stream", "UNAVAILABLE"): 1}
    assert calls(collector, names.RPC_SERVER_SECONDS) == expected
    assert calls(collector, names.RPC_CLIENT_SECONDS) == expected
    for client, server in pairs(collector, "Answer") + pairs(collector, "Stream"):
        for span in (client, server):
            assert span.status.code == Status.STATUS_CODE_ERROR
            assert attributes(span)["error.type"] == attributes(span)["rpc.response.status_code"]


def test_a_stream_that_its_caller_leaves_ends() -> None:
    def work(channel: grpc.Channel, telemetry: Telemetry) -> None:
        responses = channel.unary_stream(f"/{SERVICE}/Endless")(b"x", timeout=TIMEOUT_S)
        assert next(responses) == b"x"
        responses.cancel()

    collector = told(work)
    assert calls(collector, names.RPC_SERVER_SECONDS) == {("Endless", "CANCELLED"): 1}
    assert calls(collector, names.RPC_CLIENT_SECONDS) == {("Endless", "CANCELLED"): 1}


def test_health_checks_and_made_up_methods_leave_no_trace_in_the_server() -> None:
    def work(channel: grpc.Channel, telemetry: Telemetry) -> None:
        checked = health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(), timeout=TIMEOUT_S
        )
        assert checked.status == health_pb2.HealthCheckResponse.SERVING
        with pytest.raises(grpc.RpcError, match="UNIMPLEMENTED"):
            channel.unary_unary(f"/{SERVICE}/MadeUp")(b"", timeout=TIMEOUT_S)

    collector = told(work)
    assert [(s.name, s.kind) for s in collector.spans] == [(f"{SERVICE}/MadeUp", Span.SPAN_KIND_CLIENT)]
    assert names.RPC_SERVER_SECONDS.name not in {m.name for m in collector.metrics}


def test_off_nothing_stands_between_caller_and_server() -> None:
    assert server_interceptors(OFF) == client_interceptors(OFF) == ()
    with connected(OFF) as channel:
        assert channel.unary_unary(f"/{SERVICE}/Answer")(b"abc", timeout=TIMEOUT_S) == b"cba"
