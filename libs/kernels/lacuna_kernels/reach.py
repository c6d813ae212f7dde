"""Which ports a craft could have reached during a silence: distances and the longest possible stay."""

import numpy as np
import numpy.typing as npt

from lacuna_kernels.geodesy import distance_nm
from lacuna_kernels.jit import inline, kernel

TO_NM, FROM_NM, DETOUR_NM, STAY_H = 0, 1, 2, 3
"""Planes of what ``reach`` returns."""


@inline
def quantize(value: float) -> float:
    """Round to a millionth, so that a comparison is the same on every machine.

    Parameters
    ----------
    value : float
        Any number; NaN stays NaN.

    Returns
    -------
    float
        The nearest millionth, ties away from minus infinity.

    Examples
    --------
    >>> quantize(0.1234567)
    0.123457
    """
    return float(np.floor(value * 1e6 + 0.5) / 1e6)


@kernel
def reach(
    off_lat_deg: npt.NDArray[np.float64],
    off_lon_deg: npt.NDArray[np.float64],
    on_lat_deg: npt.NDArray[np.float64],
    on_lon_deg: npt.NDArray[np.float64],
    hours: npt.NDArray[np.float64],
    speed_kn: npt.NDArray[np.float64],
    port_lat_deg: npt.NDArray[np.float64],
    port_lon_deg: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Measure the time-space prism of each silence against each port, along great circles.

    Parameters
    ----------
    off_lat_deg, off_lon_deg : numpy.ndarray
        Last positions before the silences, shape (g,), float64, degrees.
    on_lat_deg, on_lon_deg : numpy.ndarray
        First positions after them, shape (g,), float64, degrees; NaN while a silence is open.
    hours : numpy.ndarray
        Length of each silence so far, shape (g,), float64, hours.
    speed_kn : numpy.ndarray
        Speed of each craft, shape (g,), float64, knots; greater than zero.
    port_lat_deg, port_lon_deg : numpy.ndarray
        Ports, shape (p,), float64, degrees.

    Returns
    -------
    numpy.ndarray
        Shape (4, g, p), float64, quantized to a millionth: distance from OFF to the port (nm), from the port
        to ON (nm; 0 while open), detour over sailing straight on (nm; NaN while open), longest possible stay
        (h; negative where the port can't be reached).
    """
    n, m = hours.shape[0], port_lat_deg.shape[0]
    out = np.empty((4, n, m), np.float64)
    for g in range(n):
        is_open = np.isnan(on_lat_deg[g])
        straight = (
            np.nan if is_open else distance_nm(off_lat_deg[g], off_lon_deg[g], on_lat_deg[g], on_lon_deg[g])
        )
        for p in range(m):
            to_nm = distance_nm(off_lat_deg[g], off_lon_deg[g], port_lat_deg[p], port_lon_deg[p])
            from_nm = 0.0
            if not is_open:
                from_nm = distance_nm(port_lat_deg[p], port_lon_deg[p], on_lat_deg[g], on_lon_deg[g])
            out[TO_NM, g, p] = quantize(to_nm)
            out[FROM_NM, g, p] = quantize(from_nm)
            out[DETOUR_NM, g, p] = quantize(to_nm + from_nm - straight)
            out[STAY_H, g, p] = quantize(hours[g] - (to_nm + from_nm) / speed_kn[g])
    return out
