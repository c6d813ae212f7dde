"""Topics: what there is, and making what is missing."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kafka import KafkaAdminClient, errors

from lacuna_core.errors import ConfigError, Transient
from lacuna_core.ports import TopicPartition
from lacuna_core.topics import Topic
from lacuna_core.units import MS_PER_MIN
from lacuna_runtime.bus.kafka.bounded import bounded, close_quietly
from lacuna_runtime.bus.kafka.failures import translate, translated
from lacuna_runtime.bus.kafka.places import wire
from lacuna_runtime.bus.kafka.publisher import EXTRA_BYTES, VALUE_BYTES
from lacuna_runtime.sections import KafkaSettings

_NEW_MS = 10_000
"""How long a new topic may take to have all its leaders."""


def topic_settings(topic: Topic, settings: KafkaSettings) -> dict[str, str]:
    """Write how a topic is kept.

    Parameters
    ----------
    topic : Topic
        From the topic table.
    settings : KafkaSettings
        How many replicas make a record durable.

    Returns
    -------
    dict of str to str
        In Kafka's words.
    """
    kept: dict[str, str] = {
        "min.insync.replicas": str(settings.min_insync),
        "max.message.bytes": str(VALUE_BYTES + EXTRA_BYTES),
        "retention.ms": str(-1 if topic.retention_ms is None else topic.retention_ms),
        # the brokers' clock decides how long a record stays, so a replica with a wrong clock spoils nothing
        "message.timestamp.type": "LogAppendTime",
        "cleanup.policy": "compact" if topic.compacted else "delete",
    }
    if topic.compacted:
        # the segment that is written to is never compacted, so it must be a short one
        kept |= {
            "segment.ms": str(10 * MS_PER_MIN),
            "segment.bytes": str(64 << 20),
            "min.cleanable.dirty.ratio": "0.1",
        }
    return kept


class Topics:
    """What the cluster has; asked once a topic and remembered.

    Parameters
    ----------
    connect : callable
        Opens an admin client.
    settings : KafkaSettings
        Replication and bounds.
    """

    def __init__(self, connect: Callable[[], KafkaAdminClient], settings: KafkaSettings) -> None:
        self._connect = connect
        self._settings = settings
        self._lock = threading.RLock()
        self._admin: KafkaAdminClient | None = None
        self._counts: dict[str, int] = {}

    def create(self, topics: Sequence[Topic]) -> None:
        """Make sure that topics exist with the right number of partitions.

        Parameters
        ----------
        topics : sequence of Topic
            From the topic table.

        Raises
        ------
        ConfigError
            If one exists with another number of partitions, or is missing and may not be created.
        Transient
            If the cluster can't be reached, or has too few brokers for now.
        """
        with self._lock:
            wanted = {topic.name: topic for topic in topics if topic.name not in self._counts}
            found = self._look(wanted)
            missing = [topic for name, topic in wanted.items() if name not in found]
            if missing:
                self._create(missing)
                self._look([topic.name for topic in missing])
            for topic in topics:
                count = self._counts.get(topic.name, topic.partitions)
                if count != topic.partitions:
                    raise ConfigError(f"topic {topic.name} has {count} partitions, not {topic.partitions}")

    def partitions(self, topic: str) -> int:
        """Count the partitions of a topic.

        Parameters
        ----------
        topic : str
            Wire name.

        Returns
        -------
        int
            How many.

        Raises
        ------
        ConfigError
            If there is no such topic.
        """
        count = self._counts.get(topic)
        if count is None:
            with self._lock:
                count = self._look([topic]).get(topic)
        if count is None:
            raise ConfigError(f"topic {topic} was not created, or this principal may not see it")
        return count

    def check(self, places: Iterable[TopicPartition]) -> None:
        """Check that partitions exist.

        Parameters
        ----------
        places : iterable of TopicPartition
            Which.

        Raises
        ------
        ConfigError
            If one does not.
        """
        for at in places:
            if not 0 <= at.partition < self.partitions(at.topic):
                raise ConfigError(f"topic {at.topic} has no partition {at.partition}: it was not created")

    def forget(self, before: Mapping[TopicPartition, int]) -> None:
        """Delete the oldest records.

        Parameters
        ----------
        before : mapping of TopicPartition to int
            First offset that stays, by partition.
        """
        cuts = {wire(at): offset for at, offset in before.items()}
        self._ask(lambda admin: admin.delete_records(cuts), "deleting records")

    def _look(self, names: Iterable[str]) -> dict[str, int]:
        """Ask which of some topics there are, and remember those."""
        asked = list(names)
        if not asked:
            return {}
        found: dict[str, int] = {}
        for topic in self._ask(lambda admin: admin.describe_topics(asked), "looking for topics"):
            kind = errors.for_code(topic["error_code"])
            if kind is errors.NoError:
                found[topic["name"]] = len(topic["partitions"])
            elif kind is not errors.UnknownTopicOrPartitionError:
                raise translate(kind(), f"looking for topic {topic['name']}")
        self._counts |= found
        return found

    def _create(self, topics: Sequence[Topic]) -> None:
        settings = self._settings
        wanted = {
            topic.name: {
                "num_partitions": topic.partitions,
                "replication_factor": settings.replication,
                "configs": topic_settings(topic, settings),
            }
            for topic in topics
        }
        answer = self._ask(lambda admin: admin.create_topics(wanted, raise_errors=False), "creating topics")
        for topic in answer["topics"]:
            self._judge(topic["name"], errors.for_code(topic["error_code"]), topic.get("error_message"))
        self._ask(lambda admin: admin.wait_for_topics(list(wanted), _NEW_MS), "creating topics")

    def _judge(self, name: str, kind: Any, message: str | None) -> None:
        if kind in (errors.NoError, errors.TopicAlreadyExistsError):
            # somebody else may have been faster
            return
        if issubclass(kind, errors.AuthorizationError):
            raise ConfigError(
                f"topic {name} is missing and this principal may not create it: {kind.__name__}"
            )
        if kind is errors.InvalidReplicationFactorError:
            raise Transient(
                f"topic {name} can't have kafka.replication = {self._settings.replication} now: {message}"
            )
        raise translate(kind(message), f"creating topic {name}")

    def _ask(self, question: Callable[[KafkaAdminClient], Any], doing: str) -> Any:
        # a few round trips, each with the client's own time-out
        patience_s = 4 * self._settings.request_ms / 1000
        with self._lock, translated(doing):
            if self._admin is None:
                self._admin = self._connect()
            admin = self._admin
            return bounded(lambda: question(admin), patience_s, doing)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            admin, self._admin = self._admin, None
        if admin is not None:
            close_quietly(admin.close, "an admin client")
