"""The itinerary of one airframe: where it was before a leg, and what the next leg says of the last arrival.

Continuity is the strongest evidence there is for a landing nobody heard: an airframe last heard near a group
of airfields and next heard leaving it has been there, unless it made a hop that nobody heard either. The
revision is Bayes' rule with that hop as the only other explanation (level E5).
"""

from dataclasses import replace

from lacuna_core.canonical import round9
from lacuna_core.units import E7_PER_DEG, MS_PER_H
from lacuna_flight_correlation.airport_posterior import AirportModel
from lacuna_flight_correlation.leg_place import BRACKETED, GROUND, Place
from lacuna_flight_correlation.leg_record import Leg
from lacuna_flight_correlation.trip_record import Arrival, Origin, TripParams


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
