"""Records of the log, as they are written and read; ``lacuna_core.ports`` passes these names on."""

from dataclasses import dataclass
from typing import TypeAlias

Headers: TypeAlias = tuple[tuple[str, bytes], ...]
"""What travels beside a record and decides nothing: trace context."""


@dataclass(frozen=True, slots=True, order=True)
class TopicPartition:
    """One partition of one topic.

    Attributes
    ----------
    topic : str
        Wire name.
    partition : int
        Number.
    """

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to publish.

    Attributes
    ----------
    topic : str
        Wire name.
    partition : int
        Number.
    key : bytes
        Key, meaningful on compacted topics.
    value : bytes
        Encoded message; empty on a compacted topic deletes the key.
    headers : tuple of (str, bytes)
        Trace context.
    """

    topic: str
    partition: int
    key: bytes
    value: bytes
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A record read.

    Attributes
    ----------
    topic : str
        Wire name.
    partition : int
        Number.
    offset : int
        Place in the partition, from 0.
    key, value : bytes
        As published.
    headers : tuple of (str, bytes)
        As published, where the log keeps them.
    """

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: Headers = ()
