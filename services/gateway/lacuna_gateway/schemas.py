"""Schemas of answers, for the OpenAPI document and for tests; hot lists are not validated against them."""

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")
_POSITION = {
    "t": "2022-09-01T12:00:00Z", "lat": 40.35, "lon": 50.1, "speed_kn": 10.1, "course_deg": 45.0,
    "heading_deg": None, "nav_status": 0,
}  # fmt: skip
_SHIP = {
    "name": "VOLGA 5", "callsign": "UBCD", "imo": 9074729, "imo_valid": True, "ship_type": 70,
    "length_m": 140, "beam_m": 17, "draught_m": 3.6, "destination": "ASTRAKHAN",
}  # fmt: skip
_VESSEL = {
    "id": "mmsi:273123456", "mmsi": 273123456, "flag": "RU", "group": "cargo", **_SHIP,
    "first_seen": "2022-07-01T00:00:10Z", "last_seen": "2022-09-01T12:00:00Z", "last_position": _POSITION,
}  # fmt: skip
_AIRFRAME = {"registration": "EP-ABC", "type_code": "B742", "callsign": "QFZ9954", "squawk": "2000"}
_AIRCRAFT = {
    "id": "icao24:731821", "address": "731821", **_AIRFRAME,
    "first_seen": "2022-05-01T04:00:00Z", "last_seen": "2023-03-30T10:00:00Z", "last_position": None,
}  # fmt: skip
EVENT_EXAMPLE: dict[str, Any] = {
    "event_id": "0a5e5f0e-4a56-8d3b-9d5e-1c2b3a495867", "kind": "gap", "generation": 0, "revision": 3,
    "status": "closed", "craft": "mmsi:273123456", "crafts": ["mmsi:273123456"],
    "as_of": "2022-09-02T18:00:00Z", "start": "2022-09-01T12:00:00Z", "end": "2022-09-02T18:00:00Z",
    "start_lat": 40.35, "start_lon": 50.1, "end_lat": 38.9, "end_lon": 51.2, "place": None, "verdict": None,
    "probabilities": {"off": None}, "terms": [{"name": "silence", "value": 30.0, "unit": "h"}],
    "evidence": ["9f3ac01b22d4e5f6"], "model_version": "gap/1+00000000", "detail": {},
}  # fmt: skip
_PAGE = {"next": None, "limit": 100}


def _with(example: object) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": example})  # type: ignore[dict-item]


class PageInfo(BaseModel):
    """Where the list goes on."""

    next: str | None = Field(description="Cursor of the next page; null on the last one.")
    limit: int


class Listed(BaseModel, Generic[T]):
    """One page of a list."""

    data: list[T]
    page: PageInfo


class Position(BaseModel):
    """One position; fields of the other domain are absent."""

    t: str
    lat: float | None
    lon: float | None
    speed_kn: float | None
    course_deg: float | None
    heading_deg: float | None
    nav_status: int | None = None
    baro_altitude_ft: int | None = None
    geo_altitude_ft: int | None = None
    vertical_rate_fpm: int | None = None
    on_ground: bool | None = None


class ShipIdentity(BaseModel):
    """What a ship said of itself; null where it never did."""

    name: str | None
    callsign: str | None
    imo: int | None
    imo_valid: bool | None
    ship_type: int | None
    length_m: int | None
    beam_m: int | None
    draught_m: float | None
    destination: str | None


class Vessel(ShipIdentity):
    """A vessel. Its flag is the country of the radio license, not of the registry or the owner."""

    model_config = _with(_VESSEL)
    id: str
    mmsi: int
    flag: str | None
    group: str
    first_seen: str | None
    last_seen: str | None
    last_position: Position | None


class ShipChange(ShipIdentity):
    """The identity of a ship from a time on."""

    model_config = ConfigDict(populate_by_name=True)
    since: str = Field(alias="from")
    source: str


class VesselDetail(Vessel):
    """A vessel with its identity history."""

    model_config = _with(
        {**_VESSEL, "history": [{"from": "2022-07-01T00:00:10Z", "source": "nmea", **_SHIP}]}
    )
    history: list[ShipChange]


