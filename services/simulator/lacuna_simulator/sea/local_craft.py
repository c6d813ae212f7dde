"""Itineraries of craft that never trade: tugs and fishing boats."""

import numpy as np

from lacuna_simulator.sea.chart import Chart, plane_nm
from lacuna_simulator.sea.fleet import Vessel
from lacuna_simulator.sea.itinerary import FISHING, MOORED, UNDERWAY, Logbook


def write_local(vessel: Vessel, chart: Chart, end_s: float, rng: np.random.Generator) -> Logbook:
    """Write the itinerary of a tug or a fishing boat around its home port.

    Parameters
    ----------
    vessel : Vessel
        Its role is ``tug`` or ``fishing``.
    chart : Chart
        Where the port is.
    end_s : float
        End of the world, seconds from its start.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Logbook
        Covers the world.
    """
    log = Logbook()
    home = chart.nodes[vessel.ports[0]]
    berth = (home[0] + float(rng.normal(0, 0.0015)), home[1] + float(rng.normal(0, 0.0015)))
    log.knot(-float(rng.uniform(1, 10)) * 3600.0, *berth, MOORED)
    log.voyages.append((log.now_s, vessel.draught_m[1], vessel.ports[0].upper()))
    log.stay(10.0 + float(rng.uniform(0, 12)), MOORED)
    while log.now_s < end_s:
        if vessel.role == "tug":
            _tow(log, vessel, chart, berth, rng)
        else:
            _fish(log, vessel, chart, berth, rng)
    return log


def _approach(chart: Chart, port: str) -> tuple[float, float]:
    """Sea end of the first leg out of a port."""
    lat_deg, lon_deg, _ = chart.nodes[chart.neighbors[port][0][0]]
    return lat_deg, lon_deg


def _go(log: Logbook, vessel: Vessel, lat_deg: float, lon_deg: float, speed_kn: float) -> None:
    legs_nm = plane_nm(log.lat_deg[-1], log.lon_deg[-1], lat_deg, lon_deg)
    log.sail(np.array([[lat_deg, lon_deg]]), np.array([max(legs_nm, 0.01) / min(speed_kn, vessel.speed_kn)]))


def _tow(
    log: Logbook, vessel: Vessel, chart: Chart, berth: tuple[float, float], rng: np.random.Generator
) -> None:
    out = _approach(chart, vessel.ports[0])
    share = float(rng.uniform(0.2, 0.9))
    _go(log, vessel, berth[0] + share * (out[0] - berth[0]), berth[1] + share * (out[1] - berth[1]), 9.0)
    log.stay(float(rng.uniform(0.3, 2.0)), UNDERWAY)
    _go(log, vessel, *berth, 6.0)
    log.stay(float(np.clip(9.0 * np.exp(0.7 * rng.normal()), 2.0, 60.0)), MOORED)


def _fish(
    log: Logbook, vessel: Vessel, chart: Chart, berth: tuple[float, float], rng: np.random.Generator
) -> None:
    out = _approach(chart, vessel.ports[0])
    share = float(rng.uniform(0.8, 1.3))
    ground = (berth[0] + share * (out[0] - berth[0]), berth[1] + share * (out[1] - berth[1]))
    if vessel.ports[0] in ("astrakhan", "olya"):
        ground = out
    else:
        _go(log, vessel, *out, 8.0)
    for _ in range(int(rng.integers(6, 20))):
        spread = 0.01 if ground == out else 0.05
        _go(
            log,
            vessel,
            ground[0] + spread * float(rng.normal()),
            ground[1] + spread * float(rng.normal()),
            3.0,
        )
        log.status[-2] = FISHING
    _go(log, vessel, *berth, 8.0)
    log.stay(float(np.clip(20.0 * np.exp(0.7 * rng.normal()), 5.0, 120.0)), MOORED)
