"""Void: when a silence says nothing about the ship, because of the receivers or for want of witnesses.

Three reasons, in this order.

``receivers_down``
    Receivers that cover the last position were down. Coverage is what share of past craft-slots near
    there each set of receivers heard; a slot of the silence is explained to the degree that sets made
    only of receivers then down did the hearing. Void when half the silence is explained, or when the
    outage leaves so little of it that it would not have been reported.
``all_sources_silent``
    No craft at all was heard anywhere during the silence.
``no_witness``
    Fewer than three craft-slots of other ships were heard within 40 nm during it (MARITIME 3.1.2).

What is not void is ``unassessed``: whether the transponder was off has no calibrated probability yet.
"""

from dataclasses import dataclass

import numpy as np

from lacuna_core.event import VOID, Term
from lacuna_core.units import MS_PER_H, F64Array, Hours, NauticalMiles, TimeMs
from lacuna_detection.receivers import SLOT_MS, ReceiverLog, ReceiverParams, SlotStates
from lacuna_detection.witnesses import Coverage, HeardLog, Place

UNASSESSED = "unassessed"
RECEIVERS_DOWN, ALL_SOURCES_SILENT, NO_WITNESS = "receivers_down", "all_sources_silent", "no_witness"
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class VoidParams:
    """Thresholds of the verdict.

    Attributes
    ----------
    max_down_share : float
        Void from this explained share of the silence on.
    report_h : float
        A silence is reported when longer; shorter rests than this would not have been.
    min_outage_share : float
        Explained share from which on the rests are looked at.
    min_witnesses : int
        Fewer craft-slots of others are no witness.
    witness_radius_nm : float
        How near they must be.
    witness_min_h : float
        A shorter silence isn't judged for want of witnesses.
    coverage_radius_nm : float
        How near past craft-slots must be to tell who covers the place.
    min_history : int
        With fewer of them the receivers of the last position fill up.
    """

    max_down_share: float = 0.5
    report_h: Hours = 1.0
    min_outage_share: float = 0.1
    min_witnesses: int = 3
    witness_radius_nm: NauticalMiles = 40.0
    witness_min_h: Hours = 2.0
    coverage_radius_nm: NauticalMiles = 15.0
    min_history: int = 12


