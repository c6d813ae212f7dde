"""Leads several processes to one cluster that ends when a process of theirs does."""

import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from deploy.local.files import file_lock
from deploy.local.tools import MissingTool
from lacuna_core.errors import ConfigError, Transient

_READY_S = 300.0
_POLL_S = 0.1
_ROOT = Path(__file__).resolve().parents[2]


class Answer(BaseModel):
    """What a background process says once its servers are up or are not.

    Attributes
    ----------
    pid : int
        That process.
    settings : dict
        What leads to the servers; empty if there are none.
    missing : str
        What has to be installed first.
    error : str
        What else went wrong.
    """

    pid: int
    settings: dict[str, Any] = {}
    missing: str = ""
    error: str = ""

    def checked(self) -> dict[str, Any]:
        """Give the settings.

        Returns
        -------
        dict
            What leads to the servers.

        Raises
        ------
        MissingTool
            If something has to be installed first.
        ConfigError
            If they could not be started.
        """
        if self.missing:
            raise MissingTool(self.missing)
        if self.error:
            raise ConfigError(self.error)
        return self.settings


@dataclass(frozen=True, slots=True)
class Place:
    """Where a background process works.

    Attributes
    ----------
    folder : Path
        Shared by all who want the same servers.
    name : str
        What it runs.
    """

    folder: Path
    name: str

    @property
    def answer(self) -> Path:
        """What it says, an `Answer`."""
        return self.folder / f"{self.name}.json"

    @property
    def lock(self) -> Path:
        """Held while it is started."""
        return self.folder / f"{self.name}.lock"

    @property
    def log(self) -> Path:
        """Its standard error."""
        return self.folder / f"{self.name}.log"


def shared(kind: str, folder: Path, until_pid: int) -> dict[str, Any]:
    """Lead to a cluster; the first to ask has it started.

    Parameters
    ----------
    kind : str
        ``kafka`` or ``cassandra``.
    folder : Path
        The same for all that share it.
    until_pid : int
        The cluster ends soon after this process.

    Returns
    -------
    dict
        The section of the settings that leads to it.

    Raises
    ------
    MissingTool
        If something has to be installed first.
    ConfigError
        If it could not be started.
    Transient
        If it is not up in time.
    """
    place = Place(folder, kind)
    with file_lock(place.lock, _READY_S):
        if not place.answer.exists():
            in_background(place, "supervise", kind, "--folder", str(folder), "--until-pid", str(until_pid))
    return Answer.model_validate_json(place.answer.read_text()).checked()


def in_background(place: Place, *arguments: str) -> None:
    """Run a command of this package in a session of its own until it has answered.

    Parameters
    ----------
    place : Place
        Where it answers.
    *arguments : str
        Of ``python -m deploy.local``.

    Raises
    ------
    ConfigError
        If it ends without an answer.
    Transient
        If it does not answer in time.
    """
    place.folder.mkdir(parents=True, exist_ok=True)
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "deploy.local", *arguments],
        os.environ | {"PYTHONPATH": str(_ROOT)},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, str(place.log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        ],
        setsid=True,
    )
    deadline = time.monotonic() + _READY_S
    while not place.answer.exists():
        ended, _ = os.waitpid(pid, os.WNOHANG)
        if ended and not place.answer.exists():
            raise ConfigError(place.log.read_text()[-2_000:].strip())
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGTERM)
            raise Transient(f"{place.name} is not up after {_READY_S:.0f} s")
        time.sleep(_POLL_S)
