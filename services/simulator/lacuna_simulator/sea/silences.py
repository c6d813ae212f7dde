"""The true cause of every silence, from what would have been received without the outages.

An outage explains a silence when no silence of more than an hour would lie in it without the outages
(*counterfactual*), and when that is so already by what was lost while every receiver in range was down. What
only a duct would have carried to a station far out of range, or what was lost while another receiver in range
was up and missed the ship, is no outage of all receivers in range: the cause is then ``outage_in_part``.
"""

from dataclasses import dataclass

import numpy as np

from lacuna_core.units import BoolArray, I64Array
from lacuna_simulator.sea.itinerary import Logbook
from lacuna_simulator.sea.outages import OutagePlan, down_bits
from lacuna_simulator.sea.reception import Heard

GAP_S = 3600
_LIST_COVERAGE_S = 6 * 3600


@dataclass(frozen=True, slots=True)
class SilenceFact:
    """One silence; seconds from the start of the world."""

    start_s: int
    end_s: int
    cause: str
    outage_id: str | None


def find_silences(
    received_s: I64Array, heard: Heard, log: Logbook, outages: tuple[OutagePlan, ...]
) -> tuple[list[SilenceFact], int]:
    """Find the silences of more than an hour of one ship and name their causes.

    Parameters
    ----------
    received_s : numpy.ndarray
        Times of received positions, ascending, int64.
    heard : Heard
        What would have been received without outages.
    log : Logbook
        When the transponder was off.
    outages : tuple of OutagePlan
        The outages.

    Returns
    -------
    tuple of (list of SilenceFact, int)
        All that are switched off or from an outage, those of coverage from six hours on, and the number of
        shorter ones of coverage.
    """
    lost_s = heard.t_s[_all_in_range_down(heard, outages)]
    explained_s = np.unique(np.concatenate([received_s, lost_s]))
    listed: list[SilenceFact] = []
    short = 0
    for at in np.flatnonzero(np.diff(received_s) > GAP_S):
        start_s, end_s = int(received_s[at]), int(received_s[at + 1])
        cause, outage_id = _cause((start_s, end_s), heard.t_s, explained_s, log, outages)
        if cause == "coverage" and end_s - start_s < _LIST_COVERAGE_S:
            short += 1
        else:
            listed.append(SilenceFact(start_s, end_s, cause, outage_id))
    return listed, short


def _overlap_s(a: float, b: float, c: float, d: float) -> float:
    return max(0.0, min(b, d) - max(a, c))


def _all_in_range_down(heard: Heard, outages: tuple[OutagePlan, ...]) -> BoolArray:
    """Whether a receiver in range lost it to an outage and none in range was up."""
    down = down_bits(outages, heard.t_s.astype(np.float64))
    lost = (heard.bits & heard.in_range & down) != 0
    alone = (heard.in_range & ~down) == 0
    all_down: BoolArray = lost & alone
    return all_down


def _longest_s(t_s: I64Array, start_s: int, end_s: int) -> int:
    """Longest silence between two ends that are both in the times."""
    first, last = np.searchsorted(t_s, [start_s, end_s])
    return int(np.diff(t_s[first : last + 1]).max())


def _cause(
    ends_s: tuple[int, int],
    heard_s: I64Array,
    explained_s: I64Array,
    log: Logbook,
    outages: tuple[OutagePlan, ...],
) -> tuple[str, str | None]:
    start_s, end_s = ends_s
    off_s = sum(_overlap_s(start_s, end_s, *interval) for interval in log.off)
    if 2 * off_s >= end_s - start_s:
        return "switched_off", None
    if _longest_s(heard_s, start_s, end_s) > GAP_S:
        return "coverage", None
    most = max(outages, key=lambda o: _overlap_s(start_s, end_s, o.start_s, o.end_s))
    return "outage_in_part" if _longest_s(explained_s, start_s, end_s) > GAP_S else "outage", most.id
