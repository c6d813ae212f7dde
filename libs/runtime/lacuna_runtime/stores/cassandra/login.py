"""Who we are and whom we trust: the password file and the TLS context."""

import ssl
from collections.abc import Callable
from pathlib import Path

from cassandra.auth import PlainTextAuthProvider

from lacuna_core.errors import ConfigError
from lacuna_runtime.sections import CassandraSettings, TlsSettings


def auth_provider(settings: CassandraSettings) -> PlainTextAuthProvider | None:
    """Read the password.

    Parameters
    ----------
    settings : CassandraSettings
        Its ``username`` and ``password_file``.

    Returns
    -------
    PlainTextAuthProvider or None
        None without a user name.

    Raises
    ------
    ConfigError
        If the file is missing or can't be read.
    """
    if not settings.username:
        return None
    path = settings.password_file
    if path is None:
        raise ConfigError("cassandra.password_file is not set, expected a file for cassandra.username")
    try:
        password = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cassandra.password_file {path} can't be read: {type(error).__name__}") from None
    return PlainTextAuthProvider(settings.username, password)


def _load(key: str, path: Path, load: Callable[[], None]) -> None:
    try:
        load()
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"cassandra.tls.{key} {path} can't be used: {error}") from error


def ssl_context(tls: TlsSettings | None) -> ssl.SSLContext | None:
    """Make the TLS context: nodes must show a certificate of a trusted authority for their address.

    Parameters
    ----------
    tls : TlsSettings or None
        None speaks in the clear.

    Returns
    -------
    ssl.SSLContext or None
        TLS 1.2 or newer, host names checked.

    Raises
    ------
    ConfigError
        If a file is missing or holds no certificate or key.
    """
    if tls is None:
        return None
    if (tls.cert_file is None) != (tls.key_file is None):
        raise ConfigError("cassandra.tls.cert_file and cassandra.tls.key_file go together, expected both")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.ca_file is None:
        context.load_default_certs()
    else:
        _load("ca_file", tls.ca_file, lambda: context.load_verify_locations(tls.ca_file))
    cert, key = tls.cert_file, tls.key_file
    if cert is not None:
        _load("cert_file", cert, lambda: context.load_cert_chain(cert, key))
    return context
