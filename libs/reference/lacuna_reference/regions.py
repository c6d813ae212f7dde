"""Which regions a point lies in."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

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
    for (x_a, y_a), (x_b, y_b) in pairwise(ring):
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


@dataclass(frozen=True, slots=True)
class _Boxed:
    region: Region
    area_deg2: float
    south: Degrees
    north: Degrees
    west: Degrees
    east: Degrees

    def holds(self, lat_deg: Degrees, lon_deg: Degrees) -> bool:
        boxed = self.south <= lat_deg <= self.north and self.west <= lon_deg <= self.east
        return boxed and in_region(self.region, lat_deg, lon_deg)


def _boxed(region: Region) -> _Boxed:
    points = [point for ring in region.rings for point in ring]
    area_deg2 = sum(
        abs(sum(x_a * y_b - x_b * y_a for (x_a, y_a), (x_b, y_b) in pairwise(ring)) / 2)
        for ring in region.rings
    )
    lons, lats = [p[0] for p in points], [p[1] for p in points]
    return _Boxed(region, area_deg2, min(lats), max(lats), min(lons), max(lons))


class RegionIndex:
    """Regions ready for many questions.

    Parameters
    ----------
    regions : iterable of Region
        The regions.
    """

    def __init__(self, regions: Iterable[Region]) -> None:
        boxed = [_boxed(region) for region in regions]
        self._boxed = sorted(boxed, key=lambda b: (b.area_deg2, b.region.region_id))

    def at(self, lat_deg: Degrees, lon_deg: Degrees) -> tuple[Region, ...]:
        """Find the regions at a point, the most telling first: an approach before the sea it is part of.

        Parameters
        ----------
        lat_deg, lon_deg : float
            The point.

        Returns
        -------
        tuple of Region
            Those that hold it, the smallest first.
        """
        return tuple(b.region for b in self._boxed if b.holds(lat_deg, lon_deg))
