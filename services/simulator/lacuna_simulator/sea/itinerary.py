"""The life of one ship as knots in time: where it is, what it does, what it says, when it is silent."""

from dataclasses import dataclass, field

import numpy as np

from lacuna_core.units import F64Array, I64Array

UNDERWAY, ANCHORED, MOORED, FISHING = 0, 1, 5, 7
"""AIS navigational status."""


@dataclass(frozen=True, slots=True)
class CallFact:
    """A dark call that took place; seconds from the start of the world."""

    port: str
    arrive_s: float
    depart_s: float
    off_s: float
    on_s: float


@dataclass(frozen=True, slots=True)
class RoundTripFact:
    """A round trip that took place."""

    port: str
    depart_s: float
    arrive_s: float
    turn_lat_deg: float
    turn_lon_deg: float
    dark_sts: bool


@dataclass(frozen=True, slots=True)
class MeetingFact:
    """One ship's part of a meeting."""

    number: int
    start_s: float
    end_s: float
    lat_deg: float
    lon_deg: float
    visible: bool


@dataclass(slots=True)
class Logbook:
    """An itinerary being written.

    Attributes
    ----------
    t_s, lat_deg, lon_deg : list of float
        Knots; between two the ship moves in a straight line.
    status : list of int
        Navigational status from each knot on.
    voyages : list of tuple
        (time in seconds, draught in meters, destination) as the crew enters them.
    off : list of tuple of float
        Intervals with the transponder off, seconds.
    calls, round_trips, meetings : list
        What was planted.
    """

    t_s: list[float] = field(default_factory=list)
    lat_deg: list[float] = field(default_factory=list)
    lon_deg: list[float] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    voyages: list[tuple[float, float, str]] = field(default_factory=list)
    off: list[tuple[float, float]] = field(default_factory=list)
    calls: list[CallFact] = field(default_factory=list)
    round_trips: list[RoundTripFact] = field(default_factory=list)
    meetings: list[MeetingFact] = field(default_factory=list)

    @property
    def now_s(self) -> float:
        """Time of the last knot.

        Returns
        -------
        float
            Seconds from the start of the world.
        """
        return self.t_s[-1]

    def knot(self, t_s: float, lat_deg: float, lon_deg: float, status: int) -> None:
        """Add a knot.

        Parameters
        ----------
        t_s : float
            Seconds from the start of the world, not before the last knot.
        lat_deg, lon_deg : float
            Where.
        status : int
            Navigational status from here on.
        """
        self.t_s.append(t_s)
        self.lat_deg.append(lat_deg)
        self.lon_deg.append(lon_deg)
        self.status.append(status)

    def stay(self, hours: float, status: int) -> None:
        """Remain where the last knot is.

        Parameters
        ----------
        hours : float
            How long.
        status : int
            Navigational status meanwhile.
        """
        self.status[-1] = status
        self.knot(self.now_s + hours * 3600.0, self.lat_deg[-1], self.lon_deg[-1], UNDERWAY)

    def sail(self, points: F64Array, hours: F64Array) -> tuple[F64Array, F64Array]:
        """Sail from the last knot along points.

        Parameters
        ----------
        points : numpy.ndarray
            Latitude and longitude in degrees, shape (n, 2).
        hours : numpy.ndarray
            Hours of the leg that ends in each point, shape (n,).

        Returns
        -------
        tuple of numpy.ndarray
            Times of the knots of this passage in seconds, the first one included, and hours since it.
        """
        self.status[-1] = UNDERWAY
        start_s = self.now_s
        since_h = np.concatenate([[0.0], np.cumsum(hours)])
        for (lat_deg, lon_deg), at_h in zip(points, since_h[1:], strict=True):
            self.knot(start_s + float(at_h) * 3600.0, float(lat_deg), float(lon_deg), UNDERWAY)
        return start_s + since_h * 3600.0, since_h


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Where a ship is at given times.

    Attributes
    ----------
    lat_deg, lon_deg : numpy.ndarray
        Degrees, float64, shape (n,).
    speed_kn, course_deg : numpy.ndarray
        Over ground, float64, shape (n,).
    status : numpy.ndarray
        Navigational status, int64, shape (n,).
    """

    lat_deg: F64Array
    lon_deg: F64Array
    speed_kn: F64Array
    course_deg: F64Array
    status: I64Array


def motion_at(log: Logbook, t_s: F64Array) -> Motion:
    """Interpolate an itinerary.

    Parameters
    ----------
    log : Logbook
        A finished itinerary that covers the times.
    t_s : numpy.ndarray
        Ascending seconds from the start of the world, shape (n,).

    Returns
    -------
    Motion
        One row a time.
    """
    knots = np.array(log.t_s)
    lat, lon = np.array(log.lat_deg), np.array(log.lon_deg)
    lasting_h = np.maximum(np.diff(knots), 1e-3) / 3600.0
    north_nm = np.diff(lat) * 60.04
    east_nm = np.diff(lon) * 60.04 * np.cos(np.radians(lat[:-1] + 0.5 * np.diff(lat)))
    at = np.clip(np.searchsorted(knots, t_s, side="right") - 1, 0, len(knots) - 2)
    return Motion(
        lat_deg=np.interp(t_s, knots, lat),
        lon_deg=np.interp(t_s, knots, lon),
        speed_kn=(np.hypot(north_nm, east_nm) / lasting_h)[at],
        course_deg=(np.degrees(np.arctan2(east_nm, north_nm)) % 360.0)[at],
        status=np.array(log.status, np.int64)[at],
    )


def off_mask(log: Logbook, t_s: F64Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell when the transponder is off.

    Parameters
    ----------
    log : Logbook
        An itinerary.
    t_s : numpy.ndarray
        Seconds from the start of the world, shape (n,).

    Returns
    -------
    numpy.ndarray
        True where it is off, bool, shape (n,).
    """
    off = np.zeros(len(t_s), np.bool_)
    for start_s, end_s in log.off:
        off |= (t_s >= start_s) & (t_s < end_s)
    return off
