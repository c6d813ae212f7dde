"""What legs and trips say: the events ``leg`` and ``trip``.

``leg``: anchor = its first row (the last fix on the ground before take-off where there is one). Opened when
it has been in the air for two minutes, closed when it ended. ``place`` is the arrival airfield where one is
named. ``detail``: departure, arrival {airport, country, candidates [[icao, share]], groups {name: share},
none_share, evidence, score_share}, opened_by, closed_by, callsigns, registration, type_code, rows, rejected,
bridged, ambiguous, max_altitude_ft, watchlisted, operator.

``trip``: anchor = the first row of the arriving leg; one transition from outside a destination group to
landed in it. ``verdict`` is the class in the first destination group where it has one: ``confirmed`` from
share 0.95 on, else ``possible``. These two and ``expected`` (a sum of shares) are defined terms of counting;
shares are model outputs named ``score_share``, so every entry of ``probabilities`` is null. Status ``open``
means that the next departure may still change it. ``detail``: groups {name: {score_share, class}}, airport,
evidence, origin {airport, country, evidence, start,
legs}, bases, callsigns, registration, watchlisted, operator.
"""

from typing import Any

from lacuna_core.canonical import canonical_json, round9
from lacuna_core.digest import event_id
from lacuna_core.event import CLOSED, OPEN, RETRACTED, Event, Term
from lacuna_core.timestamps import format_time
from lacuna_core.units import MS_PER_H, MS_PER_S
from lacuna_flight_correlation.leg_place import Place
from lacuna_flight_correlation.leg_record import Leg
from lacuna_flight_correlation.trip_record import Arrival, TripParams
from lacuna_flight_correlation.watchlist import Watched

CONFIRMED, POSSIBLE = "confirmed", "possible"


def _terms(values: dict[str, tuple[float | None, str]]) -> tuple[Term, ...]:
    return tuple(
        Term(name, round9(value), unit) for name, (value, unit) in sorted(values.items()) if value is not None
    )


def _place_detail(place: Place) -> dict[str, Any]:
    return {
        "airport": place.airport or None,
        "country": place.country or None,
        "candidates": [[code, share] for code, share in place.candidates],
        "groups": dict(place.groups),
        "none_share": place.none_share,
        "score_share": place.candidates[0][1] if place.candidates else None,
        "evidence": place.evidence or None,
    }


def _watch_detail(watched: Watched | None) -> dict[str, Any]:
    return {"watchlisted": watched is not None, "operator": watched.operator if watched else ""}


def _leg_detail(leg: Leg, departure: Place, arrival: Place, watched: Watched | None) -> dict[str, Any]:
    return {
        "departure": _place_detail(departure),
        "arrival": _place_detail(arrival) if leg.closed else None,
        "opened_by": leg.open_reason,
        "closed_by": leg.close_reason or None,
        "callsigns": list(leg.callsigns),
        "registration": leg.registration or None,
        "type_code": leg.type_code or None,
        "rows": leg.rows,
        "rejected": leg.rejected,
        "bridged": leg.bridged,
        "ambiguous": leg.ambiguous,
        "max_altitude_ft": leg.max_altitude_ft,
        **_watch_detail(watched),
    }


def _leg_terms(leg: Leg, departure: Place, arrival: Place) -> tuple[Term, ...]:
    hours = (leg.last.t_ms - leg.first.t_ms) / MS_PER_H if leg.closed else None
    age_s = (leg.as_of_ms - leg.last.t_ms) / MS_PER_S if leg.closed else None
    return _terms(
        {
            "arrival_age_s": (age_s, "s"),
            "arrival_distance_nm": (arrival.distance_nm, "nm"),
            "arrival_height_ft": (arrival.height_ft, "ft"),
            "departure_distance_nm": (departure.distance_nm, "nm"),
            "departure_height_ft": (departure.height_ft, "ft"),
            "duration_h": (hours, "h"),
        }
    )


