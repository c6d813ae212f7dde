"""Time slots: the first row of a craft in each slot, and positions interpolated to slot starts."""

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from lacuna_kernels.geodesy import distance_nm
from lacuna_kernels.jit import inline, kernel

Fix: TypeAlias = tuple[Any, Any, Any, Any]
"""Time (ms), latitude and longitude (degrees times 1e7), speed (0.1 kn): whole numbers of any type."""
NULL_TIME_MS = -(2**63)
NULL_SPEED_DKN = 65_535
MAX_SPEED_DKN = 65_534.0
MS_PER_H = 3_600_000.0


@kernel
def first_in_slot(
    slots: npt.NDArray[np.int64], t_ms: npt.NDArray[np.int64], seen: npt.NDArray[np.int64], width_ms: int
) -> npt.NDArray[np.bool_]:
    """Mark the first row of each craft in each time slot.

    Parameters
    ----------
    slots : numpy.ndarray
        Craft slot of each row, shape (n,), int64.
    t_ms : numpy.ndarray
        Shape (n,), int64, Unix milliseconds UTC, not decreasing.
    seen : numpy.ndarray
        Number of the last time slot by craft slot, shape (m,), int64, ``NULL_TIME_MS`` for none; changed in
        place.
    width_ms : int
        Width of a time slot, milliseconds.

    Returns
    -------
    numpy.ndarray
        Shape (n,), bool.
    """
    first = np.zeros(slots.shape[0], np.bool_)
    for i in range(slots.shape[0]):
        number = t_ms[i] // width_ms
        if seen[slots[i]] != number:
            seen[slots[i]] = number
            first[i] = True
    return first


@inline
def between(
    lat_a_deg: float, lon_a_deg: float, lat_b_deg: float, lon_b_deg: float, share: float
) -> tuple[float, float]:
    """Point on the chord from a to b, brought back to the sphere: right across poles and antimeridian.

    Parameters
    ----------
    lat_a_deg, lon_a_deg : float
        From, degrees.
    lat_b_deg, lon_b_deg : float
        To, degrees.
    share : float
        0 at a, 1 at b.

    Returns
    -------
    tuple of float
        Latitude and longitude in degrees.
    """
    phi_a, lam_a = math.radians(lat_a_deg), math.radians(lon_a_deg)
    phi_b, lam_b = math.radians(lat_b_deg), math.radians(lon_b_deg)
    rest = 1.0 - share
    x = rest * math.cos(phi_a) * math.cos(lam_a) + share * math.cos(phi_b) * math.cos(lam_b)
    y = rest * math.cos(phi_a) * math.sin(lam_a) + share * math.cos(phi_b) * math.sin(lam_b)
    z = rest * math.sin(phi_a) + share * math.sin(phi_b)
    return math.degrees(math.atan2(z, math.sqrt(x * x + y * y))), math.degrees(math.atan2(y, x))


@inline
def speed_between(speed_a_dkn: int, speed_b_dkn: int, share: float) -> int:
    """Speed between two fixes; the one that is known when only one is.

    Parameters
    ----------
    speed_a_dkn, speed_b_dkn : int
        Speeds in 0.1 kn, ``NULL_SPEED_DKN`` for none.
    share : float
        0 at a, 1 at b.

    Returns
    -------
    int
        Speed in 0.1 kn, ``NULL_SPEED_DKN`` for none.
    """
    if speed_a_dkn == NULL_SPEED_DKN:
        return speed_b_dkn
    if speed_b_dkn == NULL_SPEED_DKN:
        return speed_a_dkn
    return math.floor(speed_a_dkn + (speed_b_dkn - speed_a_dkn) * share + 0.5)


@inline
def on_grid(a: Fix, b: Fix, t_ms: int) -> tuple[int, int, int]:
    """Interpolate between two fixes; a speed that neither reports is the one that the step implies.

    Parameters
    ----------
    a, b : Fix
        The fixes around ``t_ms``.
    t_ms : int
        Unix milliseconds UTC.

    Returns
    -------
    tuple of int
        Latitude and longitude (degrees times 1e7) and speed (0.1 kn).
    """
    if a[0] == b[0]:
        return b[1], b[2], b[3]
    share = (t_ms - a[0]) / (b[0] - a[0])
    speed_dkn = speed_between(a[3], b[3], share)
    if speed_dkn == NULL_SPEED_DKN:
        step_nm = distance_nm(a[1] * 1e-7, a[2] * 1e-7, b[1] * 1e-7, b[2] * 1e-7)
        implied = math.floor(step_nm * MS_PER_H / (b[0] - a[0]) * 10.0 + 0.5)
        speed_dkn = int(min(implied, MAX_SPEED_DKN))
    if t_ms == b[0] or (a[1] == b[1] and a[2] == b[2]):
        return b[1], b[2], speed_dkn
    lat_deg, lon_deg = between(a[1] * 1e-7, a[2] * 1e-7, b[1] * 1e-7, b[2] * 1e-7, share)
    lat_e7 = math.floor(lat_deg * 1e7 + 0.5)
    lon_e7 = math.floor(lon_deg * 1e7 + 0.5)
    return lat_e7, lon_e7, speed_dkn


