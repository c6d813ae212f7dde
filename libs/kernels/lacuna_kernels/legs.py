"""Cut a stream of aircraft positions into legs, one state row an airframe.

The rules (start values of OPDI and private-jets, see ``LegLimits``): a leg ends at a confirmed stay on the
ground, at a long gap, at a shorter gap with either side low, at a new callsign after ground or a low gap, and
at a very long gap always. A gap that leaves no time to land and go again ends nothing, nor does a hole in
cruise. Rows come in canonical order; the result does not depend on where calls are cut.
"""

import numpy as np
import numpy.typing as npt

from lacuna_kernels import leg_state as col
from lacuna_kernels.fields import FieldGrid
from lacuna_kernels.geodesy import distance_nm
from lacuna_kernels.jit import inline, kernel
from lacuna_kernels.leg_breaks import break_reason, is_outlier, on_ground
from lacuna_kernels.leg_state import LegLimits, LegRow, LegRows, NameRows


@inline
def _emit(
    out: npt.NDArray[np.int64], n: int, s: npt.NDArray[np.int64], record: int, as_of_ms: int, reason: int
) -> tuple[npt.NDArray[np.int64], int]:
    if n == out.shape[0]:
        grown = np.empty((2 * n, col.WIDTH), np.int64)
        grown[:n] = out
        out = grown
    out[n] = s
    out[n, col.RECORD] = record
    out[n, col.AS_OF] = as_of_ms
    out[n, col.CLOSE_REASON] = reason
    return out, n + 1


@inline
def _close(
    out: npt.NDArray[np.int64], n: int, s: npt.NDArray[np.int64], as_of_ms: int, reason: int
) -> tuple[npt.NDArray[np.int64], int]:
    """End the leg; one that never qualified was none and says nothing."""
    if s[col.QUALIFIED_T] != col.NONE:
        out, n = _emit(out, n, s, col.CLOSED, as_of_ms, reason)
    s[col.PHASE] = col.UNSEEN
    s[col.GROUND_T] = col.NONE
    return out, n


@inline
def _begin(s: npt.NDArray[np.int64], row: LegRow, reason: int, limits: LegLimits) -> None:
    """Open a leg: at the last fix on the ground if that is recent, else at this row."""
    t_ms = row.t_ms
    rolled = s[col.PHASE] == col.PARKED and t_ms - s[col.LAST_T] <= limits.low_gap_ms
    if rolled:
        s[col.FIRST_T], s[col.FIRST_LAT], s[col.FIRST_LON] = s[col.LAST_T], s[col.LAST_LAT], s[col.LAST_LON]
        s[col.FIRST_DIGEST], s[col.FIRST_ALT], s[col.FIRST_VRATE] = s[col.LAST_DIGEST], col.NONE, col.NONE
    else:
        s[col.FIRST_T], s[col.FIRST_LAT], s[col.FIRST_LON] = t_ms, row.lat_e7, row.lon_e7
        s[col.FIRST_DIGEST], s[col.FIRST_ALT] = row.digest, row.altitude_ft
        s[col.FIRST_VRATE] = row.vertical_rate_fpm
    s[col.FIRST_GROUND] = 1 if rolled else 0
    s[col.OPEN_REASON] = col.TOOK_OFF if s[col.PHASE] == col.PARKED else reason
    s[col.AIR_T], s[col.AIR_LAT], s[col.AIR_LON] = t_ms, row.lat_e7, row.lon_e7
    s[col.AIR_ALT] = row.altitude_ft
    s[col.FIRST_CALLSIGN] = s[col.LEG_CALLSIGN] = s[col.CALLSIGN]
    s[col.CALLSIGNS] = 1 if s[col.CALLSIGN] != 0 else 0
    s[col.QUALIFIED_T] = s[col.QUALIFIED_ALT] = s[col.GROUND_T] = col.NONE
    s[col.ALT] = s[col.ALT_T] = s[col.MAX_ALT] = col.NONE
    s[col.MARK_T] = s[col.MARK_ALT] = s[col.MARK_BEFORE_T] = s[col.MARK_BEFORE_ALT] = col.NONE
    s[col.MAX_SPEED] = s[col.ROWS] = s[col.BRIDGED] = s[col.AMBIGUOUS] = s[col.REJECTED] = 0
    if s[col.FIRST_VRATE] == col.NO_RATE:
        s[col.FIRST_VRATE] = col.NONE
    s[col.SLOT] = row.slot
    s[col.PHASE] = col.FLYING