def leg_event(leg: Leg, departure: Place, arrival: Place, watched: Watched | None, version: str) -> Event:
    """Say what is known of a leg.

    Parameters
    ----------
    leg : Leg
        Open or closed.
    departure, arrival : Place
        Its ends; ``arrival`` says nothing while it is open.
    watched : Watched or None
        Entry of the watchlist that covers it.
    version : str
        Model version.

    Returns
    -------
    Event
        Unnumbered.
    """
    end = leg.last if leg.closed else None
    return Event(
        event_id=event_id("leg", (leg.craft,), leg.first.t_ms, leg.first.digest),
        kind="leg",
        crafts=(leg.craft,),
        generation=0,
        revision=0,
        status=CLOSED if leg.closed else OPEN,
        as_of_ms=leg.as_of_ms,
        start_ms=leg.first.t_ms,
        end_ms=end.t_ms if end else None,
        start_lat_e7=leg.first.lat_e7,
        start_lon_e7=leg.first.lon_e7,
        end_lat_e7=end.lat_e7 if end else None,
        end_lon_e7=end.lon_e7 if end else None,
        place=arrival.airport,
        probabilities=(("arrival", None), ("departure", None)),
        terms=_leg_terms(leg, departure, arrival),
        evidence=tuple(f"{fix.digest:016x}" for fix in (leg.first, end) if fix is not None),
        detail=canonical_json(_leg_detail(leg, departure, arrival, watched)),
        model_version=version,
    )


def trip_class(share: float, params: TripParams) -> str:
    """Class of a trip.

    Parameters
    ----------
    share : float
        Share of the transition.
    params : TripParams
        Definitions.

    Returns
    -------
    str
        ``confirmed``, ``possible`` or ``""``.
    """
    if share >= params.confirmed_share:
        return CONFIRMED
    return POSSIBLE if share >= params.possible_share else ""


def _trip_detail(
    arrival: Arrival, watched: Watched | None, shares: dict[str, float], classes: dict[str, str]
) -> dict[str, Any]:
    bases = ["arrivals_from_anywhere"]
    if arrival.origin.country:
        bases.append(f"origin_{arrival.origin.country.lower()}")
    return {
        "groups": {
            group: {"score_share": shares[group], "class": classes[group] or None} for group in shares
        },
        "airport": arrival.airport or None,
        "evidence": arrival.evidence or None,
        "origin": {
            "airport": arrival.origin.airport or None,
            "country": arrival.origin.country or None,
            "evidence": arrival.origin.evidence or None,
            "start": format_time(arrival.origin.start_ms),
            "legs": arrival.origin.legs,
        },
        "bases": bases,
        "callsigns": list(arrival.callsigns),
        "registration": arrival.registration or (watched.registration if watched else "") or None,
        **_watch_detail(watched),
    }


def _trip_terms(arrival: Arrival, headline: str) -> tuple[Term, ...]:
    return _terms(
        {
            "arrival_distance_nm": (arrival.distance_nm, "nm"),
            "arrival_height_ft": (arrival.height_ft, "ft"),
            "arrival_share": (dict(arrival.shares).get(headline, 0.0), "1"),
            "inside_before_share": (dict(arrival.inside_before).get(headline, 0.0), "1"),
            "trip_share": (arrival.new_share(headline), "1"),
        }
    )


def trip_event(arrival: Arrival, watched: Watched | None, params: TripParams, version: str) -> Event | None:
    """Say what is known of a trip.

    Parameters
    ----------
    arrival : Arrival
        The arriving leg.
    watched : Watched or None
        Entry of the watchlist that covers it.
    params : TripParams
        Definitions.
    version : str
        Model version.

    Returns
    -------
    Event or None
        Unnumbered; None when it is no trip and never was told as one.
    """
    shares = {group: arrival.new_share(group) for group in params.destinations}
    classes = {group: trip_class(share, params) for group, share in shares.items()}
    verdict = next((word for word in classes.values() if word), "")
    if not verdict and not arrival.told:
        return None
    status = RETRACTED if not verdict else OPEN if arrival.pending else CLOSED
    headline = params.destinations[0]
    leg_id = event_id("leg", (arrival.craft,), arrival.first[0], arrival.first[3])
    return Event(
        event_id=event_id("trip", (arrival.craft,), arrival.first[0], arrival.first[3]),
        kind="trip",
        crafts=(arrival.craft,),
        generation=0,
        revision=0,
        status=status,
        as_of_ms=arrival.as_of_ms,
        start_ms=arrival.first[0],
        end_ms=arrival.last[0],
        start_lat_e7=arrival.first[1],
        start_lon_e7=arrival.first[2],
        end_lat_e7=arrival.last[1],
        end_lon_e7=arrival.last[2],
        place=arrival.airport,
        verdict=verdict,
        probabilities=(("arrival", None),),
        terms=_trip_terms(arrival, headline),
        evidence=(leg_id, f"{arrival.first[3]:016x}", f"{arrival.last[3]:016x}"),
        detail=canonical_json(_trip_detail(arrival, watched, shares, classes)),
        model_version=version,
    )
