"""One server process: started, watched, signalled by its own process id."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lacuna_core.errors import Transient

_TETHER = Path(__file__).with_name("tether.py")
_START_S = 30.0
_DEATH_S = 10.0
# The death signal comes when the starting *thread* ends, so that one thread starts every node: it lives as
# long as the process.
_STARTER = ThreadPoolExecutor(1, thread_name_prefix="node-starter")


class Node:
    """A server in a process group of its own that cannot outlive us.

    Parameters
    ----------
    name : str
        For messages.
    folder : Path
        Holds its log ``node.log``, its process id in ``node.pid`` and what it stores.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.log = folder / "node.log"
        self.pid_file = folder / "node.pid"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether the process lives, paused ones included."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int | None:
        """Its process id, while it runs."""
        return self._child.pid if self._child is not None and self.running else None

    def start(self, command: Sequence[str | Path], environment: Mapping[str, str]) -> None:
        """Start the process.

        Parameters
        ----------
        command : sequence of str or Path
            Absolute path of the program, and its arguments.
        environment : mapping of str to str
            Added to ours.

        Raises
        ------
        Transient
            If it runs already.
        """
        if self.running:
            raise Transient(f"{self.name} runs already")
        self.folder.mkdir(parents=True, exist_ok=True)
        tethered = [sys.executable, "-I", "-S", str(_TETHER), str(os.getpid()), *map(str, command)]
        self._child = _STARTER.submit(self._spawn, tethered, environment).result(_START_S)
        self.pid_file.write_text(f"{self._child.pid}\n")

    def _spawn(self, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                env=os.environ | dict(environment),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def terminate(self) -> None:
        """Ask the process to end; does nothing when it has."""
        if self._child is not None:
            self._child.send_signal(signal.SIGTERM)
            # a paused one must run to hear it
            self._child.send_signal(signal.SIGCONT)

    def stop(self, timeout_s: float) -> None:
        """Ask the process to end, and kill it when it does not.

        Parameters
        ----------
        timeout_s : float
            How long it may take.
        """
        self.terminate()
        self._wait(timeout_s)
        self.kill()

    def kill(self) -> None:
        """End the process as a power loss would."""
        if self._child is not None:
            self._child.send_signal(signal.SIGKILL)
        self._wait(_DEATH_S)
        self.pid_file.unlink(missing_ok=True)

    def pause(self) -> None:
        """Freeze the process: its connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen process go on."""
        self._signal(signal.SIGCONT)

    def tail(self, lines: int = 20) -> str:
        """Read the end of its log.

        Parameters
        ----------
        lines : int
            Most lines.

        Returns
        -------
        str
            The lines.
        """
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _signal(self, number: signal.Signals) -> None:
        if self._child is None or not self.running:
            raise Transient(f"{self.name} does not run")
        self._child.send_signal(number)

    def _wait(self, timeout_s: float) -> None:
        if self._child is None:
            return
        try:
            self._child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return
