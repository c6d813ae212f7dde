"""Families of partitions that are found and counted by ``tally``: events by kind and day, alerts, letters."""

from collections.abc import Iterable

from lacuna_runtime.stores.cassandra.connection import Connection
from lacuna_runtime.stores.cassandra.statement import Statement
from lacuna_runtime.stores.cassandra.tally import Tally

KEEP = Statement("INSERT INTO tally (amount, family, bucket, name) VALUES (?, ?, ?, ?) USING TIMESTAMP ?")
BETWEEN = Statement("SELECT bucket, name FROM tally WHERE family = ? AND bucket >= ? AND bucket <= ?")
AMOUNT = Statement("SELECT sum(amount) FROM tally WHERE family = ?")
AMOUNTS = Statement("SELECT name, amount FROM tally WHERE family = ?")
STATEMENTS = (KEEP, BETWEEN, AMOUNT, AMOUNTS)
FIRST_BUCKET, LAST_BUCKET = -(2**31), 2**31 - 1


class Family:
    """One family.

    Parameters
    ----------
    name : str
        Its name in ``tally``.
    count : Statement
        Counts one partition.
    """

    def __init__(self, name: str, count: Statement) -> None:
        self.name = name
        self._tally = Tally(count, KEEP)
        self.STATEMENTS = (count, *STATEMENTS)

    def renew(self, db: Connection, partitions: Iterable[tuple[int, str, tuple[object, ...]]]) -> None:
        """Count partitions anew.

        Parameters
        ----------
        db : Connection
            Where.
        partitions : iterable of (int, str, tuple)
            Bucket, name, and the values that name the partition to ``count``.
        """
        places = dict.fromkeys(partitions)
        self._tally.renew(db, ((values, (self.name, bucket, name)) for bucket, name, values in places))

    def between(self, db: Connection, first: int, last: int) -> list[tuple[int, str]]:
        """List partitions.

        Parameters
        ----------
        db : Connection
            Where.
        first, last : int
            First and last bucket.

        Returns
        -------
        list of (int, str)
            Bucket and name, sorted.
        """
        bounds = (max(first, FIRST_BUCKET), min(last, LAST_BUCKET))
        return [(bucket, name) for bucket, name in db.read(BETWEEN, self.name, *bounds)]
