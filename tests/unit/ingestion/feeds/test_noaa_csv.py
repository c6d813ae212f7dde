"""MarineCadastre CSV."""

from pathlib import Path

import pytest

from lacuna_core.ids import craft_from_mmsi
from lacuna_core.position import FLAG_NAV_STATUS_MASK, CraftClass
from lacuna_core.timestamps import parse_time
from lacuna_core.units import NULL_U16
from tests.real_data import real_data
from tests.unit.ingestion.feeding import feed_file, feed_text

HEADER = (
    "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,"
    "Length,Width,Draft,Cargo,TransceiverClass\n"
)


def _row(**changed: str) -> str:
    row = {
        "MMSI": "273123456", "BaseDateTime": "2022-09-01T12:00:05", "LAT": "37.61234", "LON": "-49.5",
        "SOG": "10.3", "COG": "181.5", "Heading": "180.0", "VesselName": "VOLGA STAR", "IMO": "IMO9074729",
        "CallSign": "UBXY", "VesselType": "70.0", "Status": "0", "Length": "140", "Width": "16.0",
        "Draft": "4.6", "Cargo": "70", "TransceiverClass": "A",
    }  # fmt: skip
    return ",".join((row | changed).values()) + "\n"


def test_all_columns(tmp_path: Path) -> None:
    fed = feed_text(tmp_path, HEADER + _row())
    p, i = fed.positions, fed.identities
    assert fed.dead == ()
    assert p.craft.tolist() == [craft_from_mmsi(273123456)]
    assert p.t_ms.tolist() == [parse_time("2022-09-01T12:00:05")]
    assert (p.lat_e7[0], p.lon_e7[0]) == (376123400, -495000000)
    assert (p.speed_dkn[0], p.course_ddeg[0], p.heading_ddeg[0]) == (103, 1815, 1800)
    assert p.flags[0] & FLAG_NAV_STATUS_MASK == 0
    assert p.craft_class[0] == CraftClass.CLASS_A
    assert p.text("source").tolist() == ["noaa_csv"]
    assert (i.imo[0], i.ship_type[0], i.draught_dm[0]) == (9074729, 70, 46)
    assert i.to_bow_m[0] + i.to_stern_m[0] == 140
    assert i.to_port_m[0] + i.to_starboard_m[0] == 16
    assert (i.text("name")[0], i.text("callsign")[0]) == ("VOLGA STAR", "UBXY")


def test_not_available_is_null(tmp_path: Path) -> None:
    fed = feed_text(
        tmp_path, HEADER + _row(SOG="102.3", COG="360.0", Heading="511.0", Status="", IMO="Unknown")
    )
    p = fed.positions
    assert (p.speed_dkn[0], p.course_ddeg[0], p.heading_ddeg[0]) == (NULL_U16,) * 3
    assert p.flags[0] & FLAG_NAV_STATUS_MASK == 15
    assert fed.identities.imo[0] == 0


def test_the_upper_half_of_a_field_comes_with_a_sign_and_is_put_right(tmp_path: Path) -> None:
    rows = _row(COG="-61.8", SOG="-0.2") + _row(MMSI="1", COG="-49.6", SOG="-0.1")
    p = feed_text(tmp_path, HEADER + rows).positions
    assert p.course_ddeg.tolist() == [3478, NULL_U16]
    assert p.speed_dkn.tolist() == [1022, NULL_U16]


