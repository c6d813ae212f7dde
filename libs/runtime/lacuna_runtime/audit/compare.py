"""Books against log, one hop at a time: what does not add up is said with its partition and both numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from lacuna_core.fold import Fold
from lacuna_core.ports import TopicPartition
from lacuna_core.topics import POSITIONS
from lacuna_runtime.audit.books import INGESTION, Books, TaskBooks
from lacuna_runtime.audit.streams import Interval, Key, Stream, length, missing
from lacuna_runtime.audit.tally import Emitted, Expected, PartitionTally
from lacuna_runtime.audit.verdict import Hop
from lacuna_runtime.loop.row_books import STAGE as ROW_STAGE
from lacuna_runtime.loop.row_books import out_count
from lacuna_runtime.loop.sink_books import Sunk

ARCHIVE = 0
"""Origin of the archive and of the ticker; live replicas have other numbers."""
_POSITION_KINDS = ("sea", "air")


def ingestion_hop(books: Books) -> Hop:
    """Check ingestion in messages, and that an archive's messages are rows of ``positions``.

    Parameters
    ----------
    books : Books
        The ledger.

    Returns
    -------
    Hop
        All replicas together.
    """
    hop = Hop(INGESTION, "messages")
    for entry in (*books.imports.values(), *books.live.values()):
        counts = dict(entry.counts)
        hop.taken += counts.get("in", 0)
        hop.accepted += counts.get("published", 0)
        hop.other += counts.get("non_position", 0)
        hop.dead += counts.get("dead", 0)
        hop.waiting += counts.get("spooled", 0)
    hop.imbalances += _wrong(books, INGESTION)
    published = sum(dict(entry.counts).get("published", 0) for entry in books.imports.values())
    rows = sum(
        rows for (replica, _, kind, _), rows in books.claims.items()
        if replica == ARCHIVE and kind in _POSITION_KINDS
    )  # fmt: skip
    if books.imports and published != rows:
        hop.imbalances.append(f"{published} messages were published, but {rows} rows were written")
    return hop


def rows_hop(books: Books, tallies: Sequence[PartitionTally], first: Mapping[TopicPartition, int]) -> Hop:
    """Check that every row that ingestion holds to be durable is in ``positions``, and nothing else.

    Rows of a live replica that no book claims are waiting: sent since its last entry, or in doubt when a
    publish failed and sent again as other rows.

    Parameters
    ----------
    books : Books
        The ledger.
    tallies : sequence of PartitionTally
        Of ``positions``.
    first : mapping of TopicPartition to int
        Where each partition starts.

    Returns
    -------
    Hop
        All replicas together, in rows.
    """
    hop = Hop(ROW_STAGE, POSITIONS.name)
    claimed: dict[tuple[int, Key], list[Interval]] = {}
    for (replica, partition, kind, number), rows in books.claims.items():
        claimed.setdefault((partition, (INGESTION, replica, kind)), []).append((number, number + rows))
    for tally in tallies:
        partition = tally.at.partition
        hop.dead += tally.dead
        mine = {key: sorted(ranges) for (p, key), ranges in claimed.items() if p == partition}
        for key in sorted({*mine, *(key for key in tally.streams if key[0] == INGESTION)}):
            there = tally.streams.get(key, Stream()).intervals
            ranges = _still_there(mine.get(key, []), there) if first[tally.at] else mine.get(key, [])
            _compare_rows(hop, tally.at, key, ranges, there)
    return hop


def _still_there(claimed: list[Interval], there: Sequence[Interval]) -> list[Interval]:
    """Leave out what the log has forgotten: numbers below the first one that it still has."""
    if not there:
        return []
    start = there[0][0]
    return [(max(low, start), high) for low, high in claimed if high > start]


def _compare_rows(
    hop: Hop, at: TopicPartition, key: Key, claimed: Sequence[Interval], there: Sequence[Interval]
) -> None:
    _, replica, kind = key
    lost = missing(claimed, there)
    extra = missing(there, claimed)
    hop.taken += length(there)
    hop.accepted += length(there) - length(extra)
    if lost:
        hop.imbalances.append(
            f"{at.topic}/{at.partition}: {length(lost)} of {length(claimed)} {kind} rows that ingestion "
            f"{replica} wrote are missing, numbers {_ranges(lost)}"
        )
    if extra and replica == ARCHIVE:
        hop.imbalances.append(
            f"{at.topic}/{at.partition}: {length(extra)} {kind} rows more than the books of imports have, "
            f"numbers {_ranges(extra)}"
        )
    elif extra:
        hop.waiting += length(extra)


def fold_hop(
    fold: Fold[Any],
    books: Books,
    expected: Mapping[tuple[str, int], Expected],
    emitted: Mapping[tuple[str, int, str], Emitted],
    reads: Sequence[PartitionTally],
) -> Hop:
    """Check one fold: its own equation, its inputs, and how many rows it says it wrote.

    Parameters
    ----------
    fold : Fold
        Which.
    books : Books
        The ledger.
    expected : mapping
        What the log gives each task, by stage and task.
    emitted : mapping
        What the log holds of each task's outputs, by stage, task and topic.
    reads : sequence of PartitionTally
        Its inputs.

    Returns
    -------
    Hop
        All tasks together.
    """
    hop = Hop(fold.name, ", ".join(spec.topic.name for spec in fold.inputs))
    hop.imbalances += _wrong(books, fold.name)
    hop.dead += sum(tally.dead for tally in reads)
    for (stage, task), counted in expected.items():
        if stage == fold.name:
            _compare_task(hop, task, books.tasks.get((stage, task)), counted)
    for (stage, task, topic), written in emitted.items():
        known = books.tasks.get((stage, task))
        if stage == fold.name and known and (said := known.count(out_count(topic))) != written.rows:
            hop.imbalances.append(
                f"task {task} wrote {said} rows to {topic}, the log holds {written.rows} of them"
            )
    return hop


def _compare_task(hop: Hop, task: int, known: TaskBooks | None, counted: Expected) -> None:
    if known is None:
        hop.waiting += counted.waiting + counted.late_most + counted.quarantined_most
        return
    accepted, merged, late, quarantined = map(known.count, ("accepted", "merged", "late", "quarantined"))
    hop.taken += known.count("in")
    hop.accepted += accepted
    hop.merged += merged
    hop.late += late
    hop.quarantined += quarantined
    hop.waiting += counted.waiting
    hop.waiting += max(0, counted.late_most - late) + max(0, counted.quarantined_most - quarantined)
    if accepted + merged != counted.due:
        hop.imbalances.append(
            f"task {task} took {accepted + merged} rows, the log holds {counted.due} for it"
            f" ({counted.due - accepted - merged:+})"
        )
    for name, rows, least, most in (
        ("late", late, counted.late_least, counted.late_most),
        ("quarantined", quarantined, counted.quarantined_least, counted.quarantined_most),
    ):
        if not least <= rows <= most:
            bounds = f"{least}" if least == most else f"{least} to {most}"
            hop.imbalances.append(f"task {task} counted {rows} {name} rows, the log holds {bounds}")


def damage(tally: PartitionTally, fold: str, *, whole: bool) -> list[str]:
    """Say what is wrong with the rows of a fold in a partition: left out, or behind their own tick.

    Parameters
    ----------
    tally : PartitionTally
        Any partition.
    fold : str
        Stage name.
    whole : bool
        Whether the log still has its start.

    Returns
    -------
    list of str
        Imbalances.
    """
    place = f"{tally.at.topic}/{tally.at.partition}"
    found = []
    for (stage, task, kind), stream in sorted(tally.streams.items()):
        if stage == fold and (holes := stream.holes(whole=whole)):
            found.append(
                f"{place}: {length(holes)} {kind} rows that {stage} {task} wrote are missing, numbers "
                f"{_ranges(holes)}"
            )
    for (stage, task), rows in sorted(tally.behind.items()):
        if stage == fold:
            found.append(
                f"{place}: {rows} rows of {stage} {task} stand behind the tick that closed their time"
            )
    return found


def projector_hop(
    sunk: Mapping[TopicPartition, Sunk], reads: Sequence[PartitionTally], first: Mapping[TopicPartition, int]
) -> Hop:
    """Check that the stores were given every row below the offsets that the projector has reached.

    Parameters
    ----------
    sunk : mapping of TopicPartition to Sunk
        Its books.
    reads : sequence of PartitionTally
        What it reads.
    first : mapping of TopicPartition to int
        Where each partition starts; one that was cut can't be checked any more.

    Returns
    -------
    Hop
        All topics together, repeats included.
    """
    hop = Hop("projector", ", ".join(dict.fromkeys(tally.at.topic for tally in reads)))
    for tally in reads:
        offset, rows, _ = sunk.get(tally.at, Sunk())
        hop.dead += tally.dead
        hop.waiting += tally.unsunk
        hop.taken += rows
        hop.accepted += rows
        if not first[tally.at] and rows != tally.sunk:
            hop.imbalances.append(
                f"{tally.at.topic}/{tally.at.partition}: {rows} rows were stored, the log holds {tally.sunk} "
                f"below offset {offset}"
            )
    return hop


def _wrong(books: Books, stage: str) -> list[str]:
    return [what for name, what in books.wrong if name == stage]


def _ranges(intervals: Sequence[Interval]) -> str:
    shown = [f"{start}-{end - 1}" for start, end in intervals[:3]]
    return ", ".join(shown) + (f" and {len(intervals) - 3} more" if len(intervals) > 3 else "")
