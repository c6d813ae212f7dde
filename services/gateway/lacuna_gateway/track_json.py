"""Tracks as columns, as points, or as GeoJSON."""

from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from lacuna_core.ids import format_craft
from lacuna_core.position import Domain, PositionBatch
from lacuna_core.query import Track
from lacuna_core.units import E7_PER_DEG, MS_PER_S, NULL_I16, NULL_I32, NULL_U16

GEOJSON = "application/geo+json"
_TENTHS = {"speed_dkn": "speed_kn", "course_ddeg": "course_deg", "heading_ddeg": "heading_deg"}
_WHOLE = {
    "baro_altitude_ft": NULL_I32, "geo_altitude_ft": NULL_I32, "vertical_rate_fpm": NULL_I16,
}  # fmt: skip


def _null(values: npt.NDArray[Any], missing: npt.NDArray[np.bool_]) -> list[Any]:
    if not missing.any():
        plain: list[Any] = values.tolist()
        return plain
    texts = values.astype(object)
    texts[missing] = None
    nulled: list[Any] = texts.tolist()
    return nulled


def _times(rows: PositionBatch) -> list[str]:
    moments: npt.NDArray[np.datetime64] = rows.t_ms.astype("datetime64[ms]")
    fine = bool((rows.t_ms % MS_PER_S).any())
    return list(np.datetime_as_string(moments, unit="ms" if fine else "s", timezone="UTC").tolist())


def track_columns(rows: PositionBatch) -> dict[str, list[Any]]:
    """Write positions as named columns of equal length.

    Parameters
    ----------
    rows : PositionBatch
        Sorted by time.

    Returns
    -------
    dict of str to list
        Units in the names; None where nothing was transmitted.
    """
    columns: dict[str, list[Any]] = {"t": _times(rows)}
    for name, column in (("lat", rows.lat_e7), ("lon", rows.lon_e7)):
        columns[name] = _null(column / E7_PER_DEG, column == NULL_I32)
    for source, name in _TENTHS.items():
        column = getattr(rows, source)
        columns[name] = _null(column / 10.0, column == NULL_U16)
    if rows.domain is Domain.AIR:
        for name, null in _WHOLE.items():
            column = getattr(rows, name)
            columns[name] = _null(column, column == null)
    columns["source"] = rows.text("source").tolist()
    columns["receiver"] = rows.text("receiver").tolist()
    return columns


def encode_track(craft: int, track: Track, *, as_points: bool) -> bytes:
    """Encode a track as JSON.

    Parameters
    ----------
    craft : int
        Whose it is.
    track : Track
        Positions.
    as_points : bool
        One object a position instead of one list a column.

    Returns
    -------
    bytes
        JSON.
    """
    columns = track_columns(track.rows)
    body: dict[str, Any] = {
        "craft": format_craft(craft),
        "total": track.total,
        "returned": len(track.rows),
        "stride_s": track.stride_ms / MS_PER_S,
    }
    if as_points:
        names = list(columns)
        body["points"] = [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    else:
        body["columns"] = columns
    return orjson.dumps(body)


def _lines(lons: list[float], lats: list[float]) -> list[list[list[float]]]:
    """Lines cut at the antimeridian, as RFC 7946 section 3.1.9 asks."""
    lines: list[list[list[float]]] = [[]]
    for i, (lon, lat) in enumerate(zip(lons, lats, strict=True)):
        if i and abs(lon - lons[i - 1]) > 180.0:
            edge = 180.0 if lons[i - 1] > 0 else -180.0
            span = (lon + 2 * edge) - lons[i - 1]
            share = (edge - lons[i - 1]) / span if span else 0.0
            crossing = round(lats[i - 1] + share * (lat - lats[i - 1]), 7)
            lines[-1].append([edge, crossing])
            lines.append([[-edge, crossing]])
        lines[-1].append([lon, lat])
    return lines


def encode_geojson(craft: int, track: Track) -> bytes:
    """Encode a track as a GeoJSON feature; positions without coordinates are left out.

    Parameters
    ----------
    craft : int
        Whose it is.
    track : Track
        Positions.

    Returns
    -------
    bytes
        A feature whose ``times`` and other columns stand in its properties, one value a position.
    """
    rows = track.rows.take((track.rows.lat_e7 != NULL_I32) & (track.rows.lon_e7 != NULL_I32))
    columns = track_columns(rows)
    lats, lons = columns.pop("lat"), columns.pop("lon")
    lines = _lines(lons, lats)
    geometry: dict[str, Any] | None = None
    if len(lons) == 1:
        geometry = {"type": "Point", "coordinates": [lons[0], lats[0]]}
    elif len(lines) == 1 and lons:
        geometry = {"type": "LineString", "coordinates": lines[0]}
    elif lons:
        geometry = {"type": "MultiLineString", "coordinates": lines}
    properties = {
        "craft": format_craft(craft),
        "total": track.total,
        "returned": len(rows),
        "stride_s": track.stride_ms / MS_PER_S,
        "times": columns.pop("t"),
        **columns,
    }
    return orjson.dumps({"type": "Feature", "geometry": geometry, "properties": properties})
