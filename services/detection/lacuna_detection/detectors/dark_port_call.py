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

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from lacuna_core.canonical import canonical_json
from lacuna_core.event import CLOSED, OPEN, RETRACTED, VOID, Event, Term, event_from_fact
from lacuna_core.fact import Fact
from lacuna_core.fold import Snapshot
from lacuna_core.place import Basin
from lacuna_core.timestamps import format_time
from lacuna_core.units import MS_PER_DAY, MS_PER_H, Hours, NauticalMiles, TimeMs
from lacuna_kernels.geodesy import distance_nm
from lacuna_reference.destinations import named_port
from lacuna_reference.ship_types import ship_group

from lacuna_detection.assess_detector import Said, World
from lacuna_detection.port_score import Scored, ScoreParams, Ship, rank_ports
from lacuna_detection.reachability import (
    PortReach,
    Silence,
    SpeedParams,
    of_group,
    reachable_ports,
    speeds_kn,
)
from lacuna_detection.text_table import read_json, write_json
from lacuna_detection.witnesses import place_of

_INNOCENT = (
    "sailed on slowly or waited at sea, out of range of receivers",
    "transmitter or receiver fault",
    "met another ship",
)
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
        scored, ship, speeds = _candidates(state, said, world, params)
        possible = any(one.reach.plausible for one in scored)
        event = event_from_fact(fact, kind=self.kind, model_version=model_version)
        if not possible and event.event_id not in state.emitted:
            return []
        if fact.status == OPEN and possible:
            state.emitted.add(event.event_id)
        else:
            state.emitted.discard(event.event_id)
        if not possible:
            return [_retraction(fact, self.kind, model_version)]
        return [_event(said, scored, ship, speeds, params, model_version)]

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


def _candidates(
    state: State, said: Said, world: World, params: Params
) -> tuple[tuple[Scored, ...], Ship, tuple[float, float, float]]:
    """Ports that the ship could have reached, best first, with what was assumed of her."""
    fact, detail = said.fact, said.detail
    group = ship_group(int(detail.get("ship_type") or 0))
    hard_kn, cruise_kn = speeds_kn(group, detail.get("cruise_kn"), detail.get("p99_kn"), params.speeds)
    stay_h = of_group(params.speeds.min_stay_h, group)
    ship = _ship(state, said, world, cruise_kn, params)
    speeds = (hard_kn, cruise_kn, stay_h)
    silence = _silence(fact)
    basin = None if silence is None else world.basin_at(silence.off_lat_deg, silence.off_lon_deg)
    if silence is None or basin is None or not _worth_a_look(fact, silence, basin, hard_kn, params):
        return (), ship, speeds
    reaches = reachable_ports(
        silence, basin.ports, hard_kn=hard_kn, cruise_kn=cruise_kn, min_stay_h=max(stay_h, basin.min_stay_h)
    )
    if fact.start is None or not any(r.plausible for r in reaches):
        return (), ship, speeds
    return rank_ports(reaches, fact.start, fact.end, ship, basin.regions, params.score), ship, speeds


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


def _worth_a_look(fact: Fact, silence: Silence, basin: Basin, hard_kn: float, params: Params) -> bool:
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


def _retraction(fact: Fact, kind: str, model_version: str) -> Event:
    event = event_from_fact(fact, kind=kind, model_version=model_version, detail="{}")
    return Event(**{**{n: getattr(event, n) for n in event.__slots__}, "status": RETRACTED})


def _event(
    said: Said,
    scored: tuple[Scored, ...],
    ship: Ship,
    speeds: tuple[float, float, float],
    params: Params,
    model_version: str,
) -> Event:
    fact, judgement = said.fact, said.judgement
    void = judgement is not None and judgement.verdict == VOID
    hard_kn, cruise_kn, stay_h = speeds
    best = scored[0]
    hours = ((fact.as_of_ms if fact.end_ms is None else fact.end_ms) - fact.start_ms) / MS_PER_H
    return event_from_fact(
        fact,
        kind=DarkPortCallDetector.kind,
        model_version=model_version,
        verdict=judgement.verdict if judgement else "",
        place=best.reach.port.port_id,
        probabilities=(("call", None), ("off", None)),
        terms=(
            Term("hours", hours, "h"),
            Term("reachable", float(len(scored)), "1"),
            Term("slack_h", best.reach.slack_h, "h"),
            Term("max_stay_h", best.reach.max_stay_h, "h"),
            *(Term(f"ln_{name}", value, "1") for name, value in best.terms.items()),
        ),
        evidence=(said.event.event_id,),
        detail=canonical_json(
            {
                "label": "unobserved, coverage unknown" if void else "possible call, uncalibrated",
                "void_reason": (judgement.reason or None) if judgement else None,
                "hours": hours,
                "hard_kn": hard_kn,
                "cruise_kn": cruise_kn,
                "min_stay_h": stay_h,
                "ship_group": ship_group(int(said.detail.get("ship_type") or 0)),
                "draught_change_m": _draught_change_m(said),
                "reachable": len(scored),
                "candidates": [
                    _candidate(rank, one, fact) for rank, one in enumerate(scored[: params.max_candidates], 1)
                ],
                "innocent": _INNOCENT,
            }
        ),
    )


def _draught_change_m(said: Said) -> float | None:
    before_dm, after_dm = said.detail.get("draught_start_dm"), said.detail.get("draught_end_dm")
    return None if before_dm is None or after_dm is None else (after_dm - before_dm) / 10


def _candidate(rank: int, one: Scored, fact: Fact) -> dict[str, Any]:
    reach: PortReach = one.reach
    return {
        "rank": rank,
        "port_id": reach.port.port_id,
        "group": reach.port.group,
        "earliest_arrival": format_time(_whole_s(reach.earliest_arrival_ms)),
        "latest_departure": None if fact.end is None else format_time(_whole_s(reach.latest_departure_ms)),
        "max_stay_h": reach.max_stay_h,
        "slack_h": reach.slack_h,
        "detour_nm": reach.detour_nm,
        "score_ln": one.score_ln,
        "terms": one.terms,
    }


def _whole_s(t_ms: TimeMs) -> TimeMs:
    return t_ms // 1000 * 1000


DETECTOR = DarkPortCallDetector()
