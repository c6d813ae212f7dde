"""Writes the itinerary of a trading ship: voyages, stays, waits, and the missions planted on it."""

import itertools

import numpy as np

from lacuna_core.units import F64Array
from lacuna_simulator.sea.chart import CANAL_SPEED_KN, Chart, in_canal, plane_nm, scattered
from lacuna_simulator.sea.fleet import Vessel
from lacuna_simulator.sea.itinerary import (
    ANCHORED,
    MOORED,
    UNDERWAY,
    CallFact,
    Logbook,
    MeetingFact,
    RoundTripFact,
)
from lacuna_simulator.sea.mission import DarkCallPlan, MeetingPlan, Mission, RoundTripPlan

STAY_MEDIAN_H, STAY_SIGMA, STAY_MAX_H = 26.0, 0.6, 72.0
WAIT_MEDIAN_H, WAIT_MAX_H = 8.0, 24.0
_RESERVE_S = 36 * 3600.0
"""Missions end at least this long before the end of the world, so that the ship is heard again."""
_DECOYS = ("AKTAU", "MAKHACHKALA", "CASPIAN SEA", "FOR ORDERS", "BAKU")


class Captain:
    """Sails one ship; every decision is drawn from one generator.

    Parameters
    ----------
    vessel : Vessel
        The ship.
    missions : list of Mission
        What is planted on it, ascending in time; meetings need ten days between missions.
    chart : Chart
        Where it may sail.
    end_s : float
        End of the world, seconds from its start.
    rng : numpy.random.Generator
        Source of randomness.
    """

    def __init__(
        self, vessel: Vessel, missions: list[Mission], chart: Chart, end_s: float, rng: np.random.Generator
    ) -> None:
        self._vessel = vessel
        self._pending = list(missions)
        self._chart = chart
        self._end_s = end_s
        self._rng = rng
        self._log = Logbook()
        self._at = vessel.ports[int(rng.integers(len(vessel.ports)))]
        self._laden = bool(rng.random() < 0.5)
        self._draught_m = vessel.draught_m[int(self._laden)]

    def write(self) -> Logbook:
        """Write the whole itinerary.

        Returns
        -------
        Logbook
            Covers the world from before its start to after its end.
        """
        lat_deg, lon_deg = self._berth(self._at)
        self._log.knot(-float(self._rng.uniform(1, 20)) * 3600.0, lat_deg, lon_deg, MOORED)
        self._log.voyages.append((self._log.now_s, self._draught_m, self._port_text(self._at)))
        self._log.stay(20.0 + self._stay_h() * float(self._rng.random()), MOORED)
        while self._log.now_s < self._end_s:
            if not self._mission():
                self._trade()
        return self._log

    def _stay_h(self) -> float:
        hours = STAY_MEDIAN_H * np.exp(STAY_SIGMA * self._rng.normal())
        if self._vessel.role == "ferry":
            hours *= 0.35
        return float(np.clip(hours, 4.0, STAY_MAX_H))

    def _berth(self, port: str) -> tuple[float, float]:
        lat_deg, lon_deg, _ = self._chart.nodes[port]
        d_lat, d_lon = self._rng.normal(0.0, 0.08, 2) / 60.0
        return lat_deg + float(d_lat), lon_deg + float(d_lon)

    def _port_text(self, port: str) -> str:
        return port.replace("_", " ").upper()

    def _passage(self, to: str, end: tuple[float, float] | None) -> tuple[F64Array, F64Array, F64Array]:
        """Points, hours and miles of each leg of the way to a node."""
        path = self._chart.route(self._at, to)
        points = scattered(self._chart, path, self._rng)[1:]
        points[-1] = end if end is not None else self._berth(to)
        speed_kn = self._vessel.speed_kn * float(self._rng.uniform(0.93, 1.03))
        before = np.vstack([[self._log.lat_deg[-1], self._log.lon_deg[-1]], points[:-1]])
        legs_nm = np.array([plane_nm(*a, *b) for a, b in zip(before, points, strict=True)])
        slow = np.array([in_canal(a, b) for a, b in itertools.pairwise(path)])
        speeds_kn = np.where(slow, min(speed_kn, CANAL_SPEED_KN), speed_kn)
        return points, legs_nm / speeds_kn, legs_nm

    def _next_port(self) -> str:
        others = [p for p in self._vessel.ports if p != self._at]
        return others[int(self._rng.integers(len(others)))]

    def _declare(self, text: str) -> None:
        self._log.voyages.append((self._log.now_s, self._draught_m, text))

    def _declare_next(self, port: str) -> None:
        draw = self._rng.random()
        if draw < 0.25:
            return self._declare(self._log.voyages[-1][2])
        return self._declare(self._port_text(port) if draw < 0.85 else f">> {self._port_text(port)[:3]}")

    def _handle_cargo(self) -> None:
        self._laden = not self._laden
        if self._vessel.updates_draught:
            jitter_m = 0.1 * int(self._rng.integers(-2, 3))
            self._draught_m = round(self._vessel.draught_m[int(self._laden)] + jitter_m, 1)

    def _travel_s(self, start: str, end: str) -> float:
        return 3600.0 * self._chart.distance_nm(start, end) / (0.85 * min(self._vessel.speed_kn, 9.0))

    def _next_meeting(self) -> MeetingPlan | None:
        return next((m for m in self._pending if isinstance(m, MeetingPlan)), None)

    def _fits(self, port: str, extra_h: float) -> bool:
        """Whether the ship can call at a port first and still keep its next appointment."""
        meeting = self._next_meeting()
        if meeting is None:
            return True
        free_s = self._log.now_s + self._travel_s(self._at, port) + extra_h * 3600.0
        return free_s + self._travel_s(port, meeting.spot) < meeting.after_s

    def _trade(self) -> None:
        port = self._next_port()
        if not self._fits(port, STAY_MAX_H + WAIT_MAX_H):
            return self._meet()
        self._declare_next(port)
        return self._call_at(port)

    def _call_at(self, port: str) -> None:
        points, hours, legs_nm = self._passage(port, None)
        if self._vessel.role != "ferry" and legs_nm[-1] > 6.0 and self._rng.random() < 0.3:
            share = 1.0 - 4.0 / legs_nm[-1]
            start = (
                points[-2] if len(points) > 1 else np.array([self._log.lat_deg[-1], self._log.lon_deg[-1]])
            )
            anchorage = start + share * (points[-1] - start)
            self._log.sail(np.vstack([points[:-1], anchorage]), np.append(hours[:-1], share * hours[-1]))
            wait_h = WAIT_MEDIAN_H * np.exp(0.6 * self._rng.normal())
            self._log.stay(float(np.clip(wait_h, 1.0, WAIT_MAX_H)), ANCHORED)
            self._log.sail(points[-1:], (1.0 - share) * hours[-1:])
        else:
            self._log.sail(points, hours)
        self._at = port
        self._log.stay(self._stay_h(), MOORED)
        self._handle_cargo()

    def _mission(self) -> bool:
        if not self._pending or isinstance(self._pending[0], MeetingPlan):
            return False
        mission = self._pending[0]
        if self._log.now_s < mission.after_s:
            return False
        if isinstance(mission, RoundTripPlan):
            self._pending.pop(0)
            return self._round_trip(mission)
        if self._at == mission.port:
            return False
        self._pending.pop(0)
        return self._dark_call(mission)

    def _round_trip(self, plan: RoundTripPlan) -> bool:
        far = self._chart.distance_nm(self._at, plan.spot)
        end_s = self._log.now_s + 2 * self._travel_s(self._at, plan.spot) + plan.drift_h * 3600.0
        if far <= 25.0 or end_s > self._end_s - _RESERVE_S or not self._fits(plan.spot, 96.0 + plan.drift_h):
            return False
        home, depart_s = self._at, self._log.now_s
        self._declare_next(home)
        base = self._chart.nodes[plan.spot]
        turn = (base[0] + float(self._rng.normal(0, 0.03)), base[1] + float(self._rng.normal(0, 0.03)))
        points, hours, _ = self._passage(plan.spot, turn)
        self._log.sail(points, hours)
        drift = np.array([[turn[0] + 0.02, turn[1] - 0.015]])
        self._log.sail(drift, np.array([plan.drift_h]))
        self._at = plan.spot
        self._return(home)
        self._log.round_trips.append(
            RoundTripFact(home, depart_s, self._log.now_s, turn[0], turn[1], dark_sts=False)
        )
        self._log.stay(self._stay_h(), MOORED)
        return True

    def _return(self, home: str) -> None:
        points, hours, _ = self._passage(home, None)
        self._log.sail(points, hours)
        self._at = home

    def _dark_call(self, plan: DarkCallPlan) -> bool:
        onward = self._next_port()
        while onward == plan.port:
            onward = self._next_port()
        inbound_nm = self._chart.distance_nm(self._at, plan.port)
        outbound_nm = self._chart.distance_nm(plan.port, onward)
        off_nm, on_nm = min(plan.off_nm, inbound_nm - 25.0), min(plan.on_nm, outbound_nm - 25.0)
        whole_s = (
            self._travel_s(self._at, plan.port) + self._travel_s(plan.port, onward) + plan.stay_h * 3600.0
        )
        late = self._log.now_s + whole_s > self._end_s - _RESERVE_S
        if late or min(off_nm, on_nm) < 10.0 or not self._fits(onward, whole_s / 3600.0):
            return False
        declared = (
            self._port_text(plan.port) if self._rng.random() < 0.2 else _DECOYS[int(self._rng.integers(5))]
        )
        self._declare(declared)
        points, hours, legs_nm = self._passage(plan.port, None)
        times_s, _ = self._log.sail(points, hours)
        to_go_nm = np.concatenate([[0.0], np.cumsum(legs_nm)])
        off_s = float(np.interp(to_go_nm[-1] - off_nm, to_go_nm, times_s))
        arrive_s = self._log.now_s
        self._at = plan.port
        self._log.stay(plan.stay_h, MOORED)
        depart_s = self._log.now_s
        self._handle_cargo()
        self._declare_next(onward)
        points, hours, legs_nm = self._passage(onward, None)
        times_s, _ = self._log.sail(points, hours)
        on_s = float(np.interp(on_nm, np.concatenate([[0.0], np.cumsum(legs_nm)]), times_s))
        self._log.off.append((off_s, on_s))
        self._log.calls.append(CallFact(plan.port, arrive_s, depart_s, off_s, on_s))
        self._at = onward
        self._log.stay(self._stay_h(), MOORED)
        self._handle_cargo()
        return True

    def _meet(self) -> None:
        plan = self._pending.pop(0)
        while not isinstance(plan, MeetingPlan):  # a mission that found no time before the meeting
            plan = self._pending.pop(0)
        home, depart_s = self._at, self._log.now_s
        points, hours, legs_nm = self._passage(plan.spot, (plan.lat_deg, plan.lon_deg))
        slack_h = (plan.after_s - depart_s) / 3600.0 - float(hours.sum())
        self._log.stay(max(slack_h, 0.0), MOORED)
        leave_s = self._log.now_s
        self._declare_next(self._next_port())
        times_s, _ = self._log.sail(points, hours)
        start_s = self._log.now_s
        way_nm = np.concatenate([[0.0], np.cumsum(legs_nm)])
        off_s = float(np.interp(way_nm[-1] - plan.dark_nm, way_nm, times_s))
        # both ships of a meeting drift alike, so they stay as close as they came
        drifted = np.array([[plan.lat_deg - 0.0015 * plan.hours, plan.lon_deg + 0.002 * plan.hours]])
        self._log.sail(drifted, np.array([plan.hours]))
        end_s = self._log.now_s
        self._at = plan.spot
        target = home if plan.home else self._next_port()
        points, hours, legs_nm = self._passage(target, None)
        times_s, _ = self._log.sail(points, hours)
        on_s = float(np.interp(plan.dark_nm, np.concatenate([[0.0], np.cumsum(legs_nm)]), times_s))
        self._at = target
        if plan.dark_nm > 0:
            self._log.off.append((off_s, on_s))
        self._log.meetings.append(
            MeetingFact(plan.number, start_s, end_s, plan.lat_deg, plan.lon_deg, plan.dark_nm == 0)
        )
        if plan.home:
            self._log.round_trips.append(
                RoundTripFact(home, leave_s, self._log.now_s, plan.lat_deg, plan.lon_deg, plan.dark_nm > 0)
            )
        self._log.status[-1] = UNDERWAY
        self._log.stay(self._stay_h(), MOORED)
        self._handle_cargo()
