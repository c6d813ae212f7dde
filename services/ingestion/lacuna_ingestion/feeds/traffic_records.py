"""State vectors as JSON records or columns, as the Python library ``traffic`` and its samples keep them."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lacuna_core.position import FLAG_NAV_STATUS_MASK, FLAG_ON_GROUND, FLAG_STALE, CraftClass, Domain
from lacuna_core.units import NULL_TIME_MS, I64Array, U16Array
from lacuna_ingestion import parse, parse_craft, parse_time
from lacuna_ingestion.build import decoded
from lacuna_ingestion.coded import coded
from lacuna_ingestion.feed import Decoded
from lacuna_ingestion.json_records import JsonChunk, read_documents, read_records
from lacuna_ingestion.json_values import as_bytes, looks_like_json, parse_json, starts_with_array
from lacuna_ingestion.rows import FeedRows, Identity
from lacuna_ingestion.source_file import head
from lacuna_ingestion.validity import Reason

_NUMBERS = (
    ("latitude", Reason.BAD_LATITUDE),
    ("longitude", Reason.BAD_LONGITUDE),
    ("groundspeed", Reason.BAD_SPEED),
    ("track", Reason.BAD_COURSE),
    ("altitude", Reason.BAD_ALTITUDE),
    ("geoaltitude", Reason.BAD_ALTITUDE),
    ("vertical_rate", Reason.BAD_VERTICAL_RATE),
)
_OTHERS = ("timestamp", "icao24", "callsign", "onground", "squawk", "destination", "last_position",
           "registration", "typecode")  # fmt: skip
_MEMBERS = {name for name, _ in _NUMBERS} | set(_OTHERS)
_COLUMN_FORM = re.compile(rb'\s*\{\s*"(\w+)"\s*:\s*\{')
_STALE_AFTER_MS = 20_000


def _by_columns(document: dict[str, Any]) -> bool:
    return bool(document) and all(isinstance(column, dict) for column in document.values())


def _records_of(chunk: JsonChunk) -> JsonChunk:
    """Turn ``{"column": {"row": value}}`` into records, row by row in the order of first mention."""
    rows: list[dict[str, Any]] = []
    for document in chunk.records:
        if not _by_columns(document):
            rows.append(document)
            continue
        by_row: dict[str, dict[str, Any]] = {}
        for name, column in document.items():
            for row, value in column.items():
                by_row.setdefault(row, {})[name] = value
        rows += by_row.values()
    raw = [as_bytes(row) for row in rows]
    numbers = list(range(1, len(rows) + 1))
    return JsonChunk(rows, raw, numbers, chunk.path, chunk.dead, chunk.bytes_read)


def _lines_of_records(beginning: bytes) -> bool:
    """Tell whether the first line is a record of its own."""
    try:
        first = parse_json(beginning.split(b"\n", 1)[0])
    except ValueError:
        return False
    return isinstance(first, dict) and not _by_columns(first)


def _flags(records: list[dict[str, Any]], t_ms: I64Array) -> U16Array:
    flags = np.full(len(t_ms), FLAG_NAV_STATUS_MASK, np.uint16)
    flags[parse.truths(parse.json_column(parse.member(records, "onground")))] |= FLAG_ON_GROUND
    fixed = parse_time.times(parse.json_column(parse.member(records, "last_position"))).t_ms
    known = (fixed != NULL_TIME_MS) & (t_ms != NULL_TIME_MS)
    age_ms = np.where(known, t_ms, 0) - np.where(known, fixed, 0)
    flags[age_ms > _STALE_AFTER_MS] |= FLAG_STALE
    return flags


class TrafficRecords:
    """Feed of state vectors as records or columns."""

    name = "traffic_records"

    def recognizes(self, path: Path, head: bytes) -> bool:
        """Tell by the members: an address, and a latitude under its long name."""
        if not looks_like_json(head) or b'"icao24"' not in head:
            return False
        column = _COLUMN_FORM.match(head)
        return b'"latitude"' in head or (column is not None and column[1].decode() in _MEMBERS)

    def read(self, path: Path) -> Iterator[Decoded]:
        """Decode a file."""
        for chunk in self._chunks(path):
            yield decoded(
                self._rows(chunk), chunk.origin, chunk.payload, dead=chunk.dead, bytes_read=chunk.bytes_read
            )

    def _chunks(self, path: Path) -> Iterator[JsonChunk]:
        beginning = head(path)
        if starts_with_array(beginning) or _lines_of_records(beginning):
            yield from read_records(path, self.name)
            return
        for document in read_documents(path, self.name):
            yield from _records_of(document).split()

    def _rows(self, chunk: JsonChunk) -> FeedRows:
        column = partial(parse.member, chunk.records)
        number = {name: parse.json_numbers(column(name)) for name, _ in _NUMBERS}
        craft = parse_craft.icao24s(column("icao24"))
        times = parse_time.times(parse.json_column(column("timestamp")))
        return FeedRows(
            domain=Domain.AIR,
            source=self.name,
            craft=craft.craft,
            times=times,
            lat_deg=number["latitude"].values,
            lon_deg=number["longitude"].values,
            flags=_flags(chunk.records, times.t_ms),
            craft_class=int(CraftClass.AIRCRAFT),
            speed_kn=number["groundspeed"].values,
            course_deg=parse.wrapped_deg(number["track"].values),
            baro_altitude_ft=number["altitude"].values,
            geo_altitude_ft=number["geoaltitude"].values,
            vertical_rate_fpm=number["vertical_rate"].values,
            bad=[(reason, number[name].bad) for name, reason in _NUMBERS],
            identity=Identity(
                numeric={"squawk": parse_craft.squawks(column("squawk"))},
                text={
                    "callsign": coded(column("callsign")),
                    "destination": coded(column("destination")),
                    "registration": coded(column("registration")),
                    "type_code": coded(column("typecode")),
                },
            ),
        )


FEED = TrafficRecords()
