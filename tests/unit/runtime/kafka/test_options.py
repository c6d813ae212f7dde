"""What clients are told, and what is refused before any client starts."""

from pathlib import Path

import pytest

from deploy.local.certificates import certificates
from lacuna_core.errors import ConfigError
from lacuna_core.topics import ALL_TOPICS, LATEST, POSITIONS
from lacuna_runtime.bus.kafka import KafkaBus
from lacuna_runtime.bus.kafka.membership import member_options
from lacuna_runtime.bus.kafka.options import client_options
from lacuna_runtime.bus.kafka.topics import topic_settings
from lacuna_runtime.sections import KafkaSettings, TlsSettings


def secure(folder: Path, **overrides: object) -> KafkaSettings:
    password = folder / "password"
    password.write_text("s3cret\n")
    told = {"security": "SASL_PLAINTEXT", "username": "lacuna", "password_file": password}
    return KafkaSettings.model_validate(told | overrides)


def test_the_password_is_read_without_its_line_end_and_does_not_show(tmp_path: Path) -> None:
    options = client_options(secure(tmp_path), "pod-0")
    assert options["sasl_plain_password"] == "s3cret"
    assert "s3cret" not in repr(options)


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        ({"username": ""}, r"kafka\.username"),
        ({"password_file": None}, r"kafka\.password_file"),
        ({"password_file": Path("/nowhere/password")}, r"/nowhere/password"),
        ({"security": "SSL", "tls": TlsSettings(ca_file=Path("/nowhere/ca"))}, r"kafka\.tls\.ca_file"),
        ({"security": "SSL", "tls": TlsSettings(cert_file=Path("/nowhere/c"))}, r"kafka\.tls\.key_file"),
        (
            {
                "security": "SSL",
                "tls": TlsSettings(cert_file=Path("/nowhere/c"), key_file=Path("/nowhere/k")),
            },
            r"kafka\.tls\.cert_file /nowhere/c",
        ),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, overrides: dict[str, object], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        client_options(secure(tmp_path, **overrides), "pod-0")


def test_an_empty_password_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_text("\n")
    with pytest.raises(ConfigError, match="empty"):
        client_options(secure(tmp_path, password_file=empty), "pod-0")


def test_certificates_become_a_context_that_checks_names(tmp_path: Path) -> None:
    tls = TlsSettings(ca_file=certificates(tmp_path / "tls").ca_file)
    context = client_options(KafkaSettings(security="SSL", tls=tls), "pod-0")["ssl_context"]
    assert context.check_hostname
    assert len(context.get_ca_certs()) == 1


@pytest.mark.parametrize("name", ["a b", "ü", "x" * 201, "a/b"])
def test_a_name_that_kafka_would_not_take_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=r"service\.instance"):
        KafkaBus(KafkaSettings(), name)


def test_a_member_beats_thrice_a_session() -> None:
    for session_ms in (1_000, 6_000, 45_000, 600_000):
        options = member_options(KafkaSettings(session_ms=session_ms), "pod-0", "facts")
        assert options["heartbeat_interval_ms"] * 3 <= session_ms <= options["max_poll_interval_ms"]


def test_only_a_replica_with_a_name_is_a_named_member() -> None:
    assert member_options(KafkaSettings(), "pod-0", "facts")["group_instance_id"] == "pod-0.facts"
    assert member_options(KafkaSettings(), "", "facts")["group_instance_id"] is None


def test_topics_are_kept_as_long_as_the_table_says() -> None:
    settings = KafkaSettings(min_insync=2)
    for topic in ALL_TOPICS:
        kept = topic_settings(topic, settings)
        assert kept["min.insync.replicas"] == "2"
        assert kept["retention.ms"] == str(-1 if topic.retention_ms is None else topic.retention_ms)
    assert topic_settings(LATEST, settings)["cleanup.policy"] == "compact"
    assert topic_settings(POSITIONS, settings)["cleanup.policy"] == "delete"
