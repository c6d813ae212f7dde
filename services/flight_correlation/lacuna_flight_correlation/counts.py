"""Counting trips: a pure function of events, so that a count can be recomputed from its list of ids.

``confirmed`` counts trips whose share is at least 0.95, ``possible`` those from 0.05 on, and ``expected`` is
the sum of all shares. They are defined terms of counting (AVIATION 2.6); only ``confirmed`` may be printed
with "at least".
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from lacuna_core.canonical import round9
from lacuna_core.event import RETRACTED, Event


@dataclass(frozen=True, slots=True)
class CountDefinition:
    """Which trips count.

    Attributes
    ----------
    group : str
        Destination group.
    start_ms, end_ms : int
        Arrivals at or after the one and before the other, Unix milliseconds UTC.
    aircraft : tuple of int or None
        Craft keys; None for all airframes.
    watchlisted_only : bool
        Whether the airframe must have been on the watchlist.
    origin_country : str
        ISO code of the country that the trip began in; ``""`` for anywhere.
    unobserved : tuple of (int, int)
        Half-open intervals without observation, Unix milliseconds UTC.
    confirmed_share, possible_share : float
        Least share of the classes.
    """

    group: str
    start_ms: int
    end_ms: int
    aircraft: tuple[int, ...] | None = None
    watchlisted_only: bool = False
    origin_country: str = ""
    unobserved: tuple[tuple[int, int], ...] = ()
    confirmed_share: float = 0.95
    possible_share: float = 0.05


@dataclass(frozen=True, slots=True)
class TripCount:
    """A count of trips.

    Attributes
    ----------
    confirmed, possible : int
        Trips of the class; a confirmed trip is also possible.
    expected : float
        Sum of shares.
    trip_ids : tuple of str
        Event ids of the possible trips, sorted.
    observed_share : float
        Share of the window that was observed.
    """

    confirmed: int
    expected: float
    possible: int
    trip_ids: tuple[str, ...]
    observed_share: float


def observed_ms(start_ms: int, end_ms: int, unobserved: Iterable[tuple[int, int]]) -> int:
    """Length of a window without its unobserved intervals.

    Parameters
    ----------
    start_ms, end_ms : int
        The window, Unix milliseconds UTC.
    unobserved : iterable of (int, int)
        Half-open intervals, in any order, perhaps overlapping.

    Returns
    -------
    int
        Milliseconds.
    """
    left, at = 0, start_ms
    for low, high in sorted(unobserved):
        low, high = max(low, start_ms), min(high, end_ms)
        if high > low:
            left += max(0, low - at)
            at = max(at, high)
    return left + max(0, end_ms - at)


def latest(events: Iterable[Event], kind: str) -> list[Event]:
    """Keep the newest revision of each event of a kind, without the retracted.

    Parameters
    ----------
    events : iterable of Event
        Revisions in any order.
    kind : str
        Event kind.

    Returns
    -------
    list of Event
        Sorted by event id.
    """
    newest: dict[str, Event] = {}
    for event in events:
        if event.kind != kind:
            continue
        known = newest.get(event.event_id)
        if known is None or (event.generation, event.revision) > (known.generation, known.revision):
            newest[event.event_id] = event
    return [event for _, event in sorted(newest.items()) if event.status != RETRACTED]


def count_trips(events: Iterable[Event], definition: CountDefinition) -> TripCount:
    """Count trips.

    Parameters
    ----------
    events : iterable of Event
        Revisions in any order; other kinds are ignored.
    definition : CountDefinition
        Which trips count.

    Returns
    -------
    TripCount
        The count.
    """
    confirmed = possible = 0
    shares: list[float] = []
    ids: list[str] = []
    for event in latest(events, "trip"):
        if event.end_ms is None or not definition.start_ms <= event.end_ms < definition.end_ms:
            continue
        if definition.aircraft is not None and event.crafts[0] not in definition.aircraft:
            continue
        detail = json.loads(event.detail)
        if definition.watchlisted_only and not detail["watchlisted"]:
            continue
        if definition.origin_country and detail["origin"]["country"] != definition.origin_country:
            continue
        share = float(detail["groups"].get(definition.group, {"score_share": 0.0})["score_share"])
        shares.append(share)
        confirmed += share >= definition.confirmed_share
        if share >= definition.possible_share:
            possible += 1
            ids.append(event.event_id)
    window_ms = definition.end_ms - definition.start_ms
    seen_ms = observed_ms(definition.start_ms, definition.end_ms, definition.unobserved)
    return TripCount(
        confirmed,
        round9(sum(shares)),
        possible,
        tuple(ids),
        round9(seen_ms / window_ms) if window_ms else 0.0,
    )
