"""Membership without a coordinator: one process has the file, so its member owns every task."""

from collections.abc import Callable, Collection, Mapping

from lacuna_core.ports import TopicPartition
from lacuna_runtime.bus.sqlite.file import LogFile
from lacuna_runtime.bus.sqlite.offsets import commit_offsets, committed_offsets
from lacuna_runtime.bus.sqlite.place import Place


class SqliteMembership:
    """The only member of its group.

    Parameters
    ----------
    file : LogFile
        The log.
    group : str
        Consumer group.
    tasks : frozenset of int
        All of them.
    place_of : callable
        Finds the place of any partition.
    """

    def __init__(
        self,
        file: LogFile,
        group: str,
        tasks: frozenset[int],
        place_of: Callable[[TopicPartition], Place],
    ) -> None:
        self._file = file
        self._group = group
        self._tasks = tasks
        self._place_of = place_of

    def owned(self, timeout_s: float) -> frozenset[int]:
        """Tell which tasks are this member's: all, at once and for ever."""
        return self._tasks

    def committed(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Read the offsets of the group."""
        return committed_offsets(self._file, self._group, {at: self._place_of(at) for at in partitions})

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit the next offsets to read, in the open cycle or in one of their own."""
        commit_offsets(self._file, self._group, {self._place_of(at): o for at, o in offsets.items()})

    def close(self) -> None:
        """Leave the group."""
