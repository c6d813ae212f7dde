"""The true cause of every silence, from what would have been received without the outages."""

from dataclasses import dataclass

import numpy as np

from lacuna_core.units import I64Array
from lacuna_simulator.sea.itinerary import Logbook
from lacuna_simulator.sea.outages import OutagePlan

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
    received_s: I64Array, heard_s: I64Array, log: Logbook, outages: tuple[OutagePlan, ...]
) -> tuple[list[SilenceFact], int]:
    """Find the silences of more than an hour of one ship and name their causes.

    Parameters
    ----------
    received_s : numpy.ndarray
        Times of received positions, ascending, int64.
    heard_s : numpy.ndarray
        The same without outages.
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
    listed: list[SilenceFact] = []
    short = 0
    for at in np.flatnonzero(np.diff(received_s) > GAP_S):
        start_s, end_s = int(received_s[at]), int(received_s[at + 1])
        cause, outage_id = _cause(start_s, end_s, heard_s, log, outages)
        if cause == "coverage" and end_s - start_s < _LIST_COVERAGE_S:
            short += 1
        else:
            listed.append(SilenceFact(start_s, end_s, cause, outage_id))
    return listed, short


def _overlap_s(a: float, b: float, c: float, d: float) -> float:
    return max(0.0, min(b, d) - max(a, c))


def _cause(
    start_s: int, end_s: int, heard_s: I64Array, log: Logbook, outages: tuple[OutagePlan, ...]
) -> tuple[str, str | None]:
    off_s = sum(_overlap_s(start_s, end_s, *interval) for interval in log.off)
    if 2 * off_s >= end_s - start_s:
        return "switched_off", None
    first, last = np.searchsorted(heard_s, [start_s, end_s])
    if np.diff(heard_s[first : last + 1]).max() > GAP_S:
        return "coverage", None
    most = max(outages, key=lambda o: _overlap_s(start_s, end_s, o.start_s, o.end_s))
    return "outage", most.id
