"""Which ports a ship could have called at unseen: hard reach, slack, detour.

A silence from OFF to ON of T hours allows a call at port p when the ship could sail there and back on
time: ``stay = T - (d(OFF, p) + d(p, ON)) / v >= 0``. At her fastest (``hard``) this is necessary; at her
usual speed (``cruise``), with the shortest stay that counts as a call taken off, what is left is the
*slack*. Distances are great circles for now, so a port behind a cape or up a river looks nearer than it
is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lacuna_core.place import Port
from lacuna_core.units import MS_PER_H, Degrees, F64Array, Hours, Knots, NauticalMiles, TimeMs
from lacuna_kernels.reach import DETOUR_NM, FROM_NM, STAY_H, TO_NM, reach


@dataclass(frozen=True, slots=True)
class SpeedParams:
    """Speeds of ships.

    Attributes
    ----------
    hard_margin : float
        What is added to a ship's own 99th percentile before it counts as her fastest (MARITIME 3.2).
    caps_kn : tuple of (str, float)
        Nobody of this ship group is faster; the last one, ``""``, is for all others.
    cruise_kn : tuple of (str, float)
        Usual speeds where a ship's own is unknown; river-sea cargo ships make 8-10 kn.
    min_stay_h : tuple of (str, float)
        Shortest stay that counts as a call, by ship group (MARITIME 3.2).
    """

    hard_margin: float = 1.05
    caps_kn: tuple[tuple[str, Knots], ...] = (
        ("cargo", 25.0), ("fishing", 20.0), ("passenger", 35.0), ("tanker", 20.0), ("tug", 16.0), ("", 25.0),
    )  # fmt: skip
    cruise_kn: tuple[tuple[str, Knots], ...] = (
        ("cargo", 9.0), ("fishing", 8.0), ("passenger", 14.0), ("tanker", 9.0), ("tug", 8.0), ("", 9.0),
    )  # fmt: skip
    min_stay_h: tuple[tuple[str, Hours], ...] = (("tanker", 6.0), ("", 4.0))


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence as the prism sees it.

    Attributes
    ----------
    off_lat_deg, off_lon_deg : float
        Last position before.
    on_lat_deg, on_lon_deg : float or None
        First position after; None while open.
    start_ms, until_ms : int
        When it began; when it ended, or how far it is known.
    """

    off_lat_deg: Degrees
    off_lon_deg: Degrees
    on_lat_deg: Degrees | None
    on_lon_deg: Degrees | None
    start_ms: TimeMs
    until_ms: TimeMs

    @property
    def hours(self) -> Hours:
        """Length in hours."""
        return (self.until_ms - self.start_ms) / MS_PER_H


@dataclass(frozen=True, slots=True)
class PortReach:
    """One port that could have been reached.

    Attributes
    ----------
    port : Port
        The port.
    to_nm, from_nm : float
        Distance from OFF to it, and from it to ON (0 while open).
    detour_nm : float or None
        Extra distance against sailing straight from OFF to ON; None while open.
    earliest_arrival_ms, latest_departure_ms : int
        The window at the hard speed.
    max_stay_h : float
        Length of that window.
    slack_h : float
        Stay at cruise speed less the shortest call; negative: possible only in a hurry.
    cruise_stay_h : float
        Stay at cruise speed.
    """

    port: Port
    to_nm: NauticalMiles
    from_nm: NauticalMiles
    detour_nm: NauticalMiles | None
    earliest_arrival_ms: TimeMs
    latest_departure_ms: TimeMs
    max_stay_h: Hours
    slack_h: Hours
    cruise_stay_h: Hours

    @property
    def plausible(self) -> bool:
        """Whether a call fits at the ship's usual speed."""
        return self.slack_h >= 0


def of_group(table: tuple[tuple[str, float], ...], group: str) -> float:
    """Look up a value by ship group.

    Parameters
    ----------
    table : tuple of (str, float)
        Values by group; ``""`` stands for all others.
    group : str
        Ship group.

    Returns
    -------
    float
        The value.
    """
    values = dict(table)
    return values.get(group, values[""])


def speeds_kn(
    group: str, own_median_kn: Knots | None, own_p99_kn: Knots | None, params: SpeedParams
) -> tuple[Knots, Knots]:
    """Say how fast a ship could and usually would sail.

    Parameters
    ----------
    group : str
        Ship group.
    own_median_kn : float or None
        Her own median speed above 3 kn.
    own_p99_kn : float or None
        Her own 99th percentile.
    params : SpeedParams
        Caps and defaults.

    Returns
    -------
    tuple of (float, float)
        Hard and cruise speed in knots; the hard one is never the slower.
    """
    cap_kn = of_group(params.caps_kn, group)
    cruise_kn = of_group(params.cruise_kn, group) if own_median_kn is None else min(own_median_kn, cap_kn)
    hard_kn = cap_kn if own_p99_kn is None else min(cap_kn, params.hard_margin * own_p99_kn)
    return max(hard_kn, cruise_kn), cruise_kn


def reachable_ports(
    silence: Silence, ports: Sequence[Port], *, hard_kn: Knots, cruise_kn: Knots, min_stay_h: Hours
) -> tuple[PortReach, ...]:
    """List the ports that the ship could have reached at her fastest.

    Parameters
    ----------
    silence : Silence
        The silence, open or closed.
    ports : sequence of Port
        Candidates.
    hard_kn, cruise_kn : float
        Fastest and usual speed, knots, both above zero.
    min_stay_h : float
        Shortest stay that counts as a call, hours.

    Returns
    -------
    tuple of PortReach
        By slack, greatest first, then by port id.
    """
    lat_deg = np.array([p.lat_deg for p in ports], np.float64)
    lon_deg = np.array([p.lon_deg for p in ports], np.float64)
    planes = {
        speed_kn: _measure(silence, speed_kn, lat_deg, lon_deg) for speed_kn in sorted({hard_kn, cruise_kn})
    }
    hard, cruise = planes[hard_kn], planes[cruise_kn]
    found = []
    for i, port in enumerate(ports):
        if hard[STAY_H, i] < 0:
            continue
        to_nm, from_nm = float(hard[TO_NM, i]), float(hard[FROM_NM, i])
        stay_h = float(cruise[STAY_H, i])
        found.append(
            PortReach(
                port=port,
                to_nm=to_nm,
                from_nm=from_nm,
                detour_nm=None if silence.on_lat_deg is None else float(hard[DETOUR_NM, i]),
                earliest_arrival_ms=silence.start_ms + round(to_nm / hard_kn * MS_PER_H),
                latest_departure_ms=silence.until_ms - round(from_nm / hard_kn * MS_PER_H),
                max_stay_h=float(hard[STAY_H, i]),
                slack_h=stay_h - min_stay_h,
                cruise_stay_h=stay_h,
            )
        )
    return tuple(sorted(found, key=lambda r: (-r.slack_h, r.port.port_id)))


def _measure(silence: Silence, speed_kn: Knots, lat_deg: F64Array, lon_deg: F64Array) -> F64Array:
    def one(value: float | None) -> F64Array:
        return np.array([np.nan if value is None else value], np.float64)

    planes: F64Array = reach(
        one(silence.off_lat_deg),
        one(silence.off_lon_deg),
        one(silence.on_lat_deg),
        one(silence.on_lon_deg),
        one(silence.hours),
        one(speed_kn),
        lat_deg,
        lon_deg,
    )[:, 0, :]
    return planes
