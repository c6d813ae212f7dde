"""Logins, roles and certificates, on a node that asks for all of them."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cassandra import Unauthorized
from cassandra.cluster import Session

from deploy.local.cassandra import CassandraCluster
from deploy.local.certificates import certificates
from deploy.local.tools import MissingTool
from lacuna_core.errors import ConfigError, Transient
from lacuna_core.ports import EventQuery
from lacuna_core.position import PositionBatch
from lacuna_runtime.sections import CassandraSettings, TlsSettings
from lacuna_runtime.stores.cassandra import CassandraStore
from lacuna_runtime.stores.cassandra.connection import Connection
from lacuna_runtime.stores.cassandra.roles import MIGRATOR, READER, WRITER, grants
from tests.contract.store_samples import SHIP, T0_MS, alert, event, identities, positions

KEYSPACE = "lacuna_secured"
SECRET = "canary-7c1d"
Open = Callable[..., CassandraSettings]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CassandraCluster]:
    try:
        with CassandraCluster(tmp_path_factory.mktemp("secured"), tls=True, auth=True) as running:
            yield running
    except MissingTool as missing:
        pytest.skip(str(missing))


def _nothing(_: Session) -> None:
    pass


@pytest.fixture(scope="module")
def as_role(cluster: CassandraCluster, tmp_path_factory: pytest.TempPathFactory) -> Open:
    """What an administrator does once; then settings for each role."""
    folder: Path = tmp_path_factory.mktemp("passwords")
    admin = cluster.settings(keyspace=KEYSPACE)
    db = Connection.open(admin, _nothing)
    replication = "{'class': 'NetworkTopologyStrategy', 'datacenter1': 1}"
    db._session.execute(f"CREATE KEYSPACE {KEYSPACE} WITH replication = {replication}")
    for role in (READER, WRITER, MIGRATOR):
        password = f"{SECRET}-{role}"
        db._session.execute(f"CREATE ROLE lacuna_{role} WITH LOGIN = true AND PASSWORD = '{password}'")
        (folder / role).write_text(password)
    for statement in grants(KEYSPACE):
        db._session.execute(statement)
    db.close()

    def settings(role: str, **fields: object) -> CassandraSettings:
        own = {"username": f"lacuna_{role}", "password_file": folder / role, "keyspace": KEYSPACE}
        return cluster.settings(**{**own, "migrate": role == MIGRATOR, **fields})

    with CassandraStore.open(settings(MIGRATOR)):
        return settings


def test_the_writer_writes_and_the_reader_reads(as_role: Open) -> None:
    with CassandraStore.open(as_role(WRITER)) as writer, CassandraStore.open(as_role(READER)) as reader:
        writer.append(positions([T0_MS, T0_MS + 1]))
        writer.append_identities(identities([T0_MS], name="VOLGA"))
        writer.put([event(1)])
        writer.put_alerts([alert(1)])
        writer.put_watermark(T0_MS)
        assert len(reader.read(SHIP, T0_MS, T0_MS + 2)) == 2
        assert reader.find(EventQuery()) == [event(1)]
        assert reader.account() == writer.account()


@pytest.mark.parametrize(
    "write",
    [
        lambda store: store.append(positions([T0_MS])),
        lambda store: store.append_identities(identities([T0_MS], name="V")),
        lambda store: store.put([event(2)]),
        lambda store: store.put_alerts([alert(2)]),
        lambda store: store.put_watermark(T0_MS + 1),
    ],
)
def test_the_reader_cannot_write(as_role: Open, write: Callable[[CassandraStore], None]) -> None:
    with (
        CassandraStore.open(as_role(READER)) as reader,
        pytest.raises(ConfigError, match=r"lacks a permission.*MODIFY"),
    ):
        write(reader)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE {}.craft ADD more text",
        "CREATE TABLE {}.more (x int PRIMARY KEY)",
        "DROP TABLE {}.craft",
        "DROP KEYSPACE {}",
        "CREATE ROLE more",
        "GRANT ALL ON KEYSPACE {} TO lacuna_writer",
    ],
)
@pytest.mark.parametrize("role", [READER, WRITER])
def test_reader_and_writer_leave_the_schema_alone(as_role: Open, role: str, statement: str) -> None:
    with CassandraStore.open(as_role(role)) as store, pytest.raises(Unauthorized):
        store._db._session.execute(statement.format(KEYSPACE))


def test_the_migrator_changes_tables_and_nothing_beyond(as_role: Open) -> None:
    with CassandraStore.open(as_role(MIGRATOR)) as migrator:
        session = migrator._db._session
        session.execute(f"CREATE TABLE {KEYSPACE}.next_step (x int PRIMARY KEY)")
        session.execute(f"ALTER TABLE {KEYSPACE}.craft ADD next_column int")
        for statement in (f"DROP KEYSPACE {KEYSPACE}", f"ALTER ROLE lacuna_{READER} WITH LOGIN = false"):
            with pytest.raises(Unauthorized):
                session.execute(statement)


def test_a_wrong_password_is_one_line_without_the_password(
    as_role: Open, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "wrong").write_text(f"{SECRET}-wrong")
    caplog.set_level(logging.DEBUG)
    settings = as_role(WRITER, password_file=tmp_path / "wrong")
    with pytest.raises(ConfigError, match=r"cassandra\.password_file") as caught:
        CassandraStore.open(settings)
    told = f"{caught.value!r} {caught.value.__cause__!r} {settings!r} {caplog.text}"
    assert "\n" not in str(caught.value)
    assert SECRET not in told


def test_nobody_is_let_in_without_a_name(as_role: Open) -> None:
    with pytest.raises(ConfigError, match="login"):
        CassandraStore.open(as_role(WRITER, username=""))


def test_a_node_of_another_authority_is_refused(as_role: Open, tmp_path: Path) -> None:
    other = certificates(tmp_path / "other").ca_file
    with pytest.raises(ConfigError, match=r"cassandra\.tls\.ca_file"):
        CassandraStore.open(as_role(READER, tls=TlsSettings(ca_file=other)))


def test_a_node_of_another_name_is_refused(as_role: Open) -> None:
    # This address leads to the node, but is not in its certificate.
    with pytest.raises(ConfigError, match="names in the certificates"):
        CassandraStore.open(as_role(READER, contact_points=("0.0.0.0",)))


def test_a_node_that_asks_for_tls_lets_nobody_in_without(as_role: Open) -> None:
    with pytest.raises(Transient, match="does not answer"):
        CassandraStore.open(as_role(READER, tls=None, request_ms=2_000))


def test_tls_to_a_node_that_speaks_in_the_clear_is_named(cassandra: CassandraSettings) -> None:
    with pytest.raises(ConfigError, match="does not speak TLS"):
        CassandraStore.open(cassandra.model_copy(update={"tls": TlsSettings(), "request_ms": 2_000}))


def test_batches_too_are_checked(as_role: Open) -> None:
    """Rows of one partition go as one request, which must not slip past the permissions."""
    rows = PositionBatch.concat([positions([T0_MS + i]) for i in range(3)])
    with CassandraStore.open(as_role(READER)) as reader:
        before = reader.account()
        with pytest.raises(ConfigError):
            reader.append(rows)
        assert reader.account() == before
