"""Certificates for tests: an authority, and what it signs."""

import shutil
import subprocess
from pathlib import Path

import pytest

from lacuna_runtime.sections import TlsSettings

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=30)


class Authority:
    """Signs certificates of one day into a folder."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self.folder = folder
        self.cert, self._key = folder / f"{name}.pem", folder / f"{name}.key"
        _openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
            "-subj", f"/CN={name}", "-keyout", str(self._key), "-out", str(self.cert),
        )  # fmt: skip

    def sign(self, name: str, *names: str) -> TlsSettings:
        """Write the certificate of an end, valid on this machine, for some further names."""
        cert, key, request = (self.folder / f"{name}.{kind}" for kind in ("pem", "key", "csr"))
        extensions = self.folder / f"{name}.ext"
        listed = ",".join(["IP:127.0.0.1", "DNS:localhost", *names])
        extensions.write_text(f"subjectAltName={listed}\n")
        _openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-keyout", str(key), "-out", str(request),
        )  # fmt: skip
        _openssl(
            "x509", "-req", "-in", str(request), "-CA", str(self.cert), "-CAkey", str(self._key),
            "-days", "1", "-extfile", str(extensions), "-out", str(cert),
        )  # fmt: skip
        return TlsSettings(ca_file=self.cert, cert_file=cert, key_file=key)

    def lock(self, files: TlsSettings) -> Path:
        """Write a key once more, with a password."""
        locked = self.folder / "locked.key"
        _openssl("ec", "-in", str(files.key_file), "-aes256", "-passout", "pass:secret", "-out", str(locked))
        return locked


def rotate(files: TlsSettings, newer: TlsSettings) -> None:
    """Put the newer certificate and key where the old ones are, the certificate first."""
    for old, new in ((files.cert_file, newer.cert_file), (files.key_file, newer.key_file)):
        assert old is not None
        assert new is not None
        beside = old.with_suffix(".new")
        shutil.copy(new, beside)
        beside.replace(old)
