"""The live way into ``positions``: what is pushed is durable, or its sender hears that it may not be.

What is sent again after a failure is sent as new rows, under new numbers. Which rows of a failed publish are
in the log nobody knows, and what its senders push next may be cut otherwise, so rows under the old numbers
could be dropped as repeats of others. As new rows they are all taken, and a fold merges those that are the
same transmission: equal in craft, second and content. Repeats cost a little work; a number given twice costs
a row.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lacuna_core.digest import text_digest
from lacuna_core.errors import ConfigError, InvalidMessage, Transient
from lacuna_core.flow import POSITIONS_IN
from lacuna_core.message import LedgerEntry
from lacuna_core.ports import Bus, Clock, Outgoing, TopicPartition
from lacuna_core.position import Domain, IdentityBatch, PositionBatch, SourceHealth
from lacuna_core.topics import LEDGER, POSITIONS
from lacuna_ingestion.numbering import Numbering
from lacuna_kernels.order import partitions
from lacuna_runtime.loop.emit import OriginWriter
from lacuna_runtime.loop.row_books import Claim, row_entry
from lacuna_runtime.loop.rowtime import row_kind
from lacuna_runtime.telemetry import names
from lacuna_runtime.telemetry.api import OFF, Telemetry

_LOG = logging.getLogger(__name__)
_STAGE = POSITIONS_IN.producers[0].stage
_LEDGER_S = 10.0
_COUNTED = ("published", "non_position", "dead", "spooled")
_STREAMS: tuple[tuple[type, int], ...] = (
    (PositionBatch, Domain.SEA), (PositionBatch, Domain.AIR), (IdentityBatch, Domain.SEA),
    (IdentityBatch, Domain.AIR), (SourceHealth, 0),
)  # fmt: skip
Pushed = PositionBatch | IdentityBatch | SourceHealth


def replica_number(instance: str) -> int:
    """Origin partition of a replica.

    Parameters
    ----------
    instance : str
        Its name.

    Returns
    -------
    int
        1 to 2**32 - 1, always the same; 0 is the archive and the ticker.
    """
    return text_digest(instance) % (2**32 - 1) + 1


@dataclass(slots=True, eq=False)
class _Ticket:
    """One caller's batch, and what became of it."""

    batch: Pushed
    error: BaseException | None = None
    done: bool = False


