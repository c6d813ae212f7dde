"""Which region a point lies in."""

import itertools
from collections.abc import Iterable

from lacuna_core.place import Region
from lacuna_core.units import Degrees

Ring = tuple[tuple[Degrees, Degrees], ...]


def in_ring(ring: Ring, lat_deg: Degrees, lon_deg: Degrees) -> bool:
    """Tell whether a point is inside a closed ring, by counting crossings on the plane of degrees.

    Parameters
    ----------
    ring : tuple of (float, float)
        Longitude and latitude, first point repeated at the end; it must not cross the antimeridian.
    lat_deg, lon_deg : float
        The point.

    Returns
    -------
    bool
        True inside.
    """
    inside = False
    for (x_a, y_a), (x_b, y_b) in itertools.pairwise(ring):
        crosses = (y_a > lat_deg) != (y_b > lat_deg)
        if crosses and lon_deg < x_a + (lat_deg - y_a) * (x_b - x_a) / (y_b - y_a):
            inside = not inside
    return inside


def in_region(region: Region, lat_deg: Degrees, lon_deg: Degrees) -> bool:
    """Tell whether a point is inside a region.

    Parameters
    ----------
    region : Region
        Any region.
    lat_deg, lon_deg : float
        The point.

    Returns
    -------
    bool
        True inside one of its rings.
    """
    return any(in_ring(ring, lat_deg, lon_deg) for ring in region.rings)


def area_deg2(region: Region) -> float:
    """Area of a region on the plane of degrees, good for comparing.

    Parameters
    ----------
    region : Region
        Any region.

    Returns
    -------
    float
        Square degrees.
    """
    total = 0.0
    for ring in region.rings:
        total += abs(sum(x_a * y_b - x_b * y_a for (x_a, y_a), (x_b, y_b) in itertools.pairwise(ring)) / 2)
    return total


def smallest_region(regions: Iterable[Region], lat_deg: Degrees, lon_deg: Degrees) -> Region | None:
    """Find the most telling region at a point: an approach before the sea that it is part of.

    Parameters
    ----------
    regions : iterable of Region
        Candidates.
    lat_deg, lon_deg : float
        The point.

    Returns
    -------
    Region or None
        The smallest one that contains the point; None when none does.
    """
    holding = [r for r in regions if in_region(r, lat_deg, lon_deg)]
    return min(holding, key=lambda r: (area_deg2(r), r.region_id), default=None)
