"""Mutual TLS over a real socket: who may call, and certificates that change while both ends run."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest

from lacuna_core.errors import ConfigError, Transient
from lacuna_runtime.rpc import open_channel, remote_errors
from lacuna_runtime.rpc.tls import CertificateFiles, server_credentials
from lacuna_runtime.sections import TlsSettings
from tests.unit.runtime.rpc.authority import Authority, needs_openssl, rotate
from tests.unit.runtime.rpc.echo import Echo, method, serving

pytestmark = needs_openssl
GATEWAY = "URI:spiffe://lacuna/gateway"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return Authority(folder)


@pytest.fixture
def own(tmp_path: Path) -> Authority:
    """An authority whose files a test may change."""
    return Authority(tmp_path)


@contextmanager
def calling(target: str, tls: TlsSettings | None) -> Iterator[grpc.Channel]:
    with open_channel(target, tls) as channel:
        yield channel


def call(target: str, tls: TlsSettings | None) -> bytes:
    """One call on a connection of its own."""
    with calling(target, tls) as channel, remote_errors():
        return bytes(method(channel, "Say")(b"x"))


def test_only_who_the_authority_signed_gets_through(authority: Authority, tmp_path: Path) -> None:
    server, client = authority.sign("server"), authority.sign("client")
    stranger = Authority(tmp_path, "other").sign("stranger")
    posing = TlsSettings(ca_file=client.ca_file, cert_file=stranger.cert_file, key_file=stranger.key_file)
    nobody = TlsSettings(ca_file=client.ca_file)
    echo = Echo()
    with serving(echo, grpc_tls=server) as target:
        assert call(target, client) == b"x"
        for refused in (None, nobody, posing, stranger):
            with pytest.raises(Transient):
                call(target, refused)
    assert echo.calls == 1


def test_a_server_that_the_authority_did_not_sign_is_not_talked_to(
    authority: Authority, tmp_path: Path
) -> None:
    echo = Echo()
    other = Authority(tmp_path, "other").sign("server")
    with serving(echo, grpc_tls=other) as target, pytest.raises(Transient):
        call(target, authority.sign("client"))
    assert echo.calls == 0


def test_only_named_peers_may_call(authority: Authority) -> None:
    server = authority.sign("server")
    named, other = authority.sign("gateway", GATEWAY), authority.sign("partner", "DNS:partner.example")
    echo = Echo()
    with serving(echo, grpc_tls=server, grpc_peers=("spiffe://lacuna/gateway", "lacuna-query")) as target:
        assert call(target, named) == b"x"
        with pytest.raises(ConfigError, match="may not call"):
            call(target, other)
        with calling(target, other) as channel, pytest.raises(grpc.RpcError) as caught:
            list(method(channel, "Count", stream=True)(b"x"))
        assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert echo.calls == 1


def test_a_server_shows_a_rotated_certificate_without_a_restart(own: Authority, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    newer = Authority(tmp_path / "new", "newer")
    server, client = own.sign("server"), own.sign("client")
    with serving(Echo(), grpc_tls=server) as target, calling(target, client) as standing:
        assert method(standing, "Say")(b"x") == b"x"
        trusting_newer = TlsSettings(ca_file=newer.cert, cert_file=client.cert_file, key_file=client.key_file)
        with pytest.raises(Transient):
            call(target, trusting_newer)
        rotate(server, newer.sign("server"))
        assert call(target, trusting_newer) == b"x"
        with pytest.raises(Transient):
            call(target, client)
        # who was connected stays so
        assert method(standing, "Say")(b"x") == b"x"


def test_a_client_takes_its_rotated_certificate_and_a_new_authority(own: Authority, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    newer = Authority(tmp_path / "new", "newer")
    client = own.sign("client")
    with serving(Echo(), grpc_tls=own.sign("server")) as target, open_channel(target, client) as channel:
        say = method(channel, "Say")
        assert say(b"x") == b"x"
        rotate(client, newer.sign("client"))
        # the server knows nothing of the newer authority: a new handshake fails, as it must
        with pytest.raises(Transient), remote_errors():
            say(b"x")
        rotate(client, own.sign("client-again"))
        assert say(b"x") == b"x"


def test_half_a_rotation_changes_nothing(own: Authority, caplog: pytest.LogCaptureFixture) -> None:
    server, client, next_one = own.sign("server"), own.sign("client"), own.sign("next")
    assert server.cert_file is not None
    assert next_one.cert_file is not None
    with serving(Echo(), grpc_tls=server) as target, caplog.at_level(logging.WARNING):
        server.cert_file.write_bytes(next_one.cert_file.read_bytes())
        assert call(target, client) == b"x"
        assert "the old certificates stay in force" in caplog.text
        server.cert_file.write_bytes(b"no certificate")
        assert call(target, client) == b"x"
        server.cert_file.unlink()
        assert call(target, client) == b"x"
    assert "PRIVATE KEY" not in caplog.text


def test_keys_are_in_no_repr(own: Authority) -> None:
    assert "PRIVATE" not in repr(CertificateFiles(own.sign("server")).read())


@pytest.mark.parametrize("missing", ["ca_file", "cert_file", "key_file"])
def test_what_is_missing_is_a_mistake_by_name(own: Authority, missing: str) -> None:
    files = own.sign("server")
    without = files.model_copy(update={missing: None})
    with pytest.raises(ConfigError, match=r"ca_file|cert_file"):
        server_credentials(without)
    nowhere = files.model_copy(update={missing: own.folder / "nowhere.pem"})
    with pytest.raises(ConfigError, match=r"nowhere\.pem"):
        server_credentials(nowhere)


def test_a_key_of_another_or_with_a_password_is_a_mistake(own: Authority) -> None:
    files, other = own.sign("server"), own.sign("other")
    locked = own.lock(other)
    for key_file in (other.key_file, locked):
        with pytest.raises(ConfigError, match="can't be used"):
            server_credentials(files.model_copy(update={"key_file": key_file}))
