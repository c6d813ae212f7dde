"""How far the consumer groups of a log are behind."""

import time
from typing import Self

from lacuna_core.errors import Transient
from lacuna_core.ports import Bus, TopicPartition
from lacuna_query.projector import Projector
from lacuna_runtime.settings import Settings
from lacuna_standalone.graph import folds

LOOK_S = 0.1
"""Between two looks: committed offsets can only be asked for."""


class Lag:
    """Looks at what every group of the chain has committed; joins none of them.

    Parameters
    ----------
    bus : Bus
        The log.
    settings : Settings
        What runs.
    """

    def __init__(self, bus: Bus, settings: Settings) -> None:
        self._bus = bus
        inputs = {fold.name: fold.inputs for fold in folds(settings)} | {Projector.name: Projector.inputs}
        self._read = {
            group: [TopicPartition(s.topic.name, p) for s in specs for p in range(s.topic.partitions)]
            for group, specs in inputs.items()
        }
        self._readers = {group: bus.subscribe(group, wanted) for group, wanted in self._read.items()}

    def done(self, group: str) -> int:
        """Count the records that a group has committed.

        Parameters
        ----------
        group : str
            Its name.

        Returns
        -------
        int
            Records.
        """
        return sum(self._readers[group].committed().values())

    def wait_progress(self, group: str, beyond: int, timeout_s: float) -> float:
        """Wait until a group has committed more than it had.

        Parameters
        ----------
        group : str
            Its name.
        beyond : int
            What it had, from ``done``.
        timeout_s : float
            Longest wait.

        Returns
        -------
        float
            How long it took, seconds.

        Raises
        ------
        Transient
            If it stands still.
        """
        started = time.monotonic()
        while self.done(group) <= beyond:
            if time.monotonic() - started > timeout_s:
                raise Transient(f"group {group} stands still at {beyond} records for {timeout_s:.0f} s")
            time.sleep(LOOK_S)
        return time.monotonic() - started

    def records(self) -> dict[str, int]:
        """Count the records that each group has not committed.

        Returns
        -------
        dict of str to int
            By group, in the order in which data moves.
        """
        behind = {}
        for group, reader in self._readers.items():
            committed = reader.committed()
            ends = self._bus.end_offsets(self._read[group])
            behind[group] = sum(end - committed.get(at, 0) for at, end in ends.items())
        return behind

    def wait_idle(self, timeout_s: float) -> float:
        """Wait until every group has committed all that there is.

        Parameters
        ----------
        timeout_s : float
            Longest wait.

        Returns
        -------
        float
            How long it took, seconds.

        Raises
        ------
        Transient
            If they are not through in time, with what each is behind.
        """
        started = time.monotonic()
        quiet = 0
        while quiet < 2:
            behind = self.records()
            # seen twice: what a group has committed may still be on its way to the next one
            quiet = 0 if any(behind.values()) else quiet + 1
            waited_s = time.monotonic() - started
            if waited_s > timeout_s:
                raise Transient(f"after {waited_s:.0f} s the groups are behind by {behind} records")
            time.sleep(LOOK_S)
        return time.monotonic() - started

    def close(self) -> None:
        """Stop looking."""
        for reader in self._readers.values():
            reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
