"""The health port over a real socket: answers, reasons, nothing else, and nobody can hold it."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection
from typing import Any

import pytest

from lacuna_runtime.health import Check, HealthChecks, HealthServer

HOST = "127.0.0.1"


class World:
    """What the checks see."""

    def __init__(self) -> None:
        self.facts = ""
        self.legs = ""
        self.starting = ""
        self.metrics: bytes | None = None


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def server(world: World) -> Iterator[HealthServer]:
    checks = HealthChecks(
        live={"facts": lambda: world.facts, "legs": lambda: world.legs},
        ready={"process": lambda: ""},
        started={"facts": lambda: world.starting},
    )
    with HealthServer(HOST, 0, checks, lambda: world.metrics) as started:
        yield started


def serving(check: Check = lambda: "", port: int = 0) -> HealthServer:
    return HealthServer(HOST, port, HealthChecks(live={"loop": check}))


def ask(server: HealthServer, path: str, method: str = "GET") -> tuple[int, Any, str]:
    connection = HTTPConnection(HOST, server.port, timeout=10)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        body = response.read()
        kind = response.getheader("Content-Type", "")
        return response.status, json.loads(body) if body and "json" in kind else body, kind
    finally:
        connection.close()


def test_it_tells_each_check_and_its_reason(server: HealthServer, world: World) -> None:
    well = {"status": "ok", "checks": {"facts": "ok", "legs": "ok"}}
    assert ask(server, "/livez") == (200, well, "application/json")
    world.facts = "no cycle for 130 s"
    failing = {"status": "failing", "checks": {"facts": "no cycle for 130 s", "legs": "ok"}}
    assert ask(server, "/livez")[:2] == (503, failing)
    assert ask(server, "/livez", "HEAD")[:2] == (503, b"")
    # one question is not the other
    assert ask(server, "/readyz?verbose=1")[:2] == (200, {"status": "ok", "checks": {"process": "ok"}})
    assert ask(server, "/startupz")[0] == 200
    world.starting = "has not worked yet"
    assert [ask(server, path)[0] for path in ("/startupz", "/readyz")] == [503, 200]


def test_metrics_are_there_only_where_they_are_offered(server: HealthServer, world: World) -> None:
    assert ask(server, "/metrics")[0] == 404
    world.metrics = b"lacuna_rows_total 3.0\n"
    status, body, kind = ask(server, "/metrics")
    assert (status, body) == (200, world.metrics)
    assert kind.startswith("text/plain; version=0.0.4")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/livez/"), ("GET", "/../etc/passwd"), ("POST", "/livez"), ("DELETE", "/metrics")],
)
def test_anything_else_is_not_found(server: HealthServer, method: str, path: str) -> None:
    assert ask(server, path, method)[0] == 404


def test_a_check_that_fails_is_not_well_and_tells_nobody_why(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> str:
        raise RuntimeError("the password is swordfish")

    with serving(broken) as server:
        failing = {"status": "failing", "checks": {"loop": "the check failed: RuntimeError"}}
        assert ask(server, "/livez")[:2] == (503, failing)
        assert ask(server, "/readyz")[0] == 200
    assert "swordfish" in caplog.text


def test_metrics_that_fail_do_not_end_it() -> None:
    def broken() -> bytes:
        raise RuntimeError("half written")

    with HealthServer(HOST, 0, HealthChecks(), broken) as server:
        assert ask(server, "/metrics")[:2] == (500, {"status": "broken"})
        assert ask(server, "/livez")[0] == 200


@pytest.mark.parametrize(
    "sent", [b"", b"\x16\x03\x01\x02\x00", b"GET /livez", b"GET\r\n\r\n", b"G" * 20_000, b"\r\n\r\n"]
)
def test_nonsense_does_not_end_it(server: HealthServer, sent: bytes) -> None:
    nonsense = socket.create_connection((HOST, server.port), timeout=10)
    # what is too long may be dropped before it is all sent
    with nonsense, suppress(OSError):
        nonsense.sendall(sent)
        nonsense.shutdown(socket.SHUT_WR)
    assert ask(server, "/livez")[0] == 200


def test_a_caller_that_dawdles_is_dropped(server: HealthServer) -> None:
    """A byte now and then wins no more time: whoever comes behind is answered."""
    with socket.create_connection((HOST, server.port), timeout=10) as slow:

        def dawdle() -> None:
            with suppress(OSError):
                while True:
                    slow.sendall(b"x")
                    dropped.wait(0.05)

        dropped = threading.Event()
        thread = threading.Thread(target=dawdle)
        thread.start()
        assert ask(server, "/livez")[0] == 200
        dropped.set()
        thread.join(10)
    assert not thread.is_alive()


def test_the_port_is_free_again_after_a_stop() -> None:
    with serving() as first:
        port = first.port
        assert ask(first, "/livez")[0] == 200
    with serving(port=port) as second:
        assert second.port == port
    serving().stop()
