"""All received positions of all ships as columns, and the same had there been no outages."""

from dataclasses import dataclass

import numpy as np

from lacuna_core.units import BoolArray, F64Array, I64Array
from lacuna_simulator.sea.fleet import Vessel
from lacuna_simulator.sea.itinerary import ANCHORED, MOORED
from lacuna_simulator.sea.outages import OutagePlan, down_bits
from lacuna_simulator.sea.reception import Heard


@dataclass(frozen=True, slots=True, eq=False)
class Received:
    """Received transmissions of one ship.

    Attributes
    ----------
    vessel : numpy.ndarray
        Index of the ship, int64, shape (n,).
    t_s : numpy.ndarray
        Seconds from the start of the world, int64, ascending within a ship.
    bits : numpy.ndarray
        Receivers that heard it, int64, never 0.
    long_range : numpy.ndarray
        Message 27, bool.
    lat_min4, lon_min4 : numpy.ndarray
        Position in 1/10,000 minutes, int64.
    speed_dkn, course_ddeg, heading_deg, status : numpy.ndarray
        As transmitted (0.1 kn, 0.1 deg, deg with 511 for none), int64.
    """

    vessel: I64Array
    t_s: I64Array
    bits: I64Array
    long_range: BoolArray
    lat_min4: I64Array
    lon_min4: I64Array
    speed_dkn: I64Array
    course_ddeg: I64Array
    heading_deg: I64Array
    status: I64Array

    def rows(self, which: I64Array | slice) -> "Received":
        """Choose rows.

        Parameters
        ----------
        which : numpy.ndarray or slice
            Row numbers.

        Returns
        -------
        Received
            Those rows.
        """
        return Received(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


def received(
    vessel: Vessel, heard: Heard, outages: tuple[OutagePlan, ...], rng: np.random.Generator
) -> Received:
    """Take the outages into account and make the reports that a ship sent.

    Parameters
    ----------
    vessel : Vessel
        The ship.
    heard : Heard
        What was heard without outages.
    outages : tuple of OutagePlan
        The outages.
    rng : numpy.random.Generator
        Draws the noise of the sensors, before the outages so that they change nothing else.

    Returns
    -------
    Received
        Rows with at least one receiver left.
    """
    motion, n = heard.motion, len(heard.t_s)
    noise_m = np.where(motion.status == ANCHORED, 22.0, np.where(motion.status == MOORED, 3.0, 6.0))
    north_m, east_m = rng.normal(size=(2, n)) * noise_m
    speed_kn = motion.speed_kn + rng.normal(0.0, 0.12, n)
    resting = motion.speed_kn < 0.05
    speed_kn = np.where(resting, np.maximum(rng.normal(-0.05, 0.07, n), 0.0), np.maximum(speed_kn, 0.0))
    course = np.where(resting, rng.uniform(0.0, 360.0, n), motion.course_deg + rng.normal(0.0, 1.5, n))
    heading = _heading(vessel, motion.course_deg, resting, rng)
    lat = motion.lat_deg + north_m / 111_195.0
    lon = motion.lon_deg + east_m / (111_195.0 * np.cos(np.radians(motion.lat_deg)))
    bits = heard.bits & ~down_bits(outages, heard.t_s.astype(np.float64))
    left = np.flatnonzero(bits)
    whole = Received(
        vessel=np.full(n, vessel.index, np.int64),
        t_s=heard.t_s,
        bits=bits,
        long_range=heard.long_range,
        lat_min4=np.rint(lat * 600_000.0).astype(np.int64),
        lon_min4=np.rint(lon * 600_000.0).astype(np.int64),
        speed_dkn=np.rint(speed_kn * 10.0).astype(np.int64),
        course_ddeg=np.rint(course * 10.0).astype(np.int64) % 3600,
        heading_deg=heading,
        status=motion.status,
    )
    return whole.rows(left)


def _heading(vessel: Vessel, course_deg: F64Array, resting: BoolArray, rng: np.random.Generator) -> I64Array:
    """Gyro heading near the course; alongside it does not turn; class B has no gyro."""
    alongside = float(rng.uniform(0.0, 360.0))
    heading = np.where(resting, alongside, course_deg) + rng.normal(0.0, 2.0, len(course_deg))
    if vessel.class_b or rng.random() < 0.1:
        return np.full(len(course_deg), 511, np.int64)
    return np.rint(heading).astype(np.int64) % 360


def join(parts: list[Received]) -> Received:
    """Put the ships together in order of time.

    Parameters
    ----------
    parts : list of Received
        One a ship, at least one.

    Returns
    -------
    Received
        Sorted by time, then ship.
    """
    whole = Received(
        *(np.concatenate([getattr(p, name) for p in parts]) for name in Received.__dataclass_fields__)
    )
    return whole.rows(np.lexsort((whole.vessel, whole.t_s)))
