"""Receivers in orbit: where they are, and how crowded the radio is below them."""

from dataclasses import dataclass

import numpy as np

from lacuna_core.units import F64Array

EARTH_RADIUS_KM = 6371.0
_MU = 398_600.4
_SIDEREAL_DAY_S = 86_164.1
_MIN_ELEVATION_DEG = 3.0
SLOTS_PER_MIN = 4500.0
"""Time slots of both AIS channels."""
_REPORTS_PER_MIN = 7.0
"""Slots that an average ship in a footprint takes a minute."""
_CAPTURE = 0.5
"""Share of colliding messages that destroy each other."""
_CROWDS = np.array(
    [
        # latitude, longitude, ships in hearing of a satellite above
        (41.0, 51.0, 350), (26.5, 53.0, 1900), (42.0, 31.0, 1700), (34.0, 27.0, 2600), (57.0, 18.0, 2400),
        (18.0, 62.0, 1200), (20.0, 38.0, 1000), (53.0, 4.0, 5200), (19.0, 71.0, 1500), (46.0, 37.0, 500),
        (56.0, 44.0, 250), (68.0, 40.0, 200),
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Satellite:
    """One satellite on a circular orbit.

    Attributes
    ----------
    name : str
        As in the tag blocks.
    altitude_km, inclination_deg : float
        Of its orbit.
    node_deg, phase_deg : float
        Right ascension of the node and argument of latitude at the start of the world.
    long_range : bool
        Hears the long-range channels 75 and 76 instead of the crowded ones.
    """

    name: str
    altitude_km: float
    inclination_deg: float
    node_deg: float
    phase_deg: float
    long_range: bool


SATELLITES = (
    Satellite("SAT1", 620.0, 97.9, 20.0, 10.0, False),
    Satellite("SAT2", 650.0, 98.0, 95.0, 140.0, False),
    Satellite("SAT3", 515.0, 97.4, 160.0, 250.0, True),
    Satellite("SAT4", 710.0, 47.0, 230.0, 60.0, False),
)


@dataclass(frozen=True, slots=True, eq=False)
class Sky:
    """Where the satellites are in each slot.

    Attributes
    ----------
    lat_deg, lon_deg : numpy.ndarray
        Points below the satellites, shape (slots, satellites), float64.
    clear : numpy.ndarray
        Chance that a message collides with no other one in the footprint, same shape.
    in_sight : numpy.ndarray
        Whether any part of the Caspian can be in the footprint, same shape, bool.
    """

    lat_deg: F64Array
    lon_deg: F64Array
    clear: F64Array
    in_sight: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def footprint_deg(satellite: Satellite) -> float:
    """Radius of a footprint as an angle at the center of the earth.

    Parameters
    ----------
    satellite : Satellite
        The satellite.

    Returns
    -------
    float
        Degrees.
    """
    elevation = np.radians(_MIN_ELEVATION_DEG)
    ratio = EARTH_RADIUS_KM / (EARTH_RADIUS_KM + satellite.altitude_km)
    return float(np.degrees(np.arccos(ratio * np.cos(elevation)) - elevation))


def angle_deg(lat_a: F64Array, lon_a: F64Array, lat_b: F64Array, lon_b: F64Array) -> F64Array:
    """Angle between points of the sphere, by broadcasting.

    Parameters
    ----------
    lat_a, lon_a, lat_b, lon_b : numpy.ndarray
        Degrees.

    Returns
    -------
    numpy.ndarray
        Degrees, float64.
    """
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    cosine = np.sin(phi_a) * np.sin(phi_b) + np.cos(phi_a) * np.cos(phi_b) * np.cos(np.radians(lon_b - lon_a))
    angles: F64Array = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
    return angles


def subpoint(satellite: Satellite, t_s: F64Array, phase_deg: float) -> tuple[F64Array, F64Array]:
    """Point below a satellite; the node turns with the sun where the orbit is polar.

    Parameters
    ----------
    satellite : Satellite
        The satellite.
    t_s : numpy.ndarray
        Seconds from the start of the world.
    phase_deg : float
        Extra angle along the orbit, drawn for each world.

    Returns
    -------
    tuple of numpy.ndarray
        Latitude and longitude in degrees, float64.
    """
    radius_km = EARTH_RADIUS_KM + satellite.altitude_km
    period_s = 2.0 * np.pi * np.sqrt(radius_km**3 / _MU)
    inclination = np.radians(satellite.inclination_deg)
    along = np.radians(satellite.phase_deg + phase_deg) + 2.0 * np.pi * t_s / period_s
    # nodal regression from the oblateness of the earth, degrees a day
    drift = -9.96 * (EARTH_RADIUS_KM / radius_km) ** 3.5 * np.cos(inclination)
    node = satellite.node_deg + drift * t_s / 86_400.0 - 360.0 * t_s / _SIDEREAL_DAY_S
    lat = np.degrees(np.arcsin(np.sin(inclination) * np.sin(along)))
    lon = node + np.degrees(np.arctan2(np.cos(inclination) * np.sin(along), np.cos(along)))
    return lat, (lon + 180.0) % 360.0 - 180.0


def draw_sky(slots: int, slot_s: float, rng: np.random.Generator) -> Sky:
    """Fly the satellites.

    Parameters
    ----------
    slots : int
        Length of the world.
    slot_s : float
        Length of a slot in seconds.
    rng : numpy.random.Generator
        Draws the phase of each orbit.

    Returns
    -------
    Sky
        One row a slot, at its middle.
    """
    t_s: F64Array = (np.arange(slots, dtype=np.float64) + 0.5) * slot_s
    points = [subpoint(s, t_s, float(rng.uniform(0, 360))) for s in SATELLITES]
    lat = np.column_stack([p[0] for p in points])
    lon = np.column_stack([p[1] for p in points])
    radius = np.array([footprint_deg(s) for s in SATELLITES])
    ships = np.zeros_like(lat)
    for crowd_lat, crowd_lon, count in _CROWDS:
        ships += count * (angle_deg(lat, lon, crowd_lat, crowd_lon) < radius)
    rate = np.where([s.long_range for s in SATELLITES], 1.0 / 3.0, _REPORTS_PER_MIN)
    clear = np.exp(-_CAPTURE * ships * rate / SLOTS_PER_MIN)
    in_sight = angle_deg(lat, lon, np.array(41.5), np.array(50.5)) < radius + 6.5
    return Sky(lat, lon, clear, in_sight)
