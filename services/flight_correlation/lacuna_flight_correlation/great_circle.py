"""Distances to many points and a run along a course, on the sphere."""

import math

import numpy as np

from lacuna_core.units import EARTH_RADIUS_M, M_PER_NM, F64Array

_EARTH_NM = EARTH_RADIUS_M / M_PER_NM


def ahead(lat_deg: float, lon_deg: float, course_deg: float, run_nm: float) -> tuple[float, float]:
    """Go along a great circle.

    Parameters
    ----------
    lat_deg, lon_deg : float
        From, degrees.
    course_deg : float
        Initial course, degrees true.
    run_nm : float
        How far, NM.

    Returns
    -------
    tuple of float
        Latitude and longitude, degrees.
    """
    phi, course, arc = math.radians(lat_deg), math.radians(course_deg), run_nm / _EARTH_NM
    sin_lat = math.sin(phi) * math.cos(arc) + math.cos(phi) * math.sin(arc) * math.cos(course)
    east = math.sin(course) * math.sin(arc) * math.cos(phi)
    north = math.cos(arc) - math.sin(phi) * sin_lat
    return math.degrees(math.asin(sin_lat)), lon_deg + math.degrees(math.atan2(east, north))


def distances_nm(lat_deg: float, lon_deg: float, lats_deg: F64Array, lons_deg: F64Array) -> F64Array:
    """Great-circle distances from one point to many.

    Parameters
    ----------
    lat_deg, lon_deg : float
        From, degrees.
    lats_deg, lons_deg : numpy.ndarray
        To, shape (n,), float64, degrees.

    Returns
    -------
    numpy.ndarray
        Shape (n,), float64, NM.
    """
    phi = math.radians(lat_deg)
    h = (
        np.sin((np.radians(lats_deg) - phi) / 2) ** 2
        + math.cos(phi) * np.cos(np.radians(lats_deg)) * np.sin(np.radians(lons_deg - lon_deg) / 2) ** 2
    )
    found: F64Array = 2.0 * _EARTH_NM * np.arcsin(np.sqrt(np.minimum(1.0, h)))
    return found
