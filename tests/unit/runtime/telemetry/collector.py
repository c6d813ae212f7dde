"""A receiver shaped like a collector: takes OTLP over HTTP on a local port and keeps what it was told."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric, NumberDataPoint
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Collector:
    """What came in."""

    def __init__(self) -> None:
        self.traces: list[ExportTraceServiceRequest] = []
        self.metric_requests: list[ExportMetricsServiceRequest] = []
        self.hang = threading.Event()
        self.release = threading.Event()
        self.endpoint = ""

    def take(self, path: str, body: bytes) -> int:
        if self.hang.is_set():
            self.release.wait(30)
        if path == "/v1/traces":
            self.traces.append(ExportTraceServiceRequest.FromString(body))
        elif path == "/v1/metrics":
            self.metric_requests.append(ExportMetricsServiceRequest.FromString(body))
        else:
            return 404
        return 200

    @property
    def spans(self) -> list[Span]:
        return [
            span
            for request in list(self.traces)
            for told in request.resource_spans
            for scope in told.scope_spans
            for span in scope.spans
        ]

    @property
    def metrics(self) -> list[Metric]:
        return [
            metric
            for request in list(self.metric_requests)
            for told in request.resource_metrics
            for scope in told.scope_metrics
            for metric in scope.metrics
        ]

    def span(self, name: str) -> Span:
        found = [span for span in self.spans if span.name == name]
        assert len(found) == 1, [span.name for span in self.spans]
        return found[0]

    def newest(self, name: str) -> Metric:
        return [metric for metric in self.metrics if metric.name == name][-1]

    def wait(self, there: Callable[[], bool], timeout_s: float = 20.0) -> None:
        until_s = time.monotonic() + timeout_s
        while not there():
            assert time.monotonic() < until_s, "the collector was not told in time"
            time.sleep(0.02)


def plain(value: AnyValue) -> object:
    return getattr(value, value.WhichOneof("value") or "string_value")


def attributes(of: Span | NumberDataPoint | list[KeyValue]) -> dict[str, object]:
    pairs = of if isinstance(of, list) else of.attributes
    return {pair.key: plain(pair.value) for pair in pairs}


@contextmanager
def collecting() -> Iterator[Collector]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = collector.take(self.path, body)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    collector.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield collector
    finally:
        collector.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
