"""CSV of the Danish Maritime Authority: 26 columns, day before month, words for codes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lacuna_core.position import CraftClass, Domain
from lacuna_ingestion import parse, parse_craft, parse_time, validity
from lacuna_ingestion.ais_words import imo_numbers, nav_status_codes, ship_type_codes
from lacuna_ingestion.build import decoded
from lacuna_ingestion.coded import coded, mapped, values_of
from lacuna_ingestion.csv_rows import CsvChunk, has_columns, read_csv
from lacuna_ingestion.feed import Decoded
from lacuna_ingestion.rows import FeedRows, Identity
from lacuna_ingestion.scale import nav_status_flags
from lacuna_ingestion.validity import Reason

_WANTED = ("timestamp", "type of mobile", "mmsi", "latitude", "longitude")
_LAYOUT = "%d/%m/%Y %H:%M:%S"
_CLASS_BY_MOBILE = {
    "class a": CraftClass.CLASS_A,
    "class b": CraftClass.CLASS_B,
    "sar airborne": CraftClass.SAR_AIRCRAFT,
}
_NO_CRAFT = ("aton", "base station")


class DmaCsv:
    """Feed of the Danish Maritime Authority's CSV."""

    name = "dma_csv"

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

        lat, lon = parse.numbers(column("latitude")), parse.numbers(column("longitude"))
        speed, course = parse.numbers(column("sog")), parse.numbers(column("cog"))
        heading = parse.numbers(column("heading"))
        lat_deg, lon_deg = validity.null_ais_position(lat.values, lon.values)
        mobile = mapped(coded(column("type of mobile")), str.lower)
        return FeedRows(
            domain=Domain.SEA,
            source=self.name,
            craft=parse_craft.mmsis(column("mmsi")).craft,
            times=parse_time.times_as(column("timestamp"), _LAYOUT),
            lat_deg=lat_deg,
            lon_deg=lon_deg,
            flags=nav_status_flags(nav_status_codes(column("navigational status"))),
            craft_class=values_of(mobile, lambda t: _CLASS_BY_MOBILE.get(t, CraftClass.UNKNOWN), np.uint8),
            speed_kn=validity.null_ais_speed(speed.values),
            course_deg=validity.null_ais_angle(course.values),
            heading_deg=validity.null_ais_angle(heading.values),
            no_position=values_of(mobile, lambda t: t in _NO_CRAFT, np.bool_),
            bad=[
                (Reason.BAD_LATITUDE, lat.bad),
                (Reason.BAD_LONGITUDE, lon.bad),
                (Reason.BAD_SPEED, speed.bad),
                (Reason.BAD_COURSE, course.bad),
                (Reason.BAD_HEADING, heading.bad),
            ],
            identity=self._identity(chunk),
        )

    def _identity(self, chunk: CsvChunk) -> Identity:
        column = chunk.column

        to_bow, to_stern, to_port, to_starboard = (parse.numbers(column(k)).values for k in "abcd")
        length, width = parse.numbers(column("length")).values, parse.numbers(column("width")).values
        no_sides = np.isnan(to_bow) & np.isnan(to_stern)
        no_beam = np.isnan(to_port) & np.isnan(to_starboard)
        return Identity(
            numeric={
                "imo": imo_numbers(column("imo")),
                "ship_type": ship_type_codes(column("ship type"), column("cargo type")),
                "to_bow_m": to_bow,
                "to_stern_m": np.where(no_sides, length, to_stern),
                "to_port_m": to_port,
                "to_starboard_m": np.where(no_beam, width, to_starboard),
                "draught_dm": parse.numbers(column("draught")).values * 10.0,
            },
            text={k: coded(column(k)) for k in ("name", "callsign", "destination")},
        )


FEED = DmaCsv()
