"""Round trip without a call: a ship leaves a port, goes well out, and comes back to it with no call between.

Two visits in a row at the same port or port group, both of confidence 3 and more, at least ``min_hours``
apart, with an excursion of at least ``min_excursion_nm`` (MARITIME 3.4). The excursion is the largest
distance from the port over her positions, and over where she could have been at her fastest in silences
that are not void. Ships whose work is to go out and come back (``excluded_groups``) are left out where
their type is known. The cause is ``dark_call`` when a silence between allows an unseen call, ``sts`` when
she met a ship, ``unobserved`` when only silences of unknown coverage lie between or a silence ended or began
in another port, else ``turnaround_at_sea``. It says that no call was seen, not that there was none.

``detail`` is a JSON object: ``port_id``, ``group``, ``cause``, ``hours`` (between the visits),
``excursion_nm`` (over positions), ``hard_excursion_nm`` (with silences), ``confidence_first``,
``confidence_second``, ``ship_group``, ``between`` (ids of dark calls and encounters).
"""

from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeAlias

from lacuna_core.canonical import canonical_json
from lacuna_core.event import CLOSED, VOID, Event, Term, event_from_fact
from lacuna_core.fact import Fact, Fix
from lacuna_core.fold import Snapshot
from lacuna_core.units import MS_PER_DAY, MS_PER_H, Degrees, Hours, NauticalMiles, TimeMs
from lacuna_detection.assess_detector import Said, World
from lacuna_detection.diary import Entry
from lacuna_detection.reachability import SpeedParams, speeds_kn
from lacuna_detection.text_table import read_json, write_json
from lacuna_detection.witnesses import Place, place_of
from lacuna_kernels.geodesy import distance_nm
from lacuna_reference.ship_types import ship_group

_KEPT_MS = 60 * MS_PER_DAY
_MOST_SILENCES = 64
DARK_CALL, STS, UNOBSERVED, TURNAROUND = "dark_call", "sts", "unobserved", "turnaround_at_sea"


@dataclass(frozen=True, slots=True)
class Params:
    """Thresholds.

    Attributes
    ----------
    min_hours : float
        Shorter trips don't count.
    min_excursion_nm : float
        Nearer ones don't either.
    min_confidence : int
        Of both visits.
    min_silence_h : float
        Silences shorter than this add nothing to the excursion.
    excluded_groups : tuple of str
        Ships that go out and come back by trade.
    speeds : SpeedParams
        How fast ships could be.
    """

    min_hours: Hours = 8.0
    min_excursion_nm: NauticalMiles = 20.0
    min_confidence: int = 3
    min_silence_h: Hours = 6.0
    excluded_groups: tuple[str, ...] = (
        "anti_pollution", "diving", "dredger", "fishing", "law_enforcement", "medical", "passenger", "pilot",
        "pleasure", "port_tender", "sailing", "search_and_rescue", "tug",
    )  # fmt: skip
    speeds: SpeedParams = field(default_factory=SpeedParams)


Thresholds: TypeAlias = Params
"""The same, where a class attribute hides the name."""


@dataclass(frozen=True, slots=True)
class Silent:
    """A silence that is not void, as far as it widens an excursion."""

    start_ms: TimeMs
    end_ms: TimeMs
    off: tuple[Degrees, Degrees]
    on: tuple[Degrees, Degrees]
    could_sail_nm: NauticalMiles


@dataclass(slots=True)
class State:
    """What is remembered of each craft.

    Attributes
    ----------
    exits : dict of int to (str, Fix)
        Last visit closed and the first position after it.
    ship_types : dict of int to int
        As last said with a fact.
    silences : dict of int to list of Silent
        The newest ones.
    """

    exits: dict[int, tuple[str, Fix]] = field(default_factory=dict)
    ship_types: dict[int, int] = field(default_factory=dict)
    silences: dict[int, list[Silent]] = field(default_factory=dict)


