"""Event-coincidence analysis (Donges et al. 2016) with the smallest attainable p and observed time.

How often does an event of series a have one of series b in the window before it (precursor), and one of b
have one of a in the window after it (trigger), compared with circular shifts of b within observed time? A
shift keeps all clustering of both series. Before p comes p_min: if even "all coincide" would not be rare, the
answer is that this window cannot decide.

The Poisson null stands beside it in closed form: an event whose window has the observed measure m is matched
by one of N uniform events with probability 1 - (1 - m/T)^N; the count of matches is a sum of such trials.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from lacuna_core.canonical import round9
from lacuna_core.ids import splitmix64
from lacuna_core.units import MS_PER_DAY, F64Array, I64Array
from lacuna_flight_correlation.chance import inside, match_chances, observed_clock, observed_segments, tail
from lacuna_kernels.coincidence import coincidence_counts, shifted_counts

MORE, SAME, LESS = "more_than_chance", "not_distinguishable", "less_than_chance"
UNDECIDABLE = "cannot_be_decided"
PRECURSOR, TRIGGER = "precursor", "trigger"


@dataclass(frozen=True, slots=True)
class CoincidenceParams:
    """Settings of the analysis, part of the definition's hash.

    Attributes
    ----------
    window_days : float
        Headline window, one of ``grid_days``.
    grid_days : tuple of float
        Windows of the sensitivity grid.
    lag_days : float
        Lag between b and a.
    alpha : float
        Level of the decision.
    surrogates : int
        Circular shifts.
    """

    window_days: float = 2.0
    grid_days: tuple[float, ...] = (1.0, 2.0, 3.0, 7.0)
    lag_days: float = 0.0
    alpha: float = 0.05
    surrogates: int = 999


@dataclass(frozen=True, slots=True)
class Cell:
    """One window in one direction.

    Attributes
    ----------
    direction : str
        ``precursor`` (share of a) or ``trigger`` (share of b).
    window_days : float
        Window D.
    n, observed : int
        Events, and how many coincide.
    expected, null_low, null_high : float
        Mean and 2.5 and 97.5 % points of the shifted counts.
    lift, lift_low, lift_high : float or None
        observed / expected with a 95 % interval (Clopper-Pearson on the share); None when none is expected.
    p, p_less : float
        Share of shifts with at least, and at most, as many coincidences, the observed one included.
    p_poisson, p_min : float
        Closed form: chance of at least as many, and of all.
    """

    direction: str
    window_days: float
    n: int
    observed: int
    expected: float
    null_low: float
    null_high: float
    lift: float | None
    lift_low: float | None
    lift_high: float | None
    p: float
    p_less: float
    p_poisson: float
    p_min: float


@dataclass(frozen=True, slots=True)
class Coincidence:
    """The result.

    Attributes
    ----------
    decision : str
        Of the headline cell: ``more_than_chance``, ``not_distinguishable``, ``less_than_chance`` or
        ``cannot_be_decided``.
    headline : Cell
        Precursor direction, headline window.
    grid : tuple of Cell
        Every window in both directions.
    p_family : float
        Family-wise p of the grid: share of shifts whose largest standardized count reaches the observed one.
    controls : tuple of (str, Cell)
        Negative controls: ``future`` (b after a) and ``shifted`` (b moved by half the observed time).
    n_a, n_b : int
        Events in observed time.
    dropped_a, dropped_b : int
        Events outside it.
    observed_days, observed_share : float
        Observed time, and its share of the window from first to last.
    surrogates, seed : int
        How the null was made.
    warnings : tuple of str
        What to keep in mind.
    """

    decision: str
    headline: Cell
    grid: tuple[Cell, ...]
    p_family: float
    controls: tuple[tuple[str, Cell], ...]
    n_a: int
    n_b: int
    dropped_a: int
    dropped_b: int
    observed_days: float
    observed_share: float
    surrogates: int
    seed: int
    warnings: tuple[str, ...]


def _shifts(seed: int, total_ms: int, margin_ms: int, count: int) -> I64Array:
    """Offsets for circular shifts, farther than the longest window from none, from splitmix64 of the seed."""
    margin_ms = min(margin_ms, total_ms // 4)
    span = max(1, total_ms - 2 * margin_ms)
    return np.array([margin_ms + splitmix64((seed + i) % 2**64) % span for i in range(count)], np.int64)


def _cell(
    direction: str, window_days: float, n: int, observed: int, null: I64Array, chances: F64Array
) -> Cell:
    expected = float(null.mean()) if len(null) else 0.0
    low, high = np.quantile(null, [0.025, 0.975]).tolist() if len(null) else (0.0, 0.0)
    share_low = float(betaincinv(observed, n - observed + 1, 0.025)) if observed else 0.0
    share_high = float(betaincinv(observed + 1, n - observed, 0.975)) if observed < n else 1.0
    rounds = len(null) + 1
    return Cell(
        direction=direction,
        window_days=window_days,
        n=n,
        observed=observed,
        expected=round9(expected),
        null_low=round9(low),
        null_high=round9(high),
        lift=round9(observed / expected) if expected else None,
        lift_low=round9(share_low * n / expected) if expected else None,
        lift_high=round9(share_high * n / expected) if expected else None,
        p=round9((1 + int((null >= observed).sum())) / rounds),
        p_less=round9((1 + int((null <= observed).sum())) / rounds),
        p_poisson=round9(tail(chances, observed)),
        p_min=round9(float(np.prod(chances)) if n else 1.0),
    )


def decide(cell: Cell, alpha: float) -> str:
    """Say what a cell decides.

    Parameters
    ----------
    cell : Cell
        The cell.
    alpha : float
        Level.

    Returns
    -------
    str
        One of the four decision words.
    """
    if cell.n == 0 or cell.p_min > alpha:
        return UNDECIDABLE
    if cell.p <= alpha:
        return MORE
    return LESS if cell.p_less <= alpha else SAME


class _Series:
    """Two series in observed time, ready to be compared at any lag."""

    def __init__(
        self, a_ms: I64Array, b_ms: I64Array, observed: Sequence[tuple[int, int]], grid: I64Array
    ) -> None:
        self.a_ms, self.b_ms, self.observed, self.grid = a_ms, b_ms, observed, grid
        self.segments = observed_segments(observed)

    def compare(self, lag_ms: int, shifts: I64Array) -> tuple[tuple[Cell, ...], float]:
        """Cells of every window and direction, and the family-wise p."""
        counts = coincidence_counts(self.a_ms, self.b_ms, self.grid, lag_ms)
        clock = observed_clock(self.b_ms, self.segments)
        null = shifted_counts(self.a_ms, clock, self.segments, shifts, self.grid, lag_ms)
        cells = []
        for w, window_ms in enumerate(self.grid.tolist()):
            days = window_ms / MS_PER_DAY
            before = match_chances(self.a_ms, -lag_ms - window_ms, -lag_ms, self.observed, len(self.b_ms))
            after = match_chances(self.b_ms, lag_ms, lag_ms + window_ms, self.observed, len(self.a_ms))
            cells.append(_cell(PRECURSOR, days, len(self.a_ms), int(counts[w, 0]), null[:, w, 0], before))
            cells.append(_cell(TRIGGER, days, len(self.b_ms), int(counts[w, 1]), null[:, w, 1], after))
        spread = null.std(axis=0)
        scale = np.where(spread > 0, spread, 1.0)
        largest = ((null - null.mean(axis=0)) / scale).max(axis=(1, 2))
        reached = float(((counts - null.mean(axis=0)) / scale).max())
        family = (1 + int((np.round(largest, 9) >= round(reached, 9)).sum())) / (len(shifts) + 1)
        return tuple(cells), round9(family)


def _warnings(a_ms: I64Array, b_ms: I64Array, share: float) -> tuple[str, ...]:
    found = []
    if min(len(a_ms), len(b_ms)) < 5:
        found.append("under_5_events")
    if share < 0.75:
        found.append("less_than_three_quarters_observed")
    return tuple(found)


def _controls(series: _Series, lag_ms: int, window_ms: int, shifts: I64Array) -> tuple[tuple[str, Cell], ...]:
    """Compare what should show no link: b after a, and b moved by half the observed time."""
    at = 2 * int(np.flatnonzero(series.grid == window_ms)[0])
    future, _ = series.compare(-lag_ms - window_ms, shifts)
    total_ms = int(series.segments[-1, 0])
    moved = np.sort((observed_clock(series.b_ms, series.segments) + total_ms // 2) % total_ms)
    piece = np.searchsorted(series.segments[:-1, 0], moved, side="right") - 1
    elsewhere = series.segments[piece, 1] + moved - series.segments[piece, 0]
    shifted, _ = _Series(series.a_ms, elsewhere, series.observed, series.grid).compare(lag_ms, shifts)
    return ("future", future[at]), ("shifted", shifted[at])


def analyze(
    a_times_ms: Sequence[int],
    b_times_ms: Sequence[int],
    observed: Sequence[tuple[int, int]],
    params: CoincidenceParams,
    seed: int,
) -> Coincidence:
    """Compare two event series.

    Parameters
    ----------
    a_times_ms : sequence of int
        Events to be explained, Unix milliseconds UTC, any order.
    b_times_ms : sequence of int
        Candidate precursors.
    observed : sequence of (int, int)
        Observed time: disjoint half-open intervals in order, not empty.
    params : CoincidenceParams
        Settings.
    seed : int
        Seed of the shifts: the hash of the definition.

    Returns
    -------
    Coincidence
        The result; "cannot be decided" is one.
    """
    a_ms, b_ms = inside(a_times_ms, observed), inside(b_times_ms, observed)
    grid_days = sorted({*params.grid_days, params.window_days})
    grid = np.array([round(days * MS_PER_DAY) for days in grid_days], np.int64)
    lag_ms = round(params.lag_days * MS_PER_DAY)
    total_ms = sum(end - start for start, end in observed)
    margin_ms = int(grid.max()) + abs(lag_ms)
    shifts = _shifts(seed, total_ms, margin_ms, params.surrogates)
    series = _Series(a_ms, b_ms, observed, grid)
    cells, family = series.compare(lag_ms, shifts)
    headline_ms = round(params.window_days * MS_PER_DAY)
    at = 2 * int(np.flatnonzero(grid == headline_ms)[0])
    share = total_ms / (observed[-1][1] - observed[0][0])
    return Coincidence(
        decision=decide(cells[at], params.alpha),
        headline=cells[at],
        grid=cells,
        p_family=family,
        controls=_controls(series, lag_ms, headline_ms, shifts),
        n_a=len(a_ms),
        n_b=len(b_ms),
        dropped_a=len(a_times_ms) - len(a_ms),
        dropped_b=len(b_times_ms) - len(b_ms),
        observed_days=round9(total_ms / MS_PER_DAY),
        observed_share=round9(share),
        surrogates=params.surrogates,
        seed=seed,
        warnings=_warnings(a_ms, b_ms, share),
    )
