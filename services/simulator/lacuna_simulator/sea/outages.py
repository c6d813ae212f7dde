"""Receivers that fail for a while: one region's network, or the whole feed."""

from dataclasses import dataclass

import numpy as np

from lacuna_core.units import F64Array, I64Array
from lacuna_simulator.sea.satellites import SATELLITES
from lacuna_simulator.sea.stations import STATIONS


@dataclass(frozen=True, slots=True)
class OutagePlan:
    """One outage; seconds from the start of the world.

    Attributes
    ----------
    id : str
        Of the truth file.
    receivers : tuple of int
        Bits of the receivers that give nothing: stations first, satellites after them.
    start_s, end_s : float
        When.
    total : bool
        The whole feed, satellites included.
    """

    id: str
    receivers: tuple[int, ...]
    start_s: float
    end_s: float
    total: bool


def receiver_names() -> tuple[str, ...]:
    """Name the receivers in the order of their bits.

    Returns
    -------
    tuple of str
        Stations, then satellites.
    """
    return tuple(s.name for s in STATIONS) + tuple(s.name for s in SATELLITES)


def draw_outages(regional: int, total: int, end_s: float, rng: np.random.Generator) -> tuple[OutagePlan, ...]:
    """Draw outages, one after the other in time so that none hides another.

    Parameters
    ----------
    regional, total : int
        How many of each.
    end_s : float
        End of the world, seconds from its start.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    tuple of OutagePlan
        Ascending in time.
    """
    regions = sorted({s.region for s in STATIONS})
    kinds = [False] * regional + [True] * total
    order = rng.permutation(len(kinds))
    share_s = 0.86 * end_s / max(len(kinds), 1)
    turns = rng.permutation(len(regions))
    plans = []
    for place, which in enumerate(order):
        whole = kinds[int(which)]
        hours = float(rng.uniform(5.0, 9.0) if whole else np.exp(rng.uniform(np.log(4.0), np.log(36.0))))
        lasting_s = min(hours * 3600.0, 0.7 * share_s)
        start_s = 0.07 * end_s + share_s * place + float(rng.uniform(0, 0.95 * share_s - lasting_s))
        region = regions[int(turns[place % len(regions)])]
        down = range(len(STATIONS)) if whole else (i for i, s in enumerate(STATIONS) if s.region == region)
        receivers = tuple(down) + (tuple(range(len(STATIONS), len(receiver_names()))) if whole else ())
        start_s = float(int(start_s))
        plans.append(OutagePlan(f"outage-{place + 1}", receivers, start_s, start_s + int(lasting_s), whole))
    return tuple(plans)


def down_bits(plans: tuple[OutagePlan, ...], t_s: F64Array) -> I64Array:
    """Bits of the receivers that give nothing at given times.

    Parameters
    ----------
    plans : tuple of OutagePlan
        The outages.
    t_s : numpy.ndarray
        Seconds from the start of the world, shape (n,).

    Returns
    -------
    numpy.ndarray
        Bit masks, int64, shape (n,).
    """
    bits = np.zeros(len(t_s), np.int64)
    for plan in plans:
        mask = sum(1 << bit for bit in plan.receivers)
        bits[(t_s >= plan.start_s) & (t_s < plan.end_s)] |= mask
    return bits
