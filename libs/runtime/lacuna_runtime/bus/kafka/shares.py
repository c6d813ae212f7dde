"""Records that were fetched and not yet handed out, so that every partition gets its share.

The library hands out one partition until it is used up; a partition with many small records would keep the
others waiting for seconds.
"""

from collections import deque
from collections.abc import Collection, Iterable

from lacuna_core.ports import Record, TopicPartition


class Shares:
    """Records by partition, handed out in turns."""

    def __init__(self) -> None:
        self._waiting: dict[TopicPartition, deque[Record]] = {}
        self._bytes: dict[TopicPartition, int] = {}
        self._turn = 0

    @property
    def places(self) -> Collection[TopicPartition]:
        """Partitions that are read."""
        return self._waiting.keys()

    def keep(self, places: Iterable[TopicPartition]) -> None:
        """Change the partitions that are read; what waits of those that stay is kept.

        Parameters
        ----------
        places : iterable of TopicPartition
            All of them.
        """
        wanted = list(places)
        self._waiting = {at: self._waiting.get(at) or deque() for at in wanted}
        self._bytes = {at: self._bytes.get(at, 0) for at in wanted}

    def drop(self, at: TopicPartition) -> None:
        """Forget what waits of a partition.

        Parameters
        ----------
        at : TopicPartition
            Which.
        """
        self._waiting[at] = deque()
        self._bytes[at] = 0

    def put(self, at: TopicPartition, records: Iterable[Record]) -> None:
        """Let records wait.

        Parameters
        ----------
        at : TopicPartition
            Theirs.
        records : iterable of Record
            In offset order.
        """
        waiting = self._waiting.get(at)
        if waiting is None:
            return
        for record in records:
            waiting.append(record)
            self._bytes[at] += len(record.value)

    def full(self, limit_bytes: int) -> set[TopicPartition]:
        """Find partitions of which enough waits.

        Parameters
        ----------
        limit_bytes : int
            How much is enough.

        Returns
        -------
        set of TopicPartition
            These.
        """
        return {at for at, size in self._bytes.items() if size >= limit_bytes}

    def take(self, most: int, paused: Collection[TopicPartition]) -> list[Record]:
        """Hand out records; whoever comes first changes from time to time, so a small number starves nobody.

        Parameters
        ----------
        most : int
            Most records.
        paused : collection of TopicPartition
            Partitions to leave out.

        Returns
        -------
        list of Record
            In offset order within each partition.
        """
        active = [at for at in self._waiting if at not in paused]
        if not active:
            return []
        share = max(1, most // len(active))
        self._turn += 1
        found: list[Record] = []
        for i in range(len(active)):
            at = active[(i + self._turn) % len(active)]
            waiting = self._waiting[at]
            for _ in range(min(share, most - len(found), len(waiting))):
                record = waiting.popleft()
                self._bytes[at] -= len(record.value)
                found.append(record)
        return found
