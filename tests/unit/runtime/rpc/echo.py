"""A small service of bytes for tests: it echoes, waits, streams, and fails as it is told."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc

from lacuna_runtime.rpc import RpcLimits, RpcServer, Servicer
from lacuna_runtime.sections import ServiceSettings

NAME = "test.Echo"
WAIT_S = 20.0


class Echo:
    """``Say`` answers or raises ``error``; ``Hold`` answers once ``release`` is set; ``Count`` streams."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.release = threading.Event()
        self.held = threading.Semaphore(0)
        self.calls = 0

    def say(self, request: bytes, context: Any) -> bytes:
        self.calls += 1
        if self.error is not None:
            raise self.error
        return request

    def hold(self, request: bytes, context: Any) -> bytes:
        self.held.release()
        assert self.release.wait(WAIT_S)
        return request

    def count(self, request: bytes, context: Any) -> Iterator[bytes]:
        for n in range(3):
            yield b"%d" % n
            if self.error is not None:
                raise self.error

    def servicer(self) -> Servicer:
        handlers = {
            "Say": grpc.unary_unary_rpc_method_handler(self.say),
            "Hold": grpc.unary_unary_rpc_method_handler(self.hold),
            "Count": grpc.unary_stream_rpc_method_handler(self.count),
        }
        handler = grpc.method_handlers_generic_handler(NAME, handlers)
        return Servicer(NAME, lambda server: server.add_generic_rpc_handlers((handler,)))


@contextmanager
def serving(echo: Echo, limits: RpcLimits | None = None, **settings: Any) -> Iterator[str]:
    """Serve it; gives the target."""
    with RpcServer(ServiceSettings(**settings), [echo.servicer()], limits=limits) as server:
        try:
            yield f"127.0.0.1:{server.port}"
        finally:
            echo.release.set()


def method(channel: grpc.Channel, name: str, *, stream: bool = False) -> Callable[..., Any]:
    """One method as a function of bytes."""
    path = f"/{NAME}/{name}"
    made: Callable[..., Any] = channel.unary_stream(path) if stream else channel.unary_unary(path)
    return made


def in_threads(count: int, call: Callable[[], Any]) -> list[Any]:
    """Call at once from many threads; what each came to."""

    def one(_: int) -> Any:
        try:
            return call()
        except grpc.RpcError as error:
            return error.code()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
