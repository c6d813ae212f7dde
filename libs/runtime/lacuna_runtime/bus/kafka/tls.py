"""TLS contexts from files."""

import ssl

from lacuna_core.errors import ConfigError
from lacuna_runtime.sections import TlsSettings


def tls_context(settings: TlsSettings) -> ssl.SSLContext:
    """Build the context of a client.

    Parameters
    ----------
    settings : TlsSettings
        Files.

    Returns
    -------
    ssl.SSLContext
        Checks certificate and name of the other side; TLS 1.2 at least.

    Raises
    ------
    ConfigError
        If a file can't be used.
    """
    if (settings.cert_file is None) != (settings.key_file is None):
        raise ConfigError("kafka.tls.cert_file and kafka.tls.key_file go together: set both or neither")
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:
        raise ConfigError(f"kafka.tls.ca_file {settings.ca_file} can't be used: {error}") from error
    if settings.cert_file is not None:
        try:
            context.load_cert_chain(settings.cert_file, settings.key_file)
        except OSError as error:
            raise ConfigError(
                f"kafka.tls.cert_file {settings.cert_file} and key_file {settings.key_file} can't be used: "
                f"{error}"
            ) from error
    return context
