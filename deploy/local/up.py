"""Both servers for a person: started by hand, kept over restarts, found at their usual ports."""

import json
import os
import shlex
import signal
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.cassandra import CassandraCluster
from deploy.local.environment import environment
from deploy.local.files import file_lock, write_whole
from deploy.local.kafka import KafkaCluster
from deploy.local.shared import Answer, Place, in_background
from deploy.local.waiting import Asked, Watched
from lacuna_core.errors import ConfigError, Transient
from lacuna_runtime.settings import load_settings

DEFAULT_FOLDER = Path("build/brokers")
_LOCK_S = 2.0
_DOWN_S = 60.0
_LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to run.

    Attributes
    ----------
    folder : Path
        Keeps it.
    nodes : int
        Of each server.
    kafka_port, cassandra_port : int
        For clients.
    """

    folder: Path = DEFAULT_FOLDER
    nodes: int = 1
    kafka_port: int = 9092
    cassandra_port: int = 9042

    @property
    def place(self) -> Place:
        """Where the process that holds them answers."""
        return Place(self.folder.resolve(), "up")


def up(wanted: Wanted) -> None:
    """Run both servers until we are asked to end.

    Parameters
    ----------
    wanted : Wanted
        What.

    Raises
    ------
    MissingTool
        If something has to be installed first.
    ConfigError
        If they run already, a port is taken or a server ends.
    """
    place = wanted.place
    with ExitStack() as open_:
        try:
            open_.enter_context(file_lock(place.lock, _LOCK_S))
        except Transient as error:
            raise ConfigError(f"brokers run already in {place.folder}") from error
        kafka = KafkaCluster(place.folder / "kafka", wanted.nodes, port=wanted.kafka_port)
        cassandra = CassandraCluster(place.folder / "cassandra", wanted.nodes, port=wanted.cassandra_port)
        asked = open_.enter_context(Asked())
        open_.callback(place.answer.unlink, missing_ok=True)
        open_.enter_context(kafka)
        open_.enter_context(cassandra)
        settings = {
            "mode": "distributed",
            "kafka": kafka.settings().model_dump(mode="json"),
            "cassandra": cassandra.settings().model_dump(mode="json"),
        }
        write_whole(place.answer, Answer(pid=os.getpid(), settings=settings).model_dump_json(), private=True)
        print(lines(settings), flush=True)
        while not asked:
            time.sleep(_LOOK_S)


def up_in_background(wanted: Wanted) -> str:
    """Have both servers run after we have ended.

    Parameters
    ----------
    wanted : Wanted
        What.

    Returns
    -------
    str
        How to reach them, as the environment of a service.

    Raises
    ------
    ConfigError
        If they can't be started.
    """
    place = wanted.place
    if not place.answer.exists():
        in_background(
            place, "up", "--folder", str(place.folder), "--nodes", str(wanted.nodes),
            "--kafka-port", str(wanted.kafka_port), "--cassandra-port", str(wanted.cassandra_port),
        )  # fmt: skip
    return lines(_answer(place).checked())


def down(folder: Path) -> str:
    """End what `up` started.

    Parameters
    ----------
    folder : Path
        Its folder.

    Returns
    -------
    str
        What was done.

    Raises
    ------
    Transient
        If it does not end in time.
    """
    place = Wanted(folder).place
    holder = _holder(place)
    if holder is None:
        return f"nothing runs in {place.folder}"
    with holder:
        holder.send(signal.SIGTERM)
        if not holder.gone(_DOWN_S):
            raise Transient(f"the brokers in {place.folder} have not ended after {_DOWN_S:.0f} s")
    return f"ended the brokers in {place.folder}"


def status(folder: Path) -> str:
    """Say what runs.

    Parameters
    ----------
    folder : Path
        Its folder.

    Returns
    -------
    str
        One line a node, or one line.
    """
    place = Wanted(folder).place
    holder = _holder(place)
    if holder is None:
        return f"nothing runs in {place.folder}"
    with holder:
        nodes = sorted(place.folder.glob("*/node-*/node.pid"))
        told = [
            f"{file.parent.parent.name} {file.parent.name}: process {file.read_text().strip()}"
            for file in nodes
        ]
        return "\n".join([*told, lines(_answer(place).checked())])


def lines(settings: Mapping[str, Any]) -> str:
    """Spell settings as the environment of a service, ready for a shell.

    Parameters
    ----------
    settings : mapping
        As the command line gives them.

    Returns
    -------
    str
        One ``LACUNA__SECTION__KEY=value`` a line.
    """
    loaded = load_settings(command_line=settings)
    # these are always told, the usual places included
    told = {
        "LACUNA__KAFKA__BOOTSTRAP": json.dumps(loaded.kafka.bootstrap),
        "LACUNA__CASSANDRA__CONTACT_POINTS": json.dumps(loaded.cassandra.contact_points),
    } | environment(loaded)
    return "\n".join(f"{key}={shlex.quote(value)}" for key, value in told.items())


def _answer(place: Place) -> Answer:
    return Answer.model_validate_json(place.answer.read_text())


def _holder(place: Place) -> Watched | None:
    """The process that holds the servers; what a dead one left behind is cleared away."""
    if not place.answer.exists():
        return None
    pid = _answer(place).pid
    try:
        watched = Watched(pid)
    except ProcessLookupError:
        place.answer.unlink(missing_ok=True)
        return None
    # looked at while it is held: the id is the one of that command or of nothing of ours
    if b"deploy.local" in Path(f"/proc/{pid}/cmdline").read_bytes():
        return watched
    watched.__exit__()
    place.answer.unlink(missing_ok=True)
    return None
