"""CSV of the Danish Maritime Authority."""

from pathlib import Path

import pytest

from lacuna_core.ids import craft_from_mmsi
from lacuna_core.position import FLAG_NAV_STATUS_MASK, CraftClass
from lacuna_core.timestamps import parse_time
from lacuna_core.units import NULL_U16
from tests.unit.ingestion.feeding import feed_text

HEADER = (
    "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,"
    "Name,Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,"
    "Data source type,A,B,C,D\n"
)


def _row(**changed: str) -> str:
    row = {
        "Timestamp": "02/09/2022 23:59:58", "Type": "Class A", "MMSI": "219001234", "Latitude": "57.123456",
        "Longitude": "11.000001", "Status": "Engaged in fishing", "ROT": "0.0", "SOG": "5.4", "COG": "12.0",
        "Heading": "13", "IMO": "Unknown", "Callsign": "XPAB", "Name": "HAVET", "Ship": "Tanker",
        "Cargo": "Category X", "Width": "10", "Length": "80", "Device": "GPS", "Draught": "4.2",
        "Destination": "SKAGEN", "ETA": "", "Source": "AIS", "A": "60", "B": "20", "C": "4", "D": "6",
    }  # fmt: skip
    return ",".join((row | changed).values()) + "\n"


def test_all_columns(tmp_path: Path) -> None:
    fed = feed_text(tmp_path, HEADER + _row(), "aisdk.csv")
    p, i = fed.positions, fed.identities
    assert (fed.feed, fed.dead) == ("dma_csv", ())
    assert p.craft.tolist() == [craft_from_mmsi(219001234)]
    assert p.t_ms.tolist() == [parse_time("2022-09-02T23:59:58")]
    assert (p.lat_e7[0], p.lon_e7[0]) == (571234560, 110000010)
    assert (p.speed_dkn[0], p.course_ddeg[0], p.heading_ddeg[0]) == (54, 120, 130)
    assert p.flags[0] & FLAG_NAV_STATUS_MASK == 7
    assert p.craft_class[0] == CraftClass.CLASS_A
    assert (i.imo[0], i.ship_type[0], i.draught_dm[0]) == (0, 81, 42)
    assert [int(c[0]) for c in (i.to_bow_m, i.to_stern_m, i.to_port_m, i.to_starboard_m)] == [60, 20, 4, 6]
    assert [i.text(k)[0] for k in ("name", "callsign", "destination")] == ["HAVET", "XPAB", "SKAGEN"]


def test_length_and_width_stand_in_for_missing_sides(tmp_path: Path) -> None:
    i = feed_text(tmp_path, HEADER + _row(A="", B="", C="", D="")).identities
    assert [int(c[0]) for c in (i.to_bow_m, i.to_stern_m, i.to_port_m, i.to_starboard_m)] == [0, 80, 0, 10]


@pytest.mark.parametrize("mobile", ["Base Station", "AtoN"])
def test_what_is_no_craft_is_no_position(tmp_path: Path, mobile: str) -> None:
    fed = feed_text(tmp_path, HEADER + _row(Type=mobile))
    assert (fed.published, fed.non_position) == (0, 1)


def test_classes_statuses_and_blanks(tmp_path: Path) -> None:
    rows = _row(Type="Class B", Status="Unknown value", SOG="", COG="", Heading="", Ship="Undefined") + _row(
        MMSI="111219501", Type="SAR Airborne", Status="Moored"
    )
    p = feed_text(tmp_path, HEADER + rows).positions
    assert p.craft_class.tolist() == [CraftClass.CLASS_B, CraftClass.SAR_AIRCRAFT]
    assert (p.flags & FLAG_NAV_STATUS_MASK).tolist() == [15, 5]
    assert (p.speed_dkn[0], p.course_ddeg[0], p.heading_ddeg[0]) == (NULL_U16,) * 3


def test_a_month_before_the_day_is_no_time(tmp_path: Path) -> None:
    assert feed_text(tmp_path, HEADER + _row(Timestamp="2022-09-02 00:00:00")).reasons() == ["bad_time"]


def test_latitude_91_is_no_position(tmp_path: Path) -> None:
    fed = feed_text(tmp_path, HEADER + _row(Latitude="91.000000", Longitude="0.000000"))
    assert (fed.published, fed.non_position) == (0, 1)
