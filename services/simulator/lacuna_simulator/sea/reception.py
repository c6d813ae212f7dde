"""What is heard of one ship: path loss, fades, faults, slot collisions and passes decide, nothing else.

Time is cut into slots of five minutes. In each slot a ship transmits as often as ITU-R M.1371-5 table 1 says;
the feed is thinned as commercial feeds are: it keeps one transmission a ship and slot (one in three while
at berth or at anchor) with all the receivers that heard the ship in that slot.
"""

from dataclasses import dataclass

import numpy as np

from lacuna_core.units import BoolArray, F64Array, I64Array
from lacuna_simulator.sea.fleet import Vessel
from lacuna_simulator.sea.itinerary import ANCHORED, MOORED, Logbook, Motion, motion_at, off_mask
from lacuna_simulator.sea.satellites import SATELLITES, Sky, angle_deg, footprint_deg
from lacuna_simulator.sea.stations import (
    HORIZON_NM_PER_SQRT_M,
    REACH_HORIZONS,
    STATIONS,
    RadioWeather,
    station_columns,
)

SLOT_S = 300
_HORIZON_MARGIN_DB = 15.0
"""Margin of a 12.5 W transmitter over the noise at the horizon."""
_CLASS_B_DB = -8.0
"""2 W instead of 12.5 W."""
_BEYOND_DB_PER_NM = 1.7
"""Diffraction loss beyond the horizon."""
_SOFTNESS_DB = 2.0
_NEVER_DB = -1e3
_SHORE_CLEAR = 0.85
"""Chance that a transmission meets no collision at a station ashore."""
_SAT_LINK, _SAT_LINK_CLASS_B, _SAT_LINK_LONG_RANGE = 0.55, 0.10, 0.30


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """Transmissions of one ship that some receiver heard, had there been no outages.

    Attributes
    ----------
    t_s : numpy.ndarray
        Seconds from the start of the world, ascending, int64, shape (n,).
    bits : numpy.ndarray
        Receivers that heard it, int64, shape (n,).
    in_range : numpy.ndarray
        Receivers in range of the ship at the time, int64, shape (n,): stations within their reach in ordinary
        radio weather, satellites above the horizon. Ducting lets others hear, too.
    long_range : numpy.ndarray
        Message 27, bool, shape (n,).
    motion : Motion
        The ship at those times.
    """

    t_s: I64Array
    bits: I64Array
    in_range: I64Array
    long_range: BoolArray
    motion: Motion


def hear(vessel: Vessel, log: Logbook, weather: RadioWeather, sky: Sky, rng: np.random.Generator) -> Heard:
    """Receive one ship.

    Parameters
    ----------
    vessel : Vessel
        The ship.
    log : Logbook
        Its itinerary.
    weather : RadioWeather
        Shared by all ships.
    sky : Sky
        The satellites; its rows give the number of slots.
    rng : numpy.random.Generator
        Source of randomness of this ship.

    Returns
    -------
    Heard
        In order of time.
    """
    slots = len(sky.in_sight)
    t_s = SLOT_S * np.arange(slots) + rng.integers(0, SLOT_S, slots)
    faults = _faults_db(slots, rng)
    fades = rng.normal(0.0, 3.5, (len(weather.fade_db), len(STATIONS)))
    luck = rng.random((slots, len(STATIONS)), dtype=np.float32)
    luck_sky = rng.random((slots, len(SATELLITES)), dtype=np.float32)
    phase = int(rng.integers(3))
    motion = motion_at(log, t_s.astype(np.float64))
    resting = _resting(vessel, motion)
    on_air = ~off_mask(log, t_s.astype(np.float64)) & (~resting | (np.arange(slots) % 3 == phase))
    keep = np.flatnonzero(on_air)
    motion, t_s = _take(motion, keep), t_s[keep]
    radio_db = vessel.radio_db + faults[keep] + (_CLASS_B_DB if vessel.class_b else 0.0)
    sends = np.where(resting[keep], 2, 10 if vessel.class_b else 30).astype(np.float64)
    hours = t_s // 3600
    margin = _margin_db(motion, vessel.antenna_m, weather.ducting[hours])
    margin += radio_db[:, None] + weather.fade_db[hours] + fades[hours]
    p_send = _SHORE_CLEAR / (1.0 + np.exp(-np.clip(margin, -60.0, 60.0) / _SOFTNESS_DB))
    ashore: BoolArray = np.less(luck[keep], 1.0 - (1.0 - p_send) ** sends[:, None])
    above: BoolArray = np.less(luck_sky[keep], _above(vessel, motion, sky, keep, radio_db, sends))
    # message 27 is silent where a base station is heard (M.1371-5 annex 4, 3.3.3)
    long_range = np.array([s.long_range for s in SATELLITES])
    above[:, long_range] &= (np.max(margin, axis=1, keepdims=True) < 6.0) & vessel.long_range
    usual = np.hstack([ashore, above[:, ~long_range]]).max(axis=1)
    above[np.ix_(usual, long_range)] = False
    bits = _as_bits(np.hstack([ashore, above]))
    heard = np.flatnonzero(bits)
    motion = _take(motion, heard)
    return Heard(t_s[heard], bits[heard], _in_range(vessel, motion, sky, keep[heard]), ~usual[heard], motion)


