"""Rows near a point: a scan over columns sorted by time."""

import math

import numpy as np
import numpy.typing as npt

from lacuna_kernels.geodesy import distance_nm
from lacuna_kernels.jit import kernel


@kernel
def rows_near(
    lat_e7: npt.NDArray[np.int32],
    lon_e7: npt.NDArray[np.int32],
    lat_deg: float,
    lon_deg: float,
    radius_nm: float,
) -> npt.NDArray[np.int64]:
    """Find the rows within a radius of a point, across the antimeridian too.

    Parameters
    ----------
    lat_e7, lon_e7 : numpy.ndarray
        Positions, shape (n,), int32, degrees times 1e7.
    lat_deg, lon_deg : float
        The point, degrees.
    radius_nm : float
        Radius, nautical miles; distances are compared to a thousandth.

    Returns
    -------
    numpy.ndarray
        Row numbers in order, shape (k,), int64.

    Examples
    --------
    >>> rows_near(np.array([0, 10_000_000], np.int32), np.array([0, 0], np.int32), 0.0, 0.0, 40.0)
    array([0])
    """
    # A degree of latitude is 60.04 nm on this sphere: the band is a little wider than the circle.
    band_e7 = int(radius_nm / 60.0 * 1e7) + 1000
    here_e7 = round(lat_deg * 1e7)
    found = np.empty(64, np.int64)
    k = 0
    for i in range(lat_e7.shape[0]):
        if abs(np.int64(lat_e7[i]) - here_e7) > band_e7:
            continue
        apart_nm = distance_nm(lat_deg, lon_deg, lat_e7[i] * 1e-7, lon_e7[i] * 1e-7)
        if math.floor(apart_nm * 1000.0 + 0.5) > radius_nm * 1000.0:
            continue
        if k == found.shape[0]:
            wider = np.empty(2 * k, np.int64)
            wider[:k] = found
            found = wider
        found[k] = i
        k += 1
    return found[:k].copy()
