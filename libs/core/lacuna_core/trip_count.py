"""Counting trips into a group of airports: one definition, shared by whoever prints the number.

A ``trip`` event starts at the departure and ends at the arrival. Of its ``detail`` this count reads

- ``groups``: an object by destination group, such as ``MOSCOW``, of ``score_share`` (number, 0 to 1: how much
  of the posterior lies on an arrival from outside into that group) and ``class`` (str or null: ``confirmed``,
  ``possible``); a trip may count in several groups, as the extended group holds the plain one;
- ``watchlisted`` (bool): whether the airframe stood on the watchlist when it arrived;
- ``origin.country`` (str): ISO code of the country that the trip began in, where an origin is asked for.

A detail that names one group only may say so flat: ``destination_group``, ``arrival_share``, ``class``.
Where there is no class, a share of 0.95 or more counts as confirmed. Hops inside the group are no trips:
whoever emits the events sees to that.
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


def group_share(detail: Mapping[str, Any], group: str) -> tuple[float, bool]:
    """Read how surely a trip arrived in a group.

    Parameters
    ----------
    detail : mapping of str to Any
        Detail of a trip.
    group : str
        Destination group.

    Returns
    -------
    share : float
        0 to 1; 0 where the trip does not name the group.
    confirmed : bool
        Whether it is of the class ``confirmed``: by its word, by its share where it has none.
    """
    groups = detail.get("groups")
    if isinstance(groups, dict):
        entry = groups.get(group)
        share, word = (
            (entry.get("score_share"), entry.get("class")) if isinstance(entry, dict) else (0.0, None)
        )
    elif detail.get("destination_group") == group:
        share, word = detail.get("arrival_share"), detail.get("class")
    else:
        return 0.0, False
    if isinstance(share, bool) or not isinstance(share, int | float):
        share = 0.0
    share = min(1.0, max(0.0, float(share)))
    return share, word == CONFIRMED if word is not None else share >= CONFIRMED_SHARE


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
    aircraft: frozenset[int] | None = None,
    watchlisted_only: bool = False,
    origin_country: str = "",
    start_ms: int | None = None,
    end_ms: int | None = None,
) -> TripCount:
    """Count the trips that arrived in a group within a window.

    Parameters
    ----------
    events : iterable of Event
        Events in any order; only the newest revision of each ``trip`` counts, retracted ones do not.
    group : str
        Destination group, such as ``MOSCOW``.
    aircraft : frozenset of int or None
        Craft keys that count; None counts all airframes.
    watchlisted_only : bool
        Whether only trips marked ``watchlisted`` count.
    origin_country : str
        ISO code of the country that the trip began in; ``""`` for anywhere.
    start_ms, end_ms : int or None
        Half-open window of the arrival, Unix milliseconds UTC; None leaves that side open.

    Returns
    -------
    TripCount
        The three numbers and the trips that made them.
    """
    confirmed = 0
    expected = 0.0
    ids = []
    for event in newest_trips(events):
        arrival_ms = event.end_ms
        if arrival_ms is None or (start_ms is not None and arrival_ms < start_ms):
            continue
        if end_ms is not None and arrival_ms >= end_ms:
            continue
        if aircraft is not None and aircraft.isdisjoint(event.crafts):
            continue
        detail = trip_detail(event)
        if watchlisted_only and detail.get("watchlisted") is not True:
            continue
        if origin_country and detail.get("origin", {}).get("country") != origin_country:
            continue
        share, is_confirmed = group_share(detail, group)
        expected += share
        confirmed += is_confirmed
        if share >= POSSIBLE_SHARE or is_confirmed:
            ids.append(event.event_id)
    return TripCount(confirmed, round9(expected), len(ids), tuple(ids))