@inline
def _note(s: npt.NDArray[np.int64], row: LegRow, ground: bool, limits: LegLimits) -> None:
    """Write a row into the state as the last one heard."""
    t_ms = row.t_ms
    s[col.LAST_T], s[col.LAST_LAT], s[col.LAST_LON] = t_ms, row.lat_e7, row.lon_e7
    s[col.LAST_SPEED] = col.NONE if row.speed_dkn == col.NO_SPEED else row.speed_dkn
    s[col.LAST_COURSE] = col.NONE if row.course_ddeg == col.NO_SPEED else row.course_ddeg
    s[col.LAST_VRATE] = col.NONE if row.vertical_rate_fpm == col.NO_RATE else row.vertical_rate_fpm
    s[col.LAST_DIGEST] = row.digest
    if not ground:
        s[col.GROUND_T] = col.NONE
    elif s[col.GROUND_T] == col.NONE:
        s[col.GROUND_T], s[col.GROUND_LAT], s[col.GROUND_LON] = t_ms, row.lat_e7, row.lon_e7
        s[col.GROUND_DIGEST] = row.digest
    if s[col.PHASE] != col.FLYING:
        return
    s[col.ROWS] += 1
    s[col.LEG_REGISTRATION], s[col.LEG_TYPE_CODE] = s[col.REGISTRATION], s[col.TYPE_CODE]
    if s[col.CALLSIGN] != 0 and s[col.CALLSIGN] != s[col.LEG_CALLSIGN]:
        if s[col.FIRST_CALLSIGN] == 0:
            s[col.FIRST_CALLSIGN] = s[col.CALLSIGN]
        s[col.LEG_CALLSIGN] = s[col.CALLSIGN]
        s[col.CALLSIGNS] += 1
    s[col.MAX_SPEED] = max(s[col.MAX_SPEED], s[col.LAST_SPEED])
    altitude_ft = row.altitude_ft
    if altitude_ft != col.NONE and not ground:
        s[col.ALT_T], s[col.ALT], s[col.MAX_ALT] = t_ms, altitude_ft, max(s[col.MAX_ALT], altitude_ft)
        if s[col.MARK_T] == col.NONE or t_ms - s[col.MARK_T] >= limits.mark_ms:
            s[col.MARK_BEFORE_T], s[col.MARK_BEFORE_ALT] = s[col.MARK_T], s[col.MARK_ALT]
            s[col.MARK_T], s[col.MARK_ALT] = t_ms, altitude_ft


@inline
def _qualifies(s: npt.NDArray[np.int64], row: LegRow, limits: LegLimits) -> bool:
    """A leg is one only after two minutes and 1.6 NM in the air; less is taxiing, noise or a hover."""
    if row.t_ms - s[col.AIR_T] < limits.min_air_ms:
        return False
    away_nm = distance_nm(s[col.AIR_LAT] * 1e-7, s[col.AIR_LON] * 1e-7, row.lat_e7 * 1e-7, row.lon_e7 * 1e-7)
    return away_nm >= limits.min_extent_nm


@inline
def _row(rows: LegRows, i: int) -> LegRow:
    return LegRow(
        int(rows.slot[i]), int(rows.t_ms[i]), int(rows.lat_e7[i]), int(rows.lon_e7[i]),
        int(rows.speed_dkn[i]), int(rows.course_ddeg[i]), int(rows.altitude_ft[i]),
        int(rows.vertical_rate_fpm[i]), int(rows.flags[i]), int(rows.digest[i]),
    )  # fmt: skip


