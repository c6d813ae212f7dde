"""The Caspian season through the real services, and through the embedded ones as the oracle."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.lag import Lag
from deploy.local.stack import Stack
from lacuna_runtime.sections import CassandraSettings, KafkaSettings
from lacuna_runtime.settings import load_settings
from lacuna_runtime.wiring import Ports, open_ports
from lacuna_simulator.simulation import simulate
from lacuna_standalone.commands import every_revision
from lacuna_standalone.events_file import write_events
from lacuna_standalone.pipeline import Job, activation, load, play
from lacuna_standalone.progress import board

SEED = 3


@dataclass(frozen=True, slots=True)
class Season:
    """A simulated world and the events that the embedded mode finds in it.

    Attributes
    ----------
    job : Job
        Feeds and models.
    events : bytes
        Every revision of every event, as ``--events`` writes them.
    positions : int
        Positions in the embedded stores.
    """

    job: Job
    events: bytes
    positions: int


def job_of(world: Path) -> Job:
    """What ``lacuna run`` plays of a world."""
    return Job(
        paths=tuple(world / name for name in ("ais", "adsb")),
        format_name=None,
        activations=tuple(activation(kind, world / f"{kind}.json") for kind in ("news", "watchlist")),
    )


def events_of(ports: Ports, path: Path) -> bytes:
    """Every revision in the stores, in the order and form of ``--events``."""
    write_events(path, every_revision(ports))
    return path.read_bytes()


def stored_positions(ports: Ports) -> int:
    """Positions in the stores, each counted once."""
    return sum(len(ports.store.read(craft, 0, 2**62)) for craft in ports.store.crafts())


def season(folder: Path, size: str) -> Season:
    """Simulate a world and play it embedded."""
    simulate("caspian-2022", folder / "world", size=size, seed=SEED)
    job = job_of(folder / "world")
    settings = load_settings(command_line={"data": folder / "data"})
    with open_ports(settings) as ports, board() as shown:
        play(job, settings, ports, shown)
        return Season(job, events_of(ports, folder / "embedded.ndjson"), stored_positions(ports))


class Live:
    """A running stack and the world that it works on.

    Parameters
    ----------
    stack : Stack
        The processes.
    ports : Ports
        The same log and stores, for the test to look at.
    folder : Path
        For files.
    """

    def __init__(self, stack: Stack, ports: Ports, folder: Path) -> None:
        self.stack = stack
        self.ports = ports
        self.folder = folder

    def load(self, job: Job) -> None:
        """Put an archive into the log."""
        with board() as shown:
            load(job, self.stack.settings, self.ports, shown)

    def wait_idle(self, timeout_s: float) -> float:
        """Wait until the chain has worked everything off."""
        with Lag(self.ports.bus, self.stack.settings) as lag:
            return lag.wait_idle(timeout_s)

    def expect(self, wanted: Season) -> None:
        """The same events, byte for byte, and the same positions in the stores."""
        found = events_of(self.ports, self.folder / f"{secrets.token_hex(4)}.ndjson")
        assert sorted(found.splitlines()) == sorted(wanted.events.splitlines())
        assert found == wanted.events
        assert stored_positions(self.ports) == wanted.positions


@contextmanager
def live(
    folder: Path,
    kafka: KafkaSettings,
    cassandra: CassandraSettings,
    *,
    replicas: Mapping[str, int],
    overrides: Mapping[str, Any] | None = None,
) -> Iterator[Live]:
    """Start a stack on a log and a keyspace of its own."""
    stack = Stack(folder / "stack", kafka, cassandra, replicas=replicas, overrides=overrides)
    with open_ports(stack.settings) as ports:
        assert ports.bus
        assert ports.store  # the schema is there before the services look for it
        with stack:
            stack.start()
            yield Live(stack, ports, folder)
