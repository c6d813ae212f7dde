"""Vessels, aircraft and figures as JSON."""

from typing import Any

import orjson

from lacuna_core.ids import craft_number, format_craft, imo_is_valid
from lacuna_core.position import FLAG_NAV_STATUS_MASK, FLAG_ON_GROUND, Domain
from lacuna_core.profile import Identity, LastPosition
from lacuna_core.query import CraftDetail, CraftSummary, SilenceFigure
from lacuna_core.timestamps import format_time
from lacuna_core.units import NULL_I16, NULL_I32, NULL_U16, from_e7


def _tenths(value: int) -> float | None:
    return None if value == NULL_U16 else value / 10.0


def _unless(value: int, null: int) -> int | None:
    return None if value == null else value


def _sum(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b


def _time(t_ms: int | None) -> str | None:
    return None if t_ms is None else format_time(t_ms)


def position_record(position: LastPosition, domain: Domain) -> dict[str, Any]:
    """Write a position.

    Parameters
    ----------
    position : LastPosition
        The position.
    domain : Domain
        Decides which fields make sense.

    Returns
    -------
    dict
        Units in the names; null where nothing was transmitted.
    """
    record: dict[str, Any] = {
        "t": format_time(position.t_ms),
        "lat": from_e7(position.lat_e7),
        "lon": from_e7(position.lon_e7),
        "speed_kn": _tenths(position.speed_dkn),
        "course_deg": _tenths(position.course_ddeg),
        "heading_deg": _tenths(position.heading_ddeg),
    }
    if domain is Domain.SEA:
        record["nav_status"] = position.flags & FLAG_NAV_STATUS_MASK
    else:
        record["baro_altitude_ft"] = _unless(position.baro_altitude_ft, NULL_I32)
        record["geo_altitude_ft"] = _unless(position.geo_altitude_ft, NULL_I32)
        record["vertical_rate_fpm"] = _unless(position.vertical_rate_fpm, NULL_I16)
        record["on_ground"] = bool(position.flags & FLAG_ON_GROUND)
    return record


def _ship(identity: Identity) -> dict[str, Any]:
    return {
        "name": identity.name,
        "callsign": identity.callsign,
        "imo": identity.imo,
        "imo_valid": None if identity.imo is None else imo_is_valid(identity.imo),
        "ship_type": identity.ship_type,
        "length_m": _sum(identity.to_bow_m, identity.to_stern_m),
        "beam_m": _sum(identity.to_port_m, identity.to_starboard_m),
        "draught_m": None if identity.draught_dm is None else identity.draught_dm / 10.0,
        "destination": identity.destination,
    }


def _airframe(identity: Identity) -> dict[str, Any]:
    squawk = identity.squawk
    return {
        "registration": identity.registration,
        "type_code": identity.type_code,
        "callsign": identity.callsign,
        "squawk": None if squawk is None else f"{squawk:04d}",
    }


def craft_record(summary: CraftSummary) -> dict[str, Any]:
    """Write a vessel or an aircraft.

    Parameters
    ----------
    summary : CraftSummary
        What is known of it.

    Returns
    -------
    dict
        Plain JSON values.
    """
    profile = summary.profile
    record: dict[str, Any] = {"id": format_craft(profile.craft)}
    if profile.domain is Domain.SEA:
        record["mmsi"] = craft_number(profile.craft)
        record["flag"] = summary.flag
        record["group"] = summary.group
        record.update(_ship(profile.identity))
    else:
        record["address"] = f"{craft_number(profile.craft):06x}"
        record.update(_airframe(profile.identity))
    record["first_seen"] = _time(profile.first_ms)
    record["last_seen"] = _time(profile.last_ms)
    record["last_position"] = position_record(profile.last, profile.domain) if profile.last else None
    return record


def encode_craft(summary: CraftSummary) -> bytes:
    """Encode a vessel or an aircraft.

    Parameters
    ----------
    summary : CraftSummary
        What is known of it.

    Returns
    -------
    bytes
        JSON.
    """
    return orjson.dumps(craft_record(summary))


def encode_craft_detail(detail: CraftDetail) -> bytes:
    """Encode a vessel or an aircraft with its identity history.

    Parameters
    ----------
    detail : CraftDetail
        What is known of it.

    Returns
    -------
    bytes
        JSON.
    """
    sea = detail.summary.profile.domain is Domain.SEA
    write = _ship if sea else _airframe
    history = [
        {"from": format_time(change.t_ms), "source": change.source, **write(change.identity)}
        for change in detail.history
    ]
    return orjson.dumps({**craft_record(detail.summary), "history": history})


def silence_record(figure: SilenceFigure) -> dict[str, Any]:
    """Write a figure of silences.

    Parameters
    ----------
    figure : SilenceFigure
        Count, exposure, rate.

    Returns
    -------
    dict
        Plain JSON values.
    """
    return {
        "month": figure.month,
        "flag": figure.flag,
        "group": figure.group,
        "silences": figure.silences,
        "void": figure.void,
        "crafts": figure.crafts,
        "exposure_craft_days": figure.exposure_craft_days,
        "rate_per_1000_craft_days": figure.rate,
        "rate_low": figure.rate_low,
        "rate_high": figure.rate_high,
    }
