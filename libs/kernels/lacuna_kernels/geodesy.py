"""Distances and bearings on the sphere of mean radius 6,371,008.8 m."""

import math

import numpy as np
import numpy.typing as npt

from lacuna_kernels.jit import inline, kernel

M_PER_NM = 1852.0
EARTH_RADIUS_M = 6_371_008.8
EARTH_RADIUS_NM = EARTH_RADIUS_M / M_PER_NM


@inline
def distance_nm(lat_a_deg: float, lon_a_deg: float, lat_b_deg: float, lon_b_deg: float) -> float:
    """Great-circle distance (haversine).

    Parameters
    ----------
    lat_a_deg, lon_a_deg : float
        First point, degrees.
    lat_b_deg, lon_b_deg : float
        Second point, degrees.

    Returns
    -------
    float
        Distance in nautical miles.

    Examples
    --------
    >>> round(distance_nm(0.0, 0.0, 1.0, 0.0), 3)
    60.041
    """
    phi_a = math.radians(lat_a_deg)
    phi_b = math.radians(lat_b_deg)
    sin_lat = math.sin((phi_b - phi_a) * 0.5)
    sin_lon = math.sin(math.radians(lon_b_deg - lon_a_deg) * 0.5)
    h = sin_lat * sin_lat + math.cos(phi_a) * math.cos(phi_b) * sin_lon * sin_lon
    return 2.0 * EARTH_RADIUS_NM * math.asin(math.sqrt(min(1.0, h)))


@inline
def bearing_deg(lat_a_deg: float, lon_a_deg: float, lat_b_deg: float, lon_b_deg: float) -> float:
    """Initial great-circle bearing from a to b.

    Parameters
    ----------
    lat_a_deg, lon_a_deg : float
        From, degrees.
    lat_b_deg, lon_b_deg : float
        To, degrees.

    Returns
    -------
    float
        Degrees true, 0 <= bearing < 360.

    Examples
    --------
    >>> bearing_deg(0.0, 0.0, 0.0, 1.0)
    90.0
    """
    phi_a = math.radians(lat_a_deg)
    phi_b = math.radians(lat_b_deg)
    d_lon = math.radians(lon_b_deg - lon_a_deg)
    y = math.sin(d_lon) * math.cos(phi_b)
    x = math.cos(phi_a) * math.sin(phi_b) - math.sin(phi_a) * math.cos(phi_b) * math.cos(d_lon)
    return math.degrees(math.atan2(y, x)) % 360.0


@kernel
def distances_nm(
    lat_a_deg: npt.NDArray[np.float64],
    lon_a_deg: npt.NDArray[np.float64],
    lat_b_deg: npt.NDArray[np.float64],
    lon_b_deg: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Great-circle distances, row by row.

    Parameters
    ----------
    lat_a_deg, lon_a_deg : numpy.ndarray
        First points, shape (n,), float64, degrees.
    lat_b_deg, lon_b_deg : numpy.ndarray
        Second points, shape (n,), float64, degrees.

    Returns
    -------
    numpy.ndarray
        Shape (n,), float64, nautical miles.
    """
    n = lat_a_deg.shape[0]
    out = np.empty(n, np.float64)
    for i in range(n):
        out[i] = distance_nm(lat_a_deg[i], lon_a_deg[i], lat_b_deg[i], lon_b_deg[i])
    return out
