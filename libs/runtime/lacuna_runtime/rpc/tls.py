"""Certificates of mutual TLS: read as files, read again when they change, never half of a change."""

import logging
import ssl
from pathlib import Path
from typing import NamedTuple

import grpc

from lacuna_core.errors import ConfigError
from lacuna_runtime.sections import TlsSettings

_LOG = logging.getLogger(__name__)
_TRIES = 3


class Certificates(NamedTuple):
    """What is shown and who is trusted, PEM; None where there is nothing."""

    trusted: bytes | None
    chain: bytes | None
    key: bytes | None

    def __repr__(self) -> str:
        """Keep the key out of every log."""
        return "Certificates(...)"


class CertificateFiles:
    """The certificates of one end, followed through their rotation; for any thread.

    Parameters
    ----------
    tls : TlsSettings
        The files.

    Raises
    ------
    ConfigError
        If only one of certificate and key is named.
    """

    def __init__(self, tls: TlsSettings) -> None:
        if (tls.cert_file is None) != (tls.key_file is None):
            raise ConfigError("TLS: cert_file and key_file go together")
        self._tls = tls
        self._seen: tuple[object, ...] | None = None

    def read(self) -> Certificates:
        """Read all files.

        Returns
        -------
        Certificates
            A certificate and the key that belongs to it.

        Raises
        ------
        ConfigError
            If a file can't be read, or key and certificate do not belong together.
        """
        for attempt in range(_TRIES):
            stamp = self._stamp()
            found = Certificates(*(_bytes(path) for path in self._paths()))
            mistake = self._mistake()
            if stamp == self._stamp():
                if mistake:
                    raise ConfigError(mistake)
                self._seen = stamp
                return found
            _LOG.debug("TLS: the files changed while they were read (%d)", attempt)
        raise ConfigError("TLS: the files change faster than they can be read")

    def newer(self) -> Certificates | None:
        """Read the files if they changed since they were read last.

        Returns
        -------
        Certificates or None
            None when there is nothing new, or when what is new can't be used: it is logged, and the old
            ones stay in force.
        """
        try:
            return None if self._stamp() == self._seen else self.read()
        except ConfigError as error:
            _LOG.warning("the old certificates stay in force: %s", error)
            return None

    def _paths(self) -> tuple[Path | None, Path | None, Path | None]:
        return self._tls.ca_file, self._tls.cert_file, self._tls.key_file

    def _stamp(self) -> tuple[object, ...]:
        """What changes when a file does."""
        try:
            stats = [None if path is None else path.stat() for path in self._paths()]
        except OSError as error:
            raise ConfigError(f"TLS: {error.filename} can't be read ({error.strerror})") from error
        return tuple(None if s is None else (s.st_ino, s.st_mtime_ns, s.st_size) for s in stats)

    def _mistake(self) -> str:
        """What is wrong with the files, ``""`` when nothing is."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            if self._tls.cert_file is not None:
                # a key with a password would ask for it at the terminal
                context.load_cert_chain(self._tls.cert_file, self._tls.key_file, password="")
            if self._tls.ca_file is not None:
                context.load_verify_locations(self._tls.ca_file)
        except (ssl.SSLError, OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or type(error).__name__
            return f"TLS: {self._tls.cert_file}, its key and {self._tls.ca_file} can't be used ({reason})"
        return ""


def _bytes(path: Path | None) -> bytes | None:
    try:
        return None if path is None else path.read_bytes()
    except OSError as error:
        raise ConfigError(f"TLS: {path} can't be read ({error.strerror})") from error


def server_credentials(tls: TlsSettings) -> grpc.ServerCredentials:
    """Make a server that shows its certificate and demands one of the authority.

    Parameters
    ----------
    tls : TlsSettings
        All three files; they are looked at again at each handshake.

    Returns
    -------
    grpc.ServerCredentials
        For ``add_secure_port``.

    Raises
    ------
    ConfigError
        If a file is missing or can't be used.
    """
    if tls.ca_file is None or tls.cert_file is None:
        raise ConfigError("TLS: a server needs ca_file, cert_file and key_file")
    files = CertificateFiles(tls)

    def configuration(found: Certificates) -> grpc.ServerCertificateConfiguration:
        return grpc.ssl_server_certificate_configuration([(found.key, found.chain)], found.trusted)

    def fetch() -> grpc.ServerCertificateConfiguration | None:
        found = files.newer()
        return None if found is None else configuration(found)

    return grpc.dynamic_ssl_server_credentials(
        configuration(files.read()), fetch, require_client_authentication=True
    )


def channel_credentials(found: Certificates) -> grpc.ChannelCredentials:
    """Make a client that checks the server and shows its own certificate.

    Parameters
    ----------
    found : Certificates
        What it shows and whom it trusts.

    Returns
    -------
    grpc.ChannelCredentials
        For ``secure_channel``.
    """
    return grpc.ssl_channel_credentials(found.trusted, found.key, found.chain)
