"""What the volunteer network of ADS-B receivers hears of a leg: much in Russia and Turkey, little in Iran."""

from dataclasses import dataclass

import numpy as np

from lacuna_core.units import BoolArray
from lacuna_simulator.air.airframes import MOSCOW
from lacuna_simulator.air.profile import Profile

_WELL_HEARD = {"LTFM": 0.95, "OMDB": 0.95, "OMDW": 0.85, "EDDF": 0.97, "VIDP": 0.7, "UBBB": 0.6, "USSS": 0.6}
_IRAN = ("OIIE", "OIII", "OIMM", "OISS", "OIKB")


@dataclass(frozen=True, slots=True)
class Coverage:
    """Draws of one leg.

    Attributes
    ----------
    surface_origin, surface_destination : bool
        Receivers on the field hear taxiing.
    floor_origin_ft, floor_destination_ft : float
        Heights above the field below which nothing is heard, where there is no receiver on the field.
    iran_floor_ft : float
        Altitude over Iran below which nothing is heard; very high for nothing at all.
    lost_nm : float
        Distance from the destination from which on nothing is heard; 0 for none.
    hole : tuple of float
        Share of the leg at which a hole in the middle begins, and its length in seconds.
    evidence : str or None
        How an arrival of interest can be known: ``surface``, ``low``, ``bracketed``.
    """

    surface_origin: bool
    surface_destination: bool
    floor_origin_ft: float
    floor_destination_ft: float
    iran_floor_ft: float
    lost_nm: float
    hole: tuple[float, float]
    evidence: str | None


def draw_coverage(origin: str, destination: str, evidence: str | None, rng: np.random.Generator) -> Coverage:
    """Draw what will be heard of a leg.

    Every departure from Moscow is heard on the field, so a landing that was not heard is bracketed by it.

    Parameters
    ----------
    origin, destination : str
        ICAO codes.
    evidence : str or None
        Planned evidence of an arrival in Moscow; None to draw.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Coverage
        The draws.
    """
    draws = rng.random(8)
    iran = float(22_000.0 + 8_000.0 * draws[0]) if draws[1] < 0.6 else (1e6 if draws[1] < 0.85 else 1_500.0)
    lost_nm = 0.0
    if destination in MOSCOW and evidence is None:
        evidence = "surface" if draws[2] < 0.8 else "low"
    if evidence == "low":
        lost_nm = 2.0 + 1.8 * float(draws[3])
    elif evidence == "bracketed":
        lost_nm = 27.0 + 27.0 * float(draws[3])
    holed = draws[6] < 0.22 and evidence != "bracketed"
    hole = (float(0.35 + 0.2 * draws[4]), float(1_200 + 1_500 * draws[5])) if holed else (0.0, 0.0)
    at_origin = origin in MOSCOW or bool(rng.random() < _WELL_HEARD.get(origin, 0.35))
    at_destination = evidence == "surface" or (
        evidence is None and bool(rng.random() < _WELL_HEARD.get(destination, 0.35))
    )
    floors = rng.uniform(300.0, 2_200.0, 2)
    return Coverage(
        at_origin and origin not in _IRAN,
        at_destination and destination not in _IRAN,
        0.0 if at_origin else float(floors[0]),
        0.0 if at_destination or evidence is not None else float(floors[1]),
        iran,
        lost_nm,
        hole,
        evidence,
    )


def heard_rows(coverage: Coverage, at: Profile, whole_s: float) -> BoolArray:
    """Tell which airborne samples are heard.

    Parameters
    ----------
    coverage : Coverage
        The draws of the leg.
    at : Profile
        The samples.
    whole_s : float
        Seconds from take-off to touchdown.

    Returns
    -------
    numpy.ndarray
        True where heard, bool.
    """
    early = at.seconds < 0.5 * whole_s
    floor = np.where(early, coverage.floor_origin_ft, coverage.floor_destination_ft)
    # once near enough to be lost it stays lost, also where the approach turns away again
    lost = np.maximum.accumulate(at.away_nm < coverage.lost_nm)
    heard = (at.above_ground_ft >= floor) & ~lost
    iran = (at.lat_deg > 26.3) & (at.lat_deg < 38.2) & (at.lon_deg > 44.6) & (at.lon_deg < 61.2)
    heard &= ~iran | (at.altitude_ft >= coverage.iran_floor_ft)
    east = (at.lat_deg > 35.3) & (at.lat_deg < 42.5) & (at.lon_deg > 53.5) & (at.lon_deg < 66.5)
    heard &= ~east
    start_s = coverage.hole[0] * whole_s
    high = at.above_ground_ft > 15_000.0
    heard &= ~(high & (at.seconds > start_s) & (at.seconds < start_s + coverage.hole[1]))
    return np.asarray(heard, np.bool_)
