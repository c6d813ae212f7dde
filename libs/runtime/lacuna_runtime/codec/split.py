"""Cutting messages to what one record may hold."""

from collections.abc import Iterator
from typing import TypeVar

from lacuna_core.columns import ColumnBatch
from lacuna_core.event import Event
from lacuna_core.fact import Fact
from lacuna_core.message import EventBatch, FactBatch, Message
from lacuna_core.position import MAX_ROWS
from lacuna_runtime.codec.digest import listed, values
from lacuna_runtime.codec.envelope import MAX_VALUE_BYTES

_HEADROOM_BYTES = 4_096
_LIMIT_BYTES = MAX_VALUE_BYTES - _HEADROOM_BYTES
R = TypeVar("R", Fact, Event)


def split(message: Message) -> Iterator[Message]:
    """Cut a message into messages that fit a record: at most ``MAX_ROWS`` rows and 1 MiB.

    Parameters
    ----------
    message : Message
        A batch of any number of rows, or a single message, which is passed on.

    Yields
    ------
    Message
        The rows in order; nothing for a batch without rows.
    """
    return (part for part, _ in split_written(message))


def split_written(message: Message) -> Iterator[tuple[Message, bytes | None]]:
    """Cut a message, and keep the values that had to be written to measure it.

    Parameters
    ----------
    message : Message
        As for ``split``.

    Yields
    ------
    tuple of (Message, bytes or None)
        A part, and for facts and events its rows as values, for ``encode``.
    """
    if isinstance(message, ColumnBatch):
        for first in range(0, len(message), MAX_ROWS):
            whole = first == 0 and len(message) <= MAX_ROWS
            part = message if whole else message.take(slice(first, first + MAX_ROWS)).compact()
            for piece in _halve(part):
                yield piece, None  # type: ignore[misc]  # a batch class stays itself
    elif isinstance(message, FactBatch):
        yield from ((FactBatch(rows), body) for rows, body in _runs(message.rows))
    elif isinstance(message, EventBatch):
        yield from ((EventBatch(rows), body) for rows, body in _runs(message.rows))
    else:
        yield message, None


def _halve(batch: ColumnBatch) -> Iterator[ColumnBatch]:
    size = sum(array.nbytes for _, array in batch.columns())
    # a string costs at most four bytes a character, its tag and its length
    size += sum(4 * len(s) + 6 for s in batch.strings)
    if size <= _LIMIT_BYTES or len(batch) == 1:
        yield batch
        return
    middle = len(batch) // 2
    yield from _halve(batch.take(slice(0, middle)).compact())
    yield from _halve(batch.take(slice(middle, None)).compact())


def _runs(rows: tuple[R, ...]) -> Iterator[tuple[tuple[R, ...], bytes]]:
    run: list[R] = []
    written: list[bytes] = []
    size = 0
    for row in rows:
        # the value form is never shorter than protobuf by more than the headroom allows
        value = values(row)
        if run and (len(run) == MAX_ROWS or size + len(value) > _LIMIT_BYTES):
            yield tuple(run), listed(written)
            run, written, size = [], [], 0
        run.append(row)
        written.append(value)
        size += len(value)
    if run:
        yield tuple(run), listed(written)
