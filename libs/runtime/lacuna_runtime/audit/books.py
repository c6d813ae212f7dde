"""The ledger read once: the newest entry of each task, one to count from, and what entries contradict."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lacuna_core.message import LedgerEntry
from lacuna_runtime.loop.row_books import STAGE as ROW_STAGE
from lacuna_runtime.loop.row_books import Claim, read_claims

INGESTION = "ingestion"
EQUATIONS: Mapping[str, tuple[str, ...]] = {
    INGESTION: ("published", "non_position", "dead", "spooled"),
}
"""What ``in`` must be the sum of, by stage."""
FOLD_EQUATION = ("accepted", "merged", "late", "quarantined")


@dataclass(slots=True)
class TaskBooks:
    """Entries of one task of a fold.

    Attributes
    ----------
    newest : LedgerEntry
        Of the latest tick.
    base : LedgerEntry or None
        What to count from where the log no longer reaches back; None counts from nothing.
    """

    newest: LedgerEntry
    base: LedgerEntry | None = None

    def count(self, name: str) -> int:
        """Rows between base and newest.

        Parameters
        ----------
        name : str
            Name of a count.

        Returns
        -------
        int
            0 where neither has it.
        """
        before = dict(self.base.counts).get(name, 0) if self.base else 0
        return dict(self.newest.counts).get(name, 0) - before


@dataclass(slots=True)
class Books:
    """What the ledger says.

    Attributes
    ----------
    tasks : dict of (str, int) to TaskBooks
        Folds, by stage and task.
    imports : dict of int to LedgerEntry
        Books of archive imports in messages, by time.
    live : dict of int to LedgerEntry
        Newest books in messages of each live replica.
    claims : dict of (int, int, str, int) to int
        Durable rows of ``positions``, by replica, partition, kind and first number.
    wrong : list of (str, str)
        Stage, and what its entries contradict.
    """

    tasks: dict[tuple[str, int], TaskBooks] = field(default_factory=dict)
    imports: dict[int, LedgerEntry] = field(default_factory=dict)
    live: dict[int, LedgerEntry] = field(default_factory=dict)
    claims: dict[tuple[int, int, str, int], int] = field(default_factory=dict)
    wrong: list[tuple[str, str]] = field(default_factory=list)


def read_books(entries: Iterable[LedgerEntry], base_from_ms: int | None) -> Books:
    """Read the ledger.

    Parameters
    ----------
    entries : iterable of LedgerEntry
        In the order of the log.
    base_from_ms : int or None
        Count from each task's first entry at or behind this time; None counts from nothing.

    Returns
    -------
    Books
        Each entry checked against its equation.
    """
    books = Books()
    for entry in entries:
        if entry.stage == ROW_STAGE:
            for claim in read_claims(entry):
                _claim(books, entry.partition, claim)
            continue
        _check(books, entry)
        if entry.stage == INGESTION:
            if entry.partition:
                books.live[entry.partition] = entry
            else:
                books.imports[entry.t_ms] = entry
        else:
            _task(books, entry, base_from_ms)
    return books


def _claim(books: Books, replica: int, claim: Claim) -> None:
    key = (replica, claim.partition, claim.kind, claim.first)
    books.claims[key] = max(books.claims.get(key, 0), claim.rows)


def _check(books: Books, entry: LedgerEntry) -> None:
    counts = dict(entry.counts)
    names = EQUATIONS.get(entry.stage, FOLD_EQUATION)
    total = sum(counts.get(name, 0) for name in names)
    if counts.get("in") != total:
        parts = " + ".join(f"{name} {counts.get(name, 0)}" for name in names)
        books.wrong.append(
            (
                entry.stage,
                f"task {entry.partition}, entry of {entry.t_ms} ms: in {counts.get('in')} is not {parts}",
            )
        )


def _task(books: Books, entry: LedgerEntry, base_from_ms: int | None) -> None:
    known = books.tasks.get((entry.stage, entry.partition))
    if known is None:
        known = books.tasks[entry.stage, entry.partition] = TaskBooks(entry)
    elif entry.t_ms >= known.newest.t_ms:
        if _taken(entry) < _taken(known.newest):
            books.wrong.append(
                (
                    entry.stage,
                    f"task {entry.partition}: {_taken(known.newest)} rows taken at {known.newest.t_ms} ms, "
                    f"but {_taken(entry)} at {entry.t_ms} ms",
                )
            )
        known.newest = entry
    first = base_from_ms is not None and entry.t_ms >= base_from_ms
    if first and (known.base is None or entry.t_ms < known.base.t_ms):
        known.base = entry


def _taken(entry: LedgerEntry) -> int:
    counts = dict(entry.counts)
    return counts.get("accepted", 0) + counts.get("merged", 0)
