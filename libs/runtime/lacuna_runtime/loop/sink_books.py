"""What a sink says of its rows: how far it has read a partition, and how many rows that were.

A sink takes repeats too, and after a crash it reads again what it had stored, so a plain count would grow
with every crash. An offset says what a count belongs to: rows below it are counted, whatever comes again.
"""

from collections.abc import Iterable
from typing import NamedTuple

from lacuna_core.message import LedgerEntry
from lacuna_core.ports import TopicPartition

_OFFSET, _ROWS = "offset", "in"


class Sunk(NamedTuple):
    """How far a partition is stored.

    Attributes
    ----------
    offset : int
        First record that is not.
    rows : int
        Rows of the records below it that the sink has read, repeats included.
    t_ms : int
        Data time of the entry, Unix milliseconds UTC.
    """

    offset: int = 0
    rows: int = 0
    t_ms: int = 0


def sink_entry(sink: str, at: TopicPartition, sunk: Sunk) -> LedgerEntry:
    """Make the entry of one partition.

    Each has its own, because whoever takes a partition over knows nothing of the others.

    Parameters
    ----------
    sink : str
        Name of the sink.
    at : TopicPartition
        Where.
    sunk : Sunk
        How far.

    Returns
    -------
    LedgerEntry
        Of stage ``<sink>.<topic>``.
    """
    counts = ((_ROWS, sunk.rows), (_OFFSET, sunk.offset))
    return LedgerEntry(f"{sink}.{at.topic}", at.partition, sunk.t_ms, counts)


def read_sunk(entries: Iterable[LedgerEntry], sink: str) -> dict[TopicPartition, Sunk]:
    """Read entries.

    Parameters
    ----------
    entries : iterable of LedgerEntry
        The newest one of each stage and partition; those of others are passed over.
    sink : str
        Name of the sink.

    Returns
    -------
    dict of TopicPartition to Sunk
        Partitions that it never read are absent.
    """
    found: dict[TopicPartition, Sunk] = {}
    for entry in entries:
        name, _, topic = entry.stage.partition(".")
        if name == sink and topic:
            counts = dict(entry.counts)
            at = TopicPartition(topic, entry.partition)
            found[at] = Sunk(counts[_OFFSET], counts[_ROWS], entry.t_ms)
    return found
