"""G1 and G2 for any fold: the same rows give the same outputs, byte for byte, however they come.

Use it like this::

    def test_my_fold_keeps_the_contract() -> None:
        rows = [InputRow("positions", partition_of(craft), batch), ...]  # any batches, any number of rows
        fold_property(lambda: MyFold(...), rows, settle_ms=40 * MS_PER_H)

``fold_property`` plays the rows once in order, then again and again with other batch sizes, polls, tick
times, arrival orders within the lateness (positions topic), restarts from snapshots and replays, and demands
the same outputs each time. ``run_fold`` plays them once and returns the outputs, to be looked at.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lacuna_core.columns import ColumnBatch
from lacuna_core.flow import Input
from lacuna_core.fold import Fold
from lacuna_core.message import EventBatch, FactBatch, Message
from lacuna_core.ports import Outgoing, TopicPartition
from lacuna_core.position import Activate, Tick
from lacuna_core.topics import POSITIONS, TOPICS
from lacuna_core.units import MS_PER_MIN
from lacuna_runtime.bus.sqlite import MEMORY, SqliteBus
from lacuna_runtime.codec import Origin, decode, encode
from lacuna_runtime.loop.emit import OriginWriter
from lacuna_runtime.loop.rowtime import row_count, row_times
from lacuna_runtime.stage import Stage, StageLimits

LATENESS_MS = 5 * MS_PER_MIN
FoldFactory: TypeAlias = Callable[[], Fold[Any]]
Outputs: TypeAlias = Counter[tuple[str, int, bytes]]
"""(topic, partition, encoded row without origin) and how often it was published."""


class InputRow(NamedTuple):
    """Rows of an input: a batch of any size, without ticks."""

    topic: str
    partition: int
    message: Message


@dataclass(frozen=True)
class Schedule:
    """One way in which the same rows may come."""

    seed: int = 0
    ticks: int = 1
    batch_rows: int = 2048
    poll_records: int = 64
    shuffled: bool = False
    restart_every: int = 0
    snapshot_rows: int = 1 << 40


IN_ORDER = Schedule()
SCHEDULES = st.builds(
    Schedule,
    seed=st.integers(0, 2**32),
    ticks=st.integers(1, 12),
    batch_rows=st.sampled_from([1, 2, 7, 2048]),
    poll_records=st.sampled_from([1, 2, 5, 64]),
    shuffled=st.booleans(),
    restart_every=st.sampled_from([0, 0, 1, 2, 5]),
    snapshot_rows=st.sampled_from([1, 10, 1 << 40]),
)


def fold_property(
    factory: FoldFactory,
    rows: Sequence[InputRow],
    *,
    activations: Sequence[Activate] = (),
    settle_ms: int = 0,
    examples: int = 20,
) -> Outputs:
    """Demand the same outputs on every schedule; return them."""
    expected = run_fold(factory, rows, IN_ORDER, activations=activations, settle_ms=settle_ms)

    @settings(
        max_examples=examples, derandomize=True, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(schedule=SCHEDULES)
    def same(schedule: Schedule) -> None:
        found = run_fold(factory, rows, schedule, activations=activations, settle_ms=settle_ms)
        assert readable(found - expected) == [], "published on this schedule only"
        assert readable(expected - found) == [], "not published on this schedule"

    same()
    return expected


def run_fold(
    factory: FoldFactory,
    rows: Sequence[InputRow],
    schedule: Schedule = IN_ORDER,
    *,
    activations: Sequence[Activate] = (),
    settle_ms: int = 0,
) -> Outputs:
    """Play rows through a stage with this fold on a bus in memory; return what it published."""
    fold = factory()
    tasks = None if fold.whole else sorted({row.partition for row in rows})
    bus = SqliteBus(MEMORY)
    try:
        bus.create([spec.topic for spec in fold.inputs])
        for spec in fold.inputs:
            mine = [row for row in rows if row.topic == spec.topic.name]
            everything = _span(rows)
            partitions = range(spec.topic.partitions) if tasks is None else tasks
            for partition in partitions:
                part = [row for row in mine if row.partition == partition]
                bus.publish(_log(spec, partition, part, schedule, activations, everything, settle_ms))
        _play(factory, bus, tasks, schedule)
        return _published(bus, fold)
    finally:
        bus.close()


def readable(outputs: Outputs) -> list[tuple[str, int, Message]]:
    """Decode outputs, in order of their bytes."""
    return [(topic, p, decode(value)[1]) for topic, p, value in sorted(outputs.elements())]


def messages(outputs: Outputs, topic: str) -> list[Message]:
    """Decode the outputs on one topic, each of one row, in order of time."""
    found = [decode(value)[1] for name, _, value in sorted(outputs.elements()) if name == topic]
    return sorted(found, key=lambda m: int(row_times(m)[0]) if isinstance(m, _ROWS) else 0)


_ROWS = (ColumnBatch, FactBatch, EventBatch)


def _single_rows(message: Message) -> list[Message]:
    if isinstance(message, FactBatch):
        return [FactBatch((row,)) for row in message.rows]
    if isinstance(message, EventBatch):
        return [EventBatch((row,)) for row in message.rows]
    if isinstance(message, ColumnBatch):
        return [message.take(slice(i, i + 1)).compact() for i in range(len(message))]
    return [message]


def _span(rows: Sequence[InputRow]) -> tuple[int, int]:
    times = [t for row in rows if isinstance(row.message, _ROWS) for t in row_times(row.message).tolist()]
    return (min(times), max(times)) if times else (0, 0)


class _Arrival(NamedTuple):
    at_ms: int
    order: int
    message: Message


def _arrivals(topic: str, rows: Sequence[InputRow], schedule: Schedule) -> list[_Arrival]:
    """Rows one by one with the time at which each gets there; only ingestion is ever out of order."""
    rng = random.Random(schedule.seed)
    singles = [message for row in rows for message in _single_rows(row.message)]
    arrivals = []
    for i, message in enumerate(singles):
        t_ms = int(row_times(message)[0]) if isinstance(message, _ROWS) else 0
        mixed = schedule.shuffled and topic == POSITIONS.name
        arrivals.append(_Arrival(t_ms + (rng.randrange(LATENESS_MS) if mixed else 0), i, message))
    return sorted(arrivals, key=lambda a: (a.at_ms, a.order))


def _log(
    spec: Input,
    partition: int,
    rows: Sequence[InputRow],
    schedule: Schedule,
    activations: Sequence[Activate],
    span: tuple[int, int],
    settle_ms: int,
) -> list[Outgoing]:
    """Everything that one partition of one input holds: activations, rows, and ticks of every origin."""
    origins = [o for producer in spec.producers for o in producer.origins(partition)]
    writers = [OriginWriter(stage, task) for stage, task in origins]
    topic = spec.topic.name
    log: list[Outgoing] = []
    for writer in writers:
        for activate in activations:
            log += writer.write(topic, partition, activate)
    last_ms = span[1] // 1000 * 1000 + 1000 + LATENESS_MS + settle_ms
    rng = random.Random(schedule.seed + 1)
    ticks = sorted({last_ms, *(rng.randrange(span[0], last_ms + 1) for _ in range(schedule.ticks - 1))})
    waiting = _arrivals(topic, rows, schedule)
    for seq, tick_ms in enumerate(ticks):
        due = [a for a in waiting if a.at_ms <= tick_ms]
        waiting = [a for a in waiting if a.at_ms > tick_ms]
        for number, writer in enumerate(writers):
            mine = [a.message for a in due if a.order % len(writers) == number]
            for batch in _batches(mine, schedule.batch_rows):
                log += writer.write(topic, partition, batch)
            log += writer.write(topic, partition, Tick(seq, tick_ms, LATENESS_MS))
    return log


def _batches(singles: Sequence[Message], most: int) -> list[Message]:
    batches: list[list[Message]] = []
    kind: tuple[type, object] | None = None
    for message in singles:
        this = (type(message), getattr(message, "domain", None))
        if this != kind or len(batches[-1]) == most:
            batches.append([])
            kind = this
        batches[-1].append(message)
    return [_join(batch) for batch in batches]


def _join(parts: Sequence[Any]) -> Message:
    first: Any = parts[0]
    if isinstance(first, FactBatch | EventBatch):
        return type(first)(tuple(row for part in parts for row in part.rows))
    if isinstance(first, ColumnBatch):
        return type(first).concat(parts)  # type: ignore[return-value]
    assert len(parts) == 1
    return first  # type: ignore[no-any-return]


def _play(factory: FoldFactory, bus: SqliteBus, tasks: Sequence[int] | None, schedule: Schedule) -> None:
    limits = StageLimits(poll_records=schedule.poll_records, snapshot_rows=schedule.snapshot_rows)
    stage = Stage(factory(), bus, tasks=tasks, limits=limits)
    cycles = 0
    while stage.cycle(0.0):
        cycles += 1
        if schedule.restart_every and cycles % schedule.restart_every == 0:
            # as after a kill: nothing is drained, the new stage restores itself
            stage = Stage(factory(), bus, tasks=tasks, limits=limits)


def _published(bus: SqliteBus, fold: Fold[Any]) -> Outputs:
    found: Outputs = Counter()
    for topic in fold.outputs:
        everywhere = [TopicPartition(topic.name, p) for p in range(TOPICS[topic.name].partitions)]
        reader = bus.subscribe("harness", everywhere)
        while records := reader.poll(4096, 0.0):
            for record in records:
                message = decode(record.value)[1]
                if isinstance(message, Tick | Activate):
                    continue
                for row in _single_rows(message):
                    assert row_count(row) == 1
                    found[record.topic, record.partition, encode(row, Origin("", 0, 0))] += 1
    return found
