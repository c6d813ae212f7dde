"""Passwords and certificates: what is wrong is named, and nothing secret is told."""

import ssl
from pathlib import Path

import pytest

from lacuna_core.errors import ConfigError
from lacuna_runtime.sections import CassandraSettings, TlsSettings
from lacuna_runtime.stores.cassandra.login import auth_provider, ssl_context


def test_without_a_user_nobody_logs_in() -> None:
    assert auth_provider(CassandraSettings()) is None


def test_the_password_is_read_from_its_file_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2\n")
    settings = CassandraSettings(username="writer", password_file=tmp_path / "password")
    provider = auth_provider(settings)
    assert provider is not None
    assert provider.new_authenticator("host").initial_response() == b"\x00writer\x00hunter2"
    assert "hunter2" not in repr(provider)
    assert "hunter2" not in repr(settings)


def test_a_password_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cassandra\.password_file is not set"):
        auth_provider(CassandraSettings(username="writer"))
    with pytest.raises(ConfigError, match=r"cassandra\.password_file .*absent"):
        auth_provider(CassandraSettings(username="writer", password_file=tmp_path / "absent"))


def test_nodes_must_prove_who_they_are() -> None:
    assert ssl_context(None) is None
    context = ssl_context(TlsSettings())
    assert context is not None
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_certificates_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(ConfigError, match=r"cassandra\.tls\.ca_file .*ca\.pem"):
        ssl_context(TlsSettings(ca_file=tmp_path / "ca.pem"))
    with pytest.raises(ConfigError, match=r"cassandra\.tls\.cert_file .*absent"):
        ssl_context(TlsSettings(cert_file=tmp_path / "absent", key_file=tmp_path / "absent"))
    with pytest.raises(ConfigError, match="go together"):
        ssl_context(TlsSettings(key_file=tmp_path / "key.pem"))
