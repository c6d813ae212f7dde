"""How much a partition holds: an absolute value, counted anew after each change, so repeats change nothing.

Two writers may count one partition at once. The value carries the time at which its counting began, so the
one that was counted later stays, even when it is written first; and the later one saw all that the earlier
one had written.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lacuna_runtime.stores.cassandra.connection import Connection
from lacuna_runtime.stores.cassandra.statement import Call, Statement


@dataclass(frozen=True, slots=True)
class Tally:
    """How partitions of one kind are counted.

    Attributes
    ----------
    count : Statement
        Gives one row with the amounts; its values name the partition.
    keep : Statement
        Takes the amounts, the place where they are kept, and the timestamp.
    """

    count: Statement
    keep: Statement

    def renew(self, db: Connection, places: Iterable[tuple[tuple[Any, ...], tuple[Any, ...]]]) -> None:
        """Count partitions anew.

        Parameters
        ----------
        db : Connection
            Where.
        places : iterable of (tuple, tuple)
            What names a partition, and what names the row in which its amounts are kept.
        """
        todo = list(places)
        began_us = db.now_us()
        counted = db.read_each(Call(self.count, partition) for partition, _ in todo)
        db.write(
            Call(self.keep, (*amounts, *row, began_us))
            for (_, row), (amounts,) in zip(todo, counted, strict=True)
        )
