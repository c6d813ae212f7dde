"""Reads craft profiles and exposure."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

import numpy as np

from lacuna_core.position import Domain
from lacuna_core.profile import CraftProfile, CraftQuery, Exposure, Identity, LastPosition
from lacuna_core.units import MS_PER_DAY
from lacuna_runtime.stores.exposure import clipped
from lacuna_runtime.stores.sqlite.connection import Connections

_COLUMNS = "craft, domain, first_ms, last_ms, last_position, identity"


def _profile(row: tuple[Any, ...]) -> CraftProfile:
    craft, domain, first_ms, last_ms, last, identity = row
    known = {name: value for name, (value, _) in json.loads(identity).items()}
    return CraftProfile(
        craft=craft,
        domain=Domain(domain),
        first_ms=first_ms,
        last_ms=last_ms,
        last=LastPosition(*json.loads(last)) if last else None,
        identity=Identity(**known),
    )


def _like(text: str) -> str:
    for special in "\\%_":
        text = text.replace(special, "\\" + special)
    return f"%{text}%"


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _where(query: CraftQuery) -> tuple[str, list[Any]]:
    parts, values = ["domain = ?"], [int(query.domain)]  # type: tuple[list[str], list[Any]]
    if query.text:
        parts.append(
            "(name LIKE ? ESCAPE '\\' OR callsign LIKE ? ESCAPE '\\' OR registration LIKE ? ESCAPE '\\')"
        )
        values += [_like(query.text)] * 3
    for column, wanted in (("mid", query.mids), ("ship_type", query.ship_types)):
        if wanted:
            parts.append(f"{column} IN ({_marks(wanted)})")
            values += wanted
    for condition, value in (
        ("craft = ?", query.craft),
        ("imo = ?", query.imo),
        ("type_code = ?", query.type_code or None),
        ("craft > ?", query.after),
    ):
        if value is not None:
            parts.append(condition)
            values.append(value)
    return " AND ".join(parts), values


class Profiles:
    """Craft profiles and exposure in SQLite.

    Parameters
    ----------
    connections : Connections
        Where.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def profile(self, craft: int) -> CraftProfile | None:
        """Read one craft.

        Parameters
        ----------
        craft : int
            Craft key.

        Returns
        -------
        CraftProfile or None
            None when nothing of it was ever stored.
        """
        with self._connections.reading() as db:
            row = db.execute(f"SELECT {_COLUMNS} FROM craft WHERE craft = ?", (craft,)).fetchone()
        return _profile(row) if row else None

    def profiles(self, query: CraftQuery) -> Sequence[CraftProfile]:
        """List craft.

        Parameters
        ----------
        query : CraftQuery
            Which.

        Returns
        -------
        sequence of CraftProfile
            Ascending by craft key.
        """
        where, values = _where(query)
        sql = f"SELECT {_COLUMNS} FROM craft WHERE {where} ORDER BY craft LIMIT ?"
        with self._connections.reading() as db:
            rows = db.execute(sql, [*values, query.limit]).fetchall()
        return [_profile(row) for row in rows]

    def exposure(self, start_ms: int, end_ms: int) -> Exposure:
        """Read when craft were heard.

        Parameters
        ----------
        start_ms, end_ms : int
            Half-open interval, Unix milliseconds UTC; hours that begin in it count.

        Returns
        -------
        Exposure
            Sorted by (day, craft); hours outside the interval are cleared.
        """
        first, last = start_ms // MS_PER_DAY, (end_ms - 1) // MS_PER_DAY
        sql = "SELECT craft, day, hours FROM exposure WHERE day BETWEEN ? AND ? ORDER BY day, craft"
        with self._connections.reading() as db:
            rows = db.execute(sql, (first, last)).fetchall()
        table = np.array(rows, np.int64).reshape(-1, 3)
        craft, day, hours = table[:, 0], table[:, 1], table[:, 2]
        return clipped(craft, day, hours, start_ms, end_ms)


def count(db: sqlite3.Connection, table: str) -> int:
    """Count the rows of a table.

    Parameters
    ----------
    db : sqlite3.Connection
        A reader.
    table : str
        One of the store's own table names.

    Returns
    -------
    int
        Rows.
    """
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
