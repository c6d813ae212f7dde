"""Airports of the world from ``airportsdata``, with the few that it lacks, and named groups of them."""

import tomllib
from dataclasses import dataclass
from functools import cache

import airportsdata
import numpy as np

from lacuna_core.errors import NotFound
from lacuna_core.place import Airport
from lacuna_core.units import F64Array
from lacuna_reference.resources import data_root, read_table


@dataclass(frozen=True, slots=True, eq=False)
class AirportTable:
    """Airports as columns; row i of each array is airport i.

    Attributes
    ----------
    airports : tuple of Airport
        Sorted by ``icao``.
    lat_deg, lon_deg : numpy.ndarray
        Shape (n,), float64, degrees.
    elevation_ft : numpy.ndarray
        Shape (n,), float64, feet.
    row : dict of str to int
        Row by ICAO code.
    """

    airports: tuple[Airport, ...]
    lat_deg: F64Array
    lon_deg: F64Array
    elevation_ft: F64Array
    row: dict[str, int]


def _more() -> list[Airport]:
    return [
        Airport(
            row["icao"], row["iata"], row["name"], row["country"],
            float(row["lat_deg"]), float(row["lon_deg"]), float(row["elevation_ft"]),
        )
        for row in read_table("airports_more.csv")
    ]  # fmt: skip


@cache
def airports() -> tuple[Airport, ...]:
    """Read all airports that have an ICAO code.

    Returns
    -------
    tuple of Airport
        Sorted by ``icao``.
    """
    known = {
        code: Airport(
            code, entry["iata"], entry["name"], entry["country"],
            float(entry["lat"]), float(entry["lon"]), float(entry["elevation"]),
        )
        for code, entry in airportsdata.load("ICAO").items()
    }  # fmt: skip
    for airport in _more():
        known.setdefault(airport.icao, airport)
    return tuple(known[code] for code in sorted(known))


@cache
def airport_table() -> AirportTable:
    """Lay the airports out as columns.

    Returns
    -------
    AirportTable
        Read-only arrays, made once in a process.
    """
    rows = airports()
    columns = [
        np.array([getattr(a, name) for a in rows], np.float64)
        for name in ("lat_deg", "lon_deg", "elevation_ft")
    ]
    for column in columns:
        column.flags.writeable = False
    return AirportTable(rows, columns[0], columns[1], columns[2], {a.icao: i for i, a in enumerate(rows)})


@cache
def airport_groups() -> dict[str, tuple[str, ...]]:
    """Read the named groups.

    Returns
    -------
    dict of str to tuple of str
        ICAO codes by group name.
    """
    table = tomllib.loads((data_root() / "airport_groups.toml").read_text("utf-8"))
    return {name: tuple(codes) for name, codes in sorted(table.items())}


def airport(icao: str) -> Airport:
    """Look up one airport.

    Parameters
    ----------
    icao : str
        ICAO code.

    Returns
    -------
    Airport
        The airport.

    Raises
    ------
    NotFound
        If there is none with that code.
    """
    table = airport_table()
    if icao not in table.row:
        raise NotFound(f"no airport has the ICAO code {icao!r}")
    return table.airports[table.row[icao]]
