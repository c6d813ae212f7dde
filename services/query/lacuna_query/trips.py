"""Trips in a window: which events they are."""

from lacuna_core.event import Event
from lacuna_core.query_filter import TripFilter
from lacuna_core.trip_count import POSSIBLE_SHARE, group_share, trip_detail


def is_trip_of(event: Event, trip_filter: TripFilter) -> bool:
    """Tell whether a trip belongs to a list.

    Parameters
    ----------
    event : Event
        An event of kind ``trip``.
    trip_filter : TripFilter
        Group, aircraft and half-open window of the arrival.

    Returns
    -------
    bool
        True when it arrived in the window, by one of the aircraft, possibly or surely in the group.
    """
    if event.end_ms is None or (trip_filter.start_ms is not None and event.end_ms < trip_filter.start_ms):
        return False
    if trip_filter.end_ms is not None and event.end_ms >= trip_filter.end_ms:
        return False
    if trip_filter.aircraft is not None and trip_filter.aircraft.isdisjoint(event.crafts):
        return False
    detail = trip_detail(event)
    if trip_filter.watchlisted_only and detail.get("watchlisted") is not True:
        return False
    if not trip_filter.group:
        return True
    share, confirmed = group_share(detail, trip_filter.group)
    return confirmed or share >= POSSIBLE_SHARE
