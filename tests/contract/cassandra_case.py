"""New empty stores on a shared Cassandra: one keyspace a module, emptied for each store."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lacuna_runtime.sections import CassandraSettings
from lacuna_runtime.stores.cassandra import CassandraStore
from lacuna_runtime.stores.cassandra.connection import Connection
from lacuna_runtime.stores.cassandra.migrate import migrate
from tests.contract.store_contract import Store


def own_keyspace(settings: CassandraSettings) -> CassandraSettings:
    """The same server, and a keyspace that nobody else has."""
    return settings.model_copy(update={"keyspace": f"t_{uuid.uuid4().hex}"})


@contextmanager
def new_keyspace(settings: CassandraSettings) -> Iterator[Connection]:
    """A migrated keyspace, dropped in the end."""
    own = own_keyspace(settings)
    db = Connection.open(own, lambda session: migrate(session, own))
    try:
        yield db
    finally:
        db._session.execute(f"DROP KEYSPACE {own.keyspace}", timeout=30.0)
        db.close()


def empty(db: Connection) -> None:
    """Truncate the tables that hold something: 25 ms each, where a new keyspace takes two seconds."""
    session, keyspace = db._session, db._keyspace
    own = session.cluster.metadata.keyspaces[keyspace].tables
    tables = [f"{keyspace}.{name}" for name in own if not name.startswith("schema_")]
    full = [(name, session.execute_async(f"SELECT * FROM {name} LIMIT 1")) for name in tables]
    truncations = [session.execute_async(f"TRUNCATE {name}") for name, found in full if found.result().all()]
    for truncation in truncations:
        truncation.result()


class CassandraCase:
    """What a contract needs to run on Cassandra; the module gives the fixture ``keyspace``."""

    _db: Connection

    @pytest.fixture(autouse=True)
    def _on_cassandra(self, keyspace: Connection) -> None:
        self._db = keyspace

    @contextmanager
    def open_store(self) -> Iterator[Store]:
        empty(self._db)
        yield CassandraStore(self._db)