@kernel
def split_legs(
    state: npt.NDArray[np.int64], rows: LegRows, names: NameRows, fields: FieldGrid, limits: LegLimits
) -> npt.NDArray[np.int64]:
    """Take rows of many airframes in time order and say which legs opened and closed.

    Parameters
    ----------
    state : numpy.ndarray
        Shape (slots, 54), int64, from ``new_state``; changed in place.
    rows : LegRows
        Positions in canonical order, shape (n,) each; rows without a place are passed over.
    names : NameRows
        Identities by time, shape (m,) each; one at a row's time counts before the row.
    fields : FieldGrid
        Airfields, for heights above ground in feet.
    limits : LegLimits
        Thresholds.

    Returns
    -------
    numpy.ndarray
        Shape (k, 54), int64: for each leg that opened or closed, in order of rows, the airframe's state row
        then, with ``RECORD``, ``AS_OF`` (ms) and ``CLOSE_REASON`` filled.
    """
    out = np.empty((256, col.WIDTH), np.int64)
    n = j = 0
    for i in range(rows.t_ms.shape[0]):
        row = _row(rows, i)
        while j < names.t_ms.shape[0] and names.t_ms[j] <= row.t_ms:
            _name(state, names, j)
            j += 1
        if row.lat_e7 == col.NONE or row.lon_e7 == col.NONE:
            continue
        s = state[row.slot]
        if s[col.PHASE] != col.UNSEEN and is_outlier(s, row, limits):
            s[col.REJECTED] += 1
            continue
        ground = on_ground(s, row, fields, limits)
        # heard before, yet in no leg and not parked: the timer closed its leg
        reason = col.FIRST_SEEN if s[col.LAST_T] == col.NONE else col.VERY_LONG_GAP
        as_of_ms = row.t_ms
        if s[col.PHASE] == col.FLYING:
            reason, as_of_ms = break_reason(s, row, ground, fields, limits)
            if reason != col.NO_BREAK:
                out, n = _close(out, n, s, as_of_ms, reason)
        if s[col.PHASE] != col.FLYING and not ground:
            _begin(s, row, reason, limits)
        elif s[col.PHASE] == col.UNSEEN:
            s[col.PHASE] = col.PARKED
        _note(s, row, ground, limits)
        if s[col.PHASE] == col.FLYING:
            if ground and row.t_ms - s[col.GROUND_T] >= limits.dwell_ms:
                out, n = _close(out, n, s, row.t_ms, col.GROUND_DWELL)
                s[col.PHASE] = col.PARKED
            elif s[col.QUALIFIED_T] == col.NONE and not ground and _qualifies(s, row, limits):
                s[col.QUALIFIED_T], s[col.QUALIFIED_ALT] = row.t_ms, s[col.ALT]
                out, n = _emit(out, n, s, col.OPENED, row.t_ms, col.NO_BREAK)
    for k in range(j, names.t_ms.shape[0]):
        _name(state, names, k)
    return out[:n]


@inline
def _name(state: npt.NDArray[np.int64], names: NameRows, j: int) -> None:
    s = state[names.slot[j]]
    if names.callsign[j] != 0:
        s[col.CALLSIGN] = names.callsign[j]
    if names.registration[j] != 0:
        s[col.REGISTRATION] = names.registration[j]
    if names.type_code[j] != 0:
        s[col.TYPE_CODE] = names.type_code[j]


@kernel
def overdue_legs(state: npt.NDArray[np.int64], until_ms: int, limits: LegLimits) -> npt.NDArray[np.int64]:
    """Close the legs whose airframe has been silent for the very long gap.

    Parameters
    ----------
    state : numpy.ndarray
        Shape (slots, 54), int64; changed in place.
    until_ms : int
        Every row up to this time has been taken, ms.
    limits : LegLimits
        Thresholds.

    Returns
    -------
    numpy.ndarray
        Shape (k, 54), int64, records as of ``split_legs``, by slot.
    """
    out = np.empty((16, col.WIDTH), np.int64)
    n = 0
    for slot in range(state.shape[0]):
        s = state[slot]
        due_ms = s[col.LAST_T] + limits.very_long_gap_ms
        if s[col.PHASE] == col.FLYING and due_ms <= until_ms:
            out, n = _close(out, n, s, due_ms, col.VERY_LONG_GAP)
    return out[:n]
