"""The health port: is it alive, ready, started; metrics where they are offered. For the inside only."""

import json
import logging
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Self, TypeAlias

_LOG = logging.getLogger(__name__)

Check: TypeAlias = Callable[[], str]
"""Looks at one thing: empty when it is well, else the reason in one line. Must be quick."""
_JSON = "application/json"
_METRICS = "text/plain; version=0.0.4; charset=utf-8"
_REQUEST_BYTES = 8 * 1024
_REQUEST_S = 2.0
_QUEUE = 16
_STOP_S = 5.0
_END = b"\r\n\r\n"
_PHRASES = {200: "OK", 404: "Not Found", 500: "Internal Server Error", 503: "Service Unavailable"}


class Answer(NamedTuple):
    """What a request gets.

    Attributes
    ----------
    status : int
        HTTP status.
    kind : str
        Content type.
    body : bytes
        Content.
    """

    status: int
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class HealthChecks:
    """What each question looks at, by name of the check.

    Attributes
    ----------
    live : mapping of str to Check
        ``/livez``: does the process still turn; never whether others are there.
    ready : mapping of str to Check
        ``/readyz``: can it do its work now.
    started : mapping of str to Check
        ``/startupz``: is it through with starting.
    """

    live: Mapping[str, Check] = field(default_factory=dict)
    ready: Mapping[str, Check] = field(default_factory=dict)
    started: Mapping[str, Check] = field(default_factory=dict)


_NOT_FOUND = Answer(404, _JSON, b'{"status":"not found"}')
_BROKEN = Answer(500, _JSON, b'{"status":"broken"}')


class HealthServer:
    """Answers one request after the other in one thread; each has two seconds and 8 KiB.

    Anything but ``/livez``, ``/readyz``, ``/startupz`` and ``/metrics`` is not found.

    Parameters
    ----------
    host : str
        Address to listen on; never one that is reached from outside.
    port : int
        TCP port; 0 takes any free one.
    checks : HealthChecks
        What is looked at.
    scrape : callable or None
        Gives the metrics as Prometheus text; None, or what gives None, has no ``/metrics``.
    """

    def __init__(
        self,
        host: str,
        port: int,
        checks: HealthChecks,
        scrape: Callable[[], bytes | None] | None = None,
    ) -> None:
        self._checks = {"/livez": checks.live, "/readyz": checks.ready, "/startupz": checks.started}
        self._scrape = scrape
        server = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                _serve(self.request, server.answer)

        self._server = _Server((host, port), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="health", daemon=True
        )

    @property
    def port(self) -> int:
        """The TCP port that it listens on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Start answering."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(_STOP_S)
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def answer(self, method: str, path: str) -> Answer:
        """Answer one request.

        Parameters
        ----------
        method : str
            HTTP method.
        path : str
            Path, without a query.

        Returns
        -------
        Answer
            Also when it goes wrong: 500.
        """
        if method not in ("GET", "HEAD"):
            return _NOT_FOUND
        try:
            return self._answer(path)
        except Exception:  # noqa: BLE001 - metrics that can't be written must not end the thread
            _LOG.warning("health: %s could not be answered", path, exc_info=True)
            return _BROKEN

    def _answer(self, path: str) -> Answer:
        if path == "/metrics":
            text = self._scrape() if self._scrape is not None else None
            return _NOT_FOUND if text is None else Answer(200, _METRICS, text)
        checks = self._checks.get(path)
        return _NOT_FOUND if checks is None else _looked(checks)


def _looked(checks: Mapping[str, Check]) -> Answer:
    reasons = {name: _reason(name, check) for name, check in checks.items()}
    failing = any(reasons.values())
    told = {
        "status": "failing" if failing else "ok",
        "checks": {name: reason or "ok" for name, reason in reasons.items()},
    }
    body = json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
    return Answer(503 if failing else 200, _JSON, body)


def _reason(name: str, check: Check) -> str:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - what can't be looked at is not well
        # the text may hold what is nobody's business: it goes to the log, not to the caller
        _LOG.warning("health: check %s could not look", name, exc_info=True)
        return f"the check failed: {type(error).__name__}"


class _Server(socketserver.TCPServer):
    allow_reuse_address = True
    request_queue_size = _QUEUE

    def handle_error(self, request: object, client_address: object) -> None:
        # a caller that goes away or dawdles is no fault of this process
        _LOG.debug("health: a request was dropped", exc_info=True)


def _serve(connection: socket.socket, answer: Callable[[str, str], Answer]) -> None:
    method, path = _request(connection)
    status, kind, body = answer(method, path)
    head = (
        f"HTTP/1.1 {status} {_PHRASES[status]}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    connection.settimeout(_REQUEST_S)
    connection.sendall(head.encode("ascii") + (b"" if method == "HEAD" else body))


def _request(connection: socket.socket) -> tuple[str, str]:
    """Read method and path; the deadline is for the whole head, so that no caller can hold the thread."""
    until_s = time.monotonic() + _REQUEST_S
    head = b""
    while _END not in head:
        connection.settimeout(max(0.001, until_s - time.monotonic()))
        piece = connection.recv(_REQUEST_BYTES)
        head += piece
        if not piece or len(head) > _REQUEST_BYTES or time.monotonic() > until_s:
            raise TimeoutError("no whole request in time")
    words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        return "", ""
    return words[0], words[1].split("?", 1)[0]
