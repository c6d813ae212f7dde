"""Cutting lists of messages, so that no page is too large for a message."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from google.protobuf.message import Message

PART_BYTES = 1 << 20
"""A part of a list is closed when it holds so much."""
M = TypeVar("M", bound=Message)


def cut(items: Iterable[M], most_bytes: int = PART_BYTES) -> Iterator[list[M]]:
    """Cut a list into parts.

    Parameters
    ----------
    items : iterable of Message
        In order.
    most_bytes : int
        Size of a part; an item that is larger is a part of its own.

    Yields
    ------
    list of Message
        At least one part, which is empty when there are no items.
    """
    part: list[M] = []
    size = 0
    for item in items:
        item_bytes = item.ByteSize()
        if part and size + item_bytes > most_bytes:
            yield part
            part, size = [], 0
        part.append(item)
        size += item_bytes
    yield part