@dataclass(frozen=True, slots=True)
class Silenced:
    """What is asked: a silence as known at one time.

    Attributes
    ----------
    craft : int
        The silent craft.
    place : Place
        Her last position.
    receivers : tuple of str
        Who heard it, sorted.
    start_ms, as_of_ms : int
        When it began; the end, or how far it is known.
    """

    craft: int
    place: Place
    receivers: tuple[str, ...]
    start_ms: TimeMs
    as_of_ms: TimeMs


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the receivers and witnesses say of a silence.

    Attributes
    ----------
    verdict : str
        ``void`` or ``unassessed``.
    reason : str
        Why it is void; ``""`` when it is not.
    witnesses : int
        Craft-slots of others heard nearby.
    down_share : float
        Share of the silence that receivers down explain.
    longest_up_h : float
        Longest stretch of it that they don't.
    coverage_slots : int
        Past craft-slots behind the coverage of the place.
    """

    verdict: str
    reason: str
    witnesses: int
    down_share: float
    longest_up_h: Hours
    coverage_slots: int

    def terms(self) -> tuple[Term, ...]:
        """Numbers behind the verdict.

        Returns
        -------
        tuple of Term
            Unsorted.
        """
        return (
            Term("coverage_slots", float(self.coverage_slots), "1"),
            Term("down_share", self.down_share, "1"),
            Term("longest_up_h", self.longest_up_h, "h"),
            Term("witnesses", float(self.witnesses), "1"),
        )


def judge(
    asked: Silenced,
    coverage: Coverage,
    heard: HeardLog,
    receivers: ReceiverLog,
    params: VoidParams,
    receiver_params: ReceiverParams,
) -> Judgement:
    """Judge a silence with what is known at its ``as_of_ms``.

    Parameters
    ----------
    asked : Silenced
        The silence.
    coverage : Coverage
        Coverage of its last position, as known when it began.
    heard : HeardLog
        Who was heard where.
    receivers : ReceiverLog
        Which receivers were down when.
    params : VoidParams
        Thresholds.
    receiver_params : ReceiverParams
        When a receiver is regular.

    Returns
    -------
    Judgement
        The verdict and its numbers.
    """
    sets = _with_last_fix(coverage, asked.receivers, params)
    names = tuple(sorted({name for members, _ in sets for name in members}))
    states = receivers.states(names, asked.start_ms, asked.as_of_ms, receiver_params)
    explained = _explained(sets, names, states)
    weight = states.weight * states.known
    total = float(weight.sum())
    down_share = float((weight * explained).sum()) / total if total > 0 else 0.0
    longest_up_h = _longest_up_h(asked, states, explained)
    witnesses = heard.witnesses(
        asked.craft, asked.place, params.witness_radius_nm, asked.start_ms, asked.as_of_ms
    )
    hours = (asked.as_of_ms - asked.start_ms) / MS_PER_H
    reason = ""
    # Decided on rounded numbers, so that the same log decides the same everywhere.
    if round(down_share, 6) >= params.max_down_share or (
        round(down_share, 6) >= params.min_outage_share and round(longest_up_h, 6) <= params.report_h
    ):
        reason = RECEIVERS_DOWN
    elif not heard.anyone(asked.start_ms, asked.as_of_ms):
        reason = ALL_SOURCES_SILENT
    elif witnesses < params.min_witnesses and hours >= params.witness_min_h:
        reason = NO_WITNESS
    return Judgement(
        verdict=VOID if reason else UNASSESSED,
        reason=reason,
        witnesses=witnesses,
        down_share=round(down_share, 6),
        longest_up_h=round(longest_up_h, 6),
        coverage_slots=sum(count for _, count in coverage),
    )


def _with_last_fix(coverage: Coverage, receivers: tuple[str, ...], params: VoidParams) -> Coverage:
    history = sum(count for _, count in coverage)
    missing = max(1, params.min_history - history)
    return (*coverage, (receivers, missing))


def _explained(sets: Coverage, names: tuple[str, ...], states: SlotStates) -> F64Array:
    """Share of the coverage that was down, slot by slot."""
    explained = np.zeros(states.weight.shape[0], np.float64)
    some = states.down.any(axis=0)
    if not some.any():
        return explained
    row = {name: i for i, name in enumerate(names)}
    member = np.zeros((len(sets), len(names)), np.int64)
    for i, (members, _) in enumerate(sets):
        member[i, [row[name] for name in members]] = 1
    counts = np.array([count for _, count in sets], np.int64)
    up = (~states.down[:, some]).astype(np.int64)
    # Integers throughout: a set is explained in a slot when none of its members is up.
    explained[some] = (counts @ ((member @ up) == 0)) / counts.sum()
    return explained


def _longest_up_h(asked: Silenced, states: SlotStates, explained: F64Array) -> Hours:
    """Length of the longest stretch of the silence in which covering receivers were not mostly down.

    A slot beside a down one may have been down in part, so it isn't counted; the end that no whole slot
    reaches yet belongs to the last stretch.
    """
    count = explained.shape[0]
    if not count:
        return (asked.as_of_ms - asked.start_ms) / MS_PER_H
    is_down = explained >= _HALF
    beside = np.zeros(count, np.bool_)
    beside[:-1] |= is_down[1:]
    beside[1:] |= is_down[:-1]
    hours = np.where(beside & ~is_down, 0.0, states.weight * (SLOT_MS / MS_PER_H))
    tail_h = 0.0 if is_down[-1] else (asked.as_of_ms % SLOT_MS) / MS_PER_H
    longest = stretch = 0.0
    for i in range(count):
        stretch = 0.0 if is_down[i] else stretch + float(hours[i])
        longest = max(longest, stretch)
    return max(longest, stretch + tail_h)
