"""Being a member of a group that shares out tasks.

What a member commits is checked by the group's generation. Tasks move in two rounds: the old owner gives
one up and hears of it, and only when it takes part again the new owner gets it. So what ``owned`` told last
is nobody else's, unless the member has lost its place; then it hears of that, and its commits are refused.

A member with an instance name does not leave when it closes: it may come back with the same tasks, and
nobody else has to move. If it stays away, its tasks go to others when its session ends.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from kafka import ConsumerRebalanceListener, errors
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor

from lacuna_core.errors import ConfigError, Transient
from lacuna_core.ports import TopicPartition
from lacuna_core.topics import Topic
from lacuna_runtime.bus.kafka.bounded import close_quietly
from lacuna_runtime.bus.kafka.failures import translated
from lacuna_runtime.bus.kafka.group_client import GroupClient
from lacuna_runtime.sections import KafkaSettings

_LOOK_S = 0.05
_QUICK_MS = 6_000
"""The shortest session that a broker allows unless it is told otherwise."""
_HEARTBEAT_MS = 1_000
"""Also how long it takes at most until a member hears that the group shares out anew."""
_SILENT_MS = 300_000
"""A member that is not heard of by its own process for this long is taken for stuck."""


def member_options(
    settings: KafkaSettings, instance: str, group: str, *, quick: bool = False
) -> dict[str, Any]:
    """Write the options of a member.

    Parameters
    ----------
    settings : KafkaSettings
        Session.
    instance : str
        Name of this replica; without one a member is new each time.
    group : str
        Consumer group.
    quick : bool
        Keeps no name and a short session.

    Returns
    -------
    dict
        Beside those of any client.
    """
    session_ms = min(settings.session_ms, _QUICK_MS) if quick else settings.session_ms
    return {
        "group_id": group,
        "group_instance_id": f"{instance}.{group}" if instance and not quick else None,
        "session_timeout_ms": session_ms,
        "heartbeat_interval_ms": min(_HEARTBEAT_MS, session_ms // 3),
        "max_poll_interval_ms": max(_SILENT_MS, session_ms),
        "enable_auto_commit": False,
        "allow_auto_create_topics": False,
        "metrics_enabled": False,
    }


class _Changes(ConsumerRebalanceListener):  # type: ignore[misc] # the library has no types
    """Notes what goes, on the library's thread."""

    def __init__(self, assignor: CooperativeStickyAssignor) -> None:
        self._assignor = assignor
        self._lock = threading.Lock()
        self._gone: set[int] = set()
        self.lost = False

    def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        with self._lock:
            self._gone |= {place.partition for place in revoked}

    def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        """What came is read from the assignment."""

    def on_partitions_lost(self, lost: Iterable[Any]) -> None:
        with self._lock:
            self._gone |= {place.partition for place in lost}
            self.lost = True
        # otherwise the library would claim them again, and may get them while their new owner works on them
        self._assignor.member_assignment = None

    def tell(self) -> set[int]:
        """Tell what went since this was last asked."""
        with self._lock:
            gone, self._gone, self.lost = self._gone, set(), False
        return gone


class KafkaMembership:
    """One member of a group; for one thread at a time.

    Parameters
    ----------
    connect : callable
        Opens a client of the group with the assignor given.
    group : str
        Consumer group.
    topic : Topic
        Its partition numbers are the tasks.
    settings : KafkaSettings
        Bounds.
    """

    def __init__(
        self,
        connect: Callable[[CooperativeStickyAssignor], GroupClient],
        group: str,
        topic: Topic,
        settings: KafkaSettings,
    ) -> None:
        self._group = group
        self._settings = settings
        assignor = CooperativeStickyAssignor()
        self._changes = _Changes(assignor)
        self._owned: frozenset[int] = frozenset()
        self.on_close: Callable[[], None] = lambda: None
        with translated(self._doing("joining")):
            self._client = connect(assignor)
            self._client.subscribe([topic.name], listener=self._changes)

    def _doing(self, what: str) -> str:
        return f"{what} group {self._group}"

    def owned(self, timeout_s: float) -> frozenset[int]:
        """Take part in the group and tell which tasks are this member's."""
        deadline = time.monotonic() + timeout_s
        while True:
            left_s = deadline - time.monotonic()
            with translated(self._doing("taking part in")):
                self._client.take_part(max(0.0, min(_LOOK_S, left_s)))
            if self._client.fenced:
                raise ConfigError(
                    f"another process took the place of this one in group {self._group}: give each replica "
                    "its own service.instance"
                )
            gone = self._changes.tell()
            # what went and came back meanwhile may have been in other hands: it is first told as gone
            held = frozenset(place.partition for place in self._client.assignment())
            owned = frozenset() if self._client.out else held - gone
            left_s = deadline - time.monotonic()
            if owned != self._owned or left_s <= 0:
                self._owned = owned
                return owned
            time.sleep(min(_LOOK_S, left_s))

    def committed(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Read the offsets of the group."""
        if not partitions:
            return {}
        with translated(self._doing("reading the offsets of")):
            return self._client.read_offsets(list(partitions), self._settings.request_ms)

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit the next offsets to read, as long as this member has its place."""
        deadline = time.monotonic() + self._settings.delivery_ms / 1000
        while offsets:
            if self._changes.lost:
                raise Transient(f"this member has lost its place in group {self._group}")
            try:
                with translated(self._doing("committing in")):
                    self._client.write_offsets(offsets, self._settings.request_ms)
                    return
            except Transient as error:
                left_s = deadline - time.monotonic()
                if not isinstance(error.__cause__, errors.RebalanceInProgressError) or left_s <= 0:
                    raise
            # The group is sharing out anew. Once it has, what this member gives up is still nobody else's
            # until it takes part again, so the commit is as good as before.
            with translated(self._doing("waiting for")):
                self._client.finish_join(left_s)

    def close(self) -> None:
        """Stop taking part; without an instance name, leave the group at once."""
        close_quietly(self._client.close, f"a member of group {self._group}")
        self.on_close()
