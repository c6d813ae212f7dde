"""Publishing: one flight after another, and nobody goes on without having heard of a loss."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from lacuna_core.errors import ConfigError
from lacuna_core.ports import Outgoing
from lacuna_runtime.bus.kafka.failures import translated
from lacuna_runtime.bus.kafka.flight import Flight, Pending

VALUE_BYTES = 1 << 20
EXTRA_BYTES = 64 << 10
"""What key, headers and the frame of a batch may take beside the value."""


class _Mine(threading.local):
    """What a thread has published and not yet seen durable."""

    def __init__(self) -> None:
        self.flight: Flight | None = None
        self.open: list[Pending] = []
        self.cycles = 0
        self.inside: list[Pending] = []


class Publisher:
    """Publishes through one producer for all threads.

    Parameters
    ----------
    take_off : callable
        Starts a flight.
    partitions_of : callable
        Number of partitions of a topic; refuses one that does not exist.
    """

    def __init__(self, take_off: Callable[[], Flight], partitions_of: Callable[[str], int]) -> None:
        self._take_off = take_off
        self._partitions_of = partitions_of
        self._lock = threading.Lock()
        self._flight: Flight | None = None
        self._mine = _Mine()

    def publish(self, records: Sequence[Outgoing]) -> Sequence[Pending]:
        """Append records in order.

        Parameters
        ----------
        records : sequence of Outgoing
            Checked before the first one is sent.

        Returns
        -------
        sequence of Pending
            One a record.

        Raises
        ------
        ConfigError
            If one is too large or goes to a partition that does not exist.
        Transient
            If sending fails, or what this thread published before was lost and it has not heard so yet:
            what follows must not be written behind the hole.
        """
        for record in records:
            self._check(record)
        if not records:
            return []
        mine = self._mine
        self._tell(mine)
        flight = self._current()
        sent: list[Pending] = []
        try:
            for record in records:
                sent.append(flight.send(record))
        finally:
            mine.flight = flight
            mine.open = [pending for pending in mine.open if not pending.landed] + sent
            if mine.cycles:
                mine.inside += sent
        return sent

    def _check(self, record: Outgoing) -> None:
        extra = len(record.key) + sum(len(name) + len(value) for name, value in record.headers)
        if len(record.value) > VALUE_BYTES or extra > EXTRA_BYTES // 2:
            raise ConfigError(
                f"a record for {record.topic}/{record.partition} has {len(record.value)} bytes, and {extra} "
                f"in key and headers; the log takes {VALUE_BYTES} and {EXTRA_BYTES // 2}"
            )
        count = self._partitions_of(record.topic)
        if not 0 <= record.partition < count:
            raise ConfigError(f"topic {record.topic} has no partition {record.partition}, it has {count}")

    def _tell(self, mine: _Mine) -> None:
        flight, left = mine.flight, mine.open
        if flight is None or not flight.broken:
            return
        mine.flight, mine.open = None, []
        if not flight.told() and not all(pending.landed for pending in left):
            raise flight.loss()

    def _current(self) -> Flight:
        with self._lock:
            if self._flight is not None and self._flight.broken:
                broken, self._flight = self._flight, None
                broken.end()
            if self._flight is None:
                with translated("publishing"):
                    self._flight = self._take_off()
            return self._flight

    @contextmanager
    def cycle(self) -> Iterator[None]:
        """Open a cycle; leaving the outermost one waits until all is durable that this thread published.

        Yields
        ------
        None
            To the publishing.

        Raises
        ------
        Transient
            If something may not have been written.
        """
        mine = self._mine
        mine.cycles += 1
        try:
            yield
            if mine.cycles == 1:
                for pending in mine.inside:
                    pending.result()
        finally:
            mine.cycles -= 1
            if not mine.cycles:
                mine.inside = []

    def close(self) -> None:
        """Stop publishing."""
        with self._lock:
            flight, self._flight = self._flight, None
        if flight is not None:
            flight.end()
