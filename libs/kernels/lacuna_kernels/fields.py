"""Airfields on a one-degree tile grid: the elevation of the nearest one.

Heights above field decide where a leg may end. A barometric altitude alone is no height: treating a missing
elevation as sea level calls every aircraft on a plateau airborne.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lacuna_kernels.geodesy import distance_nm
from lacuna_kernels.jit import inline

TILES = 180 * 360


class FieldGrid(NamedTuple):
    """Airfields sorted by tile, south to north and west to east.

    Attributes
    ----------
    start : numpy.ndarray
        First field of each tile and the total at the end, shape (64,801,), int64.
    lat_deg, lon_deg : numpy.ndarray
        Reference points, shape (n,), float64, degrees.
    elevation_ft : numpy.ndarray
        Field elevations, shape (n,), float64, feet.
    """

    start: npt.NDArray[np.int64]
    lat_deg: npt.NDArray[np.float64]
    lon_deg: npt.NDArray[np.float64]
    elevation_ft: npt.NDArray[np.float64]


def build_field_grid(
    lat_deg: npt.NDArray[np.float64],
    lon_deg: npt.NDArray[np.float64],
    elevation_ft: npt.NDArray[np.float64],
) -> FieldGrid:
    """Sort airfields into tiles.

    Parameters
    ----------
    lat_deg, lon_deg : numpy.ndarray
        Reference points, shape (n,), float64, degrees.
    elevation_ft : numpy.ndarray
        Elevations, shape (n,), float64, feet.

    Returns
    -------
    FieldGrid
        The fields by tile; within a tile in the order given.
    """
    row = np.clip(np.floor(lat_deg + 90.0), 0, 179).astype(np.int64)
    column = np.floor(lon_deg + 180.0).astype(np.int64) % 360
    tile = row * 360 + column
    order = np.argsort(tile, kind="stable")
    start = np.searchsorted(tile[order], np.arange(TILES + 1)).astype(np.int64)
    return FieldGrid(
        start,
        np.ascontiguousarray(lat_deg[order], np.float64),
        np.ascontiguousarray(lon_deg[order], np.float64),
        np.ascontiguousarray(elevation_ft[order], np.float64),
    )


@inline
def nearest_elevation_ft(fields: FieldGrid, lat_deg: float, lon_deg: float) -> float:
    """Elevation of the nearest airfield among the nine tiles around a point.

    Parameters
    ----------
    fields : FieldGrid
        The airfields.
    lat_deg, lon_deg : float
        The point, degrees.

    Returns
    -------
    float
        Feet; 0 (the sea) where no field lies in those tiles.
    """
    row = min(179, max(0, math.floor(lat_deg + 90.0)))
    column = math.floor(lon_deg + 180.0)
    best_nm = math.inf
    best_ft = 0.0
    for r in range(max(0, row - 1), min(179, row + 1) + 1):
        for c in range(column - 1, column + 2):
            tile = r * 360 + c % 360
            for k in range(fields.start[tile], fields.start[tile + 1]):
                away_nm = distance_nm(lat_deg, lon_deg, fields.lat_deg[k], fields.lon_deg[k])
                if away_nm < best_nm:
                    best_nm = away_nm
                    best_ft = fields.elevation_ft[k]
    return best_ft
