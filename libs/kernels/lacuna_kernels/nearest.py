"""Nearest point of a small fixed set (ports, anchorages) to each position."""

import math

import numpy as np
import numpy.typing as npt

from lacuna_kernels.geodesy import M_PER_NM, distance_nm
from lacuna_kernels.jit import kernel

NONE = -1
"""No point within reach."""
FAR_M = 2**31 - 1
"""Distance that stands for "beyond reach"."""


@kernel
def nearest_points(
    lat_e7: npt.NDArray[np.int32],
    lon_e7: npt.NDArray[np.int32],
    point_lat_deg: npt.NDArray[np.float64],
    point_lon_deg: npt.NDArray[np.float64],
    within_m: float,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Find the nearest point within reach of each position; of equally near ones the first.

    Parameters
    ----------
    lat_e7, lon_e7 : numpy.ndarray
        Positions, shape (n,), int32, degrees times 1e7.
    point_lat_deg, point_lon_deg : numpy.ndarray
        Points sorted by latitude, shape (k,), float64, degrees.
    within_m : float
        Reach in meters.

    Returns
    -------
    point : numpy.ndarray
        Index of the point or ``NONE``; shape (n,), int64.
    distance_m : numpy.ndarray
        Rounded distance, ``FAR_M`` where there is none; shape (n,), int64, meters.
    """
    n = lat_e7.shape[0]
    point = np.full(n, NONE, np.int64)
    distance_m = np.full(n, FAR_M, np.int64)
    reach_deg = within_m / M_PER_NM / 60.0 * 1.01
    for i in range(n):
        lat_deg, lon_deg = lat_e7[i] * 1e-7, lon_e7[i] * 1e-7
        k = np.searchsorted(point_lat_deg, lat_deg - reach_deg)
        while k < point_lat_deg.shape[0] and point_lat_deg[k] <= lat_deg + reach_deg:
            d_nm = distance_nm(lat_deg, lon_deg, point_lat_deg[k], point_lon_deg[k])
            d_m = math.floor(d_nm * M_PER_NM + 0.5)
            if d_m <= within_m and d_m < distance_m[i]:
                point[i] = k
                distance_m[i] = d_m
            k += 1
    return point, distance_m


@kernel
def inside_with_hysteresis(
    slots: npt.NDArray[np.int64],
    distance_m: npt.NDArray[np.int64],
    inside: npt.NDArray[np.bool_],
    entry_m: float,
    exit_m: float,
) -> npt.NDArray[np.bool_]:
    """Tell for each row whether its craft is inside: in at the entry radius, out beyond the exit radius.

    Parameters
    ----------
    slots : numpy.ndarray
        Craft slot of each row, shape (n,), int64, rows in order of time.
    distance_m : numpy.ndarray
        Distance from the nearest point, shape (n,), int64, meters.
    inside : numpy.ndarray
        Whether inside by slot, shape (m,), bool; changed in place.
    entry_m, exit_m : float
        Radii in meters.

    Returns
    -------
    numpy.ndarray
        Shape (n,), bool.
    """
    out = np.empty(slots.shape[0], np.bool_)
    for i in range(slots.shape[0]):
        s = slots[i]
        inside[s] = distance_m[i] <= entry_m or (inside[s] and distance_m[i] <= exit_m)
        out[i] = inside[s]
    return out
