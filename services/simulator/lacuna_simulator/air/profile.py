"""How a leg is flown: the line over the ground, the height and the speed along it."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from lacuna_core.units import F64Array
from lacuna_reference.airports import airport
from lacuna_simulator.air.airframes import MOSCOW, TEHRAN, Airframe

CLIMB_FT_PER_NM, DESCENT_FT_PER_NM = 300.0, 318.0
FINAL_NM = 12.0
"""Length of the straight final approach."""
_FINAL_COURSE_DEG = {
    "UUEE": 246.0, "UUWW": 238.0, "UUDD": 317.0, "UUBW": 300.0, "OIIE": 289.0, "OIII": 292.0, "LTFM": 343.0,
    "OMDW": 301.0, "OMDB": 301.0, "VIDP": 283.0, "URMM": 115.0, "UBBB": 344.0, "EDDF": 249.0,
}  # fmt: skip
_CASPIAN_WAY = ((38.9, 49.8), (43.0, 48.3), (46.8, 47.2), (51.0, 43.5))
"""The way between Tehran and Moscow since the south of Russia is closed: over the sea and up the Volga."""
_SPEED_HEIGHT_FT = (0.0, 1_500.0, 10_000.0, 25_000.0, 30_000.0)
_SPEED_SHARE = (0.31, 0.38, 0.60, 0.90, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A leg by distance flown, float64 arrays of one shape.

    Attributes
    ----------
    seconds : numpy.ndarray
        Since take-off.
    lat_deg, lon_deg : numpy.ndarray
        Where.
    altitude_ft, above_ground_ft : numpy.ndarray
        Over the sea, and over the nearer of both airports.
    speed_kn : numpy.ndarray
        Ground speed.
    away_nm : numpy.ndarray
        Straight distance from the destination.
    """

    seconds: F64Array
    lat_deg: F64Array
    lon_deg: F64Array
    altitude_ft: F64Array
    above_ground_ft: F64Array
    speed_kn: F64Array
    away_nm: F64Array


def _distance_nm(points: F64Array) -> F64Array:
    phi, lam = np.radians(points).T
    sin_phi, sin_lam = np.sin(np.diff(phi) / 2.0), np.sin(np.diff(lam) / 2.0)
    h = sin_phi**2 + np.cos(phi[:-1]) * np.cos(phi[1:]) * sin_lam**2
    legs_nm: F64Array = 2.0 * 3_440.07 * np.arcsin(np.sqrt(np.minimum(h, 1.0)))
    return legs_nm


def _final_point(icao: str) -> tuple[float, float]:
    """Begin of the straight final approach."""
    field = airport(icao)
    back = np.radians(_FINAL_COURSE_DEG.get(icao, 270.0) + 180.0)
    lat = field.lat_deg + FINAL_NM / 60.04 * np.cos(back)
    lon = field.lon_deg + FINAL_NM / 60.04 * np.sin(back) / np.cos(np.radians(field.lat_deg))
    return float(lat), float(lon)


@cache
def _line(origin: str, destination: str) -> F64Array:
    """Points of the way, about a mile apart, with the miles flown: shape (n, 3)."""
    start, end = airport(origin), airport(destination)
    way: tuple[tuple[float, float], ...] = ()
    if origin in TEHRAN and destination in MOSCOW:
        way = _CASPIAN_WAY
    elif origin in MOSCOW and destination in TEHRAN:
        way = _CASPIAN_WAY[::-1]
    corners = np.array(
        [(start.lat_deg, start.lon_deg), *way, _final_point(destination), (end.lat_deg, end.lon_deg)]
    )
    flown = np.concatenate([[0.0], np.cumsum(_distance_nm(corners))])
    at = np.linspace(0.0, flown[-1], int(flown[-1]) + 2)
    dense = np.column_stack([np.interp(at, flown, corners[:, 0]), np.interp(at, flown, corners[:, 1])])
    miles = np.concatenate([[0.0], np.cumsum(_distance_nm(dense))])
    return np.column_stack([dense, miles])


def fly_profile(airframe: Airframe, origin: str, destination: str, wind_kn: float) -> Profile:
    """Fly a leg from lift-off to touchdown.

    Parameters
    ----------
    airframe : Airframe
        Who; gives speed and cruising altitude.
    origin, destination : str
        ICAO codes.
    wind_kn : float
        Tail wind.

    Returns
    -------
    Profile
        About one row a mile.
    """
    lat, lon, flown = _line(origin, destination).T
    to_go = flown[-1] - flown
    start_ft, end_ft = airport(origin).elevation_ft, airport(destination).elevation_ft
    climbing = start_ft + CLIMB_FT_PER_NM * flown
    sinking = end_ft + DESCENT_FT_PER_NM * to_go
    altitude = np.minimum(np.minimum(climbing, sinking), airframe.cruise_ft)
    above = altitude - np.where(flown < to_go, start_ft, end_ft)
    share = np.interp(above, _SPEED_HEIGHT_FT, _SPEED_SHARE)
    speed = share * (airframe.cruise_kn + wind_kn)
    mean_kn = 0.5 * (speed[:-1] + speed[1:])
    seconds = np.concatenate([[0.0], np.cumsum(3600.0 * np.diff(flown) / mean_kn)])
    field = airport(destination)
    east = (lon - field.lon_deg) * np.cos(np.radians(0.5 * (lat + field.lat_deg)))
    away = 60.04 * np.hypot(lat - field.lat_deg, east)
    return Profile(seconds, lat, lon, altitude, above, speed, away)


@cache
def flight_hours(airframe: Airframe, origin: str, destination: str, wind_kn: float) -> float:
    """Hours from lift-off to touchdown.

    Parameters
    ----------
    airframe : Airframe
        Who.
    origin, destination : str
        ICAO codes.
    wind_kn : float
        Tail wind.

    Returns
    -------
    float
        Hours.
    """
    return float(fly_profile(airframe, origin, destination, wind_kn).seconds[-1]) / 3600.0
