"""Samples of one leg as receivers would have them: in the air by height, and taxiing on the fields."""

from dataclasses import dataclass

import numpy as np

from lacuna_core.units import BoolArray, F64Array
from lacuna_reference.airports import airport
from lacuna_simulator.air.profile import Profile, fly_profile
from lacuna_simulator.air.receivers import heard_rows
from lacuna_simulator.air.rotation import Flight

TAXI_S = 300.0
_TAXI_EVERY_S = 20.0
_STEP_HEIGHT_FT = (0.0, 3_000.0, 3_001.0, 10_000.0, 10_001.0)
_STEP_S = (12.0, 12.0, 25.0, 25.0, 50.0)


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Heard samples of a leg, in order of time; arrays of one shape.

    Attributes
    ----------
    t_s : numpy.ndarray
        Seconds from the start of the world, float64.
    lat_deg, lon_deg, altitude_ft, speed_kn, track_deg, rate_fpm : numpy.ndarray
        What they say, float64.
    ground : numpy.ndarray
        On the ground, bool.
    stale : numpy.ndarray
        The first one after a silence of more than two minutes, bool.
    """

    t_s: F64Array
    lat_deg: F64Array
    lon_deg: F64Array
    altitude_ft: F64Array
    speed_kn: F64Array
    track_deg: F64Array
    rate_fpm: F64Array
    ground: BoolArray
    stale: BoolArray


def sample_flight(flight: Flight, rng: np.random.Generator) -> Samples:
    """Sample a leg, densely near the ground and about every 50 s en route.

    Parameters
    ----------
    flight : Flight
        The leg.
    rng : numpy.random.Generator
        Draws the times.

    Returns
    -------
    Samples
        What was heard; may be empty.
    """
    whole = fly_profile(flight.airframe, flight.origin, flight.destination, flight.wind_kn)
    due = np.concatenate([[0.0], np.cumsum(np.diff(whole.seconds) / _steps(whole.above_ground_ft[1:]))])
    count = int(due[-1])
    at = np.arange(count) + rng.uniform(0.15, 0.85, count)
    seconds = np.interp(at, due, whole.seconds)
    air = _at(whole, seconds)
    heard = heard_rows(flight.coverage, air, float(whole.seconds[-1]))
    track, rate = _track_deg(whole, seconds), _rate_fpm(whole, seconds)
    parts = [
        np.column_stack(
            [flight.off_s + seconds, air.lat_deg, air.lon_deg, air.altitude_ft, air.speed_kn, track, rate,
             np.zeros(count)]
        )[heard]
    ]  # fmt: skip
    if flight.coverage.surface_origin:
        parts.insert(0, _taxi(flight.origin, flight.off_s - TAXI_S, rng))
    if flight.coverage.surface_destination:
        parts.append(_taxi(flight.destination, flight.on_s + 10.0, rng))
    table = np.vstack(parts)
    stale = np.diff(table[:, 0], prepend=table[:1, 0]) > 120.0
    t_s, lat, lon, altitude, speed, course, climb, ground = table.T
    return Samples(t_s, lat, lon, altitude, speed, course, climb, ground > 0.5, stale)


def _steps(above_ft: F64Array) -> F64Array:
    return np.interp(above_ft, _STEP_HEIGHT_FT, _STEP_S)


def _at(whole: Profile, seconds: F64Array) -> Profile:
    names = ("lat_deg", "lon_deg", "altitude_ft", "above_ground_ft", "speed_kn", "away_nm")
    columns = {name: np.interp(seconds, whole.seconds, getattr(whole, name)) for name in names}
    return Profile(seconds=seconds, **columns)


def _track_deg(whole: Profile, seconds: F64Array) -> F64Array:
    at = np.clip(np.searchsorted(whole.seconds, seconds, side="right") - 1, 0, len(whole.seconds) - 2)
    north = np.diff(whole.lat_deg)[at]
    east = np.diff(whole.lon_deg)[at] * np.cos(np.radians(whole.lat_deg[at]))
    return np.degrees(np.arctan2(east, north)) % 360.0


def _rate_fpm(whole: Profile, seconds: F64Array) -> F64Array:
    at = np.clip(np.searchsorted(whole.seconds, seconds, side="right") - 1, 0, len(whole.seconds) - 2)
    rate = 60.0 * np.diff(whole.altitude_ft)[at] / np.diff(whole.seconds)[at]
    return np.rint(rate / 64.0) * 64.0


def _taxi(icao: str, start_s: float, rng: np.random.Generator) -> F64Array:
    """Rows of five minutes on the ground, within half a mile of the reference point."""
    field = airport(icao)
    t_s = start_s + np.arange(0.0, TAXI_S - 10.0, _TAXI_EVERY_S) + rng.uniform(0.0, 8.0)
    along = np.linspace(-0.3, 0.3, len(t_s)) / 60.0
    course = float(rng.uniform(0.0, 360.0))
    lat = field.lat_deg + along * np.cos(np.radians(course))
    lon = field.lon_deg + along * np.sin(np.radians(course)) / np.cos(np.radians(field.lat_deg))
    speed = rng.uniform(6.0, 18.0, len(t_s))
    flat = np.zeros(len(t_s))
    elevation = np.full(len(t_s), field.elevation_ft)
    return np.column_stack([t_s, lat, lon, elevation, speed, np.full(len(t_s), course), flat, flat + 1.0])
