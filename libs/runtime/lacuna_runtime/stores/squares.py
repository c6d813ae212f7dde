"""Degree squares: where events are looked up by place. (lat + 90) * 360 + (lon + 180), rounded down."""

import math
from collections.abc import Iterable

from lacuna_core.event import Event
from lacuna_core.units import E7_PER_DEG

_MAX_SQUARES = 600
"""Squares of a box from which looking at every event is no slower than the index."""


def _square(lat_deg: int, lon_deg: int) -> int:
    return (lat_deg + 90) * 360 + (lon_deg + 180) % 360


def squares_at(ends: Iterable[tuple[int | None, int | None]]) -> list[int]:
    """Degree squares of some places.

    Parameters
    ----------
    ends : iterable of (int or None, int or None)
        Latitude and longitude, degrees times 1e7; None where unknown.

    Returns
    -------
    list of int
        Ascending, none twice.
    """
    return sorted(
        {
            _square(lat // E7_PER_DEG, lon // E7_PER_DEG)
            for lat, lon in ends
            if lat is not None and lon is not None
        }
    )


def squares_of(event: Event) -> list[int]:
    """Degree squares of the ends of an event.

    Parameters
    ----------
    event : Event
        Any event.

    Returns
    -------
    list of int
        None, one or two numbers.
    """
    return squares_at(((event.start_lat_e7, event.start_lon_e7), (event.end_lat_e7, event.end_lon_e7)))


def box_squares(bbox: tuple[float, float, float, float]) -> list[int] | None:
    """Squares that a box touches.

    Parameters
    ----------
    bbox : tuple of float
        West, south, east, north in degrees; west > east crosses the antimeridian.

    Returns
    -------
    list of int or None
        None when they are too many to be of use.
    """
    west, south, east, north = bbox
    width = math.floor(east) - math.floor(west) + (360 if west > east else 0)
    lats = range(math.floor(south), math.floor(north) + 1)
    lons = range(math.floor(west), math.floor(west) + min(width, 359) + 1)
    if len(lats) * len(lons) > _MAX_SQUARES:
        return None
    return sorted({_square(lat, lon) for lat in lats for lon in lons})
