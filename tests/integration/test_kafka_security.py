"""The log behind TLS, passwords and rights: who may passes, who may not is told why in one line."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType
from kafka.admin import ACLResourcePatternType as PatternType

from deploy.local.certificates import certificates
from deploy.local.kafka import KafkaCluster
from deploy.local.tools import MissingTool
from lacuna_core.errors import ConfigError
from lacuna_core.ports import Outgoing, Record, TopicPartition
from lacuna_core.topics import Topic
from lacuna_runtime.bus.kafka import KafkaBus
from lacuna_runtime.bus.kafka.options import client_options
from lacuna_runtime.sections import KafkaSettings, TlsSettings

pytestmark = pytest.mark.timeout(120)
MINE = Topic("secure.mine", 2, "anything", None)
THEIRS = Topic("secure.theirs", 2, "anything", None)
SOON_MS = 8_000
_RIGHTS = (
    (ResourceType.TOPIC, MINE.name, ("DESCRIBE", "READ", "WRITE")),
    (ResourceType.GROUP, "secure", ("READ",)),
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    """A broker that asks who is there, two topics, and the rights of ``lacuna`` on one of them."""
    try:
        with KafkaCluster(tmp_path_factory.mktemp("secure"), security="sasl_ssl") as cluster:
            bus = KafkaBus(cluster.settings(), "admin")
            bus.create([MINE, THEIRS])
            bus.publish([Outgoing(THEIRS.name, 0, b"", b"not yours")])[0].result()
            bus.close()
            grant(cluster)
            yield cluster
    except MissingTool as missing:
        pytest.skip(str(missing))


def grant(cluster: KafkaCluster) -> None:
    """Give ``lacuna`` the rights that a service needs, and no more."""
    admin = KafkaAdminClient(**client_options(cluster.settings(), "admin"))
    try:
        admin.create_acls(
            [
                ACL(
                    principal="User:lacuna",
                    host="*",
                    operation=ACLOperation[operation],
                    permission_type=ACLPermissionType.ALLOW,
                    resource_pattern=ResourcePattern(kind, name, PatternType.LITERAL),
                )
                for kind, name, operations in _RIGHTS
                for operation in operations
            ]
        )
    finally:
        admin.close()


def settings_of(cluster: KafkaCluster, user: str, **overrides: object) -> KafkaSettings:
    own = {"username": user, "password_file": cluster.password_files[user], "request_ms": SOON_MS}
    return cluster.settings(**(own | overrides))


@pytest.fixture
def wrong_password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text("not-the-password\n")
    return path


def test_a_service_works_with_the_rights_it_needs(cluster: KafkaCluster) -> None:
    """It publishes, reads, shares tasks and commits; that its topics exist is enough, it need not create."""
    bus = KafkaBus(settings_of(cluster, "lacuna"), "pod-0")
    try:
        bus.create([MINE])
        at = TopicPartition(MINE.name, 1)
        bus.publish([Outgoing(MINE.name, 1, b"k", b"v")])[0].result()
        member = bus.join("secure", MINE)
        while member.owned(0.5) != {0, 1}:
            pass
        member.commit({at: 1})
        assert member.committed([at]) == {at: 1}
        reader = bus.subscribe("secure", [])
        reader.assign({at: 0})
        found: list[Record] = []
        while not found:
            found = list(reader.poll(10, 1.0))
        assert found[0].value == b"v"
    finally:
        bus.close()


def test_a_wrong_password_is_one_clear_error(
    cluster: KafkaCluster, wrong_password: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """At once, naming the reason, and the password is nowhere, not even in the debug log."""
    caplog.set_level(logging.DEBUG)
    bus = KafkaBus(settings_of(cluster, "lacuna", password_file=wrong_password), "pod-0")
    started = time.monotonic()
    try:
        with pytest.raises(ConfigError, match=r"(?i)authentic") as caught:
            bus.create([MINE])
        with pytest.raises(ConfigError, match=r"(?i)authentic"):
            bus.end_offsets([TopicPartition(MINE.name, 0)])
    finally:
        bus.close()
    assert time.monotonic() - started < SOON_MS / 1000
    assert "not-the-password" not in str(caught.value)
    assert "not-the-password" not in caplog.text


def test_the_password_that_is_right_shows_up_in_no_log(
    cluster: KafkaCluster, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = settings_of(cluster, "lacuna")
    bus = KafkaBus(settings, "pod-0")
    try:
        bus.publish([Outgoing(MINE.name, 0, b"", b"v")])[0].result()
        bus.subscribe("secure", [TopicPartition(MINE.name, 0)]).poll(1, 0.5)
    finally:
        bus.close()
    assert settings.password_file is not None
    assert settings.password_file.read_text().strip() not in caplog.text
    # with the mechanism PLAIN the password would be in the requests that the library logs
    assert [r for r in caplog.records if r.name.startswith("kafka") and r.levelno < logging.INFO] == []


@pytest.mark.parametrize("user", ["stranger", "lacuna"])
def test_who_has_no_right_to_a_topic_is_told_so(cluster: KafkaCluster, user: str) -> None:
    """Whether it creates, publishes, reads or joins, it hears the name of the topic."""
    bus = KafkaBus(settings_of(cluster, user), "pod-0")
    try:
        with pytest.raises(ConfigError, match=r"secure\.theirs"):
            bus.create([THEIRS])
        with pytest.raises(ConfigError, match=r"secure\.new"):
            bus.create([Topic("secure.new", 1, "anything", None)])
        with pytest.raises(ConfigError, match=r"secure\.theirs"):
            bus.publish([Outgoing(THEIRS.name, 0, b"", b"x")])
        with pytest.raises(ConfigError, match=r"secure\.theirs"):
            bus.subscribe("secure", [TopicPartition(THEIRS.name, 0)])
        with pytest.raises(ConfigError, match=r"secure\.theirs"):
            bus.join("secure", THEIRS)
    finally:
        bus.close()


def test_who_has_no_right_to_a_group_is_told_so(cluster: KafkaCluster) -> None:
    bus = KafkaBus(settings_of(cluster, "lacuna"), "pod-0")
    try:
        reader = bus.subscribe("other", [TopicPartition(MINE.name, 0)])
        with pytest.raises(ConfigError, match="other"):
            reader.poll(1, 0.5)
        member = bus.join("other", MINE)
        with pytest.raises(ConfigError, match="other"):
            member.owned(5.0)
    finally:
        bus.close()


def test_a_certificate_of_another_authority_is_one_clear_error(cluster: KafkaCluster, tmp_path: Path) -> None:
    """The clients would take it for a broker that is away and try for half a minute."""
    other = certificates(tmp_path / "other").ca_file
    started = time.monotonic()
    bus = KafkaBus(settings_of(cluster, "lacuna", tls=TlsSettings(ca_file=other)), "pod-0")
    with pytest.raises(ConfigError, match=r"TLS.*certificate verify failed"):
        bus.create([MINE])
    bus.close()
    assert time.monotonic() - started < SOON_MS / 1000
