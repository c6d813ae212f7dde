"""The itinerary of one airframe: where it was before a leg, and what the next leg says of the last arrival.

Continuity is the strongest evidence there is for a landing nobody heard: an airframe last heard near a group
of airfields and next heard leaving it has been there, unless it made a hop that nobody heard either. The
revision is Bayes' rule with that hop as the only other explanation (level E5).
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

from lacuna_core.canonical import round9
from lacuna_core.units import E7_PER_DEG, MS_PER_DAY, MS_PER_H

from lacuna_flight_correlation.airport_posterior import BRACKETED, GROUND, AirportModel, Place
from lacuna_flight_correlation.leg_record import Leg


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


def _elsewhere(place: Place, group: str) -> float:
    return max(0.0, 1.0 - place.none_share - place.group(group))


def bracket(model: AirportModel, params: TripParams, before: Arrival, departure: Place, leg: Leg) -> Arrival:
    """Revise an arrival by where the next leg began.

    Parameters
    ----------
    model : AirportModel
        Airfields and groups.
    params : TripParams
        Definitions.
    before : Arrival
        The arrival.
    departure : Place
        Where the next leg began.
    leg : Leg
        The next leg.

    Returns
    -------
    Arrival
        The arrival with nothing pending.
    """
    ground_ms = leg.first.t_ms - before.last[0]
    lat_deg, lon_deg = before.last[1] / E7_PER_DEG, before.last[2] / E7_PER_DEG
    hop = params.unseen_hop_share
    shares: list[tuple[str, float]] = []
    raised = False
    for group, share in before.shares:
        if departure.group(group) >= params.named_share:
            away_nm = model.group_distance_nm(group, lat_deg, lon_deg)
            stay_h = ground_ms / MS_PER_H - away_nm / params.cruise_kn
            if params.bracket_min_h <= stay_h and ground_ms <= params.bracket_max_h * MS_PER_H:
                start = max(share, params.near_share if away_nm <= params.near_nm else params.far_share)
                share = start * (1.0 - hop) / (start * (1.0 - hop) + (1.0 - start) * hop)
                raised = True
        elif _elsewhere(departure, group) >= params.named_share:
            share = share * hop / (share * hop + (1.0 - share) * (1.0 - hop))
        shares.append((group, round9(share)))
    return replace(
        before,
        as_of_ms=leg.as_of_ms,
        shares=tuple(shares),
        airport=departure.airport if raised and departure.airport else before.airport,
        country=departure.country if raised and departure.country else before.country,
        evidence=BRACKETED if raised else before.evidence,
        pending=False,
    )


def _inside_before(
    model: AirportModel, params: TripParams, before: Arrival | None, departure: Place, leg: Leg
) -> tuple[tuple[str, float], ...]:
    found = []
    for group in model.groups:
        known = 1.0 - departure.none_share
        if known >= 0.5:
            share = departure.group(group) / known
        elif before is None:
            share = 0.0
        else:
            lat_deg, lon_deg = leg.first.lat_e7 / E7_PER_DEG, leg.first.lon_e7 / E7_PER_DEG
            left = model.group_distance_nm(group, lat_deg, lon_deg) > params.near_nm
            long_ago = leg.first.t_ms - before.last[0] > params.max_stop_h * MS_PER_H
            share = 0.0 if left or long_ago else dict(before.shares).get(group, 0.0)
        found.append((group, round9(share)))
    return tuple(found)


def _origin(params: TripParams, before: Arrival | None, departure: Place, leg: Leg) -> Origin:
    here = Origin(departure.airport, departure.country, departure.evidence, leg.first.t_ms, 1)
    if before is None:
        return here
    stop_h = (leg.first.t_ms - before.last[0]) / MS_PER_H
    total_h = (leg.last.t_ms - before.origin.start_ms) / MS_PER_H
    if stop_h > params.max_stop_h:
        return here
    stopped_home = before.country != "" and before.country == before.origin.country
    ended = stopped_home or any(share >= 0.5 for _, share in before.shares)
    if not ended and total_h <= params.max_trip_h and before.origin.country:
        return replace(before.origin, legs=before.origin.legs + 1)
    if departure.country or not before.country:
        return here
    return replace(here, airport=before.airport, country=before.country, evidence=BRACKETED)


def arrive(
    model: AirportModel,
    params: TripParams,
    before: Arrival | None,
    departure: Place,
    arrival: Place,
    leg: Leg,
) -> Arrival:
    """Add a closed leg to the itinerary.

    Parameters
    ----------
    model : AirportModel
        Airfields and groups.
    params : TripParams
        Definitions.
    before : Arrival or None
        The arrival before, already bracketed.
    departure, arrival : Place
        Ends of the leg.
    leg : Leg
        The leg.

    Returns
    -------
    Arrival
        The new last arrival.
    """
    return Arrival(
        craft=leg.craft,
        as_of_ms=leg.as_of_ms,
        first=(leg.first.t_ms, leg.first.lat_e7, leg.first.lon_e7, leg.first.digest),
        last=(leg.last.t_ms, leg.last.lat_e7, leg.last.lon_e7, leg.last.digest),
        airport=arrival.airport,
        country=arrival.country,
        evidence=arrival.evidence,
        shares=tuple((group, arrival.group(group)) for group in model.groups),
        inside_before=_inside_before(model, params, before, departure, leg),
        distance_nm=arrival.distance_nm,
        height_ft=arrival.height_ft,
        origin=_origin(params, before, departure, leg),
        callsigns=leg.callsigns,
        registration=leg.registration,
        pending=arrival.evidence != GROUND,
    )


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
