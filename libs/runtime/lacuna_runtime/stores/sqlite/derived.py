"""What follows from the rows and is kept beside them: newest position, identity as last heard, hours heard.

Each write is an upsert that gives the same whatever comes first, twice or never again.
"""

import json
import sqlite3
from typing import Any

import numpy as np

from lacuna_core.columns import ColumnBatch
from lacuna_core.ids import Scheme, craft_number, craft_scheme, mmsi_mid
from lacuna_core.position import IdentityBatch, PositionBatch
from lacuna_core.units import MS_PER_DAY, MS_PER_H, I64Array
from lacuna_runtime.stores.merge import given_fields

LAST_COLUMNS = (
    "t_ms", "lat_e7", "lon_e7", "speed_dkn", "course_ddeg", "heading_ddeg",
    "baro_altitude_ft", "geo_altitude_ft", "vertical_rate_fpm", "flags", "craft_class",
)  # fmt: skip
"""Columns of the newest position, in the order in which it is kept."""
_SEARCHED = ("name", "callsign", "registration", "type_code", "imo", "ship_type")


def mid_of(craft: int) -> int | None:
    """Maritime identification digits of a craft.

    Parameters
    ----------
    craft : int
        Craft key.

    Returns
    -------
    int or None
        Three digits; None for aircraft and for numbers without any.
    """
    return mmsi_mid(craft_number(craft)) if craft_scheme(craft) is Scheme.MMSI else None


def _craft_runs(batch: ColumnBatch) -> tuple[I64Array, I64Array]:
    craft: Any = batch.craft  # type: ignore[attr-defined]  # both batches have it
    starts = np.flatnonzero(np.concatenate([[True], craft[1:] != craft[:-1]]))
    return starts, np.append(starts[1:], len(craft)).astype(np.int64)


def _newest_texts(batch: PositionBatch, starts: I64Array, ends: I64Array) -> list[str]:
    """Newest position of each craft as JSON; of several at one time the greatest text."""
    last = ends - 1
    tied = np.flatnonzero((last > starts) & (batch.t_ms[last] == batch.t_ms[last - 1])).tolist()

    def texts(rows: I64Array) -> list[str]:
        columns = [getattr(batch, name)[rows].tolist() for name in LAST_COLUMNS]
        return [json.dumps(row) for row in zip(*columns, strict=True)]

    newest = texts(last)
    for run in tied:
        own = np.arange(starts[run], ends[run])
        newest[run] = max(texts(own[batch.t_ms[own] == batch.t_ms[last[run]]]))
    return newest


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
    starts, ends = _craft_runs(batch)
    crafts = batch.craft[starts].tolist()
    newest = _newest_texts(batch, starts, ends)
    firsts, lasts = batch.t_ms[starts].tolist(), batch.t_ms[ends - 1].tolist()
    # Of several positions at the newest time the greatest text stays: the order of arrival does not matter.
    db.executemany(
        "INSERT INTO craft (craft, domain, mid, first_ms, last_ms, last_position) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (craft) DO UPDATE SET"
        " first_ms = min(coalesce(first_ms, excluded.first_ms), excluded.first_ms),"
        " last_position = CASE WHEN last_ms IS NULL OR (excluded.last_ms, excluded.last_position)"
        " > (last_ms, last_position) THEN excluded.last_position ELSE last_position END,"
        " last_ms = max(coalesce(last_ms, excluded.last_ms), excluded.last_ms)",
        [
            (craft, int(batch.domain), mid_of(craft), first, last, position)
            for craft, first, last, position in zip(crafts, firsts, lasts, newest, strict=True)
        ],
    )
    edge = np.concatenate([[True], (batch.craft[1:] != batch.craft[:-1]) | (days[1:] != days[:-1])])
    at = np.flatnonzero(edge)
    bits = np.left_shift(np.int64(1), (batch.t_ms % MS_PER_DAY) // MS_PER_H)
    hours = np.bitwise_or.reduceat(bits, at)
    db.executemany(
        "INSERT INTO exposure (day, craft, hours) VALUES (?, ?, ?)"
        " ON CONFLICT (day, craft) DO UPDATE SET hours = hours | excluded.hours",
        list(zip(days[at].tolist(), batch.craft[at].tolist(), hours.tolist(), strict=True)),
    )


def _newer(known: list[Any] | None, value: Any, t_ms: int) -> bool:
    return known is None or (t_ms, value) > (known[1], known[0])


def note_identities(db: sqlite3.Connection, batch: IdentityBatch) -> None:
    """Note each identity field of each craft as last heard.

    Parameters
    ----------
    db : sqlite3.Connection
        In a transaction.
    batch : IdentityBatch
        In canonical order.
    """
    given = given_fields(batch)
    texts = {c.name for c in batch.SCHEMA if c.text}
    rows = np.arange(len(batch))
    last = {name: np.maximum.accumulate(np.where(mask, rows, -1)).tolist() for name, mask in given.items()}
    values = {name: (batch.text(name) if name in texts else getattr(batch, name)).tolist() for name in given}
    times = batch.t_ms.tolist()
    starts, ends = (edge.tolist() for edge in _craft_runs(batch))
    updates = []
    for start, end in zip(starts, ends, strict=True):
        craft = int(batch.craft[start])
        found = db.execute("SELECT identity FROM craft WHERE craft = ?", (craft,)).fetchone()
        known: dict[str, list[Any]] = json.loads(found[0]) if found else {}
        for name, rows_before in last.items():
            row = rows_before[end - 1]
            # Among rows of one time the last in canonical order need not hold the greatest value.
            while row >= start and times[row] == times[rows_before[end - 1]]:
                if given[name][row] and _newer(known.get(name), values[name][row], times[row]):
                    known[name] = [values[name][row], times[row]]
                row -= 1
        identity = json.dumps(known, sort_keys=True, ensure_ascii=False)
        searched = (known.get(name, [None])[0] for name in _SEARCHED)
        updates.append((craft, int(batch.domain), mid_of(craft), identity, *searched))
    db.executemany(
        "INSERT INTO craft (craft, domain, mid, identity, name, callsign, registration, type_code, imo,"
        " ship_type) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (craft) DO UPDATE SET"
        " identity = excluded.identity, name = excluded.name, callsign = excluded.callsign,"
        " registration = excluded.registration, type_code = excluded.type_code, imo = excluded.imo,"
        " ship_type = excluded.ship_type",
        updates,
    )
