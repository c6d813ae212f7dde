"""What an audit found: one line a hop, and each imbalance in words."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Hop:
    """One stage and what it reads.

    Attributes
    ----------
    stage : str
        Who counts.
    reads : str
        What it takes in.
    taken : int
        Its ``in``.
    accepted, merged, late, quarantined, dead : int
        Where that went.
    other : int
        Messages without a position.
    waiting : int
        In the log, and not yet in its books.
    imbalances : list of str
        Each names a partition or task and both numbers; empty when balanced.
    """

    stage: str
    reads: str
    taken: int = 0
    accepted: int = 0
    merged: int = 0
    late: int = 0
    quarantined: int = 0
    dead: int = 0
    other: int = 0
    waiting: int = 0
    imbalances: list[str] = field(default_factory=list)

    @property
    def balanced(self) -> bool:
        """Whether everything adds up."""
        return not self.imbalances


@dataclass(frozen=True, slots=True)
class AuditReport:
    """All hops, in the order in which data moves.

    Attributes
    ----------
    hops : tuple of Hop
        One a stage.
    since_ms : int or None
        The log no longer reaches back to its start: rows before this time were not checked.
    """

    hops: tuple[Hop, ...]
    since_ms: int | None

    @property
    def balanced(self) -> bool:
        """Whether every hop is."""
        return all(hop.balanced for hop in self.hops)
