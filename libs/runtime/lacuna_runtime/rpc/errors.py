"""Errors across the wire: each of ours has a status, and comes back as the error that asks for the same."""

from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from lacuna_core.errors import (
    ConfigError,
    Conflict,
    CorruptState,
    InvalidInput,
    InvalidMessage,
    LacunaError,
    NotFound,
    TimelineError,
    Transient,
)

REQUEST_ID = "x-request-id"
"""Metadata key, both ways."""
_MOST_DETAIL = 500


class Exhausted(Transient):
    """Too much in hand: come back later, with less."""


class RemoteFailure(LacunaError):
    """The other side failed for a reason that is its own; its log has it under the request id."""


_STATUS: tuple[tuple[type[LacunaError], grpc.StatusCode], ...] = (
    (Exhausted, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (Transient, grpc.StatusCode.UNAVAILABLE),
    (NotFound, grpc.StatusCode.NOT_FOUND),
    (Conflict, grpc.StatusCode.ALREADY_EXISTS),
    (ConfigError, grpc.StatusCode.INVALID_ARGUMENT),
    (InvalidMessage, grpc.StatusCode.INVALID_ARGUMENT),
    (TimelineError, grpc.StatusCode.FAILED_PRECONDITION),
    (CorruptState, grpc.StatusCode.DATA_LOSS),
)
_ERROR: dict[grpc.StatusCode, type[LacunaError]] = {
    grpc.StatusCode.RESOURCE_EXHAUSTED: Exhausted,
    grpc.StatusCode.UNAVAILABLE: Transient,
    grpc.StatusCode.DEADLINE_EXCEEDED: Transient,
    grpc.StatusCode.CANCELLED: Transient,
    grpc.StatusCode.ABORTED: Transient,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.ALREADY_EXISTS: Conflict,
    # an argument is the caller's: whoever passes a person's request on can say so
    grpc.StatusCode.INVALID_ARGUMENT: InvalidInput,
    grpc.StatusCode.FAILED_PRECONDITION: TimelineError,
    grpc.StatusCode.DATA_LOSS: CorruptState,
    # no caller of ours can mend these: a certificate, a list of peers or a version is wrong
    grpc.StatusCode.UNAUTHENTICATED: ConfigError,
    grpc.StatusCode.PERMISSION_DENIED: ConfigError,
    grpc.StatusCode.UNIMPLEMENTED: ConfigError,
}


def status_of(error: LacunaError) -> tuple[grpc.StatusCode, str] | None:
    """Say an error of ours on the wire.

    Parameters
    ----------
    error : LacunaError
        What the call came to.

    Returns
    -------
    tuple of (grpc.StatusCode, str) or None
        None for what is nobody's business outside.
    """
    for kind, code in _STATUS:
        if isinstance(error, kind):
            return code, clean(str(error))
    return None


def clean(text: str) -> str:
    """Make a text fit for metadata.

    Parameters
    ----------
    text : str
        Anything.

    Returns
    -------
    str
        At most 500 characters that UTF-8 can carry.
    """
    return text[:_MOST_DETAIL].encode("utf-8", "replace").decode()


def error_of(error: grpc.RpcError) -> LacunaError:
    """Turn a failed call into the error that asks for the right reaction.

    Parameters
    ----------
    error : grpc.RpcError
        As raised by a call.

    Returns
    -------
    LacunaError
        ``Transient`` where trying again may help.
    """
    code = error.code()
    detail = error.details() or code.name.lower()
    kind = _ERROR.get(code)
    if kind is None:
        return RemoteFailure(f"{detail} ({code.name})")
    if kind in (NotFound, InvalidInput, Conflict):
        return kind(detail)
    return kind(f"{detail} ({code.name})")


@contextmanager
def remote_errors() -> Iterator[None]:
    """Raise failed calls inside as errors of ours.

    Yields
    ------
    None
        Calls and the reading of their streams belong inside.

    Raises
    ------
    LacunaError
        As ``error_of``.
    """
    try:
        yield
    except grpc.RpcError as error:
        raise error_of(error) from error
