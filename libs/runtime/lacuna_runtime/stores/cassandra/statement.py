"""Statements with the consistency that they ask for; each is prepared once, when the store is opened."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from cassandra import ConsistencyLevel

QUORUM: int = ConsistencyLevel.LOCAL_QUORUM
"""Every write and every read. A replica that was down may lack a chunk until hints reach it, and a hole in a
track looks like a silence of the ship: better no answer for a moment than a wrong one."""
_TABLE = re.compile(r"\b(INTO|FROM|UPDATE|TABLE IF NOT EXISTS|ALTER TABLE) (\w+)")


def in_keyspace(cql: str, keyspace: str) -> str:
    """Name the keyspace of the table: a prepared statement that leaves it open may find another one.

    Parameters
    ----------
    cql : str
        Names its table without one.
    keyspace : str
        Where the table is.

    Returns
    -------
    str
        The same statement on ``keyspace.table``.

    Examples
    --------
    >>> in_keyspace("SELECT x FROM craft WHERE block = ?", "lacuna")
    'SELECT x FROM lacuna.craft WHERE block = ?'
    """
    return _TABLE.sub(rf"\1 {keyspace}.\2", cql, count=1)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement.

    Attributes
    ----------
    cql : str
        Text with question marks; its table is named without the keyspace.
    """

    cql: str


class Call(NamedTuple):
    """A statement and the values of its question marks."""

    statement: Statement
    values: Sequence[Any]
