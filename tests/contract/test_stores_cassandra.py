"""The store and query contracts on the distributed adapter, over a real Cassandra."""

from collections.abc import Iterator

import pytest

from lacuna_core.query import QueryApi
from lacuna_query.service import QueryService
from lacuna_runtime.sections import CassandraSettings
from lacuna_runtime.stores.cassandra.connection import Connection
from tests.contract.account_contract import AccountContract
from tests.contract.cassandra_case import CassandraCase, new_keyspace
from tests.contract.query_contract import QueryContract
from tests.contract.store_contract import EventContract, IdentityContract, Store, TrackContract


@pytest.fixture(scope="module")
def keyspace(cassandra: CassandraSettings) -> Iterator[Connection]:
    with new_keyspace(cassandra) as db:
        yield db


class TestTracksOnCassandra(CassandraCase, TrackContract):
    pass


class TestIdentitiesOnCassandra(CassandraCase, IdentityContract):
    pass


class TestEventsOnCassandra(CassandraCase, EventContract):
    pass


class TestAccountOnCassandra(CassandraCase, AccountContract):
    pass


class TestQueryOnCassandra(CassandraCase, QueryContract):
    def open_query(self, store: Store) -> QueryApi:
        return QueryService(store, store, store, store)
