"""The one writer of the stores: takes every message, keeps it in columns, writes it in sorted chunks."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from lacuna_core.errors import InvalidMessage
from lacuna_core.event import Alert, Event
from lacuna_core.flow import POSITIONS_IN, Input
from lacuna_core.message import DeadLetter, EventBatch, LedgerEntry, Message
from lacuna_core.ports import Clock, EventWriter, Record, TrackWriter
from lacuna_core.position import IdentityBatch, PositionBatch, SourceHealth, Tick
from lacuna_core.profile import AccountReader, AccountWriter
from lacuna_core.topics import ALERTS, DEADLETTERS, EVENTS, LEDGER
from lacuna_core.units import MS_PER_DAY, MS_PER_MIN
from lacuna_query.sink_books import SinkBooks

B = TypeVar("B", PositionBatch, IdentityBatch, SourceHealth)
E = TypeVar("E", Event, Alert)
_MAX_STRINGS = 60_000
"""Most strings of joined batches: text columns hold 16-bit numbers."""


class Writer(TrackWriter, EventWriter, AccountWriter, AccountReader, Protocol):
    """The stores that the projector fills, as one object; of what it reads there are only its own books."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a buffer asks to be flushed.

    Attributes
    ----------
    buffer_bytes : int
        Bytes of batches held.
    messages : int
        Events, alerts, dead letters and ledger entries held.
    age_ms : int
        Time since the oldest message held was taken.
    """

    buffer_bytes: int = 64 * 1024 * 1024
    messages: int = 10_000
    age_ms: int = 10 * MS_PER_MIN


def _groups(batches: Iterable[B]) -> Iterable[list[B]]:
    """Batches that can be joined without running out of string numbers."""
    group: list[B] = []
    strings = 0
    for batch in batches:
        if group and strings + len(batch.strings) > _MAX_STRINGS:
            yield group
            group, strings = [], 0
        group.append(batch)
        strings += len(batch.strings)
    if group:
        yield group


class Projector:
    """Fills the stores from the log.

    The loop commits offsets only after ``flush``; whatever is read again after a crash is written again,
    which changes nothing, because every write is an upsert of what the message says.

    Parameters
    ----------
    writer : Writer
        The stores.
    clock : Clock
        For the age of the buffer.
    limits : Limits
        When to flush.
    """

    name = "projector"
    inputs: tuple[Input, ...] = (
        POSITIONS_IN,
        *(Input(topic, ()) for topic in (EVENTS, *ALERTS, LEDGER, DEADLETTERS)),
    )

    def __init__(self, writer: Writer, clock: Clock, limits: Limits | None = None) -> None:
        self._writer = writer
        self._clock = clock
        self._limits = limits or Limits()
        self._watermark_ms: int | None = None
        self._books = SinkBooks(self.name, writer)
        self._clear()

    def _clear(self) -> None:
        self._positions: dict[int, list[PositionBatch]] = {}
        self._identities: dict[int, list[IdentityBatch]] = {}
        self._events: list[Event] = []
        self._alerts: list[Alert] = []
        self._letters: list[DeadLetter] = []
        self._ledger: list[LedgerEntry] = []
        self._health: list[SourceHealth] = []
        self._bytes = 0
        self._oldest_ms: int | None = None
        self._since_ms: int | None = None

    def accept(self, message: Message, record: Record | None = None) -> None:
        """Take one message into the buffer.

        Parameters
        ----------
        message : Message
            Of any kind; kinds that no table holds are passed over.
        record : Record or None
            What it was read from; without one no book counts it.
        """
        if record is not None:
            self._books.count(record, message)
        if self._since_ms is None:
            self._since_ms = self._clock.now_ms()
        self._keep(message)

    def _keep(self, message: Message) -> None:
        match message:
            case PositionBatch():
                self._positions.setdefault(message.domain, []).append(message)
                self._hold(message)
            case IdentityBatch():
                self._identities.setdefault(message.domain, []).append(message)
                self._bytes += sum(array.nbytes for _, array in message.columns())
            case EventBatch():
                self._events.extend(message.rows)
            case Alert():
                self._alerts.append(message)
            case DeadLetter():
                self._letters.append(message)
            case SourceHealth():
                self._health.append(message)
                self._bytes += sum(array.nbytes for _, array in message.columns())
            case LedgerEntry():
                self._ledger.append(message)
            case Tick():
                reached = message.t_ms - message.lateness_ms
                self._watermark_ms = max(reached, self._watermark_ms or reached)

    def _hold(self, batch: PositionBatch) -> None:
        self._bytes += sum(array.nbytes for _, array in batch.columns())
        if len(batch):
            first_ms = int(batch.t_ms.min())
            self._oldest_ms = first_ms if self._oldest_ms is None else min(first_ms, self._oldest_ms)

    def due(self) -> bool:
        """Tell whether the buffer asks for a flush.

        Returns
        -------
        bool
            True when it is large or old, or when a day that it holds is complete.
        """
        if self._since_ms is None:
            return False
        messages = len(self._events) + len(self._alerts) + len(self._letters) + len(self._ledger)
        if self._bytes >= self._limits.buffer_bytes or messages >= self._limits.messages:
            return True
        if self._oldest_ms is not None and self._watermark_ms is not None:
            day_end_ms = (self._oldest_ms // MS_PER_DAY + 1) * MS_PER_DAY
            if self._watermark_ms >= day_end_ms:
                return True
        return self._clock.now_ms() - self._since_ms >= self._limits.age_ms

    def flush(self) -> None:
        """Make everything accepted durable.

        Raises
        ------
        Transient
            If a store is away; the buffer stays, and flushing again writes it.
        """
        for batches in self._positions.values():
            for group in _groups(batches):
                self._writer.append(PositionBatch.concat(group))
        for identities in self._identities.values():
            for identity_group in _groups(identities):
                self._writer.append_identities(IdentityBatch.concat(identity_group))
        letters = [
            *self._letters,
            *self._put(self._writer.put, self._events, EVENTS.name),
            *self._put(self._writer.put_alerts, self._alerts, "alerts"),
        ]
        if letters:
            self._writer.put_dead_letters(letters)
        # its own entries go to the stores and not to the ledger topic: reading them would make new ones
        if ledger := [*self._ledger, *self._books.entries()]:
            self._writer.put_ledger(ledger)
        for health in _groups(self._health):
            self._writer.put_health(SourceHealth.concat(health))
        if self._watermark_ms is not None:
            self._writer.put_watermark(self._watermark_ms)
        self._books.flushed()
        self._clear()

    @staticmethod
    def _put(write: Callable[[Sequence[E]], None], items: Sequence[E], source: str) -> Iterator[DeadLetter]:
        """Write events or alerts; what can't be written becomes a dead letter, the others stay whole."""
        if not items:
            return
        try:
            write(items)
            return
        except InvalidMessage as error:
            if len(items) == 1:
                origin = f"{items[0].event_id}.{items[0].generation}.{items[0].revision}"
                yield DeadLetter(source, origin, error.reason, error.detail, repr(items[0]).encode())
                return
        for item in items:
            yield from Projector._put(write, [item], source)
