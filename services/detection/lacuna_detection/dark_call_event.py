"""How a dark port call is written down: label, candidates with windows and terms, innocent explanations."""

from dataclasses import dataclass, replace
from typing import Any

from lacuna_core.canonical import canonical_json, round9
from lacuna_core.event import VOID, Event, Term
from lacuna_core.timestamps import format_time
from lacuna_core.units import MS_PER_H, Hours, Knots, TimeMs
from lacuna_detection.assess_detector import Said
from lacuna_detection.port_score import Scored

_INNOCENT = (
    "sailed on slowly or waited at sea, out of range of receivers",
    "transmitter or receiver fault",
    "met another ship",
)


@dataclass(frozen=True, slots=True)
class Assumed:
    """What was assumed of the ship.

    Attributes
    ----------
    group : str
        Ship group.
    hard_kn, cruise_kn : float
        Fastest and usual speed, knots.
    min_stay_h : float
        Shortest stay that counts as a call, hours.
    """

    group: str
    hard_kn: Knots
    cruise_kn: Knots
    min_stay_h: Hours


def dark_call_event(
    event: Event, said: Said, scored: tuple[Scored, ...], assumed: Assumed, max_candidates: int
) -> Event:
    """Fill in the event of a possible call.

    Parameters
    ----------
    event : Event
        Made from the gap: craft, anchor, interval, ends.
    said : Said
        The gap.
    scored : tuple of Scored
        Ports within hard reach, best first; at least one.
    assumed : Assumed
        What was assumed of the ship.
    max_candidates : int
        Ports listed.

    Returns
    -------
    Event
        Unnumbered.
    """
    fact, judgement = said.fact, said.judgement
    verdict, reason = (judgement.verdict, judgement.reason) if judgement else ("", "")
    best = scored[0]
    hours = ((fact.as_of_ms if fact.end_ms is None else fact.end_ms) - fact.start_ms) / MS_PER_H
    terms = (
        Term("hours", hours, "h"),
        Term("max_stay_h", best.reach.max_stay_h, "h"),
        Term("reachable", float(len(scored)), "1"),
        Term("slack_h", best.reach.slack_h, "h"),
        *(Term(f"ln_{name}", value, "1") for name, value in best.terms.items()),
    )
    listed = enumerate(scored[:max_candidates], 1)
    detail = {
        "label": "unobserved, coverage unknown" if verdict == VOID else "possible call, uncalibrated",
        "void_reason": reason or None,
        "hours": hours,
        "hard_kn": assumed.hard_kn,
        "cruise_kn": assumed.cruise_kn,
        "min_stay_h": assumed.min_stay_h,
        "ship_group": assumed.group,
        "draught_change_m": _draught_change_m(said),
        "reachable": len(scored),
        "candidates": [_candidate(rank, one, closed=fact.end is not None) for rank, one in listed],
        "innocent": _INNOCENT,
    }
    return replace(
        event,
        verdict=verdict,
        place=best.reach.port.port_id,
        # Neither has a calibrated probability yet.
        probabilities=(("call", None), ("off", None)),
        terms=tuple(sorted(Term(t.name, round9(t.value), t.unit) for t in terms)),
        evidence=(*event.evidence, said.event.event_id),
        detail=canonical_json(detail),
    )


def _draught_change_m(said: Said) -> float | None:
    before_dm, after_dm = said.detail.get("draught_start_dm"), said.detail.get("draught_end_dm")
    return None if before_dm is None or after_dm is None else (after_dm - before_dm) / 10


def _candidate(rank: int, one: Scored, *, closed: bool) -> dict[str, Any]:
    reach = one.reach
    return {
        "rank": rank,
        "port_id": reach.port.port_id,
        "group": reach.port.group,
        "earliest_arrival": format_time(_whole_s(reach.earliest_arrival_ms)),
        "latest_departure": format_time(_whole_s(reach.latest_departure_ms)) if closed else None,
        "max_stay_h": reach.max_stay_h,
        "slack_h": reach.slack_h,
        "detour_nm": reach.detour_nm,
        "score_ln": one.score_ln,
        "terms": one.terms,
    }


def _whole_s(t_ms: TimeMs) -> TimeMs:
    return t_ms // 1000 * 1000
