"""The bus: clients that share their settings, and everything that is open."""

import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

from kafka import KafkaAdminClient

from lacuna_core.errors import ConfigError
from lacuna_core.ports import Delivery, Membership, Outgoing, Subscription, TopicPartition
from lacuna_core.topics import Topic
from lacuna_runtime.bus.kafka.bounds import Lookout
from lacuna_runtime.bus.kafka.client import Client
from lacuna_runtime.bus.kafka.failures import translated
from lacuna_runtime.bus.kafka.flight import Flight
from lacuna_runtime.bus.kafka.group_client import GroupClient
from lacuna_runtime.bus.kafka.membership import KafkaMembership, member_options
from lacuna_runtime.bus.kafka.offsets import GroupOffsets
from lacuna_runtime.bus.kafka.options import (
    check_instance,
    client_options,
    keep_requests_out_of_logs,
    require_crc32c,
)
from lacuna_runtime.bus.kafka.publisher import Publisher
from lacuna_runtime.bus.kafka.subscription import FETCH_OPTIONS, KafkaSubscription
from lacuna_runtime.bus.kafka.topics import Topics
from lacuna_runtime.sections import KafkaSettings

_Open: TypeAlias = KafkaSubscription | KafkaMembership


class KafkaBus:
    """A bus on a Kafka cluster; for any number of threads.

    Parameters
    ----------
    settings : KafkaSettings
        Where and how.
    instance : str
        Name of this replica, the same after a restart; empty for one that has no name to keep.

    Raises
    ------
    ConfigError
        If the settings can't be used.
    """

    def __init__(self, settings: KafkaSettings, instance: str) -> None:
        require_crc32c()
        check_instance(instance)
        keep_requests_out_of_logs()
        self._settings = settings
        self._instance = instance
        self._lock = threading.Lock()
        self._open: set[_Open] = set()
        self._lookout = Lookout(lambda: Client(**self._options(), **FETCH_OPTIONS), settings.request_ms)
        self._topics = Topics(lambda: KafkaAdminClient(**self._options()), settings)
        self._publisher = Publisher(lambda: Flight(self._options(), settings), self._topics.partitions)

    def _options(self) -> dict[str, Any]:
        return client_options(self._settings, self._instance)

    def create(self, topics: Sequence[Topic]) -> None:
        """Make sure that topics exist with the right number of partitions."""
        self._topics.create(topics)

    def cycle(self) -> AbstractContextManager[None]:
        """Open one cycle; leaving it waits until all is durable that this thread published inside."""
        return self._publisher.cycle()

    def publish(self, records: Sequence[Outgoing]) -> Sequence[Delivery]:
        """Append records; they are on their way when this returns, and durable when each is checked."""
        return self._publisher.publish(records)

    def subscribe(self, group: str, partitions: Sequence[TopicPartition]) -> Subscription:
        """Read partitions as a group, from its committed offsets."""
        self._topics.check(partitions)
        timeout_ms = self._settings.request_ms
        offsets = GroupOffsets(
            group,
            lambda: GroupClient(**self._options(), **member_options(self._settings, "", group)),
            timeout_ms,
        )
        with translated("connecting a reader"):
            consumer = Client(**self._options(), **FETCH_OPTIONS)
        subscription = KafkaSubscription(consumer, offsets, self._topics.check, timeout_ms)
        self._keep(subscription)
        subscription.start(partitions)
        return subscription

    def join(self, group: str, topic: Topic, *, quick: bool = False) -> Membership:
        """Become a member of a group that shares the partitions of a topic out as tasks."""
        count = self._topics.partitions(topic.name)
        if count != topic.partitions:
            raise ConfigError(f"topic {topic.name} has {count} partitions, not {topic.partitions}")
        membership = KafkaMembership(
            lambda assignor: GroupClient(
                **self._options(),
                **member_options(self._settings, self._instance, group, quick=quick),
                partition_assignment_strategy=[assignor],
            ),
            group,
            topic,
            self._settings,
        )
        self._keep(membership)
        return membership

    def _keep(self, opened: _Open) -> None:
        """Remember what is open, because the library's threads would outlive it."""
        with self._lock:
            self._open.add(opened)
        opened.on_close = lambda: self._open.discard(opened)

    def start_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Read where partitions start."""
        self._topics.check(partitions)
        return self._lookout.starts(partitions)

    def end_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Read the ends of partitions."""
        self._topics.check(partitions)
        return self._lookout.ends(partitions)

    def prune(self, before: Mapping[TopicPartition, int]) -> None:
        """Make the log forget its oldest records, as retention does.

        Parameters
        ----------
        before : mapping of TopicPartition to int
            First offset that stays, by partition.
        """
        self._topics.forget(before)

    def close(self) -> None:
        """Close everything that was opened here."""
        with self._lock:
            opened = list(self._open)
        self._publisher.close()
        for one in opened:
            one.close()
        self._lookout.close()
        self._topics.close()
