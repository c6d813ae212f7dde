"""What is known of a craft now: cells whose timestamp is the time of the data, so that the newest stays.

No row is read before it is written. Of two values of one time Cassandra keeps the greater, byte by byte,
which for text and for numbers that are not negative is the greater value: the order of arrival does not
matter, nor who writes.
"""

from collections.abc import Iterable
from dataclasses import fields

from cassandra.query import UNSET_VALUE

from lacuna_core.position import Domain
from lacuna_core.profile import Identity
from lacuna_runtime.stores.cassandra.blocks import block_of
from lacuna_runtime.stores.cassandra.connection import Connection
from lacuna_runtime.stores.cassandra.statement import Call, Statement
from lacuna_runtime.stores.cassandra.tally import Tally
from lacuna_runtime.stores.derived import Heard, Reach

IDENTITY = tuple(field.name for field in fields(Identity))
"""Columns of an identity, in the order of ``Identity``."""
_US_PER_MS = 1_000
_BATCH = 60
"""Statements of one partition sent as one request."""
_DOMAIN = Statement("UPDATE craft USING TIMESTAMP 1 SET domain = ? WHERE block = ? AND craft = ?")
_FIRST = Statement("UPDATE craft USING TIMESTAMP ? SET first_ms = ? WHERE block = ? AND craft = ?")
_LAST = Statement(
    "UPDATE craft USING TIMESTAMP ? SET last_ms = ?, last_position = ? WHERE block = ? AND craft = ?"
)
_HEARD = Statement(
    f"UPDATE craft USING TIMESTAMP ? SET {', '.join(f'{name} = ?' for name in IDENTITY)}"
    " WHERE block = ? AND craft = ?"
)
_BLOCKS = Tally(
    Statement("SELECT count(*) FROM craft WHERE block = ?"),
    Statement("INSERT INTO craft_block (crafts, domain, block) VALUES (?, ?, ?) USING TIMESTAMP ?"),
)
STATEMENTS = (_DOMAIN, _FIRST, _LAST, _HEARD, _BLOCKS.count, _BLOCKS.keep)


def reach_calls(reach: Reach) -> list[Call]:
    """Write how far the positions of a craft reach.

    Parameters
    ----------
    reach : Reach
        First and newest position.

    Returns
    -------
    list of Call
        Of one partition. The earlier a first position, the greater its timestamp.
    """
    key = (block_of(reach.craft), reach.craft)
    return [
        Call(_FIRST, (-reach.first_ms * _US_PER_MS, reach.first_ms, *key)),
        Call(_LAST, (reach.last_ms * _US_PER_MS, reach.last_ms, reach.newest, *key)),
    ]


def heard_calls(craft: int, heard: Heard) -> list[Call]:
    """Write the identity of a craft as last heard.

    Parameters
    ----------
    craft : int
        Craft key.
    heard : Heard
        Fields that were given; the others stay as they are.

    Returns
    -------
    list of Call
        Of one partition, one for each time at which something was heard.
    """
    key = (block_of(craft), craft)
    calls = []
    for t_ms in sorted({t for _, t in heard.values()}):
        values = [
            heard[name][0] if name in heard and heard[name][1] == t_ms else UNSET_VALUE for name in IDENTITY
        ]
        calls.append(Call(_HEARD, (t_ms * _US_PER_MS, *values, *key)))
    return calls


class CraftRows:
    """Writes craft rows, and keeps count of them.

    Parameters
    ----------
    db : Connection
        Where.
    """

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._known: set[int] = set()

    def write(self, domain: Domain, rows: Iterable[tuple[int, list[Call]]]) -> None:
        """Write rows; craft that this process has not seen yet are counted.

        Parameters
        ----------
        domain : Domain
            Of all of them.
        rows : iterable of (int, list of Call)
            Craft keys, ascending, and what to write of each.
        """
        fresh: set[int] = set()
        groups: dict[int, list[list[Call]]] = {}
        for craft, calls in rows:
            block = block_of(craft)
            if craft not in self._known:
                fresh.add(craft)
                calls = [*calls, Call(_DOMAIN, (int(domain), block, craft))]
            batches = groups.setdefault(block, [[]])
            if len(batches[-1]) >= _BATCH:
                batches.append([])
            batches[-1] += calls
        self._db.write(batch for batches in groups.values() for batch in batches if batch)
        blocks = sorted({block_of(craft) for craft in fresh})
        _BLOCKS.renew(self._db, (((block,), (int(domain), block)) for block in blocks))
        self._known |= fresh
