"""Certificates of a cluster: an authority of its own, and one certificate for all of its nodes."""

import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.local.files import write_whole
from deploy.local.ports import address
from deploy.local.tools import find_openssl
from lacuna_core.errors import ConfigError

COMMON_NAME = "lacuna-node"
_DAYS = "30"
_OPENSSL_S = 60.0
_NODES = 3


@dataclass(frozen=True, slots=True)
class Certificates:
    """Where they are.

    Attributes
    ----------
    ca_file : Path
        Whom clients trust.
    cert_file, key_file : Path
        What the nodes show each other and their clients; PEM.
    store_file : Path
        The same as PKCS 12, with the authority.
    store_password_file : Path
        Opens it.
    """

    ca_file: Path
    cert_file: Path
    key_file: Path
    store_file: Path
    store_password_file: Path


def certificates(folder: Path) -> Certificates:
    """Make the certificates of a cluster, or find those that were made.

    Parameters
    ----------
    folder : Path
        Theirs.

    Returns
    -------
    Certificates
        For ``127.0.0.1`` to ``127.0.0.3`` and ``localhost``.

    Raises
    ------
    MissingTool
        If there is no OpenSSL.
    ConfigError
        If it refuses.
    """
    made = Certificates(
        folder / "ca.pem",
        folder / "node.pem",
        folder / "node.key",
        folder / "node.p12",
        folder / "store.password",
    )
    if not made.store_file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        _authority(folder)
        _node(folder)
        _store(folder, made)
    return made


def _authority(folder: Path) -> None:
    _openssl(
        folder,
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", _DAYS, "-subj", "/CN=lacuna-local-ca",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        "-keyout", "ca.key", "-out", "ca.pem",
    )  # fmt: skip


def _node(folder: Path) -> None:
    names = ",".join(["DNS:localhost", *(f"IP:{address(node)}" for node in range(1, _NODES + 1))])
    write_whole(
        folder / "node.ext",
        f"subjectAltName={names}\nextendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=critical,CA:FALSE\n",
    )
    _openssl(
        folder,
        "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={COMMON_NAME}",
        "-keyout", "node.key", "-out", "node.csr",
    )  # fmt: skip
    _openssl(
        folder,
        "x509", "-req", "-in", "node.csr", "-days", _DAYS, "-CA", "ca.pem", "-CAkey", "ca.key",
        "-CAcreateserial", "-extfile", "node.ext", "-out", "node.pem",
    )  # fmt: skip


def _store(folder: Path, made: Certificates) -> None:
    write_whole(made.store_password_file, secrets.token_urlsafe(24), private=True)
    _openssl(
        folder,
        "pkcs12", "-export", "-in", made.cert_file.name, "-inkey", made.key_file.name, "-certfile", "ca.pem",
        "-name", "node", "-passout", f"file:{made.store_password_file.name}", "-out", made.store_file.name,
    )  # fmt: skip


def _openssl(folder: Path, *arguments: str) -> None:
    try:
        subprocess.run(
            [find_openssl(), *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_OPENSSL_S,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise ConfigError(f"openssl {arguments[0]} failed: {error.stderr.strip()}") from error
