"""What is asked of query, as messages."""

from typing import Any

from lacuna_core.errors import InvalidInput
from lacuna_core.position import Domain
from lacuna_core.query_filter import CraftFilter, EventFilter, SilenceFilter, TripFilter
from lacuna_protos.v1 import query_service_pb2 as pb
from lacuna_runtime.rpc.flat import read_flat, write_flat

MAX_LIMIT = 100_000
"""Most items of a page."""
MAX_POINTS = 2_000_000
"""Most positions of a track."""


def read_domain(value: int) -> Domain:
    """Read a domain.

    Parameters
    ----------
    value : int
        As sent.

    Returns
    -------
    Domain
        Sea or air.

    Raises
    ------
    InvalidInput
        If it is neither.
    """
    try:
        return Domain(value)
    except ValueError as error:
        raise InvalidInput(f"domain {value}: expected sea (1) or air (2)") from error


def read_limit(value: int, least: int = 1, most: int = MAX_LIMIT) -> int:
    """Read how much is wanted.

    Parameters
    ----------
    value : int
        As sent.
    least, most : int
        Bounds.

    Returns
    -------
    int
        The same.

    Raises
    ------
    InvalidInput
        If it is outside.
    """
    if not least <= value <= most:
        raise InvalidInput(f"{value}: expected {least} to {most}")
    return value


def write_after(after: tuple[int, str] | None) -> pb.OrderKey | None:
    """Write where a page begins.

    Parameters
    ----------
    after : tuple of (int, str) or None
        The last item of the page before.

    Returns
    -------
    OrderKey or None
        None at the start.
    """
    return None if after is None else pb.OrderKey(t_ms=after[0], id=after[1])


def read_after(request: Any) -> tuple[int, str] | None:
    """Read where a page begins.

    Parameters
    ----------
    request : Message
        One with a field ``after``.

    Returns
    -------
    tuple of (int, str) or None
        None at the start.
    """
    return (request.after.t_ms, request.after.id) if request.HasField("after") else None


def write_craft_filter(craft_filter: CraftFilter) -> pb.CraftFilter:
    """Write which craft are wanted.

    Parameters
    ----------
    craft_filter : CraftFilter
        Which.

    Returns
    -------
    CraftFilter
        The message.
    """
    return write_flat(pb.CraftFilter, craft_filter, domain=int(craft_filter.domain))


def read_craft_filter(message: pb.CraftFilter) -> CraftFilter:
    """Read which craft are wanted.

    Parameters
    ----------
    message : CraftFilter
        As sent.

    Returns
    -------
    CraftFilter
        Which.
    """
    return read_flat(CraftFilter, message, domain=read_domain(message.domain))


def write_event_filter(event_filter: EventFilter) -> pb.EventFilter:
    """Write which events are wanted.

    Parameters
    ----------
    event_filter : EventFilter
        Which.

    Returns
    -------
    EventFilter
        The message.
    """
    message = write_flat(pb.EventFilter, event_filter, bbox=None, polygon=())
    if event_filter.bbox is not None:
        west, south, east, north = event_filter.bbox
        message.box.CopyFrom(pb.Box(west_deg=west, south_deg=south, east_deg=east, north_deg=north))
    for ring in event_filter.polygon:
        message.polygon.add(points=[pb.LonLat(lon_deg=lon, lat_deg=lat) for lon, lat in ring])
    return message


def read_event_filter(message: pb.EventFilter) -> EventFilter:
    """Read which events are wanted.

    Parameters
    ----------
    message : EventFilter
        As sent.

    Returns
    -------
    EventFilter
        Which.
    """
    box = message.box
    corners = (box.west_deg, box.south_deg, box.east_deg, box.north_deg)
    return read_flat(
        EventFilter,
        message,
        bbox=corners if message.HasField("box") else None,
        polygon=tuple(tuple((p.lon_deg, p.lat_deg) for p in ring.points) for ring in message.polygon),
    )


def write_trip_filter(trip_filter: TripFilter) -> pb.TripFilter:
    """Write which trips are wanted.

    Parameters
    ----------
    trip_filter : TripFilter
        Which.

    Returns
    -------
    TripFilter
        The message.
    """
    aircraft = trip_filter.aircraft
    crafts = None if aircraft is None else pb.CraftSet(crafts=sorted(aircraft))
    return write_flat(pb.TripFilter, trip_filter, aircraft=crafts)


def read_trip_filter(message: pb.TripFilter) -> TripFilter:
    """Read which trips are wanted.

    Parameters
    ----------
    message : TripFilter
        As sent.

    Returns
    -------
    TripFilter
        Which.
    """
    aircraft = frozenset(message.aircraft.crafts) if message.HasField("aircraft") else None
    return read_flat(TripFilter, message, aircraft=aircraft)


def write_silence_filter(silence_filter: SilenceFilter) -> pb.SilenceFilter:
    """Write which silences are wanted.

    Parameters
    ----------
    silence_filter : SilenceFilter
        Which.

    Returns
    -------
    SilenceFilter
        The message.
    """
    return write_flat(pb.SilenceFilter, silence_filter)


def read_silence_filter(message: pb.SilenceFilter) -> SilenceFilter:
    """Read which silences are wanted.

    Parameters
    ----------
    message : SilenceFilter
        As sent.

    Returns
    -------
    SilenceFilter
        Which.
    """
    return read_flat(SilenceFilter, message)
