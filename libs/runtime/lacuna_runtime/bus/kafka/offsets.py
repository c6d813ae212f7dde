"""The offsets of a group, for somebody who is no member of it."""

from collections.abc import Callable, Collection, Mapping

from lacuna_core.ports import TopicPartition
from lacuna_runtime.bus.kafka.bounded import close_quietly
from lacuna_runtime.bus.kafka.failures import translated
from lacuna_runtime.bus.kafka.group_client import GroupClient


class GroupOffsets:
    """Reads and writes the offsets of a group; connects when it is first asked, which many readers never do.

    Parameters
    ----------
    group : str
        Consumer group.
    connect : callable
        Opens a client for the group.
    timeout_ms : int
        Longest wait for an answer.
    """

    def __init__(self, group: str, connect: Callable[[], GroupClient], timeout_ms: int) -> None:
        self._group = group
        self._connect = connect
        self._timeout_ms = timeout_ms
        self._client: GroupClient | None = None

    def _open(self) -> GroupClient:
        if self._client is None:
            self._client = self._connect()
        return self._client

    def read(self, places: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """Read committed offsets.

        Parameters
        ----------
        places : collection of TopicPartition
            Which.

        Returns
        -------
        dict of TopicPartition to int
            Next offset to read; partitions never committed are absent.
        """
        if not places:
            return {}
        with translated(f"reading the offsets of group {self._group}"):
            return self._open().read_offsets(list(places), self._timeout_ms)

    def write(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit offsets.

        Parameters
        ----------
        offsets : mapping of TopicPartition to int
            Next offset to read, by partition.
        """
        if offsets:
            with translated(f"committing the offsets of group {self._group}"):
                self._open().write_offsets(offsets, self._timeout_ms)

    def close(self) -> None:
        """Close the connection."""
        client, self._client = self._client, None
        if client is not None:
            close_quietly(client.close, f"the offsets of group {self._group}")
