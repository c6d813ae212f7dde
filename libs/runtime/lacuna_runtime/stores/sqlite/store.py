"""The embedded store as one object: every port of tracks, events, profiles and accounts."""

from pathlib import Path
from typing import Self

from lacuna_runtime.stores.sqlite.account import Accounts
from lacuna_runtime.stores.sqlite.connection import Connections
from lacuna_runtime.stores.sqlite.events import Events
from lacuna_runtime.stores.sqlite.profiles import Profiles
from lacuna_runtime.stores.sqlite.tracks import Tracks


class SqliteStore(Tracks, Events, Profiles, Accounts):
    """One SQLite file with one writer; any thread may read meanwhile.

    Parameters
    ----------
    connections : Connections
        An open file.
    """

    def __init__(self, connections: Connections) -> None:
        super().__init__(connections)
        self._connections = connections

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """Open a store, making or migrating its file.

        Parameters
        ----------
        path : str or Path
            The file, or ``:memory:``.

        Returns
        -------
        SqliteStore
            Ready.

        Raises
        ------
        ConfigError
            If the file can't be opened or written.
        CorruptState
            If it is no store of Lacuna, or a newer one.
        """
        return cls(Connections(path))

    def close(self) -> None:
        """Close the file."""
        self._connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
