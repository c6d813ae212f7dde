"""Distances by vector algebra (accurate at all ranges), against which the haversine kernels are checked."""

import math

RADIUS_M = 6_371_008.8


def unit(lat_deg: float, lon_deg: float) -> tuple[float, float, float]:
    phi, lam = math.radians(lat_deg), math.radians(lon_deg)
    return math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)


def distance_m(lat_a_deg: float, lon_a_deg: float, lat_b_deg: float, lon_b_deg: float) -> float:
    a, b = unit(lat_a_deg, lon_a_deg), unit(lat_b_deg, lon_b_deg)
    cross = (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    return RADIUS_M * math.atan2(math.sqrt(sum(c * c for c in cross)), dot)
