"""What detection would say of a silence with other parameters: the detector itself, asked about one gap.

A parameter is a dotted name of a number: ``min_hours``, ``score.kappa``, ``speeds.hard_margin``,
``speeds.cruise_kn.tanker`` (``speeds.cruise_kn.other`` is what holds for all other groups).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

from lacuna_core.canonical import canonical_json
from lacuna_core.errors import InvalidInput
from lacuna_core.event import CLOSED, OPEN, VOID, Event, event_from_fact
from lacuna_core.fact import Fact, Fix
from lacuna_core.units import MS_PER_H, NULL_U16, to_e7
from lacuna_detection.assess_detector import Said, World
from lacuna_detection.detectors.dark_port_call import DETECTOR, Params, State
from lacuna_detection.void import UNASSESSED, Judgement

_OTHERS = "other"
_NOBODY = 1
"""A craft key that no craft has; nothing here depends on who it is."""
_DRAUGHT_PER_M = 10
P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class End:
    """One end of a silence.

    Attributes
    ----------
    lat_deg, lon_deg : float
        Where.
    speed_kn, course_deg : float or None
        None when not known.
    """

    lat_deg: float
    lon_deg: float
    speed_kn: float | None = None
    course_deg: float | None = None


@dataclass(frozen=True, slots=True)
class ShipFacts:
    """What is known of the ship.

    Attributes
    ----------
    ship_type : int or None
        AIS ship type.
    cruise_kn, p99_kn : float or None
        Her own median speed and 99th percentile.
    length_m, draught_m, draught_after_m : float or None
        Her size; draught before and after the silence.
    destination : str
        As said.
    own_calls, all_calls : mapping of str to float
        Earlier calls by port id: hers, faded; those of all ships.
    """

    ship_type: int | None
    cruise_kn: float | None
    p99_kn: float | None
    length_m: float | None
    draught_m: float | None
    draught_after_m: float | None
    destination: str
    own_calls: Mapping[str, float]
    all_calls: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Asked:
    """A silence to be looked at.

    Attributes
    ----------
    start_ms, until_ms : int
        When it began; its end, or how far it is known.
    off : End
        Last position before.
    on : End or None
        First one after; None while open.
    ship : ShipFacts
        The ship.
    void_reason : str
        Why it is void; ``""`` when it is not.
    """

    start_ms: int
    until_ms: int
    off: End
    on: End | None
    ship: ShipFacts
    void_reason: str = ""


def changed(params: Params, values: Sequence[tuple[str, float]]) -> Params:
    """Put numbers in the place of others.

    Parameters
    ----------
    params : Params
        Parameters of dark port calls.
    values : sequence of (str, float)
        By dotted name.

    Returns
    -------
    Params
        The changed set.

    Raises
    ------
    InvalidInput
        For a name that is not known, or a value that is no number for it.
    """
    for name, value in values:
        params = _changed(params, name, name.split("."), value)
    return params


def _changed(params: P, name: str, path: list[str], value: float) -> P:
    head, *rest = path
    known = {f.name: getattr(params, f.name) for f in fields(params)}  # type: ignore[arg-type]  # a dataclass
    if head not in known:
        raise InvalidInput(
            f"parameter {name!r} is not known; at {head!r} there are {', '.join(sorted(known))}"
        )
    old: Any = known[head]
    new: Any = None
    if is_dataclass(old) and rest:
        new = _changed(old, name, rest, value)
    elif isinstance(old, tuple) and len(rest) == 1:
        new = _of_groups(old, name, rest[0], value)
    elif isinstance(old, int | float) and not rest:
        new = _number(old, name, value)
    if new is None:
        raise InvalidInput(f"parameter {name!r} is no number; name one inside it")
    return replace(params, **{head: new})  # type: ignore[type-var]  # a dataclass


def _of_groups(
    table: tuple[tuple[str, float], ...], name: str, group: str, value: float
) -> tuple[tuple[str, float], ...]:
    """Give a group a value of its own."""
    key = "" if group == _OTHERS else group
    if not math.isfinite(value) or value <= 0:
        raise InvalidInput(f"parameter {name!r} is {value}; expected a number above zero")
    return (*((known, old) for known, old in table if known != key), (key, value))


def _number(old: float, name: str, value: float) -> float:
    if not math.isfinite(value):
        raise InvalidInput(f"parameter {name!r} is {value}; expected a number")
    if isinstance(old, int):
        if value != int(value):
            raise InvalidInput(f"parameter {name!r} is {value}; expected a whole number")
        return int(value)
    return value


def assess(asked: Asked, world: World, params: Params) -> Event | None:
    """Say of a silence what the detector of dark port calls would say.

    Parameters
    ----------
    asked : Asked
        The silence.
    world : World
        The basins.
    params : Params
        Parameters.

    Returns
    -------
    Event or None
        Unnumbered, unsigned and about no ship; None when no call was possible.

    Raises
    ------
    InvalidInput
        If the parameters give no number.
    """
    fact = _gap(asked)
    verdict = VOID if asked.void_reason else UNASSESSED
    judgement = Judgement(verdict, asked.void_reason, 0, 0.0, 0.0, 0)
    ship = asked.ship
    state = State(
        own={_NOBODY: {port: (count, fact.as_of_ms) for port, count in ship.own_calls.items()}},
        total={port: round(count) for port, count in ship.all_calls.items()},
    )
    gap = event_from_fact(fact, kind="gap", model_version="")
    said = Said(fact, _detail(asked), gap, judgement)
    try:
        found = DETECTOR.step(state, said, world, params, "")
    except (ArithmeticError, ValueError) as error:
        raise InvalidInput(f"these parameters give no score ({error})") from error
    return found[0] if found else None


def _detail(asked: Asked) -> dict[str, Any]:
    ship = asked.ship
    return {
        "hours": (asked.until_ms - asked.start_ms) / MS_PER_H,
        "ship_type": ship.ship_type,
        "cruise_kn": ship.cruise_kn,
        "p99_kn": ship.p99_kn,
        "length_m": ship.length_m,
        "draught_start_dm": _draught_dm(ship.draught_m),
        "draught_end_dm": _draught_dm(ship.draught_after_m),
        "destination": ship.destination,
    }


def _draught_dm(draught_m: float | None) -> int | None:
    return None if draught_m is None else round(draught_m * _DRAUGHT_PER_M)


def _gap(asked: Asked) -> Fact:
    off = _fix(asked.off, asked.start_ms)
    return Fact(
        kind="gap",
        crafts=(_NOBODY,),
        as_of_ms=asked.until_ms,
        status=OPEN if asked.on is None else CLOSED,
        anchor_t_ms=asked.start_ms,
        anchor_digest=off.digest,
        start_ms=asked.start_ms,
        end_ms=None if asked.on is None else asked.until_ms,
        start=off,
        end=None if asked.on is None else _fix(asked.on, asked.until_ms),
        detail=canonical_json(_detail(asked)),
    )


def _fix(end: End, t_ms: int) -> Fix:
    def tenths(value: float | None) -> int:
        return NULL_U16 if value is None else round(value * 10)

    return Fix(
        t_ms, to_e7(end.lat_deg), to_e7(end.lon_deg), tenths(end.speed_kn), tenths(end.course_deg), 0, ""
    )
