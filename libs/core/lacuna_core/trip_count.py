"""Counting trips into a group of airports: one definition, shared by whoever prints the number.

A ``trip`` event starts at the departure and ends at the arrival. Its ``detail`` is a JSON object of which
this count reads four keys:

- ``destination_group`` (str or null): the group it landed in, such as ``MOSCOW``;
- ``arrival_share`` (number, 0 to 1): how much of the posterior lies on that group;
- ``class`` (str): ``confirmed`` when the arrival is observed and its share reaches the defined level; any
  other word otherwise. Where the key is absent, a share of 0.95 or more counts as confirmed;
- ``watchlisted`` (bool): whether the airframe stood on the watchlist when it arrived.

Hops inside the group are no trips: whoever emits the events sees to that.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lacuna_core.canonical import round9
from lacuna_core.event import RETRACTED, Event

TRIP_KIND = "trip"
CONFIRMED = "confirmed"
CONFIRMED_SHARE = 0.95
"""Share from which a trip without a ``class`` is confirmed (AVIATION 2.6)."""
POSSIBLE_SHARE = 0.05
"""Share from which a trip is possible (AVIATION 2.6)."""


@dataclass(frozen=True, slots=True)
class TripCount:
    """How many trips arrived in a group within a window.

    Attributes
    ----------
    confirmed : int
        Trips of class ``confirmed``: the only number that may follow "at least".
    expected : float
        Sum of the arrival shares.
    possible : int
        Trips with an arrival share of 0.05 or more, the confirmed ones among them.
    trip_ids : tuple of str
        Event ids of the possible trips in order of (arrival, id); the counts follow from them alone.
    """

    confirmed: int
    expected: float
    possible: int
    trip_ids: tuple[str, ...]


def trip_detail(event: Event) -> Mapping[str, Any]:
    """Read the detail of a trip.

    Parameters
    ----------
    event : Event
        An event of kind ``trip``.

    Returns
    -------
    mapping of str to Any
        Its detail; empty when it is no JSON object.
    """
    try:
        detail = json.loads(event.detail)
    except ValueError:
        return {}
    return detail if isinstance(detail, dict) else {}


def arrival_share(detail: Mapping[str, Any]) -> float:
    """Share of the arrival posterior that lies on the destination group.

    Parameters
    ----------
    detail : mapping of str to Any
        Detail of a trip.

    Returns
    -------
    float
        0 to 1; 0 where the trip does not say.
    """
    share = detail.get("arrival_share")
    if isinstance(share, bool) or not isinstance(share, int | float):
        return 0.0
    return min(1.0, max(0.0, float(share)))


def is_confirmed(detail: Mapping[str, Any]) -> bool:
    """Tell whether a trip is of the class ``confirmed``.

    Parameters
    ----------
    detail : mapping of str to Any
        Detail of a trip.

    Returns
    -------
    bool
        By its ``class``; by its share where it has none.
    """
    word = detail.get("class")
    return word == CONFIRMED if word is not None else arrival_share(detail) >= CONFIRMED_SHARE


def newest_trips(events: Iterable[Event]) -> list[Event]:
    """Keep the newest revision of each trip, retracted ones left out.

    Parameters
    ----------
    events : iterable of Event
        Any kinds, any order, any revisions.

    Returns
    -------
    list of Event
        Trips that arrived, in order of (arrival, event id).
    """
    newest: dict[str, Event] = {}
    for event in events:
        if event.kind != TRIP_KIND:
            continue
        known = newest.get(event.event_id)
        if known is None or (event.generation, event.revision) > (known.generation, known.revision):
            newest[event.event_id] = event
    landed = [
        (event.end_ms, event.event_id, event)
        for event in newest.values()
        if event.status != RETRACTED and event.end_ms is not None
    ]
    return [event for _, _, event in sorted(landed, key=lambda item: item[:2])]


def count_trips(
    events: Iterable[Event],
    *,
    group: str,
    aircraft: frozenset[int] | None,
    start_ms: int,
    end_ms: int,
) -> TripCount:
    """Count the trips that arrived in a group within a window.

    Parameters
    ----------
    events : iterable of Event
        Events in any order; only the newest revision of each ``trip`` counts, retracted ones do not.
    group : str
        Destination group, such as ``MOSCOW``.
    aircraft : frozenset of int or None
        Craft keys that count; None counts the trips marked ``watchlisted``.
    start_ms, end_ms : int
        Half-open window of the arrival, Unix milliseconds UTC.

    Returns
    -------
    TripCount
        The three numbers and the trips that made them.
    """
    confirmed, possible = 0, 0
    expected = 0.0
    ids = []
    for event in newest_trips(events):
        detail = trip_detail(event)
        if event.end_ms is None or not start_ms <= event.end_ms < end_ms:
            continue
        if detail.get("destination_group") != group:
            continue
        if aircraft is None:
            counted = detail.get("watchlisted") is True
        else:
            counted = not aircraft.isdisjoint(event.crafts)
        if not counted:
            continue
        share = arrival_share(detail)
        expected += share
        confirmed += is_confirmed(detail)
        if share >= POSSIBLE_SHARE or is_confirmed(detail):
            possible += 1
            ids.append(event.event_id)
    return TripCount(confirmed, round9(expected), possible, tuple(ids))