@kernel
def resample(
    slots: npt.NDArray[np.int64],
    t_ms: npt.NDArray[np.int64],
    fixes: npt.NDArray[np.int32],
    last_ms: npt.NDArray[np.int64],
    last_fixes: npt.NDArray[np.int32],
    width_ms: int,
    max_silence_ms: int,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """Put interleaved tracks on a time grid, not across silences.

    A grid time gets a position when it lies between two consecutive fixes of a craft less than
    ``max_silence_ms`` apart, or when a fix falls on it exactly.

    Parameters
    ----------
    slots : numpy.ndarray
        Craft slot of each row, shape (n,), int64.
    t_ms : numpy.ndarray
        Shape (n,), int64, Unix milliseconds UTC, not decreasing.
    fixes : numpy.ndarray
        Latitude and longitude (degrees times 1e7) and speed (0.1 kn) of each row, shape (n, 3), int32.
    last_ms : numpy.ndarray
        Last time by slot, shape (m,), int64, ``NULL_TIME_MS`` for none; changed in place.
    last_fixes : numpy.ndarray
        Last fix by slot, shape (m, 3), int32; changed in place.
    width_ms : int
        Spacing of the grid, milliseconds.
    max_silence_ms : int
        Silences this long or longer are not bridged, milliseconds.

    Returns
    -------
    keys : numpy.ndarray
        Grid time (Unix ms) and craft slot, shape (k, 2), int64, in order of the rows that gave them.
    points : numpy.ndarray
        Latitude, longitude (degrees times 1e7) and speed (0.1 kn), shape (k, 3), int32.
    """
    capacity = slots.shape[0] + 64
    keys = np.empty((capacity, 2), np.int64)
    points = np.empty((capacity, 3), np.int32)
    k = 0
    for i in range(slots.shape[0]):
        s, t = slots[i], t_ms[i]
        before = last_ms[s]
        b = (t, np.int64(fixes[i, 0]), np.int64(fixes[i, 1]), np.int64(fixes[i, 2]))
        a = b
        g = t // width_ms * width_ms
        if before == NULL_TIME_MS or t - before >= max_silence_ms:
            first = g if g == t else g + width_ms
        else:
            a = (before, np.int64(last_fixes[s, 0]), np.int64(last_fixes[s, 1]), np.int64(last_fixes[s, 2]))
            first = (before // width_ms + 1) * width_ms
        while first <= g:
            if k == capacity:
                capacity *= 2
                wider_keys, wider_points = (
                    np.empty((capacity, 2), np.int64),
                    np.empty((capacity, 3), np.int32),
                )
                wider_keys[:k], wider_points[:k] = keys, points
                keys, points = wider_keys, wider_points
            keys[k, 0], keys[k, 1] = first, s
            points[k, 0], points[k, 1], points[k, 2] = on_grid(a, b, first)
            first += width_ms
            k += 1
        last_ms[s] = t
        last_fixes[s, 0], last_fixes[s, 1], last_fixes[s, 2] = fixes[i, 0], fixes[i, 1], fixes[i, 2]
    return keys[:k].copy(), points[:k].copy()


@kernel
def between_points(
    a: npt.NDArray[np.int32], b: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Midpoints of pairs of points.

    Parameters
    ----------
    a, b : numpy.ndarray
        Points, latitude and longitude first, shape (n, >= 2), int32, degrees times 1e7.

    Returns
    -------
    lat_e7, lon_e7 : numpy.ndarray
        Shape (n,), int32, degrees times 1e7.
    """
    n = a.shape[0]
    lat_e7, lon_e7 = np.empty(n, np.int32), np.empty(n, np.int32)
    for i in range(n):
        lat_deg, lon_deg = between(a[i, 0] * 1e-7, a[i, 1] * 1e-7, b[i, 0] * 1e-7, b[i, 1] * 1e-7, 0.5)
        lat_e7[i] = math.floor(lat_deg * 1e7 + 0.5)
        lon_e7[i] = math.floor(lon_deg * 1e7 + 0.5)
    return lat_e7, lon_e7
