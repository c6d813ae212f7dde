"""The one switch between the embedded adapters and the distributed ones. No service knows its mode."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from lacuna_core.errors import ConfigError
from lacuna_core.ports import Bus, EventReader, EventWriter, TrackReader, TrackWriter
from lacuna_core.profile import AccountReader, AccountWriter, ProfileReader
from lacuna_core.topics import ALL_TOPICS
from lacuna_runtime.data_folder import DataFolder
from lacuna_runtime.settings import Settings


class Store(
    TrackReader, TrackWriter, EventReader, EventWriter, ProfileReader, AccountReader, AccountWriter, Protocol
):
    """The stores as one object; a service asks for the part that it needs."""


@dataclass(slots=True)
class Ports:
    """The world as services see it.

    Attributes
    ----------
    bus : Bus
        The log, all its topics created.
    store : Store
        Tracks, identities, events, alerts, accounts.
    folder : DataFolder or None
        The data folder of the embedded mode.
    """

    bus: Bus
    store: Store
    folder: DataFolder | None = None
    _closers: list[Callable[[], None]] = field(default_factory=list)

    def close(self) -> None:
        """Close everything, the last opened first."""
        while self._closers:
            self._closers.pop()()

    def __enter__(self) -> "Ports":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_ports(settings: Settings) -> Ports:
    """Open the adapters of the mode that is set.

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
        If something can't be opened, or the mode is not part of this build.
    """
    if settings.mode == "distributed":
        raise ConfigError("setting mode: distributed is not available in this build, set embedded")
    return _open_embedded(settings)


def _open_embedded(settings: Settings) -> Ports:
    from lacuna_runtime.bus.sqlite import SqliteBus
    from lacuna_runtime.stores.sqlite import SqliteStore

    folder = DataFolder(settings.data)
    closers: list[Callable[[], None]] = [folder.close]
    try:
        bus = SqliteBus(folder.bus, synchronous=settings.bus.synchronous)
        closers.append(bus.close)
        bus.create(ALL_TOPICS)
        store = SqliteStore.open(folder.store)
        closers.append(store.close)
    except BaseException:
        while closers:
            closers.pop()()
        raise
    return Ports(bus, store, folder, closers)
