"""Files that several processes share: a lock with a deadline, a write that is whole or absent."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lacuna_core.errors import Transient

_POLL_S = 0.05


@contextmanager
def file_lock(path: Path, timeout_s: float) -> Iterator[None]:
    """Hold a lock that ends with the process.

    Parameters
    ----------
    path : Path
        Lock file; it stays.
    timeout_s : float
        Longest wait.

    Yields
    ------
    None
        While it is held.

    Raises
    ------
    Transient
        If another process holds it for too long.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + timeout_s
    with path.open("a") as file:
        while not _try_lock(file.fileno()):
            if time.monotonic() > deadline:
                raise Transient(f"another process has held {path} for {timeout_s:.0f} s")
            time.sleep(_POLL_S)
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write_whole(path: Path, text: str, *, private: bool = False) -> None:
    """Write a file so that a reader sees all of it or nothing.

    Parameters
    ----------
    path : Path
        Where; what was there is replaced.
    text : str
        What.
    private : bool
        Whether only the owner may read it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if private else 0o644)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    unfinished.replace(path)
