"""The border: what the client library raises becomes one of our errors, by the reaction that it asks for."""

from collections.abc import Iterator
from contextlib import contextmanager

from kafka import errors

from lacuna_core.errors import ConfigError, CorruptState, LacunaError, Transient

_CONFIG = (
    errors.AuthorizationError,
    errors.SaslAuthenticationFailedError,
    errors.UnsupportedSaslMechanismError,
    errors.IllegalSaslStateError,
    errors.SecurityDisabledError,
    errors.KafkaConfigurationError,
    errors.FencedInstanceIdError,
    errors.UnsupportedVersionError,
    errors.UnrecognizedBrokerVersion,
    errors.UnsupportedCodecError,
    errors.InvalidTopicError,
    errors.InvalidGroupIdError,
    errors.InvalidSessionTimeoutError,
    errors.InconsistentGroupProtocolError,
    errors.GroupMaxSizeReachedError,
    errors.InvalidPartitionsError,
    errors.InvalidConfigurationError,
    errors.InvalidRequiredAcksError,
    errors.PolicyViolationError,
    errors.MessageSizeTooLargeError,
    errors.RecordListTooLargeError,
)
"""Nothing of this goes away by waiting."""
_CORRUPT = (errors.OffsetOutOfRangeError, errors.LogTruncationError, errors.CorruptRecordError)

# RuntimeError: a client that was closed, or whose thread has died; LookupError: a partition without a leader
FOREIGN = (errors.KafkaError, OSError, RuntimeError, LookupError)
"""What calls of the client library raise."""


def translate(error: BaseException, doing: str) -> LacunaError:
    """Name an error by the reaction that it asks for.

    Parameters
    ----------
    error : BaseException
        From the client library, or one of ours, which keeps its kind.
    doing : str
        What was attempted, for the message.

    Returns
    -------
    LacunaError
        ``ConfigError`` for what a person must change, ``CorruptState`` for a log that lost what it must have,
        ``Transient`` for the rest.
    """
    if isinstance(error, LacunaError):
        return type(error)(*error.args)
    if isinstance(error, errors.FencedInstanceIdError):
        return ConfigError(
            f"{doing}: another process runs under the same service.instance; give each replica its own"
        )
    if isinstance(error, _CONFIG):
        return ConfigError(f"{doing}: {error}")
    if isinstance(error, _CORRUPT):
        return CorruptState(f"{doing}: {error}")
    return Transient(f"{doing}: {error or type(error).__name__}")


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Let only our errors out.

    Parameters
    ----------
    doing : str
        What is attempted, for the message.

    Yields
    ------
    None
        To the calls of the client library.
    """
    try:
        yield
    except FOREIGN as error:
        raise translate(error, doing) from error
