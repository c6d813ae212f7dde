"""Looking at stretches of the log, as nobody's consumer."""

import time
from collections.abc import Iterator, Mapping
from typing import Self

from lacuna_core.errors import InvalidMessage, Transient
from lacuna_core.ports import Bus, Record, TopicPartition
from lacuna_core.position import Tick
from lacuna_runtime.codec import decode

GROUP = "look"
"""Reads and never commits."""
PATIENCE_S = 15.0
"""A log that answers nothing for this long is away."""
_POLL_RECORDS = 64
_WINDOW = 64


class Looker:
    """One reader for one look after another, because a reader is dear where the log is far away.

    Parameters
    ----------
    bus : Bus
        The log.
    patience_s : float
        How long to wait for the next record, seconds.
    """

    def __init__(self, bus: Bus, *, patience_s: float = PATIENCE_S) -> None:
        self._reader = bus.subscribe(GROUP, [])
        self._patience_s = patience_s

    def read(self, ranges: Mapping[TopicPartition, tuple[int, int]]) -> Iterator[Record]:
        """Read the records of partitions between two offsets; one look at a time.

        Parameters
        ----------
        ranges : mapping of TopicPartition to (int, int)
            Half-open ranges of offsets; each ends where ``Bus.end_offsets`` told, or before.

        Yields
        ------
        Record
            In order of offset within each partition.

        Raises
        ------
        Transient
            If the log says nothing more for too long, although an end is not reached.
        CorruptState
            If a partition starts behind its range.
        """
        reached = {at: start for at, (start, end) in ranges.items() if start < end}
        # what is read already would be read on from where it was
        self._reader.assign({})
        self._reader.pause([])
        self._reader.assign(reached)
        until_s = time.monotonic() + self._patience_s
        while reached:
            records = self._reader.poll(_POLL_RECORDS * len(reached), min(1.0, self._patience_s))
            if records:
                until_s = time.monotonic() + self._patience_s
            elif time.monotonic() >= until_s:
                at, offset = min(reached.items())
                raise Transient(
                    f"{at.topic}/{at.partition}: no record from offset {offset} on within "
                    f"{self._patience_s:g} s, its end is {ranges[at][1]}"
                )
            for record in records:
                at = TopicPartition(record.topic, record.partition)
                if record.offset < ranges[at][1]:
                    yield record
                if record.offset + 1 >= ranges[at][1]:
                    reached.pop(at, None)
                else:
                    reached[at] = record.offset + 1
            self._reader.pause([at for at in ranges if at not in reached])

    def close(self) -> None:
        """Stop reading."""
        self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_range(bus: Bus, at: TopicPartition, start: int, end: int) -> Iterator[Record]:
    """Read the records of one partition between two offsets.

    Parameters
    ----------
    bus : Bus
        The log.
    at : TopicPartition
        Where.
    start, end : int
        Half-open range, as for ``Looker.read``.

    Yields
    ------
    Record
        In order of offset.

    Raises
    ------
    Transient
        If the log is away.
    CorruptState
        If the log starts behind ``start``.
    """
    if start < end:
        with Looker(bus) as looker:
            yield from looker.read({at: (start, end)})


def last_ticks(bus: Bus, ends: Mapping[TopicPartition, int]) -> dict[TopicPartition, Tick]:
    """Find the last tick of partitions.

    Parameters
    ----------
    bus : Bus
        The log.
    ends : mapping of TopicPartition to int
        Where to look, and below which offset.

    Returns
    -------
    dict of TopicPartition to Tick
        Partitions whose log holds no tick are absent.

    Raises
    ------
    Transient
        If the log is away.
    CorruptState
        If the log was cut while it was looked at.
    """
    starts = bus.start_offsets(list(ends))
    upper = {at: end for at, end in ends.items() if starts[at] < end}
    found: dict[TopicPartition, Tick] = {}
    window = _WINDOW
    with Looker(bus) as looker:
        while upper:
            lower = {at: max(starts[at], end - window) for at, end in upper.items()}
            for record in looker.read({at: (lower[at], upper[at]) for at in upper}):
                tick = _tick(record)
                if tick is not None:
                    found[TopicPartition(record.topic, record.partition)] = tick
            upper = {at: start for at, start in lower.items() if at not in found and starts[at] < start}
            window *= 4
    return found


def _tick(record: Record) -> Tick | None:
    try:
        message = decode(record.value)[1]
    except InvalidMessage:
        return None  # whoever consumes it writes the dead letter
    return message if isinstance(message, Tick) else None
