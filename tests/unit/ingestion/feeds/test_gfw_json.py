"""JSON of Global Fishing Watch."""

import json
from pathlib import Path
from typing import Any

import pytest

from lacuna_core.ids import craft_from_mmsi
from lacuna_core.position import FLAG_LONG_RANGE, FLAG_NAV_STATUS_MASK, CraftClass
from lacuna_core.timestamps import parse_time
from lacuna_core.units import NULL_U16
from tests.real_data import real_data
from tests.unit.ingestion.feeding import feed_file, feed_text

RECORD = {
    "msgid": "m1", "source": "x", "type": "AIS.1", "ssvid": "416000001",
    "timestamp": "2021-01-06T07:33:48+00:00", "lon": 110.4033, "lat": 20.6239, "speed": 7.5, "course": 324.0,
    "heading": 511.0, "shipname": "DE YI", "callsign": "BX1", "destination": None, "imo": "9074729",
    "shiptype": "Cargo, Hazardous category A", "receiver": "station 7", "length": 60.0, "width": 9.0,
    "status": 5.0, "identities": [{"shipname": "}{][\"", "count": 1}],
}  # fmt: skip


def _line(**changed: Any) -> str:
    return json.dumps(RECORD | changed) + "\n"


def test_all_members(tmp_path: Path) -> None:
    fed = feed_text(tmp_path, _line())
    p, i = fed.positions, fed.identities
    assert (fed.feed, fed.dead) == ("gfw_json", ())
    assert p.craft.tolist() == [craft_from_mmsi(416000001)]
    assert p.t_ms.tolist() == [parse_time("2021-01-06T07:33:48Z")]
    assert (p.lat_e7[0], p.lon_e7[0]) == (206239000, 1104033000)
    assert (p.speed_dkn[0], p.course_ddeg[0], p.heading_ddeg[0]) == (75, 3240, NULL_U16)
    assert (p.flags[0] & FLAG_NAV_STATUS_MASK, p.craft_class[0]) == (5, CraftClass.CLASS_A)
    assert p.text("receiver").tolist() == ["station 7"]
    assert (i.imo[0], i.ship_type[0], i.to_stern_m[0], i.to_starboard_m[0]) == (9074729, 71, 60, 9)
    assert (i.text("name")[0], i.text("callsign")[0]) == ("DE YI", "BX1")
    assert fed.health[0].text("receiver").tolist() == ["station 7"]


def test_lines_arrays_and_pretty_arrays_say_the_same(tmp_path: Path) -> None:
    records = [RECORD | {"ssvid": n, "note": 'a "quoted" \\ [brace} '} for n in range(1, 200)]
    lines = feed_text(tmp_path, "".join(json.dumps(r) + "\n" for r in records))
    for text in (
        json.dumps(records),
        json.dumps(records, indent=4),
        json.dumps(records, separators=(",", ":")),
    ):
        array = feed_text(tmp_path, text)
        assert array.positions == lines.positions
        assert (array.identities, array.dead) == (lines.identities, ())


def test_numbers_as_text_epochs_and_the_other_spellings(tmp_path: Path) -> None:
    record = {
        "mmsi": 416000001, "timestamp": "1609918428.0", "lat": "20.6239", "lon": "110.4033", "course": "324",
        "speed_knots": "7.5", "type": "27", "tagblock_station": "sat|1",
    }  # fmt: skip
    p = feed_text(tmp_path, json.dumps([record])).positions
    assert (p.t_ms[0], p.lat_e7[0], p.speed_dkn[0], p.course_ddeg[0]) == (1609918428000, 206239000, 75, 3240)
    assert p.flags[0] & FLAG_LONG_RANGE
    assert p.text("receiver").tolist() == ["sat/1"]  # a bar joins receivers further on


def test_bare_words_for_missing_numbers(tmp_path: Path) -> None:
    text = _line(speed=float("nan"), course=float("inf"), status=float("nan"), shipname="NaN, NaN")
    p = feed_text(tmp_path, text + _line(lat=float("nan"))).positions
    assert (len(p), p.speed_dkn[0], p.course_ddeg[0]) == (1, NULL_U16, NULL_U16)


def test_sentinels_of_each_type(tmp_path: Path) -> None:
    text = _line(speed=102.3000030518, course=360.0) + _line(type="AIS.27", speed=63.0, course=511.0)
    p = feed_text(tmp_path, text + _line(type="AIS.1", speed=63.0)).positions
    assert p.speed_dkn.tolist() == [NULL_U16, NULL_U16, 630]
    assert p.course_ddeg.tolist() == [NULL_U16, NULL_U16, 3240]


@pytest.mark.parametrize(
    "changed",
    [
        {"lat": None, "lon": None}, {"lat": 91.0, "lon": 181.0}, {"type": "AIS.4"}, {"type": "AIS.21"},
        {"timestamp": None},
    ],
)  # fmt: skip
def test_understood_but_no_position(tmp_path: Path, changed: dict[str, Any]) -> None:
    fed = feed_text(tmp_path, _line() + _line(**changed))
    assert (fed.published, fed.non_position) == (1, 1)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (_line(ssvid="0"), "bad_mmsi"),
        (_line(ssvid=None), "bad_mmsi"),
        (_line(ssvid="x" * 300), "bad_mmsi"),
        (_line(lat=95.0), "bad_latitude"),
        (_line(lon={"deg": 1}), "bad_longitude"),
        (_line(timestamp="yesterday"), "bad_time"),
        (_line(speed=-1), "bad_speed"),
        (_line(receiver="r" * 500), "bad_text"),
        ('{"ssvid": "1", \n', "bad_json"),
        ("[1, 2]\n", "bad_json"),
        ("5\n", "bad_json"),
    ],
)
def test_the_impossible_is_kept_as_a_dead_letter(tmp_path: Path, line: str, reason: str) -> None:
    fed = feed_text(tmp_path, _line() + line + _line(), format_name="gfw_json")
    (letter,) = fed.dead
    assert (letter.reason, letter.payload) == (reason, line.strip().encode())
    assert letter.origin == f"{tmp_path / 'input.txt'}:2"
    assert fed.published == 2


def test_a_cut_array_keeps_what_was_whole_and_the_rest_as_bytes(tmp_path: Path) -> None:
    text = json.dumps([RECORD, RECORD])
    fed = feed_text(tmp_path, text[:-40])
    assert (fed.published, fed.reasons()) == (1, ["bad_json"])
    assert fed.dead[0].payload == json.dumps(RECORD).encode()[:-39]
    assert feed_text(tmp_path, text + " tail").dead[0].payload == b"tail"


@pytest.mark.real
def test_every_file_of_global_fishing_watch_without_a_dead_letter() -> None:
    folder = real_data("positions/gfw_segments")
    files = sorted(folder.glob("*.json*"))
    files += sorted(real_data("positions/gfw_pipe_segment").glob("*.gz"))
    files += sorted(real_data("positions/gfw_pipe_gaps").glob("*.gz"))
    fed = {file.name: feed_file(file) for file in files}
    assert {name: f.reasons() for name, f in fed.items() if f.dead} == {}
    assert all(f.feed == "gfw_json" for f in fed.values())
    regr = [f for name, f in fed.items() if name.startswith("regr_")]
    assert (len(regr), sum(f.messages for f in regr)) == (44, 67_553)
    assert fed["987357559.json"].positions.craft.tolist() == [craft_from_mmsi(987357559)] * 95
