"""Partitions and records, from the library's words to ours and back."""

from collections.abc import Iterable, Mapping
from typing import Any

from kafka import TopicPartition as WirePlace

from lacuna_core.ports import Record, TopicPartition


def wire(at: TopicPartition) -> Any:
    """Name a partition as the library does.

    Parameters
    ----------
    at : TopicPartition
        Ours.

    Returns
    -------
    kafka.TopicPartition
        Theirs.
    """
    return WirePlace(at.topic, at.partition)


def wired(places: Iterable[TopicPartition]) -> list[Any]:
    """Name partitions as the library does.

    Parameters
    ----------
    places : iterable of TopicPartition
        Ours.

    Returns
    -------
    list of kafka.TopicPartition
        Theirs, in order.
    """
    return [wire(at) for at in places]


def unwired(offsets: Mapping[Any, int]) -> dict[TopicPartition, int]:
    """Name the partitions of offsets as we do.

    Parameters
    ----------
    offsets : mapping of kafka.TopicPartition to int
        Theirs.

    Returns
    -------
    dict of TopicPartition to int
        Ours.
    """
    return {TopicPartition(at.topic, at.partition): offset for at, offset in offsets.items()}


def unwired_record(found: Any) -> Record:
    """Take over a record.

    Parameters
    ----------
    found : kafka.consumer.fetcher.ConsumerRecord
        Theirs; a deleted key has no value.

    Returns
    -------
    Record
        Ours.
    """
    headers = tuple((name, value or b"") for name, value in found.headers)
    return Record(found.topic, found.partition, found.offset, found.key or b"", found.value or b"", headers)
