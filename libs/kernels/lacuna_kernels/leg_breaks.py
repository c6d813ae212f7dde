"""When a leg ends: what is ground, what is a jump no aircraft makes, what silence a landing fits in."""

import numpy as np
import numpy.typing as npt

from lacuna_kernels import leg_state as col
from lacuna_kernels.fields import FieldGrid, nearest_elevation_ft
from lacuna_kernels.geodesy import distance_nm
from lacuna_kernels.jit import inline
from lacuna_kernels.leg_state import LegLimits, LegRow

_FIELD_KEPT_E7 = 300_000
"""The nearest field is looked up again after 0.03 degrees."""


@inline
def _height_ft(
    s: npt.NDArray[np.int64], altitude_ft: int, lat_e7: int, lon_e7: int, fields: FieldGrid
) -> float:
    if (
        s[col.FIELD_LAT] == col.NONE
        or abs(s[col.FIELD_LAT] - lat_e7) > _FIELD_KEPT_E7
        or abs(s[col.FIELD_LON] - lon_e7) > _FIELD_KEPT_E7
    ):
        s[col.FIELD_LAT] = lat_e7
        s[col.FIELD_LON] = lon_e7
        s[col.FIELD_ELEV] = int(nearest_elevation_ft(fields, lat_e7 * 1e-7, lon_e7 * 1e-7))
    return float(altitude_ft - s[col.FIELD_ELEV])


@inline
def on_ground(s: npt.NDArray[np.int64], row: LegRow, fields: FieldGrid, limits: LegLimits) -> bool:
    """Say whether a row is on the ground: it says so, or it is slow and near the height of the next field.

    Parameters
    ----------
    s : numpy.ndarray
        State row, shape (54,), int64; keeps the elevation of the nearest field.
    row : LegRow
        The position.
    fields : FieldGrid
        Airfields, elevations in feet.
    limits : LegLimits
        Thresholds.

    Returns
    -------
    bool
        True on the ground.
    """
    if row.flags & col.ON_GROUND_FLAG:
        return True
    if (
        row.altitude_ft == col.NONE
        or row.speed_dkn == col.NO_SPEED
        or row.speed_dkn >= limits.ground_speed_kn * 10.0
    ):
        return False
    height_ft = _height_ft(s, row.altitude_ft, row.lat_e7, row.lon_e7, fields)
    return height_ft < limits.ground_ft


@inline
def _moved_nm(s: npt.NDArray[np.int64], row: LegRow) -> float:
    return distance_nm(s[col.LAST_LAT] * 1e-7, s[col.LAST_LON] * 1e-7, row.lat_e7 * 1e-7, row.lon_e7 * 1e-7)


@inline
def is_outlier(s: npt.NDArray[np.int64], row: LegRow, limits: LegLimits) -> bool:
    """Say whether a row is a jump no aircraft makes; several in a row are believed: the old place was wrong.

    Parameters
    ----------
    s : numpy.ndarray
        State row of an airframe heard before, shape (54,), int64; counts the jumps.
    row : LegRow
        The position.
    limits : LegLimits
        Thresholds.

    Returns
    -------
    bool
        True when the row should be passed over.
    """
    dt_ms = row.t_ms - s[col.LAST_T]
    if dt_ms > limits.low_gap_ms:
        return False
    allowed_nm = limits.outlier_nm + limits.outlier_kn * dt_ms / 3_600_000.0
    rough_nm = (abs(s[col.LAST_LAT] - row.lat_e7) + abs(s[col.LAST_LON] - row.lon_e7)) * 60.1e-7
    if rough_nm <= allowed_nm or _moved_nm(s, row) <= allowed_nm:
        s[col.REJECTS] = 0
        return False
    s[col.REJECTS] += 1
    if s[col.REJECTS] >= limits.outlier_rows:
        s[col.REJECTS] = 0
        return False
    return True


