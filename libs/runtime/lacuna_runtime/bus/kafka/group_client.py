"""The consumer of the library, and what it has but does not show.

Its own ``poll`` loses a join that is done while nobody waits for it: the next call starts another one, and a
member that looks in often and briefly never gets its tasks, or is thrown out because its heartbeats rest
while it joins. So a join runs here on the library's thread until it is done, and we look whether it is.
"""

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from kafka import errors
from kafka.structs import OffsetAndMetadata

from lacuna_core.ports import TopicPartition
from lacuna_runtime.bus.kafka.client import Client
from lacuna_runtime.bus.kafka.places import unwired, wire, wired


class GroupClient(Client):
    """A consumer that is used for its group only; it never fetches records.

    Parameters
    ----------
    **configs
        As of the library's consumer.
    """

    _join: Any = None
    """Future of the join that runs."""

    def read_offsets(self, places: Sequence[TopicPartition], timeout_ms: int) -> dict[TopicPartition, int]:
        """Read committed offsets in one request; the library shows one request a partition.

        Parameters
        ----------
        places : sequence of TopicPartition
            Which.
        timeout_ms : int
            Longest wait.

        Returns
        -------
        dict of TopicPartition to int
            Partitions never committed are absent.
        """
        found: Mapping[Any, Any] = self._coordinator.fetch_committed_offsets(wired(places), timeout_ms)
        return unwired({at: known.offset for at, known in found.items()})

    def write_offsets(self, offsets: Mapping[TopicPartition, int], timeout_ms: int) -> None:
        """Commit offsets; a member does so in its generation, so one that has lost its place is refused.

        Parameters
        ----------
        offsets : mapping of TopicPartition to int
            Next offset to read, by partition.
        timeout_ms : int
            Longest wait.
        """
        taken = {wire(at): OffsetAndMetadata(offset, "", -1) for at, offset in offsets.items()}
        self.commit(taken, timeout_ms=timeout_ms)

    def take_part(self, timeout_s: float) -> None:
        """Show the group that we live, and join or join anew when it asks for it.

        Parameters
        ----------
        timeout_s : float
            How long to wait for a join; it goes on afterwards.
        """
        if self._join is None and self._coordinator.need_rejoin():
            self._join = self._manager.call_soon(self._join_group)
        self.finish_join(timeout_s)
        self._coordinator.poll_heartbeat()

    def finish_join(self, timeout_s: float) -> None:
        """Wait for a join that runs, if there is one.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.
        """
        join = self._join
        if join is None:
            return
        done = threading.Event()
        join.add_both(lambda _: done.set())
        if done.wait(timeout_s):
            self._join = None
            if join.exception is not None:
                raise join.exception

    async def _join_group(self) -> None:
        topics = self._subscription.group_subscription()
        if any(self._cluster.partitions_for_topic(topic) is None for topic in topics):
            # a leader that does not know the partitions yet would share out none, and begin again
            with suppress(errors.RetriableError):
                await self._cluster.request_update()
        await self._coordinator.ensure_active_group_async(None)

    @property
    def out(self) -> bool:
        """Whether the group no longer knows us; what we still hold is then already somebody else's."""
        return bool(self._coordinator.group_metadata().generation_id < 0)

    @property
    def fenced(self) -> bool:
        """Whether another process took our instance name: the library then stops its heartbeats silently."""
        coordinator = self._coordinator
        with coordinator._lock:  # noqa: SLF001 - it changes all three under it
            beats = coordinator._heartbeat_enabled  # noqa: SLF001 - the only trace that being fenced leaves
            return bool(coordinator.stable() and not coordinator.rejoining and not beats)
