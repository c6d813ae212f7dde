"""CSV of NOAA MarineCadastre, in any order of columns and with the spellings of its republishers."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lacuna_core.position import CraftClass, Domain
from lacuna_core.units import F64Array, U8Array
from lacuna_ingestion import parse, parse_craft, parse_time, validity
from lacuna_ingestion.ais_words import imo_numbers, nav_status_codes, ship_type_codes
from lacuna_ingestion.build import decoded
from lacuna_ingestion.coded import coded, values_of
from lacuna_ingestion.csv_rows import CsvChunk, has_columns, read_csv
from lacuna_ingestion.feed import Decoded
from lacuna_ingestion.rows import FeedRows, Identity
from lacuna_ingestion.scale import nav_status_flags
from lacuna_ingestion.validity import Reason

_WANTED = ("mmsi", "basedatetime", "lat", "lon")
_CLASS_COLUMNS = ("transceiverclass", "transcieverclass")
_CLASS_BY_LETTER = {"A": CraftClass.CLASS_A, "B": CraftClass.CLASS_B}
_SPEED_TURN_KN = 102.4
_COURSE_TURN_DEG = 409.6


def _unwrapped(values: F64Array, turn: float) -> F64Array:
    """Undo the sign that the publisher's software gives to the upper half of a field's range.

    A 12-bit course of 299.8 comes as -109.8, and "not available" (360) as -49.6; a 10-bit speed likewise.
    """
    return np.where((values < 0) & (values >= -turn / 2 - 1e-6), values + turn, values)


def _classes(chunk: CsvChunk) -> U8Array:
    name = next((n for n in _CLASS_COLUMNS if n in chunk.frame.columns), _CLASS_COLUMNS[0])
    found: U8Array = values_of(
        coded(chunk.column(name)),
        lambda text: _CLASS_BY_LETTER.get(text.upper(), CraftClass.UNKNOWN),
        np.uint8,
    )
    return found


class NoaaCsv:
    """Feed of NOAA MarineCadastre CSV."""

    name = "noaa_csv"

    def recognizes(self, path: Path, head: bytes) -> bool:
        """Tell by the names of the columns."""
        return has_columns(head, _WANTED)

    def read(self, path: Path) -> Iterator[Decoded]:
        """Decode a file."""
        for chunk in read_csv(path, self.name, _WANTED):
            yield decoded(
                self._rows(chunk), chunk.origin, chunk.payload, dead=chunk.dead, bytes_read=chunk.bytes_read
            )

    def _rows(self, chunk: CsvChunk) -> FeedRows:
        column = chunk.column

        mmsi = parse_craft.mmsis(column("mmsi"))
        lat, lon = parse.numbers(column("lat")), parse.numbers(column("lon"))
        speed, course = parse.numbers(column("sog")), parse.numbers(column("cog"))
        heading = parse.numbers(column("heading"))
        lat_deg, lon_deg = validity.null_ais_position(lat.values, lon.values)
        return FeedRows(
            domain=Domain.SEA,
            source=self.name,
            craft=mmsi.craft,
            times=parse_time.times(column("basedatetime")),
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            flags=nav_status_flags(nav_status_codes(column("status"))),
            craft_class=_classes(chunk),
            speed_kn=validity.null_ais_speed(_unwrapped(speed.values, _SPEED_TURN_KN)),
            course_deg=validity.null_ais_angle(_unwrapped(course.values, _COURSE_TURN_DEG)),
            heading_deg=validity.null_ais_angle(heading.values),
            bad=[
                (Reason.BAD_LATITUDE, lat.bad),
                (Reason.BAD_LONGITUDE, lon.bad),
                (Reason.BAD_SPEED, speed.bad),
                (Reason.BAD_COURSE, course.bad),
                (Reason.BAD_HEADING, heading.bad),
            ],
            identity=Identity(
                numeric={
                    "imo": imo_numbers(column("imo")),
                    "ship_type": ship_type_codes(column("vesseltype")),
                    # only the length and width are given: dimensions known, reference point not
                    "to_stern_m": parse.numbers(column("length")).values,
                    "to_starboard_m": parse.numbers(column("width")).values,
                    "draught_dm": parse.numbers(column("draft")).values * 10.0,
                },
                text={"name": coded(column("vesselname")), "callsign": coded(column("callsign"))},
            ),
        )


FEED = NoaaCsv()
