"""Flights of Flightradar24: playback JSON (one flight a file) and the granular ADS-B CSV."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from lacuna_core.position import FLAG_NAV_STATUS_MASK, CraftClass, Domain
from lacuna_ingestion import parse, parse_craft, parse_time
from lacuna_ingestion.build import decoded, undecoded
from lacuna_ingestion.coded import Coded, coded, constant
from lacuna_ingestion.csv_rows import CsvChunk, has_columns, read_csv
from lacuna_ingestion.feed import Decoded
from lacuna_ingestion.json_records import members, read_documents
from lacuna_ingestion.json_values import as_bytes, looks_like_json
from lacuna_ingestion.rows import FeedRows, Identity
from lacuna_ingestion.source_file import head
from lacuna_ingestion.validity import Reason

_CSV_WANTED = ("receiver_time", "hex", "latitude", "longitude", "no_position")
_CSV_NUMBERS = (
    ("latitude", Reason.BAD_LATITUDE),
    ("longitude", Reason.BAD_LONGITUDE),
    ("altitude", Reason.BAD_ALTITUDE),
    ("speed", Reason.BAD_SPEED),
    ("track", Reason.BAD_COURSE),
    ("vspeed", Reason.BAD_VERTICAL_RATE),
)
_CSV_TIME = "%Y-%m-%d %H:%M:%S%.f"
_CSV_EXTRAS = 20
"""Columns behind the named ones that may hold ``KEY:value``."""
_POINT = (
    ("latitude", None, Reason.BAD_LATITUDE),
    ("longitude", None, Reason.BAD_LONGITUDE),
    ("altitude", "feet", Reason.BAD_ALTITUDE),
    ("speed", "kts", Reason.BAD_SPEED),
    ("verticalSpeed", "fpm", Reason.BAD_VERTICAL_RATE),
    ("heading", None, Reason.BAD_COURSE),
)


def _at(value: Any, *members: str) -> Any:
    """Follow members into a document; None where one is missing."""
    for member in members:
        value = value.get(member) if isinstance(value, dict) else None
    return value


class Fr24:
    """Feed of Flightradar24 files."""

    name = "fr24"

    def recognizes(self, path: Path, head: bytes) -> bool:
        """Tell by the members of the document, or the names of the columns."""
        if looks_like_json(head):
            return b'"response"' in head and b'"flight"' in head and b'"identification"' in head
        return has_columns(head, _CSV_WANTED)

    def read(self, path: Path) -> Iterator[Decoded]:
        """Decode a file."""
        if looks_like_json(head(path)):
            yield from self._read_json(path)
            return
        for chunk in read_csv(path, self.name, _CSV_WANTED):
            yield decoded(
                self._csv_rows(chunk), chunk.origin, chunk.payload, dead=chunk.dead,
                bytes_read=chunk.bytes_read,
            )  # fmt: skip

    def _read_json(self, path: Path) -> Iterator[Decoded]:
        for chunk in read_documents(path, self.name):
            if chunk.dead:
                yield undecoded(chunk.dead, chunk.bytes_read)
            for i, document in enumerate(chunk.records):
                yield self._decode(document, chunk.origin(i), chunk.payload(i), chunk.bytes_read)

    def _decode(self, document: dict[str, Any], origin: str, raw: bytes, bytes_read: int) -> Decoded:
        flight = _at(document, "result", "response", "data", "flight")
        address = _at(flight, "aircraft", "identification", "modes")
        track, places, dead = members(_at(flight, "track"), dict, self.name, origin, raw)
        return decoded(
            _json_rows(flight, track, self.name),
            lambda row: f"{origin}:{places[row]}",
            lambda row: as_bytes([address, track[row]]),
            dead=dead,
            bytes_read=bytes_read,
        )

    def _csv_rows(self, chunk: CsvChunk) -> FeedRows:
        column = chunk.column

        def clock(name: str) -> parse_time.Times:
            return parse_time.times_as(
                parse.texts(column(name)).str.replace("Z", "", literal=True), _CSV_TIME
            )

        number = {name: parse.numbers(column(name)) for name, _ in _CSV_NUMBERS}
        # a row without a position has zeros there, and only what its frame told is set besides
        fixed = parse.texts(column("no_position")).str.to_uppercase().fill_null("") == "P"
        placed = fixed.to_numpy()
        extras = chunk.frame.select(pl.concat_str(chunk.frame.columns[-_CSV_EXTRAS:], separator=",",
                                                  ignore_nulls=True).alias("extras"))["extras"]  # fmt: skip
        geo = extras.str.extract(r"(?:^|,)GPSA:(-?\d+)").cast(pl.Float64).fill_null(np.nan).to_numpy()
        return FeedRows(
            domain=Domain.AIR,
            source=self.name,
            craft=parse_craft.icao24s(column("hex")).craft,
            times=parse_time.first_times(clock("receiver_time"), clock("network_time")),
            lat_deg=np.where(placed, number["latitude"].values, np.nan),
            lon_deg=np.where(placed, number["longitude"].values, np.nan),
            flags=FLAG_NAV_STATUS_MASK,
            craft_class=int(CraftClass.AIRCRAFT),
            speed_kn=number["speed"].values,
            course_deg=parse.wrapped_deg(number["track"].values),
            baro_altitude_ft=number["altitude"].values,
            geo_altitude_ft=geo,
            vertical_rate_fpm=number["vspeed"].values,
            bad=[(reason, number[name].bad) for name, reason in _CSV_NUMBERS],
            identity=Identity(
                numeric={"squawk": parse_craft.squawks(column("squawk").set(~fixed, None))},
                text={"callsign": coded(column("callsign"))},
            ),
        )


def _json_rows(flight: Any, track: list[dict[str, Any]], source: str) -> FeedRows:
    n = len(track)
    number = {
        name: parse.json_numbers([p.get(name) if inner is None else _at(p.get(name), inner) for p in track])
        for name, inner, _ in _POINT
    }

    def known(*members: str) -> Coded:
        return constant(_at(flight, *members), np.ones(n, np.bool_))

    address = [_at(flight, "aircraft", "identification", "modes")]
    return FeedRows(
        domain=Domain.AIR,
        source=source,
        craft=np.full(n, parse_craft.icao24s(address).craft[0]),
        times=parse_time.times(parse.json_column(parse.member(track, "timestamp"))),
        lat_deg=number["latitude"].values,
        lon_deg=number["longitude"].values,
        flags=FLAG_NAV_STATUS_MASK,
        craft_class=int(CraftClass.AIRCRAFT),
        speed_kn=number["speed"].values,
        # "heading" of a playback is the track over ground
        course_deg=parse.wrapped_deg(number["heading"].values),
        baro_altitude_ft=number["altitude"].values,
        vertical_rate_fpm=number["verticalSpeed"].values,
        bad=[(reason, number[name].bad) for name, _, reason in _POINT],
        identity=Identity(
            numeric={"squawk": parse_craft.squawks(parse.member(track, "squawk"))},
            text={
                "callsign": known("identification", "callsign"),
                "destination": known("airport", "destination", "code", "icao"),
                "registration": known("aircraft", "identification", "registration"),
                "type_code": known("aircraft", "model", "code"),
            },
        ),
    )


FEED = Fr24()
