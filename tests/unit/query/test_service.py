"""The query contract on the service over the embedded store."""

from contextlib import AbstractContextManager

from lacuna_core.query import QueryApi
from lacuna_query.service import QueryService
from lacuna_runtime.stores.sqlite import SqliteStore
from tests.contract.query_contract import QueryContract
from tests.contract.store_contract import Store


class TestQueryService(QueryContract):
    def open_store(self) -> AbstractContextManager[Store]:
        return SqliteStore.open(":memory:")

    def open_query(self, store: Store) -> QueryApi:
        return QueryService(store, store, store, store)
