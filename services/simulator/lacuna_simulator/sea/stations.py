"""Receivers ashore: where they stand, how high, and the radio weather they live in."""

from dataclasses import dataclass

import numpy as np

from lacuna_core.units import F64Array

HORIZON_NM_PER_SQRT_M = 2.22
"""Radio horizon over a 4/3 earth: 4.12 km for each square root of a meter of height."""
REACH_HORIZONS = 1.5
"""No signal is heard beyond this many (effective) horizons."""


@dataclass(frozen=True, slots=True)
class Station:
    """One receiver ashore.

    Attributes
    ----------
    name : str
        As in the tag blocks, at most 15 characters.
    lat_deg, lon_deg : float
        Where.
    mast_m : float
        Height of the antenna above the sea, hill included.
    region : str
        Receivers of one region share networks and power, hence outages and radio weather.
    mmsi : int
        Of its base-station reports.
    noise_db : float
        Local noise and cable loss.
    """

    name: str
    lat_deg: float
    lon_deg: float
    mast_m: float
    region: str
    mmsi: int
    noise_db: float


STATIONS = tuple(
    Station(name, lat, lon, mast, region, mmsi, noise)
    for name, lat, lon, mast, region, mmsi, noise in (
        ("AST", 46.36, 48.06, 45.0, "volga", 2_731_101, 3.0),
        ("OLYA", 45.79, 47.55, 50.0, "volga", 2_731_102, 0.0),
        ("ISK", 45.20, 47.80, 40.0, "volga", 2_731_103, 0.0),
        ("MKCH", 42.97, 47.48, 180.0, "dagestan", 2_731_104, 4.0),
        ("KASP", 42.88, 47.64, 35.0, "dagestan", 2_731_105, 1.0),
        ("DERB", 42.05, 48.27, 110.0, "dagestan", 2_731_106, 0.0),
        ("XACH", 41.60, 48.75, 50.0, "azerbaijan", 4_233_101, 0.0),
        ("SUMQ", 40.62, 49.66, 55.0, "azerbaijan", 4_233_102, 2.0),
        ("BAKU", 40.34, 49.85, 120.0, "azerbaijan", 4_233_103, 5.0),
        ("DUBN", 40.42, 50.30, 45.0, "azerbaijan", 4_233_104, 1.0),
        ("NEFT", 40.22, 50.86, 40.0, "azerbaijan", 4_233_105, 0.0),
        ("GUNS", 40.10, 51.25, 55.0, "azerbaijan", 4_233_106, 0.0),
        ("ALAT", 39.95, 49.40, 45.0, "azerbaijan", 4_233_107, 2.0),
        ("LANK", 38.75, 48.84, 60.0, "azerbaijan", 4_233_108, 0.0),
        ("AKTU", 43.65, 51.15, 85.0, "kazakhstan", 4_361_101, 2.0),
        ("KURK", 43.19, 51.64, 40.0, "kazakhstan", 4_361_102, 0.0),
        ("BAUT", 44.56, 50.24, 60.0, "kazakhstan", 4_361_103, 0.0),
        ("HAZR", 39.42, 53.08, 35.0, "turkmenistan", 4_341_101, 2.0),
        ("ANZL", 37.47, 49.46, 45.0, "iran", 4_221_101, 3.0),
        ("AMIR", 36.85, 53.36, 55.0, "iran", 4_221_102, 2.0),
    )
)


@dataclass(frozen=True, slots=True, eq=False)
class RadioWeather:
    """Draws shared by all ships, one a station and hour.

    Attributes
    ----------
    ducting : numpy.ndarray
        Factor on the horizon, 1 without ducting, shape (hours, stations), float64.
    fade_db : numpy.ndarray
        Gain of the hour, shape (hours, stations), float64.
    """

    ducting: F64Array
    fade_db: F64Array


def draw_weather(hours: int, rng: np.random.Generator) -> RadioWeather:
    """Draw ducting and fading: spells of hours that a region shares, and noise of each station.

    Parameters
    ----------
    hours : int
        Length of the world.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    RadioWeather
        One row an hour.
    """
    regions = sorted({s.region for s in STATIONS})
    column = {region: i for i, region in enumerate(regions)}
    ducting = np.ones((hours, len(regions)))
    for i in range(len(regions)):
        at = int(rng.exponential(60.0))
        while at < hours:
            lasting = 1 + int(rng.exponential(5.0))
            strength = 1.0 + float(rng.gamma(2.0, 0.35))
            ducting[at : at + lasting, i] = min(strength, 3.0)
            at += lasting + int(rng.exponential(90.0))
    of_station = np.array([column[s.region] for s in STATIONS])
    return RadioWeather(ducting[:, of_station], rng.normal(0.0, 2.0, (hours, len(STATIONS))))


def station_columns() -> F64Array:
    """Lay the stations out as columns.

    Returns
    -------
    numpy.ndarray
        Latitude, longitude, mast height in meters, noise in dB; shape (4, stations), float64.
    """
    return np.array([[s.lat_deg, s.lon_deg, s.mast_m, s.noise_db] for s in STATIONS]).T
