"""JSON lines and arrays in the columns of Global Fishing Watch's pipeline, old and new spellings."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from lacuna_core.position import FLAG_LONG_RANGE, CraftClass, Domain
from lacuna_core.units import BoolArray, F64Array, U8Array, U16Array
from lacuna_ingestion import parse, parse_craft, parse_time, validity
from lacuna_ingestion.ais_words import imo_numbers, nav_status_codes, ship_type_codes
from lacuna_ingestion.build import decoded
from lacuna_ingestion.coded import coded
from lacuna_ingestion.feed import Decoded
from lacuna_ingestion.json_records import JsonChunk, read_records
from lacuna_ingestion.json_values import looks_like_json
from lacuna_ingestion.rows import FeedRows, Identity
from lacuna_ingestion.scale import nav_status_flags
from lacuna_ingestion.validity import Reason

_SPELLINGS = {
    "mmsi": ("ssvid", "mmsi"),
    "time": ("timestamp",),
    "lat": ("lat",),
    "lon": ("lon",),
    "speed": ("speed", "speed_knots"),
    "course": ("course",),
    "heading": ("heading",),
    "type": ("type",),
    "status": ("status",),
    "receiver": ("receiver", "tagblock_station"),
    "imo": ("imo",),
    "ship_type": ("shiptype", "shiptype_text"),
    "length": ("length",),
    "width": ("width",),
    "draught": ("draught",),
    "name": ("shipname",),
    "callsign": ("callsign",),
    "destination": ("destination",),
}
_CLASS_A_TYPES = (1, 2, 3, 5)
_CLASS_B_TYPES = (18, 19, 24)
_SAR_TYPE = 9
_LONG_RANGE_TYPE = 27
_NO_CRAFT_TYPES = (4, 11, 21)
"""Base stations and aids to navigation."""


def _columns(chunk: JsonChunk) -> dict[str, pl.Series]:
    """Columns by our names; where two spellings occur, the first that has a value."""
    present = set().union(*chunk.records) if chunk.records else set()
    names = [s for spellings in _SPELLINGS.values() for s in spellings if s in present]
    given = parse.json_columns(chunk.records, names)
    columns: dict[str, pl.Series] = {}
    for name, spellings in _SPELLINGS.items():
        found = [given[s] for s in spellings if s in given]
        if not found:
            columns[name] = parse.none_column(len(chunk.records))
        elif len(found) == 1:
            columns[name] = found[0]
        else:
            first, second = (parse.texts(f) for f in found)
            columns[name] = first.fill_null(second)
    return columns


def _message_types(column: pl.Series) -> F64Array:
    """Numbers of ``AIS.18``, ``18`` or 18."""
    digits = parse.texts(column).str.extract(r"^(?:AIS\.)?(\d{1,2})$")
    return digits.cast(pl.Float64).fill_null(np.nan).to_numpy()


def _craft_classes(kind: F64Array) -> U8Array:
    classes = np.full(len(kind), int(CraftClass.UNKNOWN), np.uint8)
    classes[np.isin(kind, _CLASS_A_TYPES)] = CraftClass.CLASS_A
    classes[np.isin(kind, _CLASS_B_TYPES)] = CraftClass.CLASS_B
    classes[kind == _SAR_TYPE] = CraftClass.SAR_AIRCRAFT
    return classes


def _flags(status: pl.Series, long_range: BoolArray) -> U16Array:
    flags = nav_status_flags(nav_status_codes(status))
    return flags | np.where(long_range, np.uint16(FLAG_LONG_RANGE), np.uint16(0))


class GfwJson:
    """Feed of JSON in the columns of Global Fishing Watch."""

    name = "gfw_json"

    def recognizes(self, path: Path, head: bytes) -> bool:
        """Tell by the members of the first record."""
        first = head[: head.find(b"}") + 1]
        return (
            looks_like_json(head)
            and (b'"ssvid"' in first or b'"mmsi"' in first)
            and all(member in first for member in (b'"timestamp"', b'"lat"', b'"lon"'))
        )

    def read(self, path: Path) -> Iterator[Decoded]:
        """Decode a file."""
        for chunk in read_records(path, self.name):
            yield decoded(
                self._rows(_columns(chunk)),
                chunk.origin,
                chunk.payload,
                dead=chunk.dead,
                bytes_read=chunk.bytes_read,
            )

    def _rows(self, column: dict[str, pl.Series]) -> FeedRows:
        kind = _message_types(column["type"])
        long_range = kind == _LONG_RANGE_TYPE
        lat, lon = parse.numbers(column["lat"]), parse.numbers(column["lon"])
        speed, course = parse.numbers(column["speed"]), parse.numbers(column["course"])
        heading = parse.numbers(column["heading"])
        lat_deg, lon_deg = validity.null_ais_position(lat.values, lon.values)
        return FeedRows(
            domain=Domain.SEA,
            source=self.name,
            craft=parse_craft.mmsis(column["mmsi"]).craft,
            times=parse_time.times(column["time"]),
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            flags=_flags(column["status"], long_range),
            craft_class=_craft_classes(kind),
            speed_kn=validity.null_ais_speed(speed.values, long_range),
            course_deg=validity.null_ais_angle(course.values),
            heading_deg=validity.null_ais_angle(heading.values),
            receiver=coded(column["receiver"]),
            no_position=np.isin(kind, _NO_CRAFT_TYPES),
            bad=[
                (Reason.BAD_LATITUDE, lat.bad),
                (Reason.BAD_LONGITUDE, lon.bad),
                (Reason.BAD_SPEED, speed.bad),
                (Reason.BAD_COURSE, course.bad),
                (Reason.BAD_HEADING, heading.bad),
            ],
            identity=Identity(
                numeric={
                    "imo": imo_numbers(column["imo"]),
                    "ship_type": ship_type_codes(column["ship_type"]),
                    # only the length and width are given: dimensions known, reference point not
                    "to_stern_m": parse.numbers(column["length"]).values,
                    "to_starboard_m": parse.numbers(column["width"]).values,
                    "draught_dm": parse.numbers(column["draught"]).values * 10.0,
                },
                text={k: coded(column[k]) for k in ("name", "callsign", "destination")},
            ),
        )


FEED = GfwJson()
