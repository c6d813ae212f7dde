"""Closed forms of event coincidence: what chance alone would match, exactly, in observed time."""

from collections.abc import Sequence

import numpy as np

from lacuna_core.units import F64Array, I64Array


def chance_match(measure_share: float, others: int) -> float:
    """Chance that at least one of some uniform events falls in a part of the observed time.

    Parameters
    ----------
    measure_share : float
        Share D/T of the observed time.
    others : int
        Number of uniform events.

    Returns
    -------
    float
        Probability.
    """
    return float(1.0 - (1.0 - measure_share) ** others)


def tail(chances: Sequence[float] | F64Array, at_least: int) -> float:
    """Chance that at least so many of some independent trials succeed, exactly.

    Parameters
    ----------
    chances : sequence of float
        Success probability of each trial.
    at_least : int
        Number of successes.

    Returns
    -------
    float
        Upper tail, the number itself included; 1 for zero.
    """
    mass = np.zeros(len(chances) + 1)
    mass[0] = 1.0
    for k, chance in enumerate(chances, start=1):
        mass[1 : k + 1] = mass[1 : k + 1] * (1.0 - chance) + mass[:k] * chance
        mass[0] *= 1.0 - chance
    return float(min(1.0, mass[at_least:].sum()))


def matches_needed(chances: Sequence[float] | F64Array, alpha: float) -> int | None:
    """Fewest coincidences whose tail is below a level.

    Parameters
    ----------
    chances : sequence of float
        Success probability of each trial.
    alpha : float
        Level.

    Returns
    -------
    int or None
        The number; None when even all of them would not do.
    """
    return next((k for k in range(len(chances) + 1) if tail(chances, k) < alpha), None)


def observed_segments(observed: Sequence[tuple[int, int]]) -> I64Array:
    """Lay observed time out as pieces of one clock.

    Parameters
    ----------
    observed : sequence of (int, int)
        Disjoint half-open intervals in order, Unix milliseconds UTC.

    Returns
    -------
    numpy.ndarray
        Shape (s + 1, 2), int64, ms: clock and calendar time at which each begins; last the clock's length.
    """
    rows, clock = [], 0
    for start, end in observed:
        rows.append((clock, start))
        clock += end - start
    return np.array([*rows, (clock, 0)], np.int64)


def observed_clock(times_ms: I64Array, segments: I64Array) -> I64Array:
    """Read calendar times on the observed clock.

    Parameters
    ----------
    times_ms : numpy.ndarray
        Times inside observed intervals, sorted, shape (n,), int64, ms.
    segments : numpy.ndarray
        From ``observed_segments``.

    Returns
    -------
    numpy.ndarray
        Shape (n,), int64, ms.
    """
    piece = np.searchsorted(segments[:-1, 1], times_ms, side="right") - 1
    found: I64Array = segments[piece, 0] + times_ms - segments[piece, 1]
    return found


def inside(times_ms: Sequence[int], observed: Sequence[tuple[int, int]]) -> I64Array:
    """Keep the events of observed time.

    Parameters
    ----------
    times_ms : sequence of int
        Unix milliseconds UTC, any order.
    observed : sequence of (int, int)
        Disjoint half-open intervals in order.

    Returns
    -------
    numpy.ndarray
        Sorted, shape (n,), int64, ms.
    """
    times = np.sort(np.asarray(times_ms, np.int64))
    keep = np.zeros(len(times), bool)
    for start, end in observed:
        keep |= (times >= start) & (times < end)
    return times[keep]


def match_chances(
    at_ms: I64Array, low_ms: int, high_ms: int, observed: Sequence[tuple[int, int]], others: int
) -> F64Array:
    """Chance of each event to be matched, by the observed measure of its window.

    Parameters
    ----------
    at_ms : numpy.ndarray
        Events, shape (n,), int64, ms.
    low_ms, high_ms : int
        Window around each, ms.
    observed : sequence of (int, int)
        Disjoint half-open intervals.
    others : int
        Number of uniform events of the other series.

    Returns
    -------
    numpy.ndarray
        Shape (n,), float64, probabilities.
    """
    total_ms = sum(end - start for start, end in observed)
    measure = np.zeros(len(at_ms))
    for start, end in observed:
        measure += np.maximum(0, np.minimum(at_ms + high_ms, end) - np.maximum(at_ms + low_ms, start))
    found: F64Array = 1.0 - (1.0 - np.minimum(1.0, measure / total_ms)) ** others
    return found


def observed_time(
    start_ms: int, end_ms: int, unobserved: Sequence[tuple[int, int]]
) -> tuple[tuple[int, int], ...]:
    """Cut the unobserved intervals out of a window.

    Parameters
    ----------
    start_ms, end_ms : int
        The window.
    unobserved : sequence of (int, int)
        Half-open intervals, any order.

    Returns
    -------
    tuple of (int, int)
        Disjoint intervals in order.
    """
    found, at = [], start_ms
    for low, high in sorted(unobserved):
        if high <= at or low >= end_ms:
            continue
        if low > at:
            found.append((at, low))
        at = high
    if at < end_ms:
        found.append((at, end_ms))
    return tuple(found)
