"""The committed offsets of consumer groups."""

from collections.abc import Mapping

from lacuna_core.ports import TopicPartition
from lacuna_runtime.bus.sqlite.file import LogFile
from lacuna_runtime.bus.sqlite.place import Place


def committed_offsets(
    file: LogFile, group: str, places: Mapping[TopicPartition, Place]
) -> dict[TopicPartition, int]:
    """Read the offsets of a group.

    Parameters
    ----------
    file : LogFile
        The log.
    group : str
        Consumer group.
    places : mapping of TopicPartition to Place
        Which.

    Returns
    -------
    dict of TopicPartition to int
        Next offset to read; partitions never committed are absent.
    """
    with file.reading() as connection:
        rows = connection.execute(
            "SELECT number, next_offset FROM offsets WHERE consumer = ?", (group,)
        ).fetchall()
    by_number = dict(rows)
    return {at: by_number[p.number] for at, p in places.items() if p.number in by_number}


def commit_offsets(file: LogFile, group: str, offsets: Mapping[Place, int]) -> None:
    """Write offsets of a group, in the open cycle or in one of their own.

    Parameters
    ----------
    file : LogFile
        The log.
    group : str
        Consumer group.
    offsets : mapping of Place to int
        Next offset to read.
    """
    with file.cycle() as writer:
        writer.executemany(
            "INSERT OR REPLACE INTO offsets VALUES (?, ?, ?)",
            [(group, place.number, offset) for place, offset in offsets.items()],
        )
