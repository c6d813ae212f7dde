"""Units: the aliases that say what a bare number means, and every conversion constant once.

Angles are degrees, distances nautical miles or meters, speeds knots, altitudes feet, times integer
milliseconds of Unix time (UTC). A name carries its unit as a suffix (``_nm``, ``_kn``, ``_ft``, ``_deg``,
``_ms``, ``_h``); these aliases document the same at a signature.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Degrees: TypeAlias = float
Knots: TypeAlias = float
NauticalMiles: TypeAlias = float
Meters: TypeAlias = float
Feet: TypeAlias = float
Hours: TypeAlias = float
TimeMs: TypeAlias = int

U8Array: TypeAlias = npt.NDArray[np.uint8]
U16Array: TypeAlias = npt.NDArray[np.uint16]
U32Array: TypeAlias = npt.NDArray[np.uint32]
U64Array: TypeAlias = npt.NDArray[np.uint64]
I16Array: TypeAlias = npt.NDArray[np.int16]
I32Array: TypeAlias = npt.NDArray[np.int32]
I64Array: TypeAlias = npt.NDArray[np.int64]
F64Array: TypeAlias = npt.NDArray[np.float64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

M_PER_NM = 1852.0
MS_PER_S = 1_000
MS_PER_MIN = 60_000
MS_PER_H = 3_600_000
MS_PER_DAY = 86_400_000
EARTH_RADIUS_M = 6_371_008.8
E7_PER_DEG = 10_000_000

NULL_I32 = -(2**31)
"""No value in an int32 column (``lat_e7``, ``lon_e7``, altitudes)."""
NULL_I16 = -(2**15)
"""No value in an int16 column (vertical rate)."""
NULL_U16 = 65_535
"""No value in a uint16 column (speed, course, heading, squawk)."""
NULL_TIME_MS = -(2**63)
"""No value in a time column (the end of an open interval)."""


def to_e7(degrees: Degrees) -> int:
    """Quantize an angle to 1e-7 degrees.

    Parameters
    ----------
    degrees : float
        Angle in degrees.

    Returns
    -------
    int
        The angle in units of 1e-7 degrees, rounded half to even.

    Examples
    --------
    >>> to_e7(37.6)
    376000000
    """
    return round(degrees * E7_PER_DEG)


def from_e7(value_e7: int) -> Degrees | None:
    """Read an angle in 1e-7 degrees.

    Parameters
    ----------
    value_e7 : int
        Angle in units of 1e-7 degrees; ``NULL_I32`` means none.

    Returns
    -------
    float or None
        The angle in degrees.

    Examples
    --------
    >>> from_e7(376000000)
    37.6
    """
    return None if value_e7 == NULL_I32 else value_e7 / E7_PER_DEG
