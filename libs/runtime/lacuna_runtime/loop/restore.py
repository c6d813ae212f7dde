"""Finding the snapshot that a task goes on from."""

import time
from collections.abc import Mapping
from typing import Any

from lacuna_core.errors import CorruptState, Transient
from lacuna_core.fold import Fold
from lacuna_core.ports import Bus, Record, TopicPartition
from lacuna_core.topics import state_topic
from lacuna_runtime.loop.snapshot import Saved, whole_snapshots

SILENCE_S = 30.0
"""A log that shows none of the records that it must hold for this long is away."""


def newest_snapshot(
    bus: Bus, fold: Fold[Any], task: int, committed: Mapping[TopicPartition, int], poll_records: int
) -> Saved | None:
    """Find the newest whole snapshot that is not ahead of what was committed.

    Parameters
    ----------
    bus : Bus
        The log.
    fold : Fold
        The logic.
    task : int
        Its task.
    committed : mapping of TopicPartition to int
        Committed offsets; empty takes the newest.
    poll_records : int
        Most records to read at once.

    Returns
    -------
    Saved or None
        None when the task never wrote one, or both slots are damaged.

    Raises
    ------
    CorruptState
        If it is of another version of the fold.
    Transient
        If the log does not answer.
    """
    home = TopicPartition(state_topic(fold.name).name, task)
    for saved in whole_snapshots(_all_records(bus, fold.name, home, poll_records)):
        if saved.fold_version != fold.version:
            raise CorruptState(
                f"stage {fold.name}: the snapshot of task {task} has version {saved.fold_version}, this "
                f"build reads version {fold.version}"
            )
        reached = {TopicPartition(t, p): offset for t, p, offset in saved.header["offsets"]}
        # offsets that the group has forgotten ask nothing: what a snapshot rests on was published before it
        if not committed or all(offset <= committed.get(at, 0) for at, offset in reached.items()):
            return saved
    return None


def _all_records(bus: Bus, stage: str, home: TopicPartition, poll_records: int) -> list[Record]:
    end = bus.end_offsets([home])[home]
    records: list[Record] = []
    if not end:
        return records
    reader = bus.subscribe(f"{stage}.restore", [home])
    deadline = time.monotonic() + SILENCE_S
    try:
        # a position test: compaction takes records away, but never the last one
        while not records or records[-1].offset + 1 < end:
            found = reader.poll(poll_records, 1.0)
            records += found
            if found:
                deadline = time.monotonic() + SILENCE_S
            elif time.monotonic() > deadline:
                raise Transient(f"{home.topic}/{home.partition} shows nothing below its end {end}")
    finally:
        reader.close()
    return records
