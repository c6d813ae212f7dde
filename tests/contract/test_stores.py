"""The store contract on the embedded adapter, in memory and in a file."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from lacuna_runtime.stores.sqlite import SqliteStore
from tests.contract.account_contract import AccountContract
from tests.contract.store_contract import (
    EventContract,
    IdentityContract,
    Store,
    TrackContract,
)


class _InMemory:
    def open_store(self) -> AbstractContextManager[Store]:
        return SqliteStore.open(":memory:")


class _InFile:
    @contextmanager
    def open_store(self) -> Iterator[Store]:
        with TemporaryDirectory() as folder, SqliteStore.open(Path(folder) / "store.db") as store:
            yield store


class TestTracksInMemory(_InMemory, TrackContract):
    pass


class TestTracksInFile(_InFile, TrackContract):
    pass


class TestIdentitiesInMemory(_InMemory, IdentityContract):
    pass


class TestIdentitiesInFile(_InFile, IdentityContract):
    pass


class TestEventsInMemory(_InMemory, EventContract):
    pass


class TestEventsInFile(_InFile, EventContract):
    pass


class TestAccountInMemory(_InMemory, AccountContract):
    pass


class TestAccountInFile(_InFile, AccountContract):
    pass
