"""Where what a fold emits goes: topic, partition, and in which order."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np

from lacuna_core.columns import ColumnBatch
from lacuna_core.digest import text_digest
from lacuna_core.errors import LacunaError
from lacuna_core.event import Alert, Event
from lacuna_core.fact import Contacts, Fact, Heard
from lacuna_core.fold import Outputs
from lacuna_core.ids import partition_of
from lacuna_core.message import EventBatch, FactBatch, Message
from lacuna_core.topics import CONTACTS, EVENTS, FACTS, RECEPTION, TOPICS, Topic
from lacuna_core.units import E7_PER_DEG, U8Array
from lacuna_kernels.order import partitions
from lacuna_runtime.loop.merge import canonical_batch
from lacuna_runtime.loop.rowtime import row_times

R = TypeVar("R", Fact, Event)
B = TypeVar("B", bound=ColumnBatch)
Routed = tuple[str, int, Message]
"""Topic, partition, message."""
_TICKED = (FACTS, RECEPTION, CONTACTS, EVENTS)
"""Topics that folds read; alerts are for subscribers, who need no ticks."""


class MisplacedOutput(LacunaError):
    """A fold emitted something outside the interval that it was called for."""


def ticked_partitions(outputs: Sequence[Topic], task: int, *, whole: bool) -> list[tuple[str, int]]:
    """Partitions on which a task's ticks close epochs; agrees with ``lacuna_core.flow``.

    Facts and the events of flight legs go by the craft that the task owns, so its task p ticks only
    partition p. Everything else may go anywhere and is ticked everywhere.

    Parameters
    ----------
    outputs : sequence of Topic
        Topics of the fold.
    task : int
        Task.
    whole : bool
        Whether the fold has only this one.

    Returns
    -------
    list of (str, int)
        Topic and partition.
    """
    found: list[tuple[str, int]] = []
    for topic in outputs:
        if topic not in _TICKED:
            continue
        aligned = not whole and topic in (FACTS, EVENTS)
        found += [(topic.name, p) for p in ((task,) if aligned else range(topic.partitions))]
    return found


def route(stage: str, outputs: Outputs, after_ms: int, until_ms: int) -> Iterator[Routed]:
    """Put what a fold emitted in order and give it its places.

    The order is by time first, so the stream of one partition is the same however calls are cut.

    Parameters
    ----------
    stage : str
        Stage name, for errors.
    outputs : Outputs
        Of one call.
    after_ms, until_ms : int
        The call's interval: everything must be of a time behind the one and not behind the other.

    Yields
    ------
    tuple of (str, int, Message)
        Topic, partition and rows.

    Raises
    ------
    MisplacedOutput
        If a row's time is outside the interval: its readers could already be past it.
    """
    facts = FactBatch(tuple(sorted(outputs.facts, key=_fact_key)))
    events = EventBatch(tuple(sorted(outputs.events, key=_event_key)))
    columns: list[ColumnBatch] = []
    if outputs.contacts is not None:
        columns.append(canonical_batch(outputs.contacts, ("t_ms", "craft_a", "craft_b"))[0])
    if outputs.heard is not None:
        columns.append(canonical_batch(outputs.heard, ("t_ms", "craft", "receiver"))[0])
    if outputs.health is not None:
        columns.append(canonical_batch(outputs.health, ("t_ms", "source", "receiver"))[0])
    checked: tuple[ColumnBatch | FactBatch | EventBatch, ...] = (facts, events, *columns)
    for message in checked:
        _check(stage, message, after_ms, until_ms)
    yield from _by_row(FACTS, facts.rows, FactBatch, [_home(f.crafts, "") for f in facts.rows])
    yield from _by_row(EVENTS, events.rows, EventBatch, [_home(e.crafts, e.event_id) for e in events.rows])
    for batch in columns:
        if isinstance(batch, Contacts):
            yield from _by_column(CONTACTS, batch, partitions(batch.craft_a, CONTACTS.partitions))
        elif isinstance(batch, Heard):
            yield from _by_column(RECEPTION, batch, partitions(_tile(batch), RECEPTION.partitions))
        elif len(batch):
            yield RECEPTION.name, 0, batch  # type: ignore[misc]  # it is SourceHealth
    for alert in sorted(outputs.alerts, key=_alert_key):
        home = text_digest(alert.event_id) % TOPICS[alert.topic].partitions
        yield alert.topic, home, alert


def _check(stage: str, message: ColumnBatch | FactBatch | EventBatch, after_ms: int, until_ms: int) -> None:
    times = row_times(message)
    if not len(times):
        return
    low, high = int(times.min()), int(times.max())
    if low <= after_ms or high > until_ms:
        wrong = low if low <= after_ms else high
        raise MisplacedOutput(
            f"stage {stage} emitted {type(message).__name__} of time {wrong} in a call for "
            f"({after_ms}, {until_ms}]: the time of an output must lie in its call's interval"
        )


def _fact_key(fact: Fact) -> tuple[object, ...]:
    return fact.as_of_ms, fact.crafts, fact.kind, fact.anchor_t_ms, fact.anchor_digest


def _event_key(event: Event) -> tuple[object, ...]:
    return event.as_of_ms, event.event_id, event.generation, event.revision


def _alert_key(alert: Alert) -> tuple[object, ...]:
    return alert.as_of_ms, alert.event_id, alert.generation, alert.revision


def _home(crafts: tuple[int, ...], event_id: str) -> int:
    return partition_of(crafts[0]) if crafts else text_digest(event_id) % EVENTS.partitions


def _tile(heard: Heard) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Number of the 1-degree tile that holds each position."""
    south = heard.lat_e7.astype(np.int64) // E7_PER_DEG + 90
    west = heard.lon_e7.astype(np.int64) // E7_PER_DEG + 180
    return (south * 360 + west).astype(np.uint64)


def _by_row(
    topic: Topic, rows: tuple[R, ...], batch: type[FactBatch] | type[EventBatch], homes: list[int]
) -> Iterator[Routed]:
    for home in sorted(set(homes)):
        mine = tuple(row for row, at in zip(rows, homes, strict=True) if at == home)
        yield topic.name, home, batch(mine)  # type: ignore[arg-type]  # rows and batch are of one kind


def _by_column(topic: Topic, batch: B, homes: U8Array) -> Iterator[Routed]:
    for home in np.unique(homes).tolist():
        mine = batch.take(homes == home).compact()
        yield topic.name, home, mine  # type: ignore[misc]  # a batch class is a message