@inline
def _is_low(s: npt.NDArray[np.int64], row: LegRow, ground: bool, fields: FieldGrid, low_ft: float) -> bool:
    if ground or s[col.GROUND_T] != col.NONE:
        return True
    altitude_ft = row.altitude_ft
    if altitude_ft != col.NONE and _height_ft(s, altitude_ft, row.lat_e7, row.lon_e7, fields) < low_ft:
        return True
    return (
        s[col.ALT] != col.NONE
        and _height_ft(s, s[col.ALT], s[col.LAST_LAT], s[col.LAST_LON], fields) < low_ft
    )


@inline
def _gap_reason(
    s: npt.NDArray[np.int64], row: LegRow, dt_ms: int, ground: bool, fields: FieldGrid, limits: LegLimits
) -> int:
    """Say whether the silence before a row ends the leg."""
    low = _is_low(s, row, ground, fields, limits.low_ft)
    if dt_ms <= limits.low_gap_ms:
        return col.NEW_CALLSIGN if low else col.NO_BREAK
    moved_nm = _moved_nm(s, row)
    speed_kn = s[col.MAX_SPEED] * 0.1 if s[col.MAX_SPEED] > 0 else limits.cruise_kn
    if speed_kn < limits.ground_speed_kn or speed_kn > limits.bridge_max_kn:
        speed_kn = limits.cruise_kn
    slack_ms = dt_ms - moved_nm / speed_kn * 3_600_000.0
    implied_kn = moved_nm * 3_600_000.0 / dt_ms
    altitude_ft = row.altitude_ft
    high = (
        s[col.ALT] != col.NONE
        and s[col.ALT] > limits.cruise_ft
        and altitude_ft != col.NONE
        and altitude_ft > limits.cruise_ft
    )
    flown = high and limits.bridge_min_kn <= implied_kn <= limits.bridge_max_kn
    if dt_ms <= limits.long_gap_ms:
        return col.LOW_GAP if low and slack_ms >= limits.low_slack_ms and not flown else col.NO_BREAK
    if slack_ms < limits.one_leg_slack_ms or (flown and slack_ms < limits.two_legs_slack_ms):
        s[col.BRIDGED] += 1
        if slack_ms >= limits.one_leg_slack_ms:
            s[col.AMBIGUOUS] += 1
        return col.NO_BREAK
    return col.LOW_GAP if low else col.LONG_GAP


@inline
def break_reason(
    s: npt.NDArray[np.int64], row: LegRow, ground: bool, fields: FieldGrid, limits: LegLimits
) -> tuple[int, int]:
    """Say whether a leg ended before a row, and when that was known.

    Parameters
    ----------
    s : numpy.ndarray
        State row of a flying airframe, shape (54,), int64; its bridge counts may grow.
    row : LegRow
        The new position.
    ground : bool
        Whether it is on the ground.
    fields : FieldGrid
        Airfields, elevations in feet.
    limits : LegLimits
        Thresholds.

    Returns
    -------
    tuple of int
        Reason code, ``NO_BREAK`` for none, and its data time in ms: the row's, or the due time of the timer.
    """
    dt_ms = row.t_ms - s[col.LAST_T]
    if dt_ms > limits.very_long_gap_ms:
        return col.VERY_LONG_GAP, s[col.LAST_T] + limits.very_long_gap_ms
    renamed = s[col.LEG_CALLSIGN] != 0 and s[col.CALLSIGN] != s[col.LEG_CALLSIGN]
    if dt_ms > limits.callsign_gap_ms and (renamed or dt_ms > limits.low_gap_ms):
        reason = _gap_reason(s, row, dt_ms, ground, fields, limits)
        if reason != col.NO_BREAK:
            return reason, row.t_ms
    if renamed and s[col.GROUND_T] != col.NONE and not ground:
        return col.NEW_CALLSIGN, row.t_ms
    return col.NO_BREAK, row.t_ms
