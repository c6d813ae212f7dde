"""gRPC: trace context in metadata, a span and a latency for each call; health checks are left out."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import grpc

from lacuna_core.ports import Headers
from lacuna_runtime.telemetry import names
from lacuna_runtime.telemetry.api import Span, Telemetry
from lacuna_runtime.telemetry.names import Metric

_HEALTH = "/grpc.health."
_CARRIED = frozenset({"traceparent", "tracestate"})


def server_interceptors(telemetry: Telemetry) -> tuple[grpc.ServerInterceptor, ...]:
    """Make what a server needs to tell about its calls.

    Parameters
    ----------
    telemetry : Telemetry
        Where to.

    Returns
    -------
    tuple of grpc.ServerInterceptor
        None when telemetry is off.
    """
    return (_ServerInterceptor(telemetry),) if telemetry.on else ()


def client_interceptors(telemetry: Telemetry) -> tuple[Any, ...]:
    """Make what a channel needs to tell about its calls, for ``grpc.intercept_channel``.

    Parameters
    ----------
    telemetry : Telemetry
        Where to.

    Returns
    -------
    tuple of client interceptors
        None when telemetry is off.
    """
    return (_ClientInterceptor(telemetry),) if telemetry.on else ()


class _Call:
    """One call under way: its span, its clock."""

    def __init__(
        self, telemetry: Telemetry, metric: Metric, name: names.SpanName, path: str, parent: Headers = ()
    ) -> None:
        self.method = path.lstrip("/")
        attributes = {names.RPC_SYSTEM.name: "grpc", names.RPC_METHOD.name: self.method}
        self.span: Span = telemetry.span(name, self.method, attributes, parent=parent)
        self._telemetry = telemetry
        self._metric = metric
        self._start_s = time.perf_counter()

    def end(self, code: Any) -> None:
        status = code.name if isinstance(code, grpc.StatusCode) else str(code)
        self.span.note({names.RPC_CODE.name: status})
        self.span.end(None if status == "OK" else status)
        attributes = {names.METHOD.name: self.method, names.CODE.name: status}
        self._telemetry.observe(self._metric, time.perf_counter() - self._start_s, attributes)


class _ServerInterceptor(grpc.ServerInterceptor):  # type: ignore[misc]  # grpc ships no types
    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        handler = continuation(details)
        # a method that nobody serves gets no name of its own: callers must not be able to make up labels
        if handler is None or details.method.startswith(_HEALTH):
            return handler
        metadata = details.invocation_metadata or ()
        parent = tuple((k, v.encode("ascii", "replace")) for k, v in metadata if k in _CARRIED)

        def start() -> _Call:
            return _Call(self._telemetry, names.RPC_SERVER_SECONDS, names.RPC_SERVER, details.method, parent)

        return _handler(handler, start)


def _handler(handler: Any, start: Callable[[], _Call]) -> Any:
    kinds: dict[tuple[bool, bool], tuple[Any, Any]] = {
        (False, False): (handler.unary_unary, grpc.unary_unary_rpc_method_handler),
        (True, False): (handler.stream_unary, grpc.stream_unary_rpc_method_handler),
        (False, True): (handler.unary_stream, grpc.unary_stream_rpc_method_handler),
        (True, True): (handler.stream_stream, grpc.stream_stream_rpc_method_handler),
    }
    behavior, make = kinds[handler.request_streaming, handler.response_streaming]
    watched = _streamed(behavior, start) if handler.response_streaming else _answered(behavior, start)
    return make(
        watched,
        request_deserializer=handler.request_deserializer,
        response_serializer=handler.response_serializer,
    )


def _code(context: Any, failed: bool) -> Any:
    # a handler that raises without a status answers UNKNOWN; one that says nothing answers OK
    return context.code() or (grpc.StatusCode.UNKNOWN if failed else grpc.StatusCode.OK)


def _answered(behavior: Callable[[Any, Any], Any], start: Callable[[], _Call]) -> Callable[[Any, Any], Any]:
    def answer(request: Any, context: Any) -> Any:
        call = start()
        failed = True
        try:
            with call.span.current():
                response = behavior(request, context)
            failed = False
            return response
        finally:
            call.end(_code(context, failed))

    return answer


def _streamed(
    behavior: Callable[[Any, Any], Any], start: Callable[[], _Call]
) -> Callable[[Any, Any], Iterator[Any]]:
    def answer(request: Any, context: Any) -> Iterator[Any]:
        call = start()
        code: Any = grpc.StatusCode.CANCELLED
        try:
            with call.span.current():
                responses = iter(behavior(request, context))
            while True:
                # current only while the handler works: between two answers the thread is the server's
                with call.span.current():
                    try:
                        response = next(responses)
                    except StopIteration:
                        break
                yield response
            code = _code(context, failed=False)
        except Exception:
            code = _code(context, failed=True)
            raise
        finally:
            # a stream that the caller leaves is closed from outside and ends as canceled
            call.end(code)

    return answer


class _Details(grpc.ClientCallDetails):  # type: ignore[misc]
    def __init__(self, details: Any, metadata: Sequence[tuple[str, Any]]) -> None:
        self.method = details.method
        self.timeout = details.timeout
        self.metadata = metadata
        self.credentials = details.credentials
        self.wait_for_ready = details.wait_for_ready
        self.compression = details.compression


class _ClientInterceptor(
    grpc.UnaryUnaryClientInterceptor,  # type: ignore[misc]
    grpc.UnaryStreamClientInterceptor,  # type: ignore[misc]
    grpc.StreamUnaryClientInterceptor,  # type: ignore[misc]
    grpc.StreamStreamClientInterceptor,  # type: ignore[misc]
):
    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def _intercept(self, continuation: Callable[[Any, Any], Any], details: Any, request: Any) -> Any:
        if details.method.startswith(_HEALTH):
            return continuation(details, request)
        call = _Call(self._telemetry, names.RPC_CLIENT_SECONDS, names.RPC_CLIENT, details.method)
        with call.span.current():
            carried = [(name, value.decode("ascii")) for name, value in self._telemetry.inject()]
            try:
                answer = continuation(_Details(details, [*(details.metadata or ()), *carried]), request)
            except BaseException:
                call.end(grpc.StatusCode.UNKNOWN)
                raise
        answer.add_done_callback(lambda done: call.end(done.code()))
        return answer

    def intercept_unary_unary(
        self, continuation: Callable[[Any, Any], Any], details: Any, request: Any
    ) -> Any:
        return self._intercept(continuation, details, request)

    def intercept_unary_stream(
        self, continuation: Callable[[Any, Any], Any], details: Any, request: Any
    ) -> Any:
        return self._intercept(continuation, details, request)

    def intercept_stream_unary(
        self, continuation: Callable[[Any, Any], Any], details: Any, requests: Any
    ) -> Any:
        return self._intercept(continuation, details, requests)

    def intercept_stream_stream(
        self, continuation: Callable[[Any, Any], Any], details: Any, requests: Any
    ) -> Any:
        return self._intercept(continuation, details, requests)
