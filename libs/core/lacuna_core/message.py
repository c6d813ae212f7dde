"""Everything a record of the log can hold."""

from dataclasses import dataclass
from typing import TypeAlias

from lacuna_core.event import Alert, Event
from lacuna_core.fact import Contacts, Fact, Heard
from lacuna_core.position import Activate, IdentityBatch, PositionBatch, SourceHealth, Tick


@dataclass(frozen=True, slots=True)
class FactBatch:
    """Facts of one partition, in canonical order.

    Attributes
    ----------
    rows : tuple of Fact
        The facts.
    """

    rows: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class EventBatch:
    """Numbered events of one partition.

    Attributes
    ----------
    rows : tuple of Event
        The events, ordered by ``as_of_ms``.
    """

    rows: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that could not be used: nothing is lost.

    Attributes
    ----------
    source : str
        Feed or topic.
    origin : str
        Where it stood: file and line, or topic, partition and offset.
    reason : str
        Stable code in lower snake case, e.g. ``bad_checksum``.
    detail : str
        What was found and what was expected.
    payload : bytes
        The original bytes.
    """

    source: str
    origin: str
    reason: str
    detail: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Row counts of one hop up to one tick, so that what went in can be accounted for.

    Attributes
    ----------
    stage : str
        Stage name.
    partition : int
        Its task.
    t_ms : int
        Data time of the tick.
    counts : tuple of (str, int)
        Sorted by name. Ingestion, in messages: ``in = published + non_position + dead + spooled``.
        Folds, in rows: ``in = accepted + merged + late + quarantined``.
    """

    stage: str
    partition: int
    t_ms: int
    counts: tuple[tuple[str, int], ...]


Message: TypeAlias = (
    PositionBatch
    | IdentityBatch
    | SourceHealth
    | Tick
    | Activate
    | FactBatch
    | Contacts
    | Heard
    | EventBatch
    | Alert
    | DeadLetter
    | LedgerEntry
)
