"""Trips in a window: which events they are."""

from lacuna_core.event import Event
from lacuna_core.query_filter import TripFilter
from lacuna_core.trip_count import trip_detail


def is_trip_of(event: Event, trip_filter: TripFilter) -> bool:
    """Tell whether a trip belongs to a list.

    Parameters
    ----------
    event : Event
        An event of kind ``trip``.
    trip_filter : TripFilter
        Group, aircraft (None for every aircraft) and half-open window of the arrival.

    Returns
    -------
    bool
        True when it arrived in the window, in the group, by one of the aircraft.
    """
    if event.end_ms is None or not trip_filter.start_ms <= event.end_ms < trip_filter.end_ms:
        return False
    if trip_filter.aircraft is not None and trip_filter.aircraft.isdisjoint(event.crafts):
        return False
    return not trip_filter.group or trip_detail(event).get("destination_group") == trip_filter.group