class VesselPage(Listed[Vessel]):
    """Vessels, ascending by MMSI."""

    model_config = _with({"data": [_VESSEL], "page": _PAGE})


class AirIdentity(BaseModel):
    """What an aircraft said of itself; null where it never did."""

    registration: str | None
    type_code: str | None
    callsign: str | None
    squawk: str | None


class Aircraft(AirIdentity):
    """An aircraft."""

    model_config = _with(_AIRCRAFT)
    id: str
    address: str
    first_seen: str | None
    last_seen: str | None
    last_position: Position | None


class AirChange(AirIdentity):
    """The identity of an aircraft from a time on."""

    model_config = ConfigDict(populate_by_name=True)
    since: str = Field(alias="from")
    source: str


class AircraftDetail(Aircraft):
    """An aircraft with its identity history."""

    model_config = _with(
        {**_AIRCRAFT, "history": [{"from": "2022-05-01T04:00:00Z", "source": "readsb", **_AIRFRAME}]}
    )
    history: list[AirChange]


class AircraftPage(Listed[Aircraft]):
    """Aircraft, ascending by address."""

    model_config = _with({"data": [_AIRCRAFT], "page": _PAGE})


class Track(BaseModel):
    """Positions of one craft, as columns or as points."""

    model_config = _with(
        {
            "craft": "mmsi:273123456", "total": 2, "returned": 2, "stride_s": 0.0,
            "columns": {
                "t": ["2022-09-01T12:00:00Z", "2022-09-01T12:00:10Z"], "lat": [40.35, 40.3502],
                "lon": [50.1, 50.1003], "speed_kn": [10.1, 10.0], "course_deg": [45.0, 45.2],
                "heading_deg": [None, None], "source": ["nmea", "nmea"], "receiver": ["baku", "baku"],
            },
        }
    )  # fmt: skip
    craft: str
    total: int = Field(description="Positions stored in the interval.")
    returned: int
    stride_s: float = Field(
        description="0 when all are here; else the first of each stretch of this length, and the last."
    )
    columns: dict[str, list[str | float | None]] | None = None
    points: list[dict[str, str | float | None]] | None = None


class Term(BaseModel):
    """One number that made a score or a verdict."""

    name: str
    value: float
    unit: str


class Event(BaseModel):
    """One revision of what a detector asserts. Null probabilities are not calibrated, so not printed."""

    model_config = _with(EVENT_EXAMPLE)
    event_id: str
    kind: str
    generation: int
    revision: int
    status: str
    craft: str | None
    crafts: list[str]
    as_of: str
    start: str
    end: str | None
    start_lat: float | None
    start_lon: float | None
    end_lat: float | None
    end_lon: float | None
    place: str | None
    verdict: str | None = Field(description="`void`: the receivers explain the silence or can say nothing.")
    probabilities: dict[str, float | None]
    terms: list[Term]
    evidence: list[str]
    model_version: str
    detail: dict[str, Any]


class EventPage(Listed[Event]):
    """Events, ascending by (start, event_id)."""

    model_config = _with({"data": [EVENT_EXAMPLE], "page": _PAGE})


class EventRevisions(BaseModel):
    """All revisions of one event, ascending."""

    model_config = _with({"data": [EVENT_EXAMPLE]})
    data: list[Event]


class TripCount(BaseModel):
    """Trips counted as confirmed, expected and possible: defined terms of counting."""

    model_config = _with(
        {
            "group": "MOSCOW", "start": "2022-05-01T00:00:00Z", "end": "2023-04-01T00:00:00Z",
            "watchlisted": True, "aircraft": None, "confirmed": 2, "expected": 2.4, "possible": 3,
            "trip_ids": ["0a5e5f0e-4a56-8d3b-9d5e-1c2b3a495867"],
        }
    )  # fmt: skip
    group: str
    start: str | None
    end: str | None
    watchlisted: bool
    aircraft: list[str] | None
    confirmed: int = Field(description="Arrivals observed with a share of 0.95 or more.")
    expected: float = Field(description="Sum of the arrival shares.")
    possible: int = Field(description="Arrivals with a share of 0.05 or more.")
    trip_ids: list[str]


