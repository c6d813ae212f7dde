"""Flights made of rows, as a receiver would hear them, and a fold that knows the airfields of the world."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from lacuna_core.digest import row_digest
from lacuna_core.event import Event
from lacuna_core.fold import Rows
from lacuna_core.ids import craft_from_icao24
from lacuna_core.place import Airport
from lacuna_core.position import FLAG_ON_GROUND, Activate, CraftClass, Domain, IdentityBatch, PositionBatch
from lacuna_core.timestamps import parse_time
from lacuna_core.units import MS_PER_H, MS_PER_MIN, NULL_I16, NULL_I32, NULL_U16
from lacuna_flight_correlation.great_circle import ahead, distances_nm
from lacuna_flight_correlation.legs_fold import LegsFold, LegsState
from lacuna_kernels.geodesy import bearing_deg
from lacuna_reference.airports import airport, airport_groups, airports

CRAFT = craft_from_icao24("731821")
START_MS = parse_time("2022-09-01T06:00:00Z")


@dataclass(frozen=True)
class Heard:
    """One row; None for what is not known."""

    t_ms: int
    lat_deg: float
    lon_deg: float
    altitude_ft: int | None
    speed_kn: float
    course_deg: float
    rate_fpm: int | None
    ground: bool = False
    craft: int = CRAFT
    callsign: str = ""


def between_nm(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(distances_nm(a[0], a[1], np.array([b[0]]), np.array([b[1]]))[0])


def at(place: Airport) -> tuple[float, float]:
    return (place.lat_deg, place.lon_deg)


def parked(icao: str, start_ms: int, minutes: int, craft: int = CRAFT) -> list[Heard]:
    """On the surface of an airfield, heard every minute."""
    lat, lon = at(airport(icao))
    return [
        Heard(start_ms + k * MS_PER_MIN, lat, lon, None, 5.0, 90.0, None, ground=True, craft=craft)
        for k in range(minutes + 1)
    ]


def flight(
    origin: str,
    destination: str,
    start_ms: int,
    *,
    cruise_ft: int = 33_000,
    cruise_kn: float = 450.0,
    lost_first_nm: float = 0.0,
    lost_last_nm: float = 0.0,
    surface_min: int = 8,
    craft: int = CRAFT,
    callsign: str = "",
) -> list[Heard]:
    """A whole flight at 300 ft/NM up and down, a row a minute; its ends may be out of reception."""
    here, there = airport(origin), airport(destination)
    total_nm = between_nm(at(here), at(there))
    rows = []
    minutes = int(total_nm / cruise_kn * 60)
    for k in range(1, minutes + 1):
        done_nm = min(total_nm - 0.5, k * cruise_kn / 60)
        course = bearing_deg(here.lat_deg, here.lon_deg, there.lat_deg, there.lon_deg)
        lat, lon = ahead(here.lat_deg, here.lon_deg, course, done_nm)
        left_nm = total_nm - done_nm
        up_ft, down_ft = here.elevation_ft + 300 * done_nm, there.elevation_ft + 300 * left_nm
        altitude = min(up_ft, down_ft, cruise_ft)
        rate = 0 if altitude == cruise_ft else round(300 * cruise_kn / 60) * (1 if up_ft < down_ft else -1)
        if done_nm >= lost_first_nm and left_nm >= lost_last_nm:
            toward = bearing_deg(lat, lon, there.lat_deg, there.lon_deg)
            t_ms = start_ms + k * MS_PER_MIN
            rows.append(Heard(t_ms, lat, lon, round(altitude), cruise_kn, toward, rate, False, craft))
    if surface_min and not lost_first_nm:
        rows = parked(origin, start_ms - surface_min * MS_PER_MIN, surface_min, craft) + rows
    if surface_min and not lost_last_nm:
        rows += parked(destination, rows[-1].t_ms + MS_PER_MIN, surface_min, craft)
    return [replace(row, callsign=callsign) for row in rows]


def landed_ms(origin: str, destination: str, start_ms: int, cruise_kn: float = 450.0) -> int:
    """When ``flight`` touches down."""
    total_nm = between_nm(at(airport(origin)), at(airport(destination)))
    return start_ms + (math.floor(total_nm / cruise_kn * 60) + 1) * MS_PER_MIN


def position_batch(rows: Iterable[Heard]) -> PositionBatch:
    listed = list(rows)
    return PositionBatch.build(
        {
            "craft": np.array([r.craft for r in listed], np.uint64),
            "t_ms": [r.t_ms for r in listed],
            "lat_e7": [round(r.lat_deg * 1e7) for r in listed],
            "lon_e7": [round(r.lon_deg * 1e7) for r in listed],
            "speed_dkn": [round(r.speed_kn * 10) for r in listed],
            "course_ddeg": [round(r.course_deg * 10) for r in listed],
            "heading_ddeg": [NULL_U16 for _ in listed],
            "baro_altitude_ft": [NULL_I32 if r.altitude_ft is None else r.altitude_ft for r in listed],
            "geo_altitude_ft": [NULL_I32 for _ in listed],
            "vertical_rate_fpm": [NULL_I16 if r.rate_fpm is None else r.rate_fpm for r in listed],
            "flags": [FLAG_ON_GROUND if r.ground else 0 for r in listed],
            "craft_class": [int(CraftClass.AIRCRAFT) for _ in listed],
            "source": "test",
            "receiver": "r1",
        },
        domain=Domain.AIR,
    )


def identity_batch(rows: Iterable[Heard]) -> IdentityBatch:
    named = [r for r in rows if r.callsign]
    zeros = [0 for _ in named]
    return IdentityBatch.build(
        {
            "craft": np.array([r.craft for r in named], np.uint64), "t_ms": [r.t_ms for r in named],
            "imo": zeros, "ship_type": zeros, "to_bow_m": zeros, "to_stern_m": zeros, "to_port_m": zeros,
            "to_starboard_m": zeros, "draught_dm": zeros, "squawk": [NULL_U16 for _ in named],
            "name": "", "callsign": [r.callsign for r in named], "destination": "",
            "registration": "", "type_code": "", "source": "test",
        },
        domain=Domain.AIR,
    )  # fmt: skip


def rows_of(heard: Iterable[Heard]) -> Rows:
    """Canonical rows for a fold."""
    listed = sorted(heard, key=lambda r: (r.t_ms, r.craft))
    air = position_batch(listed)
    names = [c.name for c in PositionBatch.SCHEMA if c.name not in ("source", "receiver")]
    table = zip(*(getattr(air, name).tolist() for name in names), strict=True)
    digest = np.array([row_digest(*line) for line in table], np.uint64)
    return Rows(air=air, air_digest=digest, air_identity=identity_batch(listed))


@cache
def world_fold() -> LegsFold:
    return LegsFold(airports(), airport_groups())


def play(
    heard: Iterable[Heard], *, settle_h: float = 12.0, activations: tuple[Activate, ...] = ()
) -> list[Event]:
    """Everything that the fold says of some rows, in one step."""
    rows = rows_of(heard)
    fold = world_fold()
    state: LegsState = fold.initial(0)
    until_ms = int(rows.air.t_ms[-1]) + int(settle_h * MS_PER_H)
    return list(fold.step(state, rows, until_ms, activations)[1].events)


def newest(events: Iterable[Event], kind: str) -> list[Event]:
    """Last revision of each event of a kind, by start."""
    last = {e.event_id: e for e in events if e.kind == kind}
    return sorted(last.values(), key=lambda e: e.start_ms)


def detail(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(event.detail)
    return found
