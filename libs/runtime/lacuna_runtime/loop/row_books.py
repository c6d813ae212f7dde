"""What a writer of ``positions`` says of its rows: which numbers it gave to rows that are durable.

Folds count what they take, in rows; ingestion counts messages. Between the two stands this entry of the
ledger: for each partition and kind of row the first number of the writer's present numbering and how many
rows in order from it on are durable. So a row that goes missing from the log is missed, and a row that no
writer accounts for is found.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from lacuna_core.message import LedgerEntry

STAGE = "ingestion.rows"
"""Not ``ingestion``, whose books are in messages."""
_FIRST, _ROWS = "first", "rows"


class Claim(NamedTuple):
    """Rows of one kind in one partition that are durable.

    Attributes
    ----------
    partition : int
        Of ``positions``.
    kind : str
        As in ``lacuna_core.fold.Rows``.
    first : int
        Number of the first row.
    rows : int
        How many, numbered one by one.
    """

    partition: int
    kind: str
    first: int
    rows: int


def out_count(topic: str) -> str:
    """Name of the count of rows that a fold wrote to a topic.

    Parameters
    ----------
    topic : str
        Wire name.

    Returns
    -------
    str
        As in the entries of folds.
    """
    return f"out.{topic}"


def row_entry(replica: int, t_ms: int, claims: Iterable[Claim]) -> LedgerEntry:
    """Make the entry.

    Parameters
    ----------
    replica : int
        Origin partition of the writer.
    t_ms : int
        Data time of the tick behind the rows, or the time of writing, Unix milliseconds UTC.
    claims : iterable of Claim
        What is durable, since the numbering began.

    Returns
    -------
    LedgerEntry
        Of stage ``ingestion.rows``.
    """
    counts: dict[str, int] = {}
    for partition, kind, first, rows in claims:
        counts[f"{partition:02}.{kind}.{_FIRST}"] = first
        counts[f"{partition:02}.{kind}.{_ROWS}"] = rows
    return LedgerEntry(STAGE, replica, t_ms, tuple(sorted(counts.items())))


def read_claims(entry: LedgerEntry) -> list[Claim]:
    """Read an entry.

    Parameters
    ----------
    entry : LedgerEntry
        Of stage ``ingestion.rows``.

    Returns
    -------
    list of Claim
        In order of partition and kind.
    """
    counts: Mapping[str, int] = dict(entry.counts)
    claims = []
    for name, rows in entry.counts:
        partition, kind, what = name.split(".")
        if what == _ROWS:
            claims.append(Claim(int(partition), kind, counts[f"{partition}.{kind}.{_FIRST}"], rows))
    return claims
