"""State vectors as records or columns."""

import json
from pathlib import Path
from typing import Any

import pytest

from lacuna_core.ids import craft_from_icao24
from lacuna_core.position import FLAG_ON_GROUND, FLAG_STALE, CraftClass, Domain
from lacuna_core.units import NULL_I16, NULL_I32, NULL_U16
from tests.unit.ingestion.feeding import Fed, feed_text

RECORD = {
    "timestamp": 1513165635000, "icao24": "440549", "callsign": "AUA570 ", "latitude": 53.52861,
    "longitude": 9.82094, "altitude": 629.0, "geoaltitude": 700.4, "groundspeed": 128.26, "track": 359.97,
    "vertical_rate": -1792.0, "onground": False, "squawk": "1000", "destination": "LOWW",
    "last_position": 1513165634000,
}  # fmt: skip


def _feed(folder: Path, *records: dict[str, Any]) -> Fed:
    return feed_text(folder, json.dumps(list(records)), "flights.json.gz")


def test_all_members(tmp_path: Path) -> None:
    fed = _feed(tmp_path, RECORD)
    p, i = fed.positions, fed.identities
    assert (fed.feed, fed.dead, p.domain) == ("traffic_records", (), Domain.AIR)
    assert p.craft.tolist() == [craft_from_icao24("440549")]
    assert (p.t_ms[0], p.lat_e7[0], p.lon_e7[0]) == (1513165635000, 535286100, 98209400)
    assert (p.speed_dkn[0], p.course_ddeg[0], p.heading_ddeg[0]) == (1283, 0, NULL_U16)
    assert (p.baro_altitude_ft[0], p.geo_altitude_ft[0], p.vertical_rate_fpm[0]) == (629, 700, -1792)
    assert (p.flags[0] & (FLAG_ON_GROUND | FLAG_STALE), p.craft_class[0]) == (0, CraftClass.AIRCRAFT)
    assert (i.squawk[0], i.text("callsign")[0], i.text("destination")[0]) == (1000, "AUA570", "LOWW")


def test_records_lines_and_columns_say_the_same(tmp_path: Path) -> None:
    records = [RECORD | {"timestamp": RECORD["timestamp"] + n, "track": None} for n in range(30)]  # type: ignore[operator]
    array = _feed(tmp_path, *records)
    lines = feed_text(tmp_path, "\n".join(map(json.dumps, records)))
    columns = feed_text(
        tmp_path, json.dumps({k: {str(i): r[k] for i, r in enumerate(records)} for k in RECORD})
    )
    assert array.positions == lines.positions == columns.positions
    assert array.identities == lines.identities == columns.identities
    assert (array.published, columns.feed) == (30, "traffic_records")


def test_text_times_numeric_addresses_ground_and_stale(tmp_path: Path) -> None:
    fed = _feed(
        tmp_path,
        RECORD | {"timestamp": "2017-12-13 11:47:15+00:00", "icao24": 440549, "onground": True},
        RECORD | {"last_position": 1513165600000, "altitude": None, "vertical_rate": None},
    )
    p = fed.positions
    assert p.t_ms.tolist() == [1513165635000] * 2
    assert p.craft.tolist() == [craft_from_icao24("440549")] * 2
    assert [bool(f & FLAG_ON_GROUND) for f in p.flags.tolist()] == [True, False]
    assert [bool(f & FLAG_STALE) for f in p.flags.tolist()] == [False, True]
    assert (p.baro_altitude_ft[1], p.vertical_rate_fpm[1]) == (NULL_I32, NULL_I16)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"icao24": "44054"}, "bad_icao24"), ({"icao24": None}, "bad_icao24"),
        ({"latitude": 91}, "bad_latitude"), ({"groundspeed": -3}, "bad_speed"),
        ({"track": 1000}, "bad_course"), ({"altitude": 1e6}, "bad_altitude"),
        ({"altitude": "high"}, "bad_altitude"), ({"vertical_rate": 99999}, "bad_vertical_rate"),
        ({"timestamp": "soon"}, "bad_time"),
    ],
)  # fmt: skip
def test_the_impossible_is_kept_as_a_dead_letter(
    tmp_path: Path, changed: dict[str, Any], reason: str
) -> None:
    fed = _feed(tmp_path, RECORD, RECORD | changed)
    assert (fed.published, fed.reasons()) == (1, [reason])
    assert json.loads(fed.dead[0].payload) == RECORD | changed


def test_no_place_is_no_position(tmp_path: Path) -> None:
    fed = _feed(tmp_path, RECORD | {"latitude": None, "longitude": None})
    assert (fed.published, fed.non_position) == (0, 1)
