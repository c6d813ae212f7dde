"""Cutting messages to what one record may hold."""

from collections.abc import Iterator
from typing import TypeVar

from lacuna_core.columns import ColumnBatch
from lacuna_core.event import Event
from lacuna_core.fact import Fact
from lacuna_core.message import EventBatch, FactBatch, Message
from lacuna_core.position import MAX_ROWS
from lacuna_runtime.codec.digest import values
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
    if isinstance(message, ColumnBatch):
        for first in range(0, len(message), MAX_ROWS):
            whole = first == 0 and len(message) <= MAX_ROWS
            part = message if whole else message.take(slice(first, first + MAX_ROWS)).compact()
            yield from _halve(part)  # type: ignore[misc]  # a batch class stays itself
    elif isinstance(message, FactBatch):
        yield from (FactBatch(rows) for rows in _runs(message.rows))
    elif isinstance(message, EventBatch):
        yield from (EventBatch(rows) for rows in _runs(message.rows))
    else:
        yield message


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


def _runs(rows: tuple[R, ...]) -> Iterator[tuple[R, ...]]:
    run: list[R] = []
    size = 0
    for row in rows:
        # the value form is never shorter than protobuf by more than the headroom allows
        row_size = len(values(row))
        if run and (len(run) == MAX_ROWS or size + row_size > _LIMIT_BYTES):
            yield tuple(run)
            run, size = [], 0
        run.append(row)
        size += row_size
    if run:
        yield tuple(run)
