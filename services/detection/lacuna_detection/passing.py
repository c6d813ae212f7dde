"""How a fact becomes the event of its own kind: place, verdict, terms."""

from collections.abc import Mapping
from typing import Any

from lacuna_core.canonical import canonical_json
from lacuna_core.event import Event, Term, event_from_fact
from lacuna_core.fact import Fact
from lacuna_core.units import MS_PER_H
from lacuna_detection.assess_detector import World
from lacuna_detection.void import Judgement
from lacuna_detection.witnesses import place_of

_UNITS = {"h": "h", "hours": "h", "nm": "nm", "kn": "kn", "m": "m"}
_COUNTS = frozenset(("confidence", "positions_12h", "slots", "slow_hours"))
_DURATIONS = {"gap_ms": "gap_h", "stopped_ms": "stopped_h"}
_SIZES = frozenset(("length_m",))
"""Numbers of the ship, not of what she did."""


def terms_of(detail: Mapping[str, Any]) -> tuple[Term, ...]:
    """Take the numbers of a detail as terms; the unit is the suffix of the name.

    Parameters
    ----------
    detail : mapping of str to Any
        A fact's detail.

    Returns
    -------
    tuple of Term
        Sorted by name.
    """
    terms = []
    for name, value in sorted(detail.items()):
        if isinstance(value, bool) or not isinstance(value, int | float) or name in _SIZES:
            continue
        if name in _DURATIONS:
            terms.append(Term(_DURATIONS[name], value / MS_PER_H, "h"))
            continue
        unit = "1" if name in _COUNTS else _UNITS.get(name.rpartition("_")[2])
        if unit is not None:
            terms.append(Term(name, float(value), unit))
    return tuple(terms)


def pass_on(
    fact: Fact, detail: Mapping[str, Any], judgement: Judgement | None, world: World, model_version: str
) -> Event:
    """Make the event of a fact's own kind.

    Parameters
    ----------
    fact : Fact
        The fact.
    detail : mapping of str to Any
        Its detail, parsed.
    judgement : Judgement or None
        Verdict on a gap.
    world : World
        The basins.
    model_version : str
        To sign with.

    Returns
    -------
    Event
        Unnumbered.
    """
    place = _place(fact, detail, world)
    if judgement is None:
        return event_from_fact(
            fact, kind=fact.kind, model_version=model_version, place=place, terms=terms_of(detail)
        )
    return event_from_fact(
        fact,
        kind=fact.kind,
        model_version=model_version,
        place=place,
        verdict=judgement.verdict,
        # Whether the transponder was off has no calibrated probability yet.
        probabilities=(("off", None),),
        terms=(*terms_of(detail), *judgement.terms()),
        detail=canonical_json({**detail, "void_reason": judgement.reason or None}),
    )


def _place(fact: Fact, detail: Mapping[str, Any], world: World) -> str:
    port = detail.get("port_id")
    if isinstance(port, str):
        return port
    lat_deg, lon_deg = detail.get("mean_lat_deg"), detail.get("mean_lon_deg")
    if lat_deg is None or lon_deg is None:
        if fact.start is None:
            return ""
        here = place_of(fact.start.lat_e7, fact.start.lon_e7)
        lat_deg, lon_deg = here.lat_deg, here.lon_deg
    return next((r.region_id for r in world.regions_at(lat_deg, lon_deg)), "")
