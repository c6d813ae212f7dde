"""What follows from the rows and is kept beside them: newest position, identity as last heard, hours heard.

Each write is an upsert that gives the same whatever comes first, twice or never again.
"""

import json
import sqlite3
from typing import Any

import numpy as np

from lacuna_core.position import IdentityBatch, PositionBatch
from lacuna_core.units import I64Array
from lacuna_runtime.stores.derived import last_heard, mid_of, newer, reaches
from lacuna_runtime.stores.exposure import hours_heard

_SEARCHED = ("name", "callsign", "registration", "type_code", "imo", "ship_type")


def note_positions(db: sqlite3.Connection, batch: PositionBatch, days: I64Array) -> None:
    """Note the newest position of each craft and the hours in which it was heard.

    Parameters
    ----------
    db : sqlite3.Connection
        In a transaction.
    batch : PositionBatch
        In canonical order.
    days : numpy.ndarray
        Day of each row, int64.
    """
    db.executemany(
        "INSERT INTO craft (craft, domain, mid, first_ms, last_ms, last_position) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (craft) DO UPDATE SET"
        " first_ms = min(coalesce(first_ms, excluded.first_ms), excluded.first_ms),"
        " last_position = CASE WHEN last_ms IS NULL OR (excluded.last_ms, excluded.last_position)"
        " > (last_ms, last_position) THEN excluded.last_position ELSE last_position END,"
        " last_ms = max(coalesce(last_ms, excluded.last_ms), excluded.last_ms)",
        [
            (r.craft, int(batch.domain), mid_of(r.craft), r.first_ms, r.last_ms, r.newest)
            for r in reaches(batch)
        ],
    )
    edge = np.concatenate([[True], (batch.craft[1:] != batch.craft[:-1]) | (days[1:] != days[:-1])])
    at = np.flatnonzero(edge)
    hours = hours_heard(batch.t_ms, at)
    db.executemany(
        "INSERT INTO exposure (day, craft, hours) VALUES (?, ?, ?)"
        " ON CONFLICT (day, craft) DO UPDATE SET hours = hours | excluded.hours",
        list(zip(days[at].tolist(), batch.craft[at].tolist(), hours.tolist(), strict=True)),
    )


def note_identities(db: sqlite3.Connection, batch: IdentityBatch) -> None:
    """Note each identity field of each craft as last heard.

    Parameters
    ----------
    db : sqlite3.Connection
        In a transaction.
    batch : IdentityBatch
        In canonical order.
    """
    updates = []
    for craft, heard in last_heard(batch):
        row = db.execute("SELECT identity FROM craft WHERE craft = ?", (craft,)).fetchone()
        known: dict[str, tuple[Any, int]] = json.loads(row[0]) if row else {}
        known |= {name: found for name, found in heard.items() if newer(known.get(name), found)}
        identity = json.dumps(known, sort_keys=True, ensure_ascii=False)
        searched = (known.get(name, (None,))[0] for name in _SEARCHED)
        updates.append((craft, int(batch.domain), mid_of(craft), identity, *searched))
    db.executemany(
        "INSERT INTO craft (craft, domain, mid, identity, name, callsign, registration, type_code, imo,"
        " ship_type) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (craft) DO UPDATE SET"
        " identity = excluded.identity, name = excluded.name, callsign = excluded.callsign,"
        " registration = excluded.registration, type_code = excluded.type_code, imo = excluded.imo,"
        " ship_type = excluded.ship_type",
        updates,
    )