class RoundTripNoCallDetector:
    """Hears port visits, and gaps on the way."""

    kind = "round_trip_no_call"
    scope = "assess"
    version = 1
    Params = Params

    def initial(self) -> State:
        """Make the state before the first fact.

        Returns
        -------
        State
            No craft.
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
        craft = fact.crafts[0] if fact.crafts else 0
        if said.detail.get("ship_type"):
            state.ship_types[craft] = int(said.detail["ship_type"])
        if fact.kind == "gap" and fact.status == CLOSED:
            _remember_silence(state, said, params)
        if fact.kind != "port_visit":
            return []
        found = _round_trip(state, said, world, params, model_version)
        if fact.status == CLOSED and fact.end is not None:
            state.exits[craft] = (said.event.event_id, fact.end)
        return [] if found is None else [found]

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
        return {
            "state": write_json(
                {
                    "exits": [[craft, visit, asdict(fix)] for craft, (visit, fix) in state.exits.items()],
                    "ship_types": list(state.ship_types.items()),
                    "silences": [
                        [craft, [asdict(s) for s in all_]] for craft, all_ in state.silences.items()
                    ],
                }
            )
        }

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
            exits={int(craft): (visit, Fix(**fix)) for craft, visit, fix in kept["exits"]},
            ship_types={int(craft): int(code) for craft, code in kept["ship_types"]},
            silences={int(craft): [_silent(s) for s in all_] for craft, all_ in kept["silences"]},
        )


def _silent(kept: dict[str, Any]) -> Silent:
    return Silent(**{**kept, "off": tuple(kept["off"]), "on": tuple(kept["on"])})


def _remember_silence(state: State, said: Said, params: Params) -> None:
    fact, judgement = said.fact, said.judgement
    if judgement is None or judgement.verdict == VOID or fact.start is None or fact.end is None:
        return
    hours = (fact.end.t_ms - fact.start.t_ms) / MS_PER_H
    if round(hours, 6) < params.min_silence_h:
        return
    group = ship_group(int(said.detail.get("ship_type") or 0))
    hard_kn, _ = speeds_kn(group, said.detail.get("cruise_kn"), said.detail.get("p99_kn"), params.speeds)
    off, on = (place_of(fix.lat_e7, fix.lon_e7) for fix in (fact.start, fact.end))
    all_ = state.silences.setdefault(fact.crafts[0], [])
    all_.append(
        Silent(
            start_ms=fact.start.t_ms,
            end_ms=fact.end.t_ms,
            off=(off.lat_deg, off.lon_deg),
            on=(on.lat_deg, on.lon_deg),
            could_sail_nm=hours * hard_kn,
        )
    )
    del all_[:-_MOST_SILENCES]
    while all_ and all_[0].end_ms < fact.as_of_ms - _KEPT_MS:
        all_.pop(0)


def _round_trip(state: State, said: Said, world: World, params: Params, model_version: str) -> Event | None:
    fact, detail = said.fact, said.detail
    previous = detail.get("previous")
    if previous is None or previous["group"] != detail["group"]:
        return None
    if min(int(previous["confidence"]), int(detail["confidence"])) < params.min_confidence:
        return None
    craft, left_ms = fact.crafts[0], int(previous["end_ms"])
    group = ship_group(state.ship_types.get(craft, 0))
    hours = (fact.start_ms - left_ms) / MS_PER_H
    if group in params.excluded_groups or round(hours, 6) < params.min_hours:
        return None
    seen_nm = float(detail.get("voyage_max_excursion_nm") or 0.0)
    hard_nm = max(seen_nm, _hard_excursion_nm(state, said, world, left_ms))
    if round(hard_nm, 6) < params.min_excursion_nm:
        return None
    kinds = ("dark_port_call", "encounter")
    between = world.diary.during(craft, kinds, left_ms, fact.start_ms, fact.as_of_ms)
    cause = _cause(
        between, world, craft, str(detail["group"]), (left_ms, fact.start_ms, fact.as_of_ms), params
    )
    return _event(state, said, between, cause, (hours, seen_nm, hard_nm), group, model_version)


def _hard_excursion_nm(state: State, said: Said, world: World, left_ms: TimeMs) -> NauticalMiles:
    port = world.ports.get(str(said.detail["port_id"]))
    if port is None:
        return 0.0
    here = Place(port.lat_deg, port.lon_deg)
    far_nm = 0.0
    for silent in state.silences.get(said.fact.crafts[0], []):
        if left_ms <= silent.start_ms and silent.end_ms <= said.fact.start_ms:
            # Out to the farthest point and back to ON: the far end of the prism's ellipse.
            out_nm = distance_nm(here.lat_deg, here.lon_deg, *silent.off)
            back_nm = distance_nm(here.lat_deg, here.lon_deg, *silent.on)
            far_nm = max(far_nm, (out_nm + back_nm + silent.could_sail_nm) / 2)
    return far_nm


def _cause(
    between: tuple[Entry, ...],
    world: World,
    craft: int,
    group: str,
    times_ms: tuple[TimeMs, TimeMs, TimeMs],
    params: Params,
) -> str:
    dark = [e for e in between if e.kind == "dark_port_call"]
    if any(e.verdict != VOID for e in dark):
        return DARK_CALL
    if any(e.kind == "encounter" for e in between):
        return STS
    shortest_ms = params.min_silence_h * MS_PER_H
    gaps = world.diary.during(craft, ("gap",), *times_ms)
    long_void = any(
        e.verdict == VOID and e.end_ms is not None and e.end_ms - e.start_ms >= shortest_ms for e in gaps
    )
    visits = world.diary.during(craft, ("port_visit",), *times_ms)
    elsewhere = any(_group(world, v.place) != group and _came_or_went_silent(v, gaps) for v in visits)
    return UNOBSERVED if dark or long_void or elsewhere else TURNAROUND


def _came_or_went_silent(visit: Entry, gaps: tuple[Entry, ...]) -> bool:
    """Whether a silence ended or began in the port, so that she may have stopped there."""
    end_ms = visit.as_of_ms if visit.end_ms is None else visit.end_ms
    return any(g.end_ms == visit.start_ms or visit.start_ms <= g.start_ms < end_ms for g in gaps)


def _group(world: World, port_id: str) -> str:
    port = world.ports.get(port_id)
    return port_id if port is None else port.group


def _event(
    state: State,
    said: Said,
    between: tuple[Entry, ...],
    cause: str,
    sizes: tuple[float, float, float],
    group: str,
    model_version: str,
) -> Event:
    fact, detail = said.fact, said.detail
    previous = detail["previous"]
    hours, seen_nm, hard_nm = sizes
    exit_id, exit_fix = state.exits.get(fact.crafts[0], ("", None))
    trip: Fact = replace(
        fact,
        anchor_t_ms=int(previous["anchor_t_ms"]),
        anchor_digest=int(previous["anchor_digest"], 16),
        start_ms=int(previous["end_ms"]),
        end_ms=fact.start_ms,
        start=exit_fix if exit_id == previous["event_id"] else None,
        end=fact.start,
    )
    return event_from_fact(
        trip,
        kind=RoundTripNoCallDetector.kind,
        model_version=model_version,
        verdict=VOID if cause == UNOBSERVED else cause,
        place=str(detail["port_id"]),
        probabilities=(("dark_call", None),),
        terms=(
            Term("excursion_nm", seen_nm, "nm"),
            Term("hard_excursion_nm", hard_nm, "nm"),
            Term("hours", hours, "h"),
        ),
        evidence=(str(previous["event_id"]), said.event.event_id, *(e.event_id for e in between)),
        detail=canonical_json(
            {
                "port_id": detail["port_id"],
                "group": detail["group"],
                "cause": cause,
                "hours": hours,
                "excursion_nm": seen_nm,
                "hard_excursion_nm": hard_nm,
                "confidence_first": previous["confidence"],
                "confidence_second": detail["confidence"],
                "ship_group": group,
                "between": [e.event_id for e in between],
            }
        ),
    )


DETECTOR = RoundTripNoCallDetector()