def test_the_spelling_of_republishers_in_another_order_and_packed(tmp_path: Path) -> None:
    text = "BaseDateTime,LON,LAT,MMSI,TranscieverClass,ETA\n2020-06-30T00:00:00,-74.07,40.6,367000140,B,\n"
    p = feed_text(tmp_path, text, "input.csv.gz").positions
    assert (p.lat_e7[0], p.lon_e7[0], p.craft_class[0]) == (406000000, -740700000, CraftClass.CLASS_B)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"LAT": "90.5"}, "bad_latitude"),
        ({"LON": "-180.1"}, "bad_longitude"),
        ({"LON": "east"}, "bad_longitude"),
        ({"SOG": "-60"}, "bad_speed"),
        ({"SOG": "70000"}, "bad_speed"),
        ({"COG": "512"}, "bad_course"),
        ({"Heading": "-1"}, "bad_heading"),
        ({"MMSI": "0"}, "bad_mmsi"),
        ({"MMSI": "1234567890"}, "bad_mmsi"),
        ({"BaseDateTime": "2022-13-01T00:00:00"}, "bad_time"),
        ({"BaseDateTime": "2150-01-01T00:00:00"}, "bad_time"),
        ({"BaseDateTime": "1970-01-01T00:00:00"}, "bad_time"),
    ],
)
def test_the_impossible_is_kept_as_a_dead_letter(
    tmp_path: Path, changed: dict[str, str], reason: str
) -> None:
    fed = feed_text(tmp_path, HEADER + _row() + _row(**changed) + _row())
    (letter,) = fed.dead
    assert (letter.reason, letter.source) == (reason, "noaa_csv")
    assert letter.payload == _row(**changed).rstrip("\n").encode()
    assert letter.origin == f"{tmp_path / 'input.txt'}:3"
    assert letter.detail.startswith("expected ")
    assert fed.published == 2


@pytest.mark.parametrize("changed", [{"LAT": ""}, {"LAT": "91"}, {"LON": "181.0"}, {"BaseDateTime": ""}])
def test_no_time_or_no_place_is_understood_but_no_position(tmp_path: Path, changed: dict[str, str]) -> None:
    fed = feed_text(tmp_path, HEADER + _row(**changed))
    assert (fed.messages, fed.published, fed.non_position) == (1, 0, 1)


def test_quotes_blank_lines_ragged_lines_and_windows_ends(tmp_path: Path) -> None:
    quoted = _row(VesselName='"STAR, VOLGA"')
    text = (HEADER + quoted + "\n" + _row(MMSI="5") + "1,2\n" + _row(MMSI="6").rstrip("\n") + ",9\n").replace(
        "\n", "\r\n"
    ) + _row(MMSI="8").rstrip("\n")
    fed = feed_text(tmp_path, text)
    assert sorted(fed.positions.craft.tolist()) == sorted(craft_from_mmsi(n) for n in (5, 8, 273123456))
    assert "STAR, VOLGA" in fed.identities.text("name").tolist()
    assert fed.reasons() == ["bad_column_count"] * 2
    assert [letter.origin.rsplit(":", 1)[1] for letter in fed.dead] == ["5", "6"]


def test_an_identity_is_said_once_until_it_changes(tmp_path: Path) -> None:
    rows = [_row(BaseDateTime=f"2022-09-01T12:00:{s:02d}", VesselName=name) for s, name in enumerate("AABBA")]
    assert feed_text(tmp_path, HEADER + "".join(rows)).identities.text("name").tolist() == ["A", "B", "A"]


@pytest.mark.real
def test_new_york_harbor() -> None:
    fed = feed_file(real_data("positions/tracktable/NYHarbor_2020_06_30_first_hour.csv.gz"))
    assert (fed.feed, fed.messages, fed.published, fed.dead) == ("noaa_csv", 8_689, 8_689, ())
    assert len(set(fed.positions.craft.tolist())) == 295
    under_way = fed.positions.take(
        (fed.positions.speed_dkn > 100) & (fed.positions.speed_dkn != NULL_U16)
        & (fed.positions.heading_ddeg != NULL_U16) & (fed.positions.course_ddeg != NULL_U16)
    )  # fmt: skip
    turn = (under_way.course_ddeg.astype(int) - under_way.heading_ddeg.astype(int) + 1800) % 3600 - 1800
    assert (abs(turn) < 300).mean() > 0.9  # fast ships go where they point: the signs were put right
