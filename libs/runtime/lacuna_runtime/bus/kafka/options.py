"""What every client is told: where the brokers are, who we are, how long to wait."""

import logging
import re
from typing import Any

from lacuna_core.errors import ConfigError
from lacuna_runtime.bus.kafka.connections import DIRECT, net_client
from lacuna_runtime.bus.kafka.tls import tls_context
from lacuna_runtime.sections import KafkaSettings

_RECONNECT_MAX_MS = 2_000
"""After a long outage nobody waits longer than this to see that the broker is back."""
_RETRY_MS = 50
_METADATA_MS = 60_000
_NAME = re.compile(r"[A-Za-z0-9._-]{0,200}")


class Secret(str):
    """A password that does not show itself: the client library writes its options to its debug log."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


def require_crc32c() -> None:
    """Insist on the compiled checksum.

    Raises
    ------
    ConfigError
        If it is missing: the client library would fall back to pure Python, some hundred times slower.
    """
    try:
        import crc32c  # noqa: F401, PLC0415 - whether it is there is the question
    except ImportError as error:
        raise ConfigError(
            "the package crc32c is missing, and the log would crawl without it: install lacuna-runtime[kafka]"
        ) from error


def keep_requests_out_of_logs() -> None:
    """Keep the library's debug log silent: it holds whole requests, passwords among them."""
    log = logging.getLogger("kafka")
    if log.getEffectiveLevel() < logging.INFO:
        log.setLevel(logging.INFO)


def check_instance(instance: str) -> None:
    """Check that a name can be the name of a client and of a member of a group.

    Parameters
    ----------
    instance : str
        Name of this replica.

    Raises
    ------
    ConfigError
        If it can't.
    """
    if not _NAME.fullmatch(instance):
        raise ConfigError(
            f"service.instance {instance!r} is no name for Kafka: at most 200 letters, digits, '.', '_', '-'"
        )


def client_options(settings: KafkaSettings, instance: str) -> dict[str, Any]:
    """Write the options that all clients share; certificates and passwords are read anew each time.

    Parameters
    ----------
    settings : KafkaSettings
        Where and how.
    instance : str
        Name of this replica; seen in the logs and quotas of the brokers.

    Returns
    -------
    dict
        Arguments of any client.

    Raises
    ------
    ConfigError
        If a file that is named can't be read.
    """
    options: dict[str, Any] = {
        "bootstrap_servers": list(settings.bootstrap),
        "client_id": instance or "lacuna",
        "security_protocol": settings.security,
        "request_timeout_ms": settings.request_ms,
        "bootstrap_timeout_ms": settings.request_ms,
        "reconnect_backoff_max_ms": _RECONNECT_MAX_MS,
        "retry_backoff_ms": _RETRY_MS,
        "metadata_max_age_ms": _METADATA_MS,
        "kafka_client": net_client,
        "proxy_url": DIRECT,
    }
    if settings.security.endswith("SSL"):
        options["ssl_context"] = tls_context(settings.tls)
    if settings.security.startswith("SASL"):
        options |= {
            "sasl_mechanism": settings.sasl_mechanism,
            "sasl_plain_username": _username(settings),
            "sasl_plain_password": _password(settings),
        }
    return options


def _username(settings: KafkaSettings) -> str:
    if not settings.username:
        raise ConfigError(f"kafka.username is empty, and kafka.security is {settings.security}")
    return settings.username


def _password(settings: KafkaSettings) -> Secret:
    path = settings.password_file
    if path is None:
        raise ConfigError(f"kafka.password_file is not set, and kafka.security is {settings.security}")
    try:
        password = path.read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"kafka.password_file {path} can't be read: {error}") from error
    if not password:
        raise ConfigError(f"kafka.password_file {path} is empty")
    return Secret(password)
