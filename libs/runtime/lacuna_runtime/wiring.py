"""The one switch between the embedded adapters and the distributed ones. No service knows its mode."""

import socket
from collections.abc import Callable
from typing import Protocol, Self

from lacuna_core.ports import Bus, EventReader, EventWriter, TrackReader, TrackWriter
from lacuna_core.profile import AccountReader, AccountWriter, ProfileReader
from lacuna_core.topics import ALL_TOPICS
from lacuna_runtime.data_folder import DataFolder
from lacuna_runtime.settings import Settings


class Store(
    TrackReader, TrackWriter, EventReader, EventWriter, ProfileReader, AccountReader, AccountWriter, Protocol
):
    """The stores as one object; a service asks for the part that it needs."""

    def close(self) -> None:
        """Close the connections."""
        ...


class Ports:
    """The world as services see it; log and stores are opened when they are first asked for.

    Parameters
    ----------
    open_bus : callable
        Opens the log.
    open_store : callable
        Opens the stores.
    folder : DataFolder or None
        The data folder of the embedded mode.
    """

    def __init__(
        self, open_bus: Callable[[], Bus], open_store: Callable[[], Store], folder: DataFolder | None = None
    ) -> None:
        self._open_bus = open_bus
        self._open_store = open_store
        self._bus: Bus | None = None
        self._store: Store | None = None
        self.folder = folder

    @property
    def bus(self) -> Bus:
        """The log, all its topics created."""
        if self._bus is None:
            self._bus = self._open_bus()
            self._bus.create(ALL_TOPICS)
        return self._bus

    @property
    def store(self) -> Store:
        """Tracks, identities, events, alerts, accounts."""
        if self._store is None:
            self._store = self._open_store()
        return self._store

    def close(self) -> None:
        """Close everything that was opened."""
        for opened in (self._store, self._bus, self.folder):
            if opened is not None:
                opened.close()
        self._store = self._bus = self.folder = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_ports(settings: Settings) -> Ports:
    """Choose the adapters of the mode that is set.

    Parameters
    ----------
    settings : Settings
        Its ``mode`` decides.

    Returns
    -------
    Ports
        To be closed, or used in a ``with``.

    Raises
    ------
    ConfigError
        If something can't be opened.
    """
    return _distributed(settings) if settings.mode == "distributed" else _embedded(settings)


def instance_name(settings: Settings) -> str:
    """Name this replica.

    Parameters
    ----------
    settings : Settings
        Its ``service.instance``.

    Returns
    -------
    str
        The host's name when none is set.
    """
    return settings.service.instance or socket.gethostname()


def _embedded(settings: Settings) -> Ports:
    from lacuna_runtime.bus.sqlite import SqliteBus
    from lacuna_runtime.stores.sqlite import SqliteStore

    folder = DataFolder(settings.data)
    ports = Ports(
        lambda: SqliteBus(folder.bus, synchronous=settings.bus.synchronous),
        lambda: SqliteStore.open(folder.store),
        folder,
    )
    try:
        # the files are opened at once: a folder that can't be used is found out before anything is done
        assert ports.bus
        assert ports.store
    except BaseException:
        ports.close()
        raise
    return ports


def _distributed(settings: Settings) -> Ports:
    from lacuna_runtime.bus.kafka import KafkaBus
    from lacuna_runtime.stores.cassandra import CassandraStore

    return Ports(
        lambda: KafkaBus(settings.kafka, instance_name(settings)),
        lambda: CassandraStore.open(settings.cassandra),
    )
