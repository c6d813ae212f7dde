"""Tracks: each row's predecessor of the same craft, the silence and the distance between them, its speed."""

import numpy as np
import numpy.typing as npt

from lacuna_kernels.geodesy import distance_nm
from lacuna_kernels.jit import kernel

FROM_STATE = -1
"""The predecessor is the last fix of an earlier call."""
NO_PREDECESSOR = -2
"""First row of its craft."""
NULL_SPEED_DKN = 65_535
NULL_TIME_MS = -(2**63)
MS_PER_H = 3_600_000.0
MAX_SPEED_DKN = 65_534


@kernel
def link(
    slots: npt.NDArray[np.int64],
    t_ms: npt.NDArray[np.int64],
    lat_e7: npt.NDArray[np.int32],
    lon_e7: npt.NDArray[np.int32],
    last: tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.int32]],
    last_row: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Find each row's predecessor of the same craft.

    Parameters
    ----------
    slots : numpy.ndarray
        Craft slot of each row, shape (n,), int64.
    t_ms : numpy.ndarray
        Shape (n,), int64, Unix milliseconds UTC, not decreasing.
    lat_e7, lon_e7 : numpy.ndarray
        Shape (n,), int32, degrees times 1e7.
    last : tuple of numpy.ndarray
        Last fix by slot from earlier calls: time (int64, ``NULL_TIME_MS`` for none), latitude and longitude
        (int32, degrees times 1e7), each shape (m,).
    last_row : numpy.ndarray
        Shape (m,), int64, all ``FROM_STATE``; on return the last row of each slot seen.

    Returns
    -------
    previous : numpy.ndarray
        Row number of the predecessor, ``FROM_STATE`` or ``NO_PREDECESSOR``; shape (n,), int64.
    dt_ms : numpy.ndarray
        Time since it, 0 without one; shape (n,), int64, milliseconds.
    step_nm : numpy.ndarray
        Great-circle distance from it, 0 without one; shape (n,), float64, nautical miles.
    """
    n = slots.shape[0]
    previous = np.empty(n, np.int64)
    dt_ms = np.zeros(n, np.int64)
    step_nm = np.zeros(n, np.float64)
    known_t, known_lat, known_lon = last
    for i in range(n):
        s = slots[i]
        p = last_row[s]
        last_row[s] = i
        previous[i] = p
        if p >= 0:
            p_t, p_lat, p_lon = t_ms[p], lat_e7[p], lon_e7[p]
        elif known_t[s] != NULL_TIME_MS:
            p_t, p_lat, p_lon = known_t[s], known_lat[s], known_lon[s]
        else:
            previous[i] = NO_PREDECESSOR
            continue
        dt_ms[i] = t_ms[i] - p_t
        if p_lat != lat_e7[i] or p_lon != lon_e7[i]:
            step_nm[i] = distance_nm(p_lat * 1e-7, p_lon * 1e-7, lat_e7[i] * 1e-7, lon_e7[i] * 1e-7)
    return previous, dt_ms, step_nm


@kernel
def speeds_dkn(
    speed_dkn: npt.NDArray[np.uint16],
    dt_ms: npt.NDArray[np.int64],
    step_nm: npt.NDArray[np.float64],
) -> npt.NDArray[np.uint16]:
    """Speeds as reported, or implied by the step where none was.

    Parameters
    ----------
    speed_dkn : numpy.ndarray
        Reported speed, shape (n,), uint16, 0.1 kn, ``NULL_SPEED_DKN`` for none.
    dt_ms : numpy.ndarray
        Time since the predecessor, shape (n,), int64, milliseconds, 0 for none.
    step_nm : numpy.ndarray
        Distance from it, shape (n,), float64, nautical miles.

    Returns
    -------
    numpy.ndarray
        Shape (n,), uint16, 0.1 kn; ``NULL_SPEED_DKN`` where neither is known.
    """
    out = speed_dkn.copy()
    for i in range(out.shape[0]):
        if out[i] == NULL_SPEED_DKN and dt_ms[i] > 0:
            implied = np.floor(step_nm[i] * MS_PER_H / dt_ms[i] * 10.0 + 0.5)
            out[i] = np.uint16(min(implied, float(MAX_SPEED_DKN)))
    return out
