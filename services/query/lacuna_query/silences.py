"""Silences counted beside what could have been heard, so that every count has its rate and interval."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TypeAlias

import numpy as np
from scipy.special import gammaincinv

from lacuna_core.canonical import round9
from lacuna_core.event import VOID, Event
from lacuna_core.profile import Exposure
from lacuna_core.query import SilenceFigure
from lacuna_core.query_filter import SilenceFilter
from lacuna_core.units import MS_PER_DAY, MS_PER_H

Key: TypeAlias = tuple[str | None, str | None, str | None]
"""Month, flag and group; None where the figures are not broken down so."""
Traits: TypeAlias = tuple[str | None, str | None]
"""Flag and group of a craft."""
PER = 1_000
_LEVEL = 0.95


def poisson_interval(count: int, exposure: float) -> tuple[float, float]:
    """Exact (Garwood) interval of a rate at 95 %.

    Parameters
    ----------
    count : int
        Events counted.
    exposure : float
        What they are counted over, more than zero.

    Returns
    -------
    tuple of float
        Lower and upper end, events per unit of exposure.

    Examples
    --------
    >>> [round(x, 3) for x in poisson_interval(0, 1.0)]
    [0.0, 3.689]
    """
    tail = (1.0 - _LEVEL) / 2.0
    low = float(gammaincinv(count, tail)) if count else 0.0
    return low / exposure, float(gammaincinv(count + 1, 1.0 - tail)) / exposure


def month_name(t_ms: int) -> str:
    """Month of a time.

    Parameters
    ----------
    t_ms : int
        Unix milliseconds UTC.

    Returns
    -------
    str
        For example ``2022-09``.
    """
    return str(np.datetime64(t_ms, "ms").astype("datetime64[M]"))


def _wanted(traits: Traits, query: SilenceFilter) -> bool:
    flag, group = traits
    return (not query.flags or flag in query.flags) and (not query.groups or group in query.groups)


def _key(month: Callable[[], str], traits: Traits, by: tuple[str, ...]) -> Key:
    flag, group = traits
    return (
        month() if "month" in by else None,
        flag if "flag" in by else None,
        group if "group" in by else None,
    )


def exposure_days(exposure: Exposure, traits: dict[int, Traits], query: SilenceFilter) -> dict[Key, float]:
    """Sum craft-days heard by month, flag and group.

    Parameters
    ----------
    exposure : Exposure
        Hours heard.
    traits : dict of int to (str or None, str or None)
        Flag and group of each craft that counts; others are left out.
    query : SilenceFilter
        How to break down.

    Returns
    -------
    dict of Key to float
        Craft-days.
    """
    months = (exposure.day.astype(np.int64) * MS_PER_DAY).astype("datetime64[ms]").astype("datetime64[M]")
    hours = np.bitwise_count(exposure.hours).astype(np.int64)
    pairs, place = np.unique(
        np.stack([exposure.craft.astype(np.int64), months.astype(np.int64)]), axis=1, return_inverse=True
    )
    sums = np.bincount(place.ravel(), weights=hours, minlength=pairs.shape[1])
    total: dict[Key, float] = defaultdict(float)
    for craft, month, craft_hours in zip(*pairs.tolist(), sums.tolist(), strict=True):
        known = traits.get(craft)
        if known is None or not _wanted(known, query):
            continue
        name = str(np.datetime64(month, "M"))
        total[_key(lambda name=name: name, known, query.by)] += craft_hours / 24.0  # type: ignore[misc]
    return dict(total)


def _figure(key: Key, counted: list[int], void: int, days: float) -> SilenceFigure:
    low, high = poisson_interval(len(counted), days / PER) if days > 0 else (None, None)
    return SilenceFigure(
        month=key[0],
        flag=key[1],
        group=key[2],
        silences=len(counted),
        void=void,
        crafts=len(set(counted)),
        exposure_craft_days=round9(days),
        rate=round9(len(counted) / days * PER) if days > 0 else None,
        rate_low=None if low is None else round9(low),
        rate_high=None if high is None else round9(high),
    )


def silence_figures(
    gaps: Iterable[Event], exposure: Exposure, traits: dict[int, Traits], query: SilenceFilter
) -> tuple[SilenceFigure, ...]:
    """Count silences by month of their start, flag and group, void ones apart.

    Parameters
    ----------
    gaps : iterable of Event
        Events of kind ``gap``, the newest revision of each.
    exposure : Exposure
        Hours heard in the interval.
    traits : dict of int to (str or None, str or None)
        Flag and group of each craft that counts; others are left out.
    query : SilenceFilter
        Interval, threshold, breakdown.

    Returns
    -------
    tuple of SilenceFigure
        Sorted by month, flag and group.
    """
    counted: dict[Key, list[int]] = defaultdict(list)
    void: dict[Key, int] = defaultdict(int)
    for gap in gaps:
        until_ms = gap.as_of_ms if gap.end_ms is None else gap.end_ms
        known = traits.get(gap.crafts[0]) if gap.crafts else None
        if known is None or not _wanted(known, query):
            continue
        if not query.start_ms <= gap.start_ms < query.end_ms:
            continue
        if until_ms - gap.start_ms < query.threshold_h * MS_PER_H:
            continue
        key = _key(lambda gap=gap: month_name(gap.start_ms), known, query.by)  # type: ignore[misc]
        if gap.verdict == VOID:
            void[key] += 1
        else:
            counted[key].append(gap.crafts[0])
    days = exposure_days(exposure, traits, query)
    keys = sorted({*counted, *void, *days}, key=lambda k: tuple(part or "" for part in k))
    return tuple(_figure(key, counted.get(key, []), void.get(key, 0), days.get(key, 0.0)) for key in keys)