class Publisher:
    """Scatters batches to their partitions; for any number of threads, whose batches go out together.

    Parameters
    ----------
    bus : Bus
        The log.
    instance : str
        Name of this replica, the same after a restart.
    clock : Clock
        For the time of ledger entries.
    telemetry : Telemetry
        Where a batch's trace begins.
    """

    def __init__(self, bus: Bus, instance: str, clock: Clock, telemetry: Telemetry = OFF) -> None:
        bus.create([POSITIONS, LEDGER])
        self._telemetry = telemetry
        self._bus = bus
        self._instance = instance
        self._clock = clock
        self.replica = replica_number(instance)
        self._numbering = Numbering(bus, instance, clock)
        self._writer = OriginWriter(_STAGE, self.replica)
        self._ledger_writer = OriginWriter(_STAGE, self.replica)
        self._queue = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._counts: Counter[str] = Counter()
        self._first: int | None = None
        self._rows: Counter[tuple[int, str]] = Counter()
        self._ended: list[list[Claim]] = []
        self._booked_s = time.monotonic()

    def put(self, batch: Pushed) -> None:
        """Publish a batch; durable when this returns.

        Parameters
        ----------
        batch : PositionBatch, IdentityBatch or SourceHealth
            Any number of rows, of any craft; health goes to every partition.

        Raises
        ------
        Transient
            If it may not have been written, in whole or in part: send it again.
        InvalidMessage
            If it can't be written.
        ConfigError
            If another process runs under the same instance name.
        """
        if not len(batch):
            return
        ticket = _Ticket(batch)
        with self._queue:
            self._waiting.append(ticket)
        # whoever comes first writes for all who wait, so one round trip serves them all
        with self._writing:
            if not ticket.done:
                with self._queue:
                    tickets, self._waiting = self._waiting, []
                self._write(tickets)
        if ticket.error is not None:
            raise ticket.error

    def note(self, *, non_position: int = 0, dead: int = 0, spooled: int = 0) -> None:
        """Book messages that did not become positions.

        Parameters
        ----------
        non_position : int
            Understood, without a position.
        dead : int
            Became dead letters.
        spooled : int
            Wait on disk.
        """
        with self._queue:
            self._counts.update(non_position=non_position, dead=dead, spooled=spooled)

    def _write(self, tickets: Sequence[_Ticket]) -> None:
        try:
            self._publish(tickets)
        except BaseException as error:  # noqa: BLE001 - every caller raises it
            self._end_numbering()
            for ticket in tickets:
                ticket.error = ticket.error or error
        for ticket in tickets:
            ticket.done = True
        if time.monotonic() - self._booked_s >= _LEDGER_S:
            try:
                self._book()
            except Transient as error:
                _LOG.warning("the books of ingestion are written later: %s", error)

    def _publish(self, tickets: Sequence[_Ticket]) -> None:
        if self._first is None:
            self._first = self._begin_numbering()
        records: list[Outgoing] = []
        rows: Counter[tuple[int, str]] = Counter()
        published = 0
        for ticket in tickets:
            parts = _scatter(ticket.batch)
            try:
                records += self._encode(parts)
            except InvalidMessage as error:
                ticket.error = error
                continue
            for partition, part in parts:
                rows[partition, row_kind(part)] += len(part)
            published += len(ticket.batch) if isinstance(ticket.batch, PositionBatch) else 0
        with self._telemetry.span(names.PUBLISH, POSITIONS.name), self._bus.cycle():
            headers = self._telemetry.inject()
            marked = [replace(r, headers=headers) for r in records] if headers else records
            for delivery in self._bus.publish(marked):
                delivery.result()
        if not self._numbering.is_newest():
            raise ConfigError(
                f"setting service.instance: another process runs as {self._instance!r}; each replica needs "
                "a name of its own"
            )
        self._rows += rows
        with self._queue:
            self._counts["published"] += published

    def _begin_numbering(self) -> int:
        first = self._numbering.begin()
        for partition in range(POSITIONS.partitions):
            at = TopicPartition(POSITIONS.name, partition)
            for batch_class, domain in _STREAMS:
                self._writer.start_at(at, batch_class, domain, first)
        return first

    def _end_numbering(self) -> None:
        """Keep what is claimed of it until it is booked; the next batch begins a new one."""
        if claims := self._claims():
            self._ended.append(claims)
        self._first = None
        self._rows.clear()

    def _encode(self, parts: Sequence[tuple[int, Pushed]]) -> list[Outgoing]:
        numbers = self._writer.dump()
        try:
            return [
                record
                for partition, part in parts
                for record in self._writer.write(POSITIONS.name, partition, part)
            ]
        except InvalidMessage:
            # as if it had never come: no number may be left out
            self._writer.load(numbers)
            raise

    def _claims(self) -> list[Claim]:
        if self._first is None:
            return []
        return [Claim(partition, kind, self._first, rows) for (partition, kind), rows in self._rows.items()]

    def _book(self) -> None:
        self._booked_s = time.monotonic()
        t_ms = self._clock.now_ms()
        with self._queue:
            counts = {name: self._counts[name] for name in _COUNTED}
        counts["in"] = sum(counts.values())
        entries = [row_entry(self.replica, t_ms, claims) for claims in (*self._ended, self._claims())]
        entries.append(LedgerEntry(_STAGE, self.replica, t_ms, tuple(sorted(counts.items()))))
        records = [r for entry in entries for r in self._ledger_writer.write(LEDGER.name, 0, entry)]
        with self._bus.cycle():
            for delivery in self._bus.publish(records):
                delivery.result()
        self._ended = []

    def close(self) -> None:
        """Write the books and stop.

        Raises
        ------
        Transient
            If the log is away; all that was put is durable nevertheless.
        """
        with self._writing:
            try:
                self._book()
            finally:
                self._numbering.close()


def _scatter(batch: Pushed) -> list[tuple[int, Pushed]]:
    if isinstance(batch, SourceHealth):
        return [(partition, batch) for partition in range(POSITIONS.partitions)]
    homes = partitions(batch.craft, POSITIONS.partitions)
    return [(home, batch.take(homes == home).compact()) for home in np.unique(homes).tolist()]
