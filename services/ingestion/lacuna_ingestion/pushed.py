"""Rows that a partner pushes: typed columns to the rows that feeds hand over, so the same rules hold."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lacuna_core.errors import InvalidInput
from lacuna_core.ids import Scheme
from lacuna_core.position import (
    FLAG_ACCURATE,
    FLAG_LONG_RANGE,
    FLAG_ON_GROUND,
    FLAG_RAIM,
    FLAG_STALE,
    CraftClass,
    Domain,
)
from lacuna_core.units import NULL_TIME_MS, F64Array, U16Array, U64Array
from lacuna_ingestion.coded import Coded, coded
from lacuna_ingestion.parse_time import Times
from lacuna_ingestion.rows import FeedRows, Identity
from lacuna_ingestion.scale import nav_status_flags
from lacuna_ingestion.validity import MAX_MMSI, null_ais_angle, null_ais_position, null_ais_speed

MAX_PUSH_ROWS = 32_768
"""Most rows of one batch."""
_SOURCE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_MAX_ADDRESS = 0xFFFFFF
_FLAGS = {
    "on_ground": FLAG_ON_GROUND,
    "accurate": FLAG_ACCURATE,
    "raim": FLAG_RAIM,
    "long_range": FLAG_LONG_RANGE,
    "stale": FLAG_STALE,
}
_NUMERIC_IDENTITY = ("imo", "ship_type", "to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m", "squawk")
_TEXT_IDENTITY = ("name", "callsign", "destination", "registration", "type_code")
_TEXTS = frozenset((*_TEXT_IDENTITY, "receiver"))
Columns = Mapping[str, Sequence[Any]]


def source_name(source: str) -> str:
    """Name the source of pushed rows; no partner can pass as a feed of ours.

    Parameters
    ----------
    source : str
        As the partner names it.

    Returns
    -------
    str
        With ``push-`` before it.

    Raises
    ------
    InvalidInput
        If it is no name.
    """
    if not _SOURCE.fullmatch(source):
        raise InvalidInput(f"source {source[:40]!r}: expected 1 to 32 of a-z, 0-9, - and _")
    return f"push-{source}"


def rows_of(columns: Columns) -> int:
    """Count the rows of a batch.

    Parameters
    ----------
    columns : mapping of str to sequence
        By name.

    Returns
    -------
    int
        Rows.

    Raises
    ------
    InvalidInput
        If there are none, too many, or columns do not fit each other.
    """
    n = len(columns["number"])
    if not 0 < n <= MAX_PUSH_ROWS:
        raise InvalidInput(f"{n} rows: expected 1 to {MAX_PUSH_ROWS}")
    if len(columns["t_ms"]) != n:
        raise InvalidInput(f"t_ms: {len(columns['t_ms'])} values for {n} rows")
    for name, values in columns.items():
        if len(values) not in (0, n) and not (name in _TEXTS and len(values) == 1):
            raise InvalidInput(f"{name}: {len(values)} values for {n} rows")
    return n


def position_rows(domain: Domain, source: str, columns: Columns) -> FeedRows:
    """Take pushed positions.

    Parameters
    ----------
    domain : Domain
        Sea or air.
    source : str
        From ``source_name``.
    columns : mapping of str to sequence
        The repeated fields of ``PositionRows``.

    Returns
    -------
    FeedRows
        For ``build.decoded``.

    Raises
    ------
    InvalidInput
        If the columns do not fit each other.
    """
    n = rows_of(columns)
    lat_deg, lon_deg = (_numbers(columns[name], n) for name in ("lat_deg", "lon_deg"))
    speed_kn, course_deg, heading_deg = (
        _numbers(columns[name], n) for name in ("speed_kn", "course_deg", "heading_deg")
    )
    if domain is Domain.SEA:
        long_range = _array(columns["long_range"], n, np.bool_)
        lat_deg, lon_deg = null_ais_position(lat_deg, lon_deg)
        speed_kn = null_ais_speed(speed_kn, long_range)
        course_deg, heading_deg = null_ais_angle(course_deg), null_ais_angle(heading_deg)
    return FeedRows(
        domain=domain,
        source=source,
        craft=_crafts(domain, columns, n),
        times=_times(columns, n),
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        flags=_flags(columns, n),
        craft_class=_classes(columns, n),
        speed_kn=speed_kn,
        course_deg=course_deg,
        heading_deg=heading_deg,
        baro_altitude_ft=_numbers(columns["baro_altitude_ft"], n),
        geo_altitude_ft=_numbers(columns["geo_altitude_ft"], n),
        vertical_rate_fpm=_numbers(columns["vertical_rate_fpm"], n),
        receiver=_texts(columns["receiver"], n),
    )


def identity_rows(domain: Domain, source: str, columns: Columns) -> FeedRows:
    """Take pushed identities.

    Parameters
    ----------
    domain : Domain
        Sea or air.
    source : str
        From ``source_name``.
    columns : mapping of str to sequence
        The repeated fields of ``IdentityRows``.

    Returns
    -------
    FeedRows
        For ``build.decoded``; none of them has a place.

    Raises
    ------
    InvalidInput
        If the columns do not fit each other.
    """
    n = rows_of(columns)
    numeric = {name: _array(columns[name], n, np.int64) for name in _NUMERIC_IDENTITY if columns[name]}
    if columns["draught_m"]:
        numeric["draught_dm"] = _numbers(columns["draught_m"], n) * 10
    nowhere = np.full(n, np.nan)
    return FeedRows(
        domain=domain,
        source=source,
        craft=_crafts(domain, columns, n),
        times=_times(columns, n),
        lat_deg=nowhere,
        lon_deg=nowhere,
        no_position=np.ones(n, np.bool_),
        identity=Identity(
            numeric, {name: _texts(columns[name], n) for name in _TEXT_IDENTITY if columns[name]}
        ),
    )


def _array(values: Sequence[Any], n: int, dtype: Any) -> Any:
    return np.fromiter(values, dtype, n) if len(values) else np.zeros(n, dtype)


def _numbers(values: Sequence[float], n: int) -> F64Array:
    found: F64Array = _array(values, n, np.float64) if len(values) else np.full(n, np.nan)
    # an infinity is no number that a ship can send, and none that a column can hold
    return np.where(np.isinf(found), np.nan, found)


def _texts(values: Sequence[str], n: int) -> Coded:
    if len(values) in (0, 1):
        column = coded(list(values) or [""])
        return Coded(np.zeros(n, np.int64), column.table)
    return coded(list(values))


def _crafts(domain: Domain, columns: Columns, n: int) -> U64Array:
    number = _array(columns["number"], n, np.uint64)
    most = MAX_MMSI if domain is Domain.SEA else _MAX_ADDRESS
    scheme = np.full(n, int(Scheme.MMSI if domain is Domain.SEA else Scheme.ICAO24), np.uint64)
    if domain is Domain.AIR:
        scheme[_array(columns["not_icao"], n, np.bool_)] = int(Scheme.NON_ICAO)
    fine = (number >= 1) & (number <= most)
    return np.where(fine, (scheme << np.uint64(56)) | number, np.uint64(0))


def _times(columns: Columns, n: int) -> Times:
    t_ms = _array(columns["t_ms"], n, np.int64)
    return Times(t_ms, t_ms == NULL_TIME_MS)


def _flags(columns: Columns, n: int) -> U16Array:
    flags = nav_status_flags(_numbers(columns["nav_status"], n))
    for name, bit in _FLAGS.items():
        flags |= np.where(_array(columns[name], n, np.bool_), bit, 0).astype(np.uint16)
    return flags


def _classes(columns: Columns, n: int) -> Any:
    classes = _array(columns["craft_class"], n, np.int64)
    return np.where(classes <= max(CraftClass), classes, 0).astype(np.uint8)
