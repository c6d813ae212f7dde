"""Finding the snapshot that a task goes on from."""

from collections.abc import Mapping
from typing import Any

from lacuna_core.errors import CorruptState
from lacuna_core.fold import Fold
from lacuna_core.ports import Bus, Record, TopicPartition
from lacuna_core.topics import state_topic
from lacuna_runtime.loop.snapshot import Saved, whole_snapshots


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
        Committed offsets.
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
    """
    home = TopicPartition(state_topic(fold.name).name, task)
    end = bus.end_offsets([home])[home]
    if not end:
        return None
    reader = bus.subscribe(f"{fold.name}.restore", [home])
    records: list[Record] = []
    while not records or records[-1].offset + 1 < end:
        records += reader.poll(poll_records, 1.0)
    reader.close()
    for saved in whole_snapshots(records):
        if saved.fold_version != fold.version:
            raise CorruptState(
                f"stage {fold.name}: the snapshot of task {task} has version {saved.fold_version}, this "
                f"build reads version {fold.version}"
            )
        reached = {TopicPartition(t, p): offset for t, p, offset in saved.header["offsets"]}
        if all(offset <= committed.get(at, 0) for at, offset in reached.items()):
            return saved
    return None
