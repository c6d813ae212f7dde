"""Walk sorted partitions in one order, a page of each at a time, so that memory stays bounded."""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from lacuna_runtime.stores.cassandra.connection import Connection, Row
from lacuna_runtime.stores.cassandra.statement import Call

_FIRST_PARTITIONS, _MOST_PARTITIONS = 4, 32
"""Partitions of the first window and of a late one: a page of the first days asks for little."""
_HELD_ROWS = 20_000
"""Most rows in memory."""
_LEAST_ROWS, _MOST_ROWS = 20, 1_000


def walk(
    db: Connection, windows: Iterable[Sequence[Call]], key: Callable[[Row], Any], limit: int
) -> Iterator[Row]:
    """Merge the partitions of each window, one window after another.

    Parameters
    ----------
    db : Connection
        Where.
    windows : iterable of sequence of Call
        Reads of sorted partitions; all rows of a window sort before those of the next.
    key : callable
        What they are sorted by.
    limit : int
        How many rows are wanted, which sets the size of a page.

    Yields
    ------
    tuple
        Rows in order.
    """
    for calls in windows:
        page_rows = min(_MOST_ROWS, max(_LEAST_ROWS, min(limit + 1, _HELD_ROWS // max(len(calls), 1))))
        yield from heapq.merge(*db.streams(calls, page_rows), key=key)


def by_day(places: Sequence[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Cut sorted places into windows of whole days.

    Parameters
    ----------
    places : sequence of (int, str)
        Day and name, sorted.

    Yields
    ------
    list of (int, str)
        A few at first, then more, and more still where one day has many.
    """
    window: list[tuple[int, str]] = []
    most = _FIRST_PARTITIONS
    for place in places:
        if len(window) >= most and place[0] != window[-1][0]:
            yield window
            window, most = [], min(2 * most, _MOST_PARTITIONS)
        window.append(place)
    if window:
        yield window
