"""Whether an event touches an area drawn by a person."""

from itertools import pairwise

from lacuna_core.event import Event
from lacuna_core.query_filter import Ring
from lacuna_core.units import from_e7


def in_ring(lon_deg: float, lat_deg: float, ring: Ring) -> bool:
    """Tell whether a point lies inside a ring, by counting crossings of a ray to the east.

    Parameters
    ----------
    lon_deg, lat_deg : float
        The point.
    ring : Ring
        Closed line; edges are straight in longitude and latitude, as GeoJSON has them.

    Returns
    -------
    bool
        True inside.
    """
    inside = False
    for (lon_a, lat_a), (lon_b, lat_b) in pairwise(ring):
        if (lat_a > lat_deg) != (lat_b > lat_deg):
            inside ^= lon_deg < lon_a + (lat_deg - lat_a) / (lat_b - lat_a) * (lon_b - lon_a)
    return inside


def bounds(ring: Ring) -> tuple[float, float, float, float]:
    """Box of a ring.

    Parameters
    ----------
    ring : Ring
        Closed line.

    Returns
    -------
    tuple of float
        West, south, east, north in degrees.
    """
    lons, lats = [p[0] for p in ring], [p[1] for p in ring]
    return min(lons), min(lats), max(lons), max(lats)


def touches(event: Event, polygon: tuple[Ring, ...]) -> bool:
    """Tell whether either end of an event lies in a polygon.

    Parameters
    ----------
    event : Event
        Any event.
    polygon : tuple of Ring
        Outer ring, then holes.

    Returns
    -------
    bool
        True when one end is inside the outer ring and in no hole.
    """
    ends = ((event.start_lat_e7, event.start_lon_e7), (event.end_lat_e7, event.end_lon_e7))
    for lat_e7, lon_e7 in ends:
        if lat_e7 is None or lon_e7 is None:
            continue
        lat_deg, lon_deg = from_e7(lat_e7), from_e7(lon_e7)
        if lat_deg is None or lon_deg is None:
            continue
        outer, *holes = polygon
        if in_ring(lon_deg, lat_deg, outer) and not any(in_ring(lon_deg, lat_deg, h) for h in holes):
            return True
    return False