_ALERT = {
    "specversion": "1.0", "id": "0a5e5f0e-4a56-8d3b-9d5e-1c2b3a495867.0.1", "source": "/lacuna/legs",
    "type": "lacuna.trip.v1", "subject": "0a5e5f0e-4a56-8d3b-9d5e-1c2b3a495867",
    "time": "2022-09-01T12:00:00Z", "datacontenttype": "application/json", "data": {},
}  # fmt: skip


class AlertPage(Listed[dict[str, Any]]):
    """CloudEvents 1.0 in JSON, ascending by (time, subject)."""

    model_config = _with({"data": [_ALERT], "page": _PAGE})


class Silences(BaseModel):
    """Silences of one month, flag and group beside what could have been heard."""

    month: str | None
    flag: str | None
    group: str | None
    silences: int
    void: int = Field(description="Silences about which the receivers can say nothing; not in `silences`.")
    crafts: int
    exposure_craft_days: float
    rate_per_1000_craft_days: float | None
    rate_low: float | None = Field(description="Exact 95 % Poisson interval.")
    rate_high: float | None


class Statistics(BaseModel):
    """Silences with their denominators."""

    model_config = _with(
        {
            "metric": "silences", "threshold_h": 30.0, "start": "2022-07-01T00:00:00Z",
            "end": "2022-12-01T00:00:00Z", "exposure": "hours with at least one position, over 24",
            "data": [
                {
                    "month": "2022-09", "flag": None, "group": None, "silences": 12, "void": 3, "crafts": 9,
                    "exposure_craft_days": 4100.5, "rate_per_1000_craft_days": 2.926,
                    "rate_low": 1.512, "rate_high": 5.112,
                }
            ],
        }
    )  # fmt: skip
    metric: str
    threshold_h: float
    start: str
    end: str
    exposure: str
    data: list[Silences]


class DeadLetters(BaseModel):
    """Messages that could not be used, by source and reason."""

    source: str
    reason: str
    count: int


class SourceFreshness(BaseModel):
    """When a feed last brought a message."""

    source: str
    newest: str


class LedgerLine(BaseModel):
    """Newest row counts of one stage and partition."""

    stage: str
    partition: int
    t: str
    counts: dict[str, int]


class Status(BaseModel):
    """How far the data reaches, and whether anything was lost."""

    model_config = _with(
        {
            "watermark": "2022-11-30T23:55:00Z", "watermark_age_s": 2.0,
            "newest_position": "2022-11-30T23:59:58Z",
            "sources": [{"source": "nmea", "newest": "2022-11-30T23:59:59Z"}],
            "stored": {"crafts": 312, "chunks": 40000, "positions": 21000000, "events": 5120, "alerts": 97},
            "dead_letters": [{"source": "nmea", "reason": "bad_checksum", "count": 14}],
            "ledger": [
                {"stage": "ingestion", "partition": 0, "t": "2022-11-30T23:59:58Z", "counts": {"in": 9}}
            ],
        }
    )  # fmt: skip
    watermark: str | None
    watermark_age_s: float | None = Field(description="Wall clock less watermark: large after a replay.")
    newest_position: str | None
    sources: list[SourceFreshness]
    stored: dict[str, int]
    dead_letters: list[DeadLetters]
    ledger: list[LedgerLine]


class Health(BaseModel):
    """One word."""

    model_config = _with({"status": "ok"})
    status: str


_CURSOR_EXPIRED = {
    "type": "/problems/cursor-expired", "title": "Cursor expired", "status": 410,
    "description": "Cursors are good for a day. Start at the first page.",
}  # fmt: skip


class ProblemPage(BaseModel):
    """What a problem type means."""

    model_config = _with(_CURSOR_EXPIRED)
    type: str
    title: str
    status: int
    description: str


class ProblemPages(BaseModel):
    """All problem types."""

    model_config = _with({"data": [_CURSOR_EXPIRED]})
    data: list[ProblemPage]
