"""What an error of the driver asks for: try again, or stop and say which setting is wrong."""

from collections.abc import Iterator
from contextlib import contextmanager

from cassandra import AuthenticationFailed, DriverException, RequestValidationException, Unauthorized
from cassandra.cluster import NoHostAvailable
from cassandra.connection import ConnectionBusy, ConnectionException, ProtocolError
from cassandra.pool import NoConnectionsAvailable
from cassandra.protocol import ErrorMessage

from lacuna_core.errors import ConfigError, LacunaError, Transient

FAILURES: tuple[type[Exception], ...] = (
    DriverException, ErrorMessage, NoHostAvailable, ConnectionException, ConnectionBusy, ProtocolError,
    NoConnectionsAvailable, OSError,
)  # fmt: skip
"""Everything that the driver raises."""


def _causes(error: BaseException) -> list[BaseException]:
    """The error, or what happened at each node when none could be asked."""
    if isinstance(error, NoHostAvailable) and isinstance(error.errors, dict) and error.errors:
        return [e for e in error.errors.values() if isinstance(e, BaseException)]
    return [error]


def reaction_to(error: BaseException) -> LacunaError:
    """Name an error of the driver by the reaction that it asks for.

    Parameters
    ----------
    error : BaseException
        One of ``FAILURES``.

    Returns
    -------
    LacunaError
        ``ConfigError`` when asking again can't help, ``Transient`` otherwise; holds no secret.
    """
    causes = _causes(error)
    for cause in causes:
        if isinstance(cause, AuthenticationFailed):
            return ConfigError(
                "Cassandra does not accept the login: check cassandra.username and cassandra.password_file"
            )
        if isinstance(cause, Unauthorized):
            return ConfigError(f"cassandra.username lacks a permission: {_text(cause)}")
        # The driver makes other errors of those of TLS; only their text is left.
        if "CERTIFICATE_VERIFY_FAILED" in str(cause):
            return ConfigError(
                "a certificate of Cassandra is not accepted: check cassandra.tls.ca_file and the names in the"
                f" certificates of the nodes ({_text(cause)})"
            )
        if "WRONG_VERSION_NUMBER" in str(cause):
            return ConfigError("Cassandra does not speak TLS at cassandra.port, but cassandra.tls is set")
        if isinstance(cause, RequestValidationException):
            return ConfigError(f"Cassandra refuses a statement: {_text(cause)}")
    return Transient(f"Cassandra does not answer: {'; '.join(sorted({_text(c) for c in causes}))}")


def _text(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:300]


@contextmanager
def asking() -> Iterator[None]:
    """Turn every error of the driver into one of ours.

    Yields
    ------
    None
        While Cassandra is asked.

    Raises
    ------
    ConfigError
        If asking again can't help.
    Transient
        If it may.
    """
    try:
        yield
    except FAILURES as error:
        raise reaction_to(error) from error
