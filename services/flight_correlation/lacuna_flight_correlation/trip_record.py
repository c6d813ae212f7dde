"""What an itinerary remembers of the last closed leg of an airframe, and the definitions of a trip."""

from dataclasses import asdict, dataclass
from typing import Any

from lacuna_core.canonical import round9
from lacuna_core.units import MS_PER_DAY, MS_PER_H


@dataclass(frozen=True, slots=True)
class TripParams:
    """Definitions of a trip and its classes.

    Attributes
    ----------
    destinations : tuple of str
        Groups whose arrivals are trips; the first is the headline.
    confirmed_share, possible_share : float
        Least share of the classes.
    named_share : float
        Least share at which a departure says where the airframe had been.
    max_stop_h, max_trip_h : float
        A stop that does not end a trip, and the longest trip.
    bracket_min_h, bracket_max_h : float
        Time on the ground between an arrival nobody heard and the next departure.
    unseen_hop_share : float
        Chance of a hop that nobody heard between two legs.
    near_share, far_share : float
        Share that an arrival starts from when the next departure is from the group and the last fix was
        within ``near_nm`` of it, or farther.
    near_nm : float
        See above.
    cruise_kn : float
        Speed for reachability.
    """

    destinations: tuple[str, ...] = ("MOSCOW", "MOSCOW_EXTENDED")
    confirmed_share: float = 0.95
    possible_share: float = 0.05
    named_share: float = 0.7
    max_stop_h: float = 12.0
    max_trip_h: float = 48.0
    bracket_min_h: float = 1.0
    bracket_max_h: float = 168.0
    unseen_hop_share: float = 0.02
    near_share: float = 0.5
    far_share: float = 0.2
    near_nm: float = 110.0
    cruise_kn: float = 450.0


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a trip began.

    Attributes
    ----------
    airport, country : str
        ``""`` when not named.
    evidence : str
        Level, ``E5`` when only the arrival before says it.
    start_ms : int
        First fix of the first leg.
    legs : int
        Legs so far.
    """

    airport: str
    country: str
    evidence: str
    start_ms: int
    legs: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """The last closed leg of an airframe, as far as trips need it; everything in it is plain JSON.

    Attributes
    ----------
    craft : int
        Craft key.
    as_of_ms : int
        Data time of what it says now.
    first, last : tuple of int
        Time in ms, latitude and longitude times 1e7, digest of the leg's deciding fixes.
    airport, country, evidence : str
        Arrival as named, and its level.
    shares, inside_before : tuple of (str, float)
        By group: share of having landed in it, and of having been in it already.
    distance_nm, height_ft : float or None
        From the deciding fix to the best airfield.
    origin : Origin
        Where the trip began.
    callsigns : tuple of str
        Heard on the leg.
    registration : str
        As known to the feed.
    pending : bool
        Whether the next departure may still change it.
    told : bool
        Whether a trip was emitted for it.
    """

    craft: int
    as_of_ms: int
    first: tuple[int, int, int, int]
    last: tuple[int, int, int, int]
    airport: str
    country: str
    evidence: str
    shares: tuple[tuple[str, float], ...]
    inside_before: tuple[tuple[str, float], ...]
    distance_nm: float | None
    height_ft: float | None
    origin: Origin
    callsigns: tuple[str, ...]
    registration: str
    pending: bool
    told: bool = False

    def new_share(self, group: str) -> float:
        """Share of a transition from outside a group to landed in it.

        Parameters
        ----------
        group : str
            Group name.

        Returns
        -------
        float
            0 to 1.
        """
        landed = dict(self.shares).get(group, 0.0)
        return round9(landed * (1.0 - dict(self.inside_before).get(group, 0.0)))


def due_ms(arrival: Arrival, params: TripParams) -> int:
    """When an arrival stands although no departure followed.

    Parameters
    ----------
    arrival : Arrival
        The arrival.
    params : TripParams
        Definitions.

    Returns
    -------
    int
        Unix milliseconds UTC; a day and a half later than the latest departure that would count, because a
        leg speaks when it ends.
    """
    return arrival.last[0] + int(params.bracket_max_h * MS_PER_H) + 3 * MS_PER_DAY // 2


def dump_arrival(arrival: Arrival) -> dict[str, Any]:
    """Write an arrival as plain JSON values.

    Parameters
    ----------
    arrival : Arrival
        Any arrival.

    Returns
    -------
    dict
        Its fields.
    """
    return asdict(arrival)


def load_arrival(fields: dict[str, Any]) -> Arrival:
    """Read an arrival.

    Parameters
    ----------
    fields : dict
        What ``dump_arrival`` wrote, perhaps through JSON.

    Returns
    -------
    Arrival
        The arrival.
    """
    first, last = fields["first"], fields["last"]
    plain = {
        **fields,
        "first": (first[0], first[1], first[2], first[3]),
        "last": (last[0], last[1], last[2], last[3]),
        "shares": tuple((name, value) for name, value in fields["shares"]),
        "inside_before": tuple((name, value) for name, value in fields["inside_before"]),
        "callsigns": tuple(fields["callsigns"]),
        "origin": Origin(**fields["origin"]),
    }
    return Arrival(**plain)
