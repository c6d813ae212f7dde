"""The data folder: one monotone timeline, one process at a time."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from lacuna_core.errors import ConfigError

VERSION = 1
_FOLDERS = ("logs", "spool")


class DataFolder:
    """An open, locked data folder.

    Parameters
    ----------
    root : Path
        The folder; made when absent.

    Raises
    ------
    ConfigError
        If it can't be written, was written by a newer Lacuna, or another process has it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            root.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise ConfigError(f"data folder {root} can't be written: {error.strerror}") from error
        try:
            self._claim()
            self._check_version()
            for name in _FOLDERS:
                (root / name).mkdir(exist_ok=True)
        except OSError as error:
            self.close()
            raise ConfigError(f"data folder {root} can't be written: {error.strerror}") from error
        except ConfigError:
            self.close()
            raise

    def _claim(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(self._lock, 32, 0).decode(errors="replace").strip() or "unknown"
            raise ConfigError(
                f"data folder {self.root} is in use by process {holder}: stop it, or choose another with "
                "--data"
            ) from error
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)

    def _check_version(self) -> None:
        path = self.root / "VERSION"
        if not path.exists():
            path.write_text(f"{VERSION}\n", encoding="ascii")
        text = path.read_text(encoding="utf-8", errors="replace").strip()
        if not text.isascii() or not text.isdigit():
            raise ConfigError(f"data folder {self.root}: VERSION holds {text[:40]!r}, not a number")
        if int(text) > VERSION:
            raise ConfigError(
                f"data folder {self.root} has version {text}; this build reads up to {VERSION}: use a newer "
                "one"
            )

    @property
    def bus(self) -> Path:
        """File of the log."""
        return self.root / "bus.db"

    @property
    def store(self) -> Path:
        """File of the stores."""
        return self.root / "store.db"

    @property
    def logs(self) -> Path:
        """Folder of log files."""
        return self.root / "logs"

    @property
    def spool(self) -> Path:
        """Folder for what waits on disk."""
        return self.root / "spool"

    def close(self) -> None:
        """Give the folder back."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
