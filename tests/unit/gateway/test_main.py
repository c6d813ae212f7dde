"""The server: takes its port first, answers over a socket, drains."""

import socket
import threading
import time
import urllib.request
from typing import Any

import pytest

from lacuna_core.errors import ConfigError
from lacuna_gateway.main import listen, make_server
from lacuna_query.service import QueryService
from lacuna_runtime.stores.sqlite import SqliteStore
from tests.unit.gateway.world import fill


def test_a_port_in_use_is_one_clear_error() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} on 127.0.0.1 can't be taken"):
            listen("127.0.0.1", port)


def test_hosts_and_ports_that_cannot_be() -> None:
    with pytest.raises(ConfigError, match="host"):
        listen("no such host.invalid", 0)
    with pytest.raises(ConfigError, match="port"):
        listen("127.0.0.1", 70_000)


def test_it_answers_over_a_socket_and_ends_when_told() -> None:
    with SqliteStore.open(":memory:") as store, listen("127.0.0.1", 0) as listener:
        fill(store)
        server = make_server(QueryService(store, store, store, store))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            base = f"http://127.0.0.1:{listener.getsockname()[1]}"
            with urllib.request.urlopen(f"{base}/v1/events?limit=2", timeout=10) as answer:
                assert answer.status == 200
                assert answer.headers["X-Request-Id"]
                assert "server" not in {name.lower() for name in answer.headers}
        finally:
            server.should_exit = True
            thread.join(timeout=10)
        assert not thread.is_alive()


def test_endless_headers_are_cut_off() -> None:
    with SqliteStore.open(":memory:") as store, listen("127.0.0.1", 0) as listener:
        query: Any = QueryService(store, store, store, store)
        server = make_server(query)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            with socket.create_connection(listener.getsockname()[:2], timeout=10) as raw:
                raw.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: ")
                deadline = time.monotonic() + 10
                answer = b""
                try:
                    while not answer and time.monotonic() < deadline:
                        raw.sendall(b"x" * 10_000)
                        raw.settimeout(0.05)
                        try:
                            answer = raw.recv(100)
                        except TimeoutError:
                            continue
                except ConnectionError:
                    answer = b"closed"
                assert answer.startswith((b"HTTP/1.1 4", b"closed"))
        finally:
            server.should_exit = True
            thread.join(timeout=10)
