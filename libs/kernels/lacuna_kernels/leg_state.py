"""The state of the leg splitter: one int64 row an airframe, and the columns that go in.

A record that comes out is the airframe's state row at that moment, so what a leg says needs no second layout.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

# Columns of the state, all int64: times in ms, places in 1e-7 deg, altitudes in ft, speeds in 0.1 kn.
(
    SLOT, PHASE, CALLSIGN, REGISTRATION, TYPE_CODE, REJECTS,
    LAST_T, LAST_LAT, LAST_LON, LAST_SPEED, LAST_COURSE, LAST_VRATE, LAST_DIGEST, ALT_T, ALT,
    GROUND_T, GROUND_LAT, GROUND_LON, GROUND_DIGEST, FIELD_LAT, FIELD_LON, FIELD_ELEV,
    FIRST_T, FIRST_LAT, FIRST_LON, FIRST_ALT, FIRST_VRATE, FIRST_GROUND, FIRST_DIGEST, OPEN_REASON,
    AIR_T, AIR_LAT, AIR_LON, AIR_ALT, QUALIFIED_T, QUALIFIED_ALT, LEG_CALLSIGN, FIRST_CALLSIGN, CALLSIGNS,
    LEG_REGISTRATION, LEG_TYPE_CODE,
    MAX_ALT, MAX_SPEED, ROWS, BRIDGED, AMBIGUOUS, REJECTED, MARK_T, MARK_ALT, MARK_BEFORE_T, MARK_BEFORE_ALT,
    RECORD, AS_OF, CLOSE_REASON,
) = range(54)  # fmt: skip
WIDTH = 54
"""Columns of a state row; a record is such a row with its last three columns filled."""

UNSEEN, PARKED, FLYING = range(3)
OPENED, CLOSED = 1, 2
NO_BREAK, FIRST_SEEN, TOOK_OFF, GROUND_DWELL, LONG_GAP, LOW_GAP, VERY_LONG_GAP, NEW_CALLSIGN = range(8)
REASONS = (
    "", "first_seen", "took_off", "ground_dwell", "long_gap", "low_gap", "very_long_gap", "new_callsign",
)  # fmt: skip

NONE = -(2**31)
"""No value in a state column."""
NO_SPEED = 65_535
NO_RATE = -(2**15)
ON_GROUND_FLAG = 0x0010


class LegLimits(NamedTuple):
    """Thresholds of the splitter; times in ms, heights in ft, speeds in kn, distances in NM."""

    long_gap_ms: int = 1_800_000
    low_gap_ms: int = 900_000
    callsign_gap_ms: int = 300_000
    very_long_gap_ms: int = 36_000_000
    dwell_ms: int = 300_000
    low_ft: float = 5_000.0
    ground_ft: float = 1_000.0
    ground_speed_kn: float = 40.0
    cruise_ft: float = 10_000.0
    bridge_min_kn: float = 250.0
    bridge_max_kn: float = 600.0
    cruise_kn: float = 450.0
    one_leg_slack_ms: int = 1_800_000
    two_legs_slack_ms: int = 3_600_000
    low_slack_ms: int = 600_000
    outlier_kn: float = 1_000.0
    outlier_nm: float = 3.0
    outlier_rows: int = 5
    min_air_ms: int = 120_000
    min_extent_nm: float = 1.6
    mark_ms: int = 150_000


class LegRows(NamedTuple):
    """Position columns, shape (n,), in canonical order; ``digest`` is the row digest's bits as int64."""

    slot: npt.NDArray[np.int64]
    t_ms: npt.NDArray[np.int64]
    lat_e7: npt.NDArray[np.int32]
    lon_e7: npt.NDArray[np.int32]
    speed_dkn: npt.NDArray[np.uint16]
    course_ddeg: npt.NDArray[np.uint16]
    altitude_ft: npt.NDArray[np.int32]
    vertical_rate_fpm: npt.NDArray[np.int16]
    flags: npt.NDArray[np.uint16]
    digest: npt.NDArray[np.int64]


class NameRows(NamedTuple):
    """Identity columns, shape (m,), by time; texts are their first eight ASCII bytes as int64, 0 for none."""

    slot: npt.NDArray[np.int64]
    t_ms: npt.NDArray[np.int64]
    callsign: npt.NDArray[np.int64]
    registration: npt.NDArray[np.int64]
    type_code: npt.NDArray[np.int64]


def new_state(slots: int) -> npt.NDArray[np.int64]:
    """Make the state of airframes never seen.

    Parameters
    ----------
    slots : int
        How many.

    Returns
    -------
    numpy.ndarray
        Shape (slots, 54), int64.
    """
    state = np.full((slots, WIDTH), NONE, np.int64)
    state[:, [PHASE, CALLSIGN, REGISTRATION, TYPE_CODE, REJECTS]] = 0
    return state


class LegRow(NamedTuple):
    """One position row as scalars; handing eleven arrays from function to function is what costs."""

    slot: int
    t_ms: int
    lat_e7: int
    lon_e7: int
    speed_dkn: int
    course_ddeg: int
    altitude_ft: int
    vertical_rate_fpm: int
    flags: int
    digest: int
