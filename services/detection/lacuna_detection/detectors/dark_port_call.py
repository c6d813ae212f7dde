"""Dark port call: a silence that leaves room for a call at a port, unseen.

A gap of at least ``min_hours`` whose OFF lies outside every port, in which the ship could have sailed to
at least one port of the basin at her usual speed, stayed for the shortest call, and reached ON in time
(time-space prism, MARITIME 3.2, 3.3). While the gap is open it lists the ports within reach so far; at
its end it ranks them. It says that a call was possible and which port would fit best. It does not say
that there was a call, nor that the transponder was off: both probabilities are null until they are
calibrated. For a void gap the same list stands under the label ``unobserved, coverage unknown``.

``detail`` is a JSON object:

====================  ===================================================================================
``label``             ``unobserved, coverage unknown`` for a void gap, else ``possible call, uncalibrated``
``void_reason``       of the gap, null when it is not void
``hours``             length of the gap, so far while it is open
``hard_kn``           fastest speed assumed
``cruise_kn``         usual speed assumed
``min_stay_h``        shortest stay that counts as a call
``ship_group``        by AIS ship type
``draught_change_m``  draught said after less draught before the silence, null when either is unknown
``reachable``         number of ports within hard reach
``candidates``        the best ``max_candidates``: ``rank``, ``port_id``, ``group``, ``earliest_arrival``,
                      ``latest_departure``, ``max_stay_h``, ``slack_h``, ``detour_nm``, ``score_ln``,
                      ``terms``
``innocent``          explanations that need no call
====================  ===================================================================================
"""

from dataclasses import dataclass, field, replace
from typing import TypeAlias

from lacuna_core.event import CLOSED, OPEN, RETRACTED, Event, event_from_fact
from lacuna_core.fact import Fact, Fix
from lacuna_core.fold import Snapshot
from lacuna_core.place import Basin
from lacuna_core.units import MS_PER_DAY, Hours, NauticalMiles
from lacuna_detection.assess_detector import Said, World
from lacuna_detection.dark_call_event import Assumed, dark_call_event
from lacuna_detection.port_score import Scored, ScoreParams, Ship, Ways, rank_ports
from lacuna_detection.reachability import (
    Silence,
    SpeedParams,
    of_group,
    reachable_ports,
    speeds_kn,
)
from lacuna_detection.text_table import read_json, write_json
from lacuna_detection.witnesses import place_of
from lacuna_kernels.geodesy import distance_nm
from lacuna_reference.destinations import named_port
from lacuna_reference.ship_types import ship_group

_MOST_TEXTS = 4_096


@dataclass(frozen=True, slots=True)
class Params:
    """Thresholds.

    Attributes
    ----------
    min_hours : float
        Shorter silences aren't looked at.
    port_nm : float
        OFF nearer than this to a port is in port (3 km, the entry radius of port visits).
    max_implied_kn_share : float
        ON farther than this times the hard speed allows is no silence of one ship.
    habit_half_life_days : float
        How fast own calls are forgotten.
    min_confidence : int
        Visits that count as calls.
    max_candidates : int
        Ports listed.
    speeds : SpeedParams
        Speeds and stays by ship group.
    score : ScoreParams
        Weights of the ranking.
    """

    min_hours: Hours = 6.0
    port_nm: NauticalMiles = 3.0 / 1.852
    max_implied_kn_share: float = 1.1
    habit_half_life_days: float = 180.0
    min_confidence: int = 2
    max_candidates: int = 8
    speeds: SpeedParams = field(default_factory=SpeedParams)
    score: ScoreParams = field(default_factory=ScoreParams)


Thresholds: TypeAlias = Params
"""The same, where a class attribute hides the name."""


@dataclass(slots=True)
class State:
    """Calls seen so far.

    Attributes
    ----------
    own : dict of int to dict of str to [float, int]
        Decayed count of calls and when it was taken, by craft and port.
    total : dict of str to int
        Calls of all ships by port.
    emitted : set of str
        Ids of open dark calls, to be retracted when they come to nothing.
    texts : dict of str to str or None
        Ports that destination texts name; only a memory, nothing depends on it.
    """

    own: dict[int, dict[str, tuple[float, int]]] = field(default_factory=dict)
    total: dict[str, int] = field(default_factory=dict)
    emitted: set[str] = field(default_factory=set)
    texts: dict[str, str | None] = field(default_factory=dict)


class DarkPortCallDetector:
    """Hears gaps and port visits."""

    kind = "dark_port_call"
    scope = "assess"
    version = 1
    Params = Params

    def initial(self) -> State:
        """Make the state before the first fact.

        Returns
        -------
        State
            No calls.
        """
        return State()

    def step(
        self, state: State, said: Said, world: World, params: Thresholds, model_version: str
    ) -> list[Event]:
        """Hear one fact.

        Parameters
        ----------
        state : State
            Changed in place.
        said : Said
            The fact.
        world : World
            The basins and what was said before.
        params : Params
            Thresholds.
        model_version : str
            To sign with.

        Returns
        -------
        list of Event
            At most one, unnumbered.
        """
        fact = said.fact
        if fact.kind == "port_visit" and fact.status == CLOSED:
            _remember_call(state, said, params)
        if fact.kind != "gap" or said.judgement is None:
            return []
        scored, assumed = _candidates(state, said, world, params)
        possible = any(one.reach.plausible for one in scored)
        event = event_from_fact(fact, kind=self.kind, model_version=model_version)
        if not possible and event.event_id not in state.emitted:
            return []
        if fact.status == OPEN and possible:
            state.emitted.add(event.event_id)
        else:
            state.emitted.discard(event.event_id)
        if not possible:
            return [replace(event, status=RETRACTED, detail="{}")]
        return [dark_call_event(event, said, scored, assumed, params.max_candidates)]

    def dump(self, state: State) -> Snapshot:
        """Write the state as arrays.

        Parameters
        ----------
        state : State
            Any state.

        Returns
        -------
        dict of str to numpy.ndarray
            Everything needed to go on.
        """
        own = [[craft, [[p, n, t] for p, (n, t) in ports.items()]] for craft, ports in state.own.items()]
        return {"state": write_json({"own": own, "total": state.total, "emitted": sorted(state.emitted)})}

    def load(self, snapshot: Snapshot) -> State:
        """Read a state.

        Parameters
        ----------
        snapshot : dict of str to numpy.ndarray
            What ``dump`` wrote.

        Returns
        -------
        State
            The state.
        """
        kept = read_json(snapshot["state"])
        return State(
            own={int(craft): {p: (n, t) for p, n, t in ports} for craft, ports in kept["own"]},
            total={str(p): int(n) for p, n in kept["total"].items()},
            emitted=set(kept["emitted"]),
        )


