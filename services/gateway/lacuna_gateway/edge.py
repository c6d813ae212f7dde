"""The outermost layer: request ids, size limits, and no error that leaves without being a problem."""

import logging
import re
import uuid

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lacuna_gateway.problems import MEDIA_TYPE, TYPES, Problem, problem_body
from lacuna_gateway.settings import GatewaySettings

_LOG = logging.getLogger("lacuna.gateway")
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_SAFETY = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]


class Edge:
    """ASGI middleware around everything.

    Parameters
    ----------
    app : ASGIApp
        The gateway.
    settings : GatewaySettings
        Its limits.
    """

    def __init__(self, app: ASGIApp, settings: GatewaySettings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Parameters
        ----------
        scope : Scope
            What is asked.
        receive, send : callable
            The connection.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._request_id(scope)
        scope["request_id"] = request_id
        started = False

        async def send_marked(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                own = [(b"x-request-id", request_id.encode()), *_SAFETY]
                message = {**message, "headers": [*message["headers"], *own]}
            await send(message)

        problem = self._refusal(scope)
        if problem is None:
            try:
                await self._app(scope, self._limited(receive), send_marked)
                return
            except Exception:  # noqa: BLE001 - the edge: whatever went wrong inside stays inside
                _LOG.exception("request failed", extra={"request_id": request_id})
                problem = Problem("internal", TYPES["internal"].description)
        if started:
            raise ConnectionError(f"request {request_id} failed after its answer had begun")
        await self._answer(scope, send_marked, problem)

    @staticmethod
    def _request_id(scope: Scope) -> str:
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _REQUEST_ID.fullmatch(value.decode("latin-1")):
                return str(value.decode("latin-1"))
        return uuid.uuid4().hex

    def _refusal(self, scope: Scope) -> Problem | None:
        limits = self._settings
        if sum(len(n) + len(v) for n, v in scope["headers"]) > limits.max_header_bytes:
            return Problem("headers-too-large", TYPES["headers-too-large"].description)
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > limits.max_target_bytes:
            return Problem("target-too-long", TYPES["target-too-long"].description)
        for name, value in scope["headers"]:
            if name == b"content-length" and (not value.isdigit() or int(value[:19]) > limits.max_body_bytes):
                return Problem("body-too-large", TYPES["body-too-large"].description)
        return None

    def _limited(self, receive: Receive) -> Receive:
        taken = 0

        async def receive_limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._settings.max_body_bytes:
                # The framework passes its own exception on, and makes 400 of any other while it reads.
                raise HTTPException(413)
            return message

        return receive_limited

    @staticmethod
    async def _answer(scope: Scope, send: Send, problem: Problem) -> None:
        body = problem_body(problem, scope["request_id"], scope["path"])
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": problem.kind.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
