"""Where partitions start and end."""

import threading
from collections.abc import Callable, Sequence

from lacuna_core.ports import TopicPartition
from lacuna_runtime.bus.kafka.bounded import close_quietly
from lacuna_runtime.bus.kafka.client import Client
from lacuna_runtime.bus.kafka.failures import translated


class Lookout:
    """Asks the brokers for bounds; for any number of threads, one after another.

    Parameters
    ----------
    connect : callable
        Makes the client.
    timeout_ms : int
        Longest wait for all of an answer.
    """

    def __init__(self, connect: Callable[[], Client], timeout_ms: int) -> None:
        self._connect = connect
        self._timeout_ms = timeout_ms
        self._client: Client | None = None
        self._lock = threading.Lock()

    def starts(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Read where partitions start.

        Parameters
        ----------
        partitions : sequence of TopicPartition
            Which.

        Returns
        -------
        dict of TopicPartition to int
            Oldest offset that is still there.
        """
        return self._ask(partitions, end=False)

    def ends(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Read where partitions end.

        Parameters
        ----------
        partitions : sequence of TopicPartition
            Which.

        Returns
        -------
        dict of TopicPartition to int
            Offset that the next record will get.
        """
        return self._ask(partitions, end=True)

    def _ask(self, partitions: Sequence[TopicPartition], *, end: bool) -> dict[TopicPartition, int]:
        with self._lock, translated("reading the bounds of partitions"):
            if self._client is None:
                self._client = self._connect()
            found = self._client.bounds(partitions, end=end, timeout_ms=self._timeout_ms)
        return {at: found[at] for at in partitions}

    def close(self) -> None:
        """Close the client."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            close_quietly(client.close, "the lookout")
