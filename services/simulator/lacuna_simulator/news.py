"""Dated news: some follow a planted event by a day or two, the others fall anywhere."""

from dataclasses import dataclass

import numpy as np

from lacuna_core.timestamps import format_time, parse_time
from lacuna_core.units import MS_PER_DAY
from lacuna_simulator.truth import DarkCall, NewsTruth, Trip

_LABELS = {
    "request": ("Request for drones reported", "Officials name a further request"),
    "delivery": ("Delivery by sea claimed", "Cargo flight said to carry parts"),
    "use": ("Use in an attack reported", "Wreckage shown to the press"),
    "sanction": ("Listing of carriers announced", "Aircraft added to a control list"),
    "statement": ("Ministry denies deliveries", "Statement before the council"),
}


@dataclass(frozen=True, slots=True)
class NewsPlan:
    """How many items, and when: ``start`` and ``end`` are RFC 3339."""

    linked: int
    unlinked: int
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class NewsItem:
    """One item of ``news.json``."""

    id: str
    date: str
    label: str
    type: str


def write_news(
    plan: NewsPlan, calls: tuple[DarkCall, ...], trips: tuple[Trip, ...], rng: np.random.Generator
) -> tuple[tuple[NewsItem, ...], tuple[NewsTruth, ...]]:
    """Date the news.

    Parameters
    ----------
    plan : NewsPlan
        How many.
    calls : tuple of DarkCall
        Half of the linked items follow one of these, where there are any.
    trips : tuple of Trip
        The others follow one of these.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    tuple of (tuple of NewsItem, tuple of NewsTruth)
        Ascending in date.
    """
    events = [[c.depart for c in calls], [t.arrival for t in trips]]
    choices = [times for times in events if times]
    start_ms, end_ms = parse_time(plan.start), parse_time(plan.end)
    dated: list[tuple[int, bool]] = []
    for k in range(plan.linked if choices else 0):
        times = choices[k % len(choices)]
        after_ms = int(rng.integers(1, 3)) * MS_PER_DAY
        dated.append((parse_time(times[int(rng.integers(len(times)))]) + after_ms, True))
    dated += [(int(rng.integers(start_ms, end_ms)), False) for _ in range(plan.unlinked)]
    dated = sorted((t_ms // MS_PER_DAY * MS_PER_DAY, linked) for t_ms, linked in dated)
    items, truth = [], []
    for number, (t_ms, linked) in enumerate(dated, start=1):
        kind = list(_LABELS)[int(rng.integers(len(_LABELS)))]
        label = _LABELS[kind][int(rng.integers(2))]
        item = NewsItem(f"news-{number:03d}", format_time(t_ms)[:10], label, kind)
        items.append(item)
        truth.append(NewsTruth(item.id, item.date, linked))
    return tuple(items), tuple(truth)