def _as_bits(receivers: BoolArray) -> I64Array:
    bits: I64Array = receivers.astype(np.int64) @ (1 << np.arange(len(STATIONS) + len(SATELLITES)))
    return bits


def _in_range(vessel: Vessel, motion: Motion, sky: Sky, slot: I64Array) -> I64Array:
    ordinary = np.ones((len(slot), len(STATIONS)))
    ashore = _margin_db(motion, vessel.antenna_m, ordinary) > _NEVER_DB
    above = np.zeros((len(slot), len(SATELLITES)), np.bool_)
    for j, satellite in enumerate(SATELLITES):
        if not satellite.long_range or vessel.long_range:
            above[:, j] = _away_deg(motion, sky, slot, j) < footprint_deg(satellite)
    return _as_bits(np.hstack([ashore, above]))


def _away_deg(motion: Motion, sky: Sky, slot: I64Array, j: int) -> F64Array:
    return angle_deg(motion.lat_deg, motion.lon_deg, sky.lat_deg[slot, j], sky.lon_deg[slot, j])


def _resting(vessel: Vessel, motion: Motion) -> BoolArray:
    """Whether it reports every three minutes only: class A by its status, class B below two knots."""
    if vessel.class_b:
        return motion.speed_kn <= 2.0
    return np.isin(motion.status, (ANCHORED, MOORED))


def _take(motion: Motion, rows: I64Array) -> Motion:
    return Motion(
        motion.lat_deg[rows], motion.lon_deg[rows], motion.speed_kn[rows], motion.course_deg[rows],
        motion.status[rows],
    )  # fmt: skip


def _faults_db(slots: int, rng: np.random.Generator) -> F64Array:
    """Loss from transmitter faults: water in the connector, a failing amplifier; hours to days."""
    loss = np.zeros(slots)
    at = rng.exponential(35 * 86_400.0)
    while at < slots * SLOT_S:
        lasting = 14 * 3600.0 * np.exp(0.8 * rng.normal())
        loss[int(at // SLOT_S) : int((at + lasting) // SLOT_S)] = -float(rng.uniform(10.0, 28.0))
        at += lasting + rng.exponential(35 * 86_400.0)
    return loss


def _margin_db(motion: Motion, antenna_m: float, ducting: F64Array) -> F64Array:
    """Margin over the noise at each station, dB; ``_NEVER_DB`` beyond reach."""
    lat, lon, mast_m, noise_db = station_columns()
    east = (lon - motion.lon_deg[:, None]) * np.cos(np.radians(motion.lat_deg))[:, None]
    away_nm = 60.04 * np.hypot(lat - motion.lat_deg[:, None], east)
    horizon_nm = HORIZON_NM_PER_SQRT_M * (np.sqrt(mast_m) + np.sqrt(antenna_m)) * ducting
    # plane-earth loss grows with the fourth power of the distance, diffraction with the miles beyond
    within = np.minimum(-40.0 * np.log10(np.maximum(away_nm, 0.5) / horizon_nm), 40.0)
    beyond = -_BEYOND_DB_PER_NM * (away_nm - horizon_nm)
    margin = _HORIZON_MARGIN_DB - noise_db + np.where(away_nm < horizon_nm, within, beyond)
    return np.where(away_nm < REACH_HORIZONS * horizon_nm, margin, _NEVER_DB)


def _above(
    vessel: Vessel, motion: Motion, sky: Sky, keep: I64Array, radio_db: F64Array, sends: F64Array
) -> F64Array:
    """Chance that each satellite hears the ship in each slot, shape (slots kept, satellites)."""
    chance = np.zeros((len(keep), len(SATELLITES)))
    strength = 10.0 ** (np.minimum(radio_db - (_CLASS_B_DB if vessel.class_b else 0.0), 0.0) / 10.0)
    for j, satellite in enumerate(SATELLITES):
        if satellite.long_range and vessel.class_b:
            continue
        rows = np.flatnonzero(sky.in_sight[keep, j])
        slot = keep[rows]
        away = _away_deg(_take(motion, rows), sky, slot, j)
        link = _SAT_LINK_CLASS_B if vessel.class_b else _SAT_LINK
        link = _SAT_LINK_LONG_RANGE if satellite.long_range else link
        times = np.full(len(rows), SLOT_S / 180.0) if satellite.long_range else sends[rows]
        p_send = link * sky.clear[slot, j] * strength[rows] * (away < footprint_deg(satellite))
        chance[rows, j] = 1.0 - (1.0 - p_send) ** times
    return chance
