"""Snapshots of readsb and its relatives: ``aircraft.json``, one document or one a line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from lacuna_core.position import FLAG_NAV_STATUS_MASK, FLAG_ON_GROUND, FLAG_STALE, CraftClass, Domain
from lacuna_core.units import F64Array
from lacuna_ingestion import parse, parse_craft, parse_time
from lacuna_ingestion.build import decoded, undecoded
from lacuna_ingestion.coded import coded
from lacuna_ingestion.feed import Decoded
from lacuna_ingestion.json_records import members, read_documents
from lacuna_ingestion.json_values import as_bytes, looks_like_json
from lacuna_ingestion.rows import FeedRows, Identity
from lacuna_ingestion.validity import Reason

_STALE_AFTER_S = 20.0
_MS_FROM = 4e10
_NUMBERS = (
    ("lat", Reason.BAD_LATITUDE),
    ("lon", Reason.BAD_LONGITUDE),
    ("gs", Reason.BAD_SPEED),
    ("track", Reason.BAD_COURSE),
    ("true_heading", Reason.BAD_HEADING),
    ("alt_geom", Reason.BAD_ALTITUDE),
    ("baro_rate", Reason.BAD_VERTICAL_RATE),
    ("geom_rate", Reason.BAD_VERTICAL_RATE),
    ("seen_pos", Reason.BAD_TIME),
    ("seen", Reason.BAD_TIME),
)


class ReadsbAircraft:
    """Feed of ``aircraft.json`` snapshots."""

    name = "readsb_aircraft"

    def recognizes(self, path: Path, head: bytes) -> bool:
        """Tell by the members of the document."""
        return looks_like_json(head) and b'"now"' in head and b'"aircraft"' in head

    def read(self, path: Path) -> Iterator[Decoded]:
        """Decode a file."""
        for chunk in read_documents(path, self.name):
            if chunk.dead:
                yield undecoded(chunk.dead, chunk.bytes_read)
            for i, document in enumerate(chunk.records):
                yield self._decode(document, chunk.origin(i), chunk.payload(i), chunk.bytes_read)

    def _decode(self, document: dict[str, Any], origin: str, raw: bytes, bytes_read: int) -> Decoded:
        listed, places, dead = members(document.get("aircraft"), dict, self.name, origin, raw)
        return decoded(
            _rows(document, listed, self.name),
            lambda row: f"{origin}:{places[row]}",
            lambda row: as_bytes({"now": document.get("now"), "aircraft": [listed[row]]}),
            dead=dead,
            bytes_read=bytes_read,
        )


def _rows(document: dict[str, Any], listed: list[dict[str, Any]], source: str) -> FeedRows:
    number = {name: parse.json_numbers(parse.member(listed, name)) for name, _ in _NUMBERS}
    altitude, ground = parse.json_numbers_or_word(parse.member(listed, "alt_baro"), "ground")
    age_s = number["seen_pos"].values
    flags = np.full(len(listed), FLAG_NAV_STATUS_MASK, np.uint16)
    flags[ground] |= FLAG_ON_GROUND
    flags[age_s > _STALE_AFTER_S] |= FLAG_STALE
    baro_rate, geo_rate = number["baro_rate"].values, number["geom_rate"].values
    return FeedRows(
        domain=Domain.AIR,
        source=source,
        craft=parse_craft.icao24s(parse.member(listed, "hex")).craft,
        times=_times(document, age_s, number["seen"].values),
        lat_deg=number["lat"].values,
        lon_deg=number["lon"].values,
        flags=flags,
        craft_class=int(CraftClass.AIRCRAFT),
        speed_kn=number["gs"].values,
        course_deg=parse.wrapped_deg(number["track"].values),
        heading_deg=parse.wrapped_deg(number["true_heading"].values),
        baro_altitude_ft=altitude.values,
        geo_altitude_ft=number["alt_geom"].values,
        vertical_rate_fpm=np.where(np.isnan(baro_rate), geo_rate, baro_rate),
        bad=[*((reason, number[name].bad) for name, reason in _NUMBERS), (Reason.BAD_ALTITUDE, altitude.bad)],
        identity=Identity(
            numeric={"squawk": parse_craft.squawks(parse.member(listed, "squawk"))},
            text={
                "callsign": coded(parse.member(listed, "flight")),
                "registration": coded(parse.member(listed, "r")),
                "type_code": coded(parse.member(listed, "t")),
            },
        ),
    )


def _times(document: dict[str, Any], position_age_s: F64Array, age_s: F64Array) -> parse_time.Times:
    """Times of the fixes; of an aircraft without one, of its last message."""
    now = parse.json_numbers([document.get("now")]).values[0]
    now_s = now / 1000.0 if now > _MS_FROM else now
    age = np.where(np.isnan(position_age_s), np.nan_to_num(age_s, nan=0.0), position_age_s)
    times = parse_time.epochs(parse.sane(now_s - age))
    return parse_time.Times(times.t_ms, times.bad | bool(np.isnan(now_s)))


FEED = ReadsbAircraft()
