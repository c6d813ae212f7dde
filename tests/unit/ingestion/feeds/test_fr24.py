"""Flightradar24: playback JSON and granular CSV."""

import json
from pathlib import Path

from lacuna_core.ids import craft_from_icao24
from lacuna_core.timestamps import parse_time
from lacuna_core.units import NULL_U16
from tests.unit.ingestion.feeding import feed_text

FLIGHT = {
    "identification": {"id": "1a", "callsign": "TST123"},
    "aircraft": {"model": {"code": "A359"}, "identification": {"modes": "8467D8", "registration": "JA13XJ"}},
    "airport": {"origin": {"code": {"icao": "RJCC"}}, "destination": {"code": {"icao": "RJTT"}}},
    "track": [
        {"latitude": 42.787994, "longitude": 141.685074, "altitude": {"feet": 550}, "speed": {"kts": 144},
         "verticalSpeed": {"fpm": 2944}, "heading": 172, "squawk": "2127", "timestamp": 1704180458},
        {"latitude": 42.770142, "longitude": 141.691422, "altitude": None, "speed": {}, "heading": None,
         "squawk": "0", "timestamp": 1704180470},
        "x",
    ],
}  # fmt: skip
HEADER = (
    "network_time,receiver_time,hex,callsign,latitude,longitude,no_position,altitude,squawk,speed,track,vspeed,"
    "on_ground,flags,position_class,,,,,\n"
)
PLACED = (
    "2024-01-02 07:41:03Z.515,2024-01-02 07:41:02Z.997,0x8467d8,TST123,41.57648,141.66208,P,26650,416,401,"
    "192,1728,A,4,ADS-B,P:8,S:ADS-B,GPSA:26075,HDG:211,OAT:-44 (C)\n"
)


def test_playback(tmp_path: Path) -> None:
    document = {"result": {"response": {"timestamp": 1, "data": {"flight": FLIGHT}}}}
    fed = feed_text(tmp_path, json.dumps(document), "1a.json.gz")
    p, i = fed.positions, fed.identities
    assert (fed.feed, fed.published, fed.reasons()) == ("fr24", 2, ["bad_json"])
    assert p.craft.tolist() == [craft_from_icao24("8467d8")] * 2
    assert (p.t_ms[0], p.baro_altitude_ft[0], p.speed_dkn[0], p.course_ddeg[0]) == (
        1704180458000,
        550,
        1440,
        1720,
    )
    assert (p.vertical_rate_fpm[0], p.speed_dkn[1]) == (2944, NULL_U16)
    assert i.squawk.tolist() == [2127, NULL_U16]
    said = [i.text(k)[0] for k in ("callsign", "destination", "registration", "type_code")]
    assert said == ["TST123", "RJTT", "JA13XJ", "A359"]


def test_granular_csv(tmp_path: Path) -> None:
    fixed = PLACED.replace(",41.57648,141.66208,P,", ",0,0,N,")
    no_clock = PLACED.replace("2024-01-02 07:41:02Z.997", "1970-01-01 00:00:00Z.000")
    fed = feed_text(tmp_path, HEADER + PLACED + fixed + no_clock, "granular.csv")
    p = fed.positions
    assert (fed.feed, fed.published, fed.non_position, fed.dead) == ("fr24", 2, 1, ())
    assert p.t_ms.tolist() == [parse_time("2024-01-02T07:41:02.997Z"), parse_time("2024-01-02T07:41:03.515Z")]
    assert (p.lat_e7[0], p.baro_altitude_ft[0], p.geo_altitude_ft[0]) == (415764800, 26650, 26075)
    assert (p.speed_dkn[0], p.course_ddeg[0], p.vertical_rate_fpm[0]) == (4010, 1920, 1728)
    assert fed.identities.squawk.tolist()[0] == 416
