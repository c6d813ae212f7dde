"""Pairs of points near each other on the sphere, within each time slot, by a sweep over latitude bands.

Bands are as high as the radius, so a partner lies in the same band or the next. Within a band points are
sorted by longitude, so partners are a window; the window's lower edge only moves forward. Points close to
the antimeridian get a ghost on its other side. In the polar bands the window is the whole band.
"""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from lacuna_kernels.geodesy import EARTH_RADIUS_M, M_PER_NM, distance_nm
from lacuna_kernels.jit import inline, kernel

FULL_TURN_E7 = 3_600_000_000
HALF_TURN_E7 = 1_800_000_000
WINDOW_MARGIN_E7 = 4
MAX_SLOTS = 1 << 14
"""Most time slots of one call: what the sort key has room for."""
_BAND_SHIFT = 33
_SLOT_SHIFT = 50


@inline
def band_of(lat_e7: int, band_e7: int) -> int:
    """Latitude band of a point.

    Parameters
    ----------
    lat_e7 : int
        Latitude, degrees times 1e7.
    band_e7 : int
        Height of a band, degrees times 1e7.

    Returns
    -------
    int
        Number from the south pole up.
    """
    return (lat_e7 + HALF_TURN_E7 // 2) // band_e7


@lru_cache(maxsize=8)
def windows_e7(radius_m: float) -> tuple[int, npt.NDArray[np.int64]]:
    """Lay out the bands of a radius, and in each the half width that holds every partner in it or above it.

    Parameters
    ----------
    radius_m : float
        Meters.

    Returns
    -------
    band_e7 : int
        Height of a band, degrees times 1e7.
    windows : numpy.ndarray
        By band, one more in front for the band below the first, int64, degrees times 1e7; a full turn near
        the poles.
    """
    angle_rad = (radius_m + 0.001) / EARTH_RADIUS_M
    band_e7 = math.ceil(math.degrees(angle_rad) * 1e7) + 1
    south = np.arange(-1, HALF_TURN_E7 // band_e7 + 2) * band_e7 - HALF_TURN_E7 // 2
    phi = np.radians(np.maximum(np.abs(south), np.abs(south + 2 * band_e7)) * 1e-7)
    polar = phi + angle_rad >= math.pi / 2 - 1e-9
    half = np.degrees(np.arcsin(np.sin(angle_rad) / np.cos(np.where(polar, 0.0, phi)))) * 1e7
    windows = np.where(polar, FULL_TURN_E7, half.astype(np.int64) + WINDOW_MARGIN_E7)
    return band_e7, windows


@kernel
def sweep_keys(
    slot: npt.NDArray[np.int64],
    lat_e7: npt.NDArray[np.int32],
    lon_e7: npt.NDArray[np.int32],
    band_e7: int,
    windows: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Sort keys of all points and of the ghosts beyond the antimeridian.

    Parameters
    ----------
    slot : numpy.ndarray
        Time slot of each point, 0 <= slot < ``MAX_SLOTS``, shape (n,), int64.
    lat_e7, lon_e7 : numpy.ndarray
        Shape (n,), int32, degrees times 1e7.
    band_e7 : int
        Height of a band, degrees times 1e7.
    windows : numpy.ndarray
        Of ``windows_e7``, int64, degrees times 1e7.

    Returns
    -------
    keys : numpy.ndarray
        (slot, band, longitude) packed, shape (n + ghosts,), uint64.
    owner : numpy.ndarray
        Point of each key; a ghost's is ``-1 - point``; shape (n + ghosts,), int64.
    """
    n = slot.shape[0]
    keys = np.empty(n + 64, np.uint64)
    owner = np.empty(n + 64, np.int64)
    k = 0
    for i in range(n):
        band = band_of(lat_e7[i], band_e7)
        base = (slot[i] << _SLOT_SHIFT) | (band << _BAND_SHIFT)
        copies = 1
        if lon_e7[i] > HALF_TURN_E7 // 2:
            for below in range(2):  # the window of a pair is that of its lower band
                window = windows[band - below + 1]
                if window < FULL_TURN_E7 and lon_e7[i] >= HALF_TURN_E7 - window:
                    copies = 2
        for copy in range(copies):
            if k == keys.shape[0]:
                wider_keys, wider_owner = np.empty(2 * k, np.uint64), np.empty(2 * k, np.int64)
                wider_keys[:k], wider_owner[:k] = keys, owner
                keys, owner = wider_keys, wider_owner
            lon = np.int64(lon_e7[i]) - copy * FULL_TURN_E7 + FULL_TURN_E7
            keys[k] = np.uint64(base + lon)
            owner[k] = i if copy == 0 else -1 - i
            k += 1
    return keys[:k].copy(), owner[:k].copy()


@inline
def near_m(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], chord2: float, radius_mm: float) -> float:
    """Distance of two points if within the radius, else -1.

    Parameters
    ----------
    a, b : numpy.ndarray
        Unit vector, latitude and longitude in degrees; shape (5,), float64.
    chord2 : float
        Square of a chord slightly longer than the radius, cheap to compare first.
    radius_mm : float
        Radius in millimeters, compared after rounding to them.

    Returns
    -------
    float
        Meters, or -1.
    """
    dx, dy, dz = a[0] - b[0], a[1] - b[1], a[2] - b[2]
    if dx * dx + dy * dy + dz * dz > chord2:
        return -1.0
    d_m = distance_nm(a[3], a[4], b[3], b[4]) * M_PER_NM
    return d_m if math.floor(d_m * 1000.0 + 0.5) <= radius_mm else -1.0


@kernel
def sorted_points(
    owner: npt.NDArray[np.int64], lat_e7: npt.NDArray[np.int32], lon_e7: npt.NDArray[np.int32]
) -> npt.NDArray[np.float64]:
    """Unit vectors and degrees of points in sweep order, so that neighbors are neighbors in memory.

    Parameters
    ----------
    owner : numpy.ndarray
        Point (or ghost) at each place, shape (k,), int64.
    lat_e7, lon_e7 : numpy.ndarray
        Shape (n,), int32, degrees times 1e7.

    Returns
    -------
    numpy.ndarray
        x, y, z, latitude, longitude; shape (k, 5), float64, degrees for the last two.
    """
    out = np.empty((owner.shape[0], 5), np.float64)
    for j in range(owner.shape[0]):
        i = owner[j] if owner[j] >= 0 else -1 - owner[j]
        lat_deg, lon_deg = lat_e7[i] * 1e-7, lon_e7[i] * 1e-7
        phi, lam = math.radians(lat_deg), math.radians(lon_deg)
        out[j, 0], out[j, 1] = math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam)
        out[j, 2], out[j, 3], out[j, 4] = math.sin(phi), lat_deg, lon_deg
    return out


@kernel
def sweep(
    keys: npt.NDArray[np.uint64],
    owner: npt.NDArray[np.int64],
    points: npt.NDArray[np.float64],
    windows: npt.NDArray[np.int64],
    radius_m: float,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Find all pairs within the radius in one pass over the sorted points.

    Parameters
    ----------
    keys : numpy.ndarray
        Sorted sweep keys, shape (k,), uint64.
    owner : numpy.ndarray
        Point (or ghost) of each key, shape (k,), int64.
    points : numpy.ndarray
        Of ``sorted_points``, shape (k, 5), float64.
    windows : numpy.ndarray
        Of ``windows_e7``, int64, degrees times 1e7.
    radius_m : float
        The radius, meters.

    Returns
    -------
    pairs : numpy.ndarray
        Two point numbers, the smaller first, shape (p, 2), int64, in sweep order.
    distance_m : numpy.ndarray
        Shape (p,), float64, meters.
    """
    n = keys.shape[0]
    pairs = np.empty((n // 4 + 64, 2), np.int64)
    distance_m = np.empty(n // 4 + 64, np.float64)
    p, lower, row, window = 0, 0, np.uint64(2**64 - 1), 0
    chord2 = (2.0 * math.sin((radius_m + 0.001) / EARTH_RADIUS_M * 0.5) * (1.0 + 1e-6)) ** 2
    one_band = np.uint64(1) << np.uint64(_BAND_SHIFT)
    for j in range(n):
        if keys[j] >> np.uint64(_BAND_SHIFT) != row:
            row = keys[j] >> np.uint64(_BAND_SHIFT)
            window = windows[(np.int64(row) & ((1 << (_SLOT_SHIFT - _BAND_SHIFT)) - 1)) + 1]
        wide = np.uint64(min(window, FULL_TURN_E7))
        row_end = (row << np.uint64(_BAND_SHIFT)) + one_band
        above_from = max(keys[j] + one_band - wide, row_end)
        above_to = min(keys[j] + one_band + wide, row_end + one_band - np.uint64(1))
        lower = max(lower, j + 1)
        while lower < n and keys[lower] < above_from:
            lower += 1
        for part in range(2):
            m = j + 1 if part == 0 else lower
            stop = min(keys[j] + wide, row_end - np.uint64(1)) if part == 0 else above_to
            while m < n and keys[m] <= stop:
                real = (owner[j] >= 0) + (owner[m] >= 0)
                if real == 2 or (real == 1 and window < FULL_TURN_E7):
                    d_m = near_m(points[j], points[m], chord2, radius_m * 1000.0)
                    if d_m >= 0.0:
                        if p == pairs.shape[0]:
                            wider_pairs, wider_m = np.empty((2 * p, 2), np.int64), np.empty(2 * p, np.float64)
                            wider_pairs[:p], wider_m[:p] = pairs, distance_m
                            pairs, distance_m = wider_pairs, wider_m
                        a = max(owner[j], -1 - owner[j])
                        b = max(owner[m], -1 - owner[m])
                        pairs[p, 0], pairs[p, 1], distance_m[p] = min(a, b), max(a, b), d_m
                        p += 1
                m += 1
    return pairs[:p].copy(), distance_m[:p].copy()


def find_pairs(
    slot: npt.NDArray[np.int64],
    lat_e7: npt.NDArray[np.int32],
    lon_e7: npt.NDArray[np.int32],
    radius_m: float,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Find all pairs of points of one time slot within a radius of each other.

    Parameters
    ----------
    slot : numpy.ndarray
        Time slot of each point, 0 <= slot < ``MAX_SLOTS``, shape (n,), int64.
    lat_e7, lon_e7 : numpy.ndarray
        Shape (n,), int32, degrees times 1e7.
    radius_m : float
        Great-circle distance, meters, compared rounded to millimeters.

    Returns
    -------
    pairs : numpy.ndarray
        Two point numbers, the smaller first, each pair once, shape (p, 2), int64.
    distance_m : numpy.ndarray
        Shape (p,), float64, meters.

    Examples
    --------
    >>> same = np.zeros(2, np.int64)
    >>> find_pairs(same, np.zeros(2, np.int32), np.array([1799999990, -1799999990], np.int32), 500.0)[0]
    array([[0, 1]])
    """
    band_e7, windows = windows_e7(radius_m)
    keys, owner = sweep_keys(slot, lat_e7, lon_e7, band_e7, windows)
    order = np.argsort(keys)
    keys, owner = keys[order], owner[order]
    points = sorted_points(owner, lat_e7, lon_e7)
    return sweep(keys, owner, points, windows, radius_m)
