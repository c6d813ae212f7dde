"""The time-space prism the slow and obvious way."""

import math

EARTH_RADIUS_NM = 6_371_008.8 / 1852.0


def distance_nm(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Angle between two unit vectors times the radius."""
    va, vb = (
        (
            math.cos(math.radians(lat)) * math.cos(math.radians(lon)),
            math.cos(math.radians(lat)) * math.sin(math.radians(lon)),
            math.sin(math.radians(lat)),
        )
        for lat, lon in (a, b)
    )
    dot = sum(x * y for x, y in zip(va, vb, strict=True))
    cross = (va[1] * vb[2] - va[2] * vb[1], va[2] * vb[0] - va[0] * vb[2], va[0] * vb[1] - va[1] * vb[0])
    return EARTH_RADIUS_NM * math.atan2(math.sqrt(sum(c * c for c in cross)), dot)


def reach(
    off: tuple[float, float],
    on: tuple[float, float] | None,
    hours: float,
    speed_kn: float,
    port: tuple[float, float],
) -> tuple[float, float, float, float]:
    """Distances to and from a port, detour and longest stay of one silence."""
    to_nm = distance_nm(off, port)
    if on is None:
        return to_nm, 0.0, math.nan, hours - to_nm / speed_kn
    from_nm = distance_nm(port, on)
    return to_nm, from_nm, to_nm + from_nm - distance_nm(off, on), hours - (to_nm + from_nm) / speed_kn
