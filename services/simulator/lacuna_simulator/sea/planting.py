"""Which ships do what in secret, and when: drawn before anyone sails."""

from dataclasses import dataclass

import numpy as np

from lacuna_simulator.sea.chart import Chart
from lacuna_simulator.sea.fleet import Vessel
from lacuna_simulator.sea.mission import DarkCallPlan, MeetingPlan, Mission, RoundTripPlan

DAY_S = 86_400.0
_SPACING_S = 10.0 * DAY_S
_DARK_PORTS = (("amirabad", 0.35), ("anzali", 0.27), ("astrakhan", 0.23), ("olya", 0.15))
_OFF_NM = {"amirabad": (18, 95), "anzali": (18, 90), "astrakhan": (105, 165), "olya": (65, 130)}
_VISIBLE_SPOTS = ("m_baku", "m_aktau", "m_makhachkala", "m_derbent", "m_amirabad")
_DARK_SPOTS = ("d_south", "d_mid", "d_north", "d_southeast")
_ROUND_SPOTS = ("r_aktau", "r_baku", "r_makhachkala", "r_turkmenbashi", "d_south", "d_mid")
_PAIR_M = (60.0, 150.0)


@dataclass(frozen=True, slots=True)
class Planting:
    """How much to plant.

    Attributes
    ----------
    culprits : int
        Ships that make dark calls.
    visible_meetings, dark_meetings, round_trips : int
        How many of each; some find no time and are dropped.
    quiet_until_s : float
        Before this time only two dark calls in five are made.
    """

    culprits: int
    visible_meetings: int
    dark_meetings: int
    round_trips: int
    quiet_until_s: float = 0.0


def plant(
    fleet: tuple[Vessel, ...], chart: Chart, planting: Planting, end_s: float, rng: np.random.Generator
) -> dict[int, list[Mission]]:
    """Draw the missions of each ship.

    Parameters
    ----------
    fleet : tuple of Vessel
        All ships.
    chart : Chart
        Where meeting places are.
    planting : Planting
        How much to plant.
    end_s : float
        End of the world, seconds from its start.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    dict of int to list of Mission
        By index of the ship, ascending in time.
    """
    missions: dict[int, list[Mission]] = {v.index: [] for v in fleet}
    cargo = [v.index for v in fleet if v.role == "cargo" and v.mmsi // 1_000_000 in (273, 422)]
    order = [cargo[int(k)] for k in rng.permutation(len(cargo))]
    culprits = order[: planting.culprits]
    for index in culprits:
        missions[index] += _dark_calls(end_s, planting.quiet_until_s, rng)
    honest = [v.index for v in fleet if v.role in ("cargo", "tanker") and v.index not in culprits]
    for number in range(planting.visible_meetings + planting.dark_meetings):
        _plant_meeting(missions, honest, chart, number, number >= planting.visible_meetings, end_s, rng)
    for _ in range(planting.round_trips):
        _plant_round_trip(missions, honest, end_s, rng)
    for planned in missions.values():
        planned.sort(key=lambda m: m.after_s)
    return missions


def _dark_calls(end_s: float, quiet_until_s: float, rng: np.random.Generator) -> list[Mission]:
    calls: list[Mission] = []
    after_s = float(rng.uniform(0.02, 0.13)) * min(end_s, 45.0 * DAY_S)
    weights = np.array([w for _, w in _DARK_PORTS])
    while after_s < end_s - 4.0 * DAY_S:
        port = _DARK_PORTS[int(rng.choice(len(_DARK_PORTS), p=weights))][0]
        low, high = _OFF_NM[port]
        short = rng.random() < 0.25
        stay_h = rng.uniform(5, 9) if short else np.clip(24.0 * np.exp(0.4 * rng.normal()), 12.0, 60.0)
        far = 0.35 if short else 1.0
        off_nm, on_nm = (low + far * rng.random(2) * (high - low)).tolist()
        if after_s >= quiet_until_s or rng.random() < 0.4:
            calls.append(DarkCallPlan(after_s, port, off_nm, on_nm, float(stay_h)))
        after_s += float(rng.uniform(6.0, 14.0)) * DAY_S
    return calls


def _free(missions: list[Mission], t_s: float) -> bool:
    return all(abs(m.after_s - t_s) >= _SPACING_S for m in missions)


def _pick_free(
    missions: dict[int, list[Mission]], among: list[int], t_s: float, rng: np.random.Generator
) -> int | None:
    free = [i for i in among if _free(missions[i], t_s)]
    return free[int(rng.integers(len(free)))] if free else None


def _plant_meeting(
    missions: dict[int, list[Mission]],
    honest: list[int],
    chart: Chart,
    number: int,
    dark: bool,
    end_s: float,
    rng: np.random.Generator,
) -> None:
    t_s = float(rng.uniform(min(9.0 * DAY_S, 0.45 * end_s), end_s - min(6.0 * DAY_S, 0.4 * end_s)))
    spots = _DARK_SPOTS if dark else _VISIBLE_SPOTS
    spot = spots[int(rng.integers(len(spots)))]
    first = _pick_free(missions, honest, t_s, rng)
    second = _pick_free(missions, [i for i in honest if i != first], t_s, rng)
    lat, lon, scatter_nm = chart.nodes[spot]
    lat += float(rng.normal(0.0, 0.5 * scatter_nm / 60.0))
    lon += float(rng.normal(0.0, 0.5 * scatter_nm / 45.0))
    hours, bearing = float(rng.uniform(3.0, 10.0)), float(rng.uniform(0.0, 2.0 * np.pi))
    apart_deg = float(rng.uniform(*_PAIR_M)) / 111_195.0
    dark_nm = (rng.uniform(15.0, 60.0, 2) if dark else np.zeros(2)).tolist()
    home = bool(dark and rng.random() < 0.4)
    if first is None or second is None:
        return
    beside = (lat + apart_deg * np.cos(bearing), lon + apart_deg * np.sin(bearing) / np.cos(np.radians(lat)))
    missions[first].append(MeetingPlan(t_s, number, spot, lat, lon, hours, dark_nm[0], home))
    missions[second].append(
        MeetingPlan(t_s, number, spot, float(beside[0]), float(beside[1]), hours, dark_nm[1], False)
    )


def _plant_round_trip(
    missions: dict[int, list[Mission]], honest: list[int], end_s: float, rng: np.random.Generator
) -> None:
    t_s = float(rng.uniform(1.0 * DAY_S, max(end_s - 7.0 * DAY_S, 1.5 * DAY_S)))
    spot = _ROUND_SPOTS[int(rng.integers(len(_ROUND_SPOTS)))]
    index = _pick_free(missions, honest, t_s, rng)
    drift_h = float(rng.uniform(6.0, 20.0))
    if index is not None:
        missions[index].append(RoundTripPlan(t_s, spot, drift_h))