def _remember_call(state: State, said: Said, params: Params) -> None:
    detail = said.detail
    port_id = said.event.place
    if not port_id or int(detail.get("confidence", 0)) < params.min_confidence:
        return
    t_ms = said.fact.as_of_ms
    own = state.own.setdefault(said.fact.crafts[0], {})
    count, counted_ms = own.get(port_id, (0.0, t_ms))
    own[port_id] = (1.0 + count * _fading(t_ms - counted_ms, params), t_ms)
    state.total[port_id] = state.total.get(port_id, 0) + 1


def _fading(age_ms: int, params: Params) -> float:
    return float(2.0 ** (-age_ms / (params.habit_half_life_days * MS_PER_DAY)))


def _candidates(state: State, said: Said, world: World, params: Params) -> tuple[tuple[Scored, ...], Assumed]:
    """Ports that the ship could have reached, best first, with what was assumed of her."""
    fact, detail = said.fact, said.detail
    group = ship_group(int(detail.get("ship_type") or 0))
    hard_kn, cruise_kn = speeds_kn(group, detail.get("cruise_kn"), detail.get("p99_kn"), params.speeds)
    silence = _silence(fact)
    basin = None if silence is None else world.basin_at(silence.off_lat_deg, silence.off_lon_deg)
    stay_h = max(of_group(params.speeds.min_stay_h, group), basin.min_stay_h if basin else 0.0)
    assumed = Assumed(group, hard_kn, cruise_kn, stay_h)
    if silence is None or basin is None or not _worth_a_look(silence, basin, hard_kn, params):
        return (), assumed
    reaches = reachable_ports(silence, basin.ports, hard_kn=hard_kn, cruise_kn=cruise_kn, min_stay_h=stay_h)
    if fact.start is None or not any(r.plausible for r in reaches):
        return (), assumed
    ship = _ship(state, said, world, cruise_kn, params)
    ways = Ways(world.ways_to, _regions_of(world, fact.start), _regions_of(world, fact.end))
    return rank_ports(reaches, fact.start, fact.end, ship, ways, params.score), assumed


def _regions_of(world: World, fix: Fix | None) -> frozenset[str]:
    if fix is None:
        return frozenset()
    place = place_of(fix.lat_e7, fix.lon_e7)
    return frozenset(r.region_id for r in world.regions_at(place.lat_deg, place.lon_deg))


def _silence(fact: Fact) -> Silence | None:
    if fact.start is None:
        return None
    off = place_of(fact.start.lat_e7, fact.start.lon_e7)
    on = None if fact.end is None else place_of(fact.end.lat_e7, fact.end.lon_e7)
    return Silence(
        off_lat_deg=off.lat_deg,
        off_lon_deg=off.lon_deg,
        on_lat_deg=None if on is None else on.lat_deg,
        on_lon_deg=None if on is None else on.lon_deg,
        start_ms=fact.start_ms,
        until_ms=fact.as_of_ms if fact.end_ms is None else fact.end_ms,
    )


def _worth_a_look(silence: Silence, basin: Basin, hard_kn: float, params: Params) -> bool:
    if round(silence.hours, 6) < params.min_hours:
        return False
    lat_deg, lon_deg = silence.off_lat_deg, silence.off_lon_deg
    if any(
        round(distance_nm(lat_deg, lon_deg, p.lat_deg, p.lon_deg) - params.port_nm, 6) <= 0
        for p in basin.ports
    ):
        return False
    if silence.on_lat_deg is None or silence.on_lon_deg is None:
        return True
    straight_nm = distance_nm(lat_deg, lon_deg, silence.on_lat_deg, silence.on_lon_deg)
    return round(straight_nm / silence.hours - params.max_implied_kn_share * hard_kn, 6) <= 0


def _ship(state: State, said: Said, world: World, cruise_kn: float, params: Params) -> Ship:
    detail, fact = said.detail, said.fact
    own = state.own.get(fact.crafts[0], {})
    draught_dm = detail.get("draught_start_dm")
    return Ship(
        length_m=detail.get("length_m"),
        draught_m=None if draught_dm is None else draught_dm / 10,
        cruise_kn=cruise_kn,
        named_port=_named(state, str(detail.get("destination") or ""), world),
        own_calls={p: n * _fading(fact.as_of_ms - t_ms, params) for p, (n, t_ms) in own.items()},
        all_calls=state.total,
    )


def _named(state: State, text: str, world: World) -> str | None:
    if not text:
        return None
    if text not in state.texts:
        if len(state.texts) >= _MOST_TEXTS:
            state.texts.clear()
        port = named_port(text, tuple(world.ports.values()))
        state.texts[text] = None if port is None else port.port_id
    return state.texts[text]


DETECTOR = DarkPortCallDetector()
