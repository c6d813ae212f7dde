"""How well an unseen call at each reachable port would fit a silence: an uncalibrated log score.

Every term is natural-logarithmic and named in the event. The sum ranks ports against each other; it is not a
probability, and nothing turns it into one before it is calibrated on masked calls (MARITIME 3.3, 3.9).

``history``
    Own earlier calls, forgotten with a half-life of 180 days, over a prior that is mostly flat and partly
    what all ships do. Visible calls alone would favor the ports that have receivers.
``duration``
    The stay left at cruise speed under a lognormal of 26 h (sigma 0.6), averaged over 10 % of speed.
``approach``
    Von Mises (kappa 2) of course against the way to the port at OFF and from the port at ON; left out
    below 1 kn, without a course, or within 2 nm.
``location``
    OFF within 30 nm of the port or in a region that leads to it: 0.7; the same at ON: half of it.
``destination``
    The destination text names this port: 1.5; another port of the basin: -0.5.
``gates``
    ln 0.02 for each limit of the port that the ship exceeds: unlikely, not impossible, as data are often
    wrong.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from lacuna_core.fact import Fix
from lacuna_core.place import Port
from lacuna_core.units import NULL_U16, Hours, Knots, Meters, NauticalMiles
from lacuna_detection.reachability import PortReach
from lacuna_detection.witnesses import place_of
from lacuna_kernels.geodesy import bearing_deg


@dataclass(frozen=True, slots=True)
class ScoreParams:
    """Weights of the terms; the specification's where it names one."""

    habit_weight: float = 5.0
    flat_share: float = 0.75
    stay_median_h: Hours = 26.0
    stay_sigma: float = 0.6
    speed_spread: float = 0.1
    kappa: float = 2.0
    min_course_kn: Knots = 1.0
    min_course_nm: NauticalMiles = 2.0
    approach_nm: NauticalMiles = 30.0
    location_ln: float = 0.7
    named_ln: float = 1.5
    other_named_ln: float = -0.5
    gate_ln: float = math.log(0.02)
    floor_ln: float = -12.0


@dataclass(frozen=True, slots=True)
class Ship:
    """What is known of the silent ship; None where nothing is.

    Attributes
    ----------
    length_m, draught_m : float or None
        Her size.
    cruise_kn : float
        Usual speed, knots.
    named_port : str or None
        Port that her destination text names.
    own_calls : mapping of str to float
        Own earlier calls by port id, decayed.
    all_calls : mapping of str to int
        Calls of all ships by port id.
    """

    length_m: Meters | None
    draught_m: Meters | None
    cruise_kn: Knots
    named_port: str | None
    own_calls: Mapping[str, float]
    all_calls: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Ways:
    """Regions that lead to ports, and the regions of the two ends of a silence.

    Attributes
    ----------
    to_port : mapping of str to frozenset of str
        Ids of the regions that lead to each port.
    off, on : frozenset of str
        Ids of the regions at each end.
    """

    to_port: Mapping[str, frozenset[str]]
    off: frozenset[str]
    on: frozenset[str]


@dataclass(frozen=True, slots=True)
class Scored:
    """One candidate with its terms.

    Attributes
    ----------
    reach : PortReach
        The port and its window.
    terms : dict of str to float
        Natural-logarithmic terms by name.
    """

    reach: PortReach
    terms: dict[str, float]

    @property
    def score_ln(self) -> float:
        """Sum of the terms, rounded to a millionth so that ranks are the same everywhere."""
        return round(sum(self.terms[name] for name in sorted(self.terms)), 6)


