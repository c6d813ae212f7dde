"""What every call must pass: a known peer, a deadline; and how whatever goes wrong inside is said outside."""

import logging
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc

from lacuna_core.errors import LacunaError
from lacuna_runtime.rpc.errors import REQUEST_ID, status_of
from lacuna_runtime.rpc.limits import MAX_DEADLINE_S

_LOG = logging.getLogger(__name__)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEALTH = "/grpc.health."
_ROUNDING_S = 1.0
"""A client rounds its deadline up before it sends it."""
_NAMES = "x509_subject_alternative_name"


class Guard(grpc.ServerInterceptor):  # type: ignore[misc]  # gRPC brings no types
    """Stands before every method but the health checks, which watch without end and tell nothing.

    Parameters
    ----------
    peers : frozenset of str
        Names (DNS, URI) of which a caller's certificate must hold one; empty for any caller.
    """

    def __init__(self, peers: frozenset[str] = frozenset()) -> None:
        self._peers = frozenset(name.encode() for name in peers)

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        """Wrap the handler of a call.

        Parameters
        ----------
        continuation : callable
            Finds the handler.
        details : grpc.HandlerCallDetails
            The method and the metadata.

        Returns
        -------
        grpc.RpcMethodHandler or None
            None for a method that nobody serves.
        """
        handler = continuation(details)
        if handler is None or details.method.startswith(_HEALTH):
            return handler
        method = details.method.lstrip("/")
        request_id = _request_id(details.invocation_metadata or ())
        kinds: dict[tuple[bool, bool], tuple[Any, Any]] = {
            (False, False): (handler.unary_unary, grpc.unary_unary_rpc_method_handler),
            (True, False): (handler.stream_unary, grpc.stream_unary_rpc_method_handler),
            (False, True): (handler.unary_stream, grpc.unary_stream_rpc_method_handler),
            (True, True): (handler.stream_stream, grpc.stream_stream_rpc_method_handler),
        }
        behavior, make = kinds[handler.request_streaming, handler.response_streaming]

        def answer(request: Any, context: Any) -> Any:
            with self._held(context, method, request_id):
                return behavior(request, context)

        def answers(request: Any, context: Any) -> Iterator[Any]:
            with self._held(context, method, request_id):
                yield from behavior(request, context)

        return make(
            answers if handler.response_streaming else answer,
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    @contextmanager
    def _held(self, context: Any, method: str, request_id: str) -> Iterator[None]:
        context.set_trailing_metadata(((REQUEST_ID, request_id),))
        self._admit(context)
        try:
            yield
        except LacunaError as error:
            status = status_of(error)
            if status is None:
                _fail(context, method, request_id)
            else:
                context.abort(*status)
        except Exception:
            if context.code() is not None or not context.is_active():
                raise  # said already, or nobody listens any more
            _fail(context, method, request_id)

    def _admit(self, context: Any) -> None:
        if self._peers and self._peers.isdisjoint(context.auth_context().get(_NAMES, ())):
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "this certificate may not call here")
        left_s = context.time_remaining()
        if left_s is None or left_s > MAX_DEADLINE_S + _ROUNDING_S:
            context.abort(
                grpc.StatusCode.INVALID_ARGUMENT,
                f"every call needs a deadline of at most {MAX_DEADLINE_S:.0f} s",
            )
        if left_s <= 0:
            context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "the deadline passed while the call waited")


def _request_id(metadata: Any) -> str:
    for name, value in metadata:
        if name == REQUEST_ID and isinstance(value, str) and _REQUEST_ID.fullmatch(value):
            return value
    return uuid.uuid4().hex


def _fail(context: Any, method: str, request_id: str) -> None:
    """Keep the cause here; only the id goes out."""
    _LOG.exception("%s failed", method, extra={"request_id": request_id})
    context.abort(grpc.StatusCode.INTERNAL, f"internal error, request id {request_id}")
