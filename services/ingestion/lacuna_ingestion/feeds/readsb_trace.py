"""Day traces of readsb and tar1090: ``trace_full_*.json``."""

from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np

from lacuna_core.position import FLAG_NAV_STATUS_MASK, FLAG_ON_GROUND, FLAG_STALE, CraftClass, Domain
from lacuna_core.units import I64Array
from lacuna_ingestion import parse, parse_craft, parse_time
from lacuna_ingestion.build import decoded, undecoded
from lacuna_ingestion.coded import coded, constant
from lacuna_ingestion.feed import Decoded
from lacuna_ingestion.json_records import members, read_documents
from lacuna_ingestion.json_values import as_bytes, looks_like_json
from lacuna_ingestion.rows import FeedRows, Identity
from lacuna_ingestion.validity import Reason

_OFFSET, _LAT, _LON, _ALTITUDE, _SPEED, _TRACK, _FLAGS, _RATE, _DETAILS, _SOURCE, _GEO_ALTITUDE = range(11)
_WIDTH = 11
_STALE = 1
_GEOMETRIC_ALTITUDE = 8
_REASONS = (
    (_LAT, Reason.BAD_LATITUDE),
    (_LON, Reason.BAD_LONGITUDE),
    (_SPEED, Reason.BAD_SPEED),
    (_TRACK, Reason.BAD_COURSE),
    (_RATE, Reason.BAD_VERTICAL_RATE),
    (_GEO_ALTITUDE, Reason.BAD_ALTITUDE),
)


class ReadsbTrace:
    """Feed of readsb day traces."""

    name = "readsb_trace"

    def recognizes(self, path: Path, head: bytes) -> bool:
        """Tell by the members of the document."""
        return looks_like_json(head) and b'"icao"' in head and b'"trace"' in head and b'"timestamp"' in head

    def read(self, path: Path) -> Iterator[Decoded]:
        """Decode a file."""
        for chunk in read_documents(path, self.name):
            if chunk.dead:
                yield undecoded(chunk.dead, chunk.bytes_read)
            for i, document in enumerate(chunk.records):
                yield self._decode(document, chunk.origin(i), chunk.payload(i), chunk.bytes_read)

    def _decode(self, document: dict[str, Any], origin: str, raw: bytes, bytes_read: int) -> Decoded:
        trace, places, dead = members(document.get("trace"), list, self.name, origin, raw)
        return decoded(
            _rows(document, trace, self.name),
            lambda row: f"{origin}:{places[row]}",
            lambda row: as_bytes([document.get("icao"), document.get("timestamp"), trace[row]]),
            dead=dead,
            bytes_read=bytes_read,
        )


def _rows(document: dict[str, Any], trace: list[list[Any]], source: str) -> FeedRows:
    n = len(trace)
    padded = [row if len(row) >= _WIDTH else [*row, *repeat(None, _WIDTH - len(row))] for row in trace]
    column = list(zip(*(row[:_WIDTH] for row in padded), strict=True)) or [()] * _WIDTH
    number = {at: parse.json_numbers(column[at]) for at, _ in _REASONS}
    altitude, ground = parse.json_numbers_or_word(column[_ALTITUDE], "ground")
    bits = parse.json_numbers(column[_FLAGS]).values
    mask: I64Array = np.where(np.isfinite(bits) & (bits >= 0) & (bits < 2**31), bits, 0.0).astype(np.int64)
    geometric = (mask & _GEOMETRIC_ALTITUDE) > 0
    flags = np.full(n, FLAG_NAV_STATUS_MASK, np.uint16)
    flags[ground] |= FLAG_ON_GROUND
    flags[(mask & _STALE) > 0] |= FLAG_STALE
    details = [d if isinstance(d, dict) else {} for d in column[_DETAILS]]
    return FeedRows(
        domain=Domain.AIR,
        source=source,
        craft=np.full(n, parse_craft.icao24s([document.get("icao")]).craft[0]),
        times=_times(document, parse.json_numbers(column[_OFFSET])),
        lat_deg=number[_LAT].values,
        lon_deg=number[_LON].values,
        flags=flags,
        craft_class=int(CraftClass.AIRCRAFT),
        speed_kn=number[_SPEED].values,
        course_deg=parse.wrapped_deg(number[_TRACK].values),
        heading_deg=parse.wrapped_deg(parse.json_numbers(parse.member(details, "true_heading")).values),
        baro_altitude_ft=np.where(geometric, np.nan, altitude.values),
        geo_altitude_ft=np.where(
            geometric & np.isnan(number[_GEO_ALTITUDE].values), altitude.values, number[_GEO_ALTITUDE].values
        ),
        vertical_rate_fpm=number[_RATE].values,
        bad=[*((reason, number[at].bad) for at, reason in _REASONS), (Reason.BAD_ALTITUDE, altitude.bad)],
        identity=_identity(document, details),
    )


def _times(document: dict[str, Any], offset: parse.Numbers) -> parse_time.Times:
    """Times of the rows: seconds after the document's own time."""
    start_s = parse.json_numbers([document.get("timestamp")]).values[0]
    times = parse_time.epochs(parse.sane(start_s + offset.values))
    return parse_time.Times(times.t_ms, times.bad | offset.bad | bool(np.isnan(start_s)))


def _identity(document: dict[str, Any], details: list[dict[str, Any]]) -> Identity:
    """Flight and code where the details give them; tail and type, known from outside the air, with them."""
    flight, squawk = parse.member(details, "flight"), parse.member(details, "squawk")
    speaks = np.array(
        [f is not None or s is not None for f, s in zip(flight, squawk, strict=True)], dtype=np.bool_
    )
    speaks[:1] = True
    return Identity(
        numeric={"squawk": parse_craft.squawks(squawk)},
        text={
            "callsign": coded(flight),
            "registration": constant(document.get("r"), speaks),
            "type_code": constant(document.get("t"), speaks),
        },
    )


FEED = ReadsbTrace()