def rank_ports(
    reaches: tuple[PortReach, ...],
    off: Fix,
    on: Fix | None,
    ship: Ship,
    ways: Ways,
    params: ScoreParams,
) -> tuple[Scored, ...]:
    """Rank the reachable ports.

    Parameters
    ----------
    reaches : tuple of PortReach
        Candidates.
    off : Fix
        Last position before the silence.
    on : Fix or None
        First one after it; None while open.
    ship : Ship
        The ship.
    ways : Ways
        Regions that lead to ports, and those at the ends.
    params : ScoreParams
        Weights.

    Returns
    -------
    tuple of Scored
        Best first, ties by port id.
    """
    ports = len(reaches)
    scored = [
        Scored(
            reach,
            {
                "history": _history(reach.port, ship, ports, params),
                "duration": _duration(reach, ship, params) if on is not None else 0.0,
                "approach": _approach(reach, off, on, params),
                "location": _location(reach, ways, on is not None, params),
                "destination": _destination(reach.port, ship, params),
                "gates": _gates(reach.port, ship, params),
            },
        )
        for reach in reaches
    ]
    return tuple(sorted(scored, key=lambda s: (-s.score_ln, s.reach.port.port_id)))


def _history(port: Port, ship: Ship, ports: int, params: ScoreParams) -> float:
    seen = sum(ship.all_calls.values())
    habit = params.flat_share / max(1, ports)
    if seen:
        habit += (1 - params.flat_share) * ship.all_calls.get(port.port_id, 0) / seen
    own = sum(ship.own_calls[port_id] for port_id in sorted(ship.own_calls))
    here = ship.own_calls.get(port.port_id, 0.0)
    return math.log((here + params.habit_weight * habit) / (own + params.habit_weight))


def _duration(reach: PortReach, ship: Ship, params: ScoreParams) -> float:
    travel_h = (reach.to_nm + reach.from_nm) / ship.cruise_kn
    total = 0.0
    for factor in (1 - params.speed_spread, 1.0, 1 + params.speed_spread):
        stay_h = reach.cruise_stay_h + travel_h - travel_h / factor
        if stay_h > 0:
            z = (math.log(stay_h) - math.log(params.stay_median_h)) / params.stay_sigma
            total += math.exp(-0.5 * z * z) / (stay_h * params.stay_sigma * math.sqrt(2 * math.pi))
    return max(params.floor_ln, math.log(total / 3)) if total > 0 else params.floor_ln


def _approach(reach: PortReach, off: Fix, on: Fix | None, params: ScoreParams) -> float:
    port = reach.port
    here = place_of(off.lat_e7, off.lon_e7)
    total = 0.0
    if reach.to_nm >= params.min_course_nm:
        way_deg = bearing_deg(here.lat_deg, here.lon_deg, port.lat_deg, port.lon_deg)
        total += _von_mises(off, way_deg, params)
    if on is not None and reach.from_nm >= params.min_course_nm:
        there = place_of(on.lat_e7, on.lon_e7)
        back_deg = bearing_deg(there.lat_deg, there.lon_deg, port.lat_deg, port.lon_deg)
        total += _von_mises(on, back_deg + 180.0, params)
    return total


def _von_mises(fix: Fix, way_deg: float, params: ScoreParams) -> float:
    slow = fix.speed_dkn == NULL_U16 or fix.speed_dkn < params.min_course_kn * 10
    if slow or fix.course_ddeg == NULL_U16 or fix.course_ddeg >= 3600:
        return 0.0
    return params.kappa * math.cos(math.radians(fix.course_ddeg / 10 - way_deg))


def _location(reach: PortReach, ways: Ways, closed: bool, params: ScoreParams) -> float:
    leading = ways.to_port.get(reach.port.port_id, frozenset())
    total = 0.0
    if leading & ways.off or reach.to_nm <= params.approach_nm:
        total += params.location_ln
    if closed and (leading & ways.on or reach.from_nm <= params.approach_nm):
        total += params.location_ln / 2
    return total


def _destination(port: Port, ship: Ship, params: ScoreParams) -> float:
    if ship.named_port is None:
        return 0.0
    return params.named_ln if ship.named_port == port.port_id else params.other_named_ln


def _gates(port: Port, ship: Ship, params: ScoreParams) -> float:
    limits = ((ship.length_m, port.max_length_m), (ship.draught_m, port.max_draught_m))
    over = sum(1 for size, limit in limits if size is not None and limit is not None and size > limit)
    return params.gate_ln * over
