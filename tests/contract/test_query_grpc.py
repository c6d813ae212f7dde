"""The query contract over a real socket: a gRPC server over the embedded store, read through a channel."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import pytest

from lacuna_core.query import QueryApi
from lacuna_gateway.grpc_client import IDEMPOTENT, RemoteQuery
from lacuna_query.grpc_server import query_servicer
from lacuna_query.service import QueryService
from lacuna_runtime.rpc import RpcServer, open_channel
from lacuna_runtime.sections import ServiceSettings
from lacuna_runtime.stores.sqlite import SqliteStore
from tests.contract.query_contract import QueryContract
from tests.contract.store_contract import Store


class TestQueryOverGrpc(QueryContract):
    @pytest.fixture(autouse=True)
    def _ends(self) -> Iterator[None]:
        with ExitStack() as stack:
            self.stack = stack
            yield

    def open_store(self) -> AbstractContextManager[Store]:
        return SqliteStore.open(":memory:")

    def open_query(self, store: Store) -> QueryApi:
        reads: Any = store
        query = QueryService(reads, reads, reads, reads)
        server = self.stack.enter_context(RpcServer(ServiceSettings(), [query_servicer(query)]))
        channel = open_channel(f"127.0.0.1:{server.port}", idempotent=IDEMPOTENT)
        self.stack.callback(channel.close)
        return RemoteQuery(channel)
