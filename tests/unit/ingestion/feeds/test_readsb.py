"""Traces and snapshots of readsb."""

import json
from pathlib import Path
from typing import Any

import pytest

from lacuna_core.ids import craft_from_icao24
from lacuna_core.position import FLAG_ON_GROUND, FLAG_STALE, Domain
from lacuna_core.units import NULL_I32
from tests.unit.ingestion.feeding import feed_text

DETAILS = {"type": "adsb_icao", "flight": "DAL1812 ", "squawk": "4637", "true_heading": 336.63}
TRACE: dict[str, Any] = {
    "icao": "ac671b", "r": "N899DN", "t": "B739", "timestamp": 1738703622.619,
    "trace": [
        [0.0, 16.777359, -88.036868, 32000, 478.6, 327.8, 1, -64, None, "adsb_icao", 33825, 32, 280, 0.0],
        [8.96, 16.795675, -88.045513, 32000, 482.0, 336.8, 0, 0, DETAILS, "adsb_icao", 33825, 32, 280, 0.0],
        [16.72, 16.811737, -88.052047, "ground", 12.0, 338.8, 2, None, None, "adsb_icao", None],
        [26.89, 16.833336, -88.059981, None, None, None, 0, None],
        [30.00, 16.833336, -88.059981, 1200, None, None, 8, None],
    ],
}  # fmt: skip
AIRCRAFT: dict[str, Any] = {
    "now": 1738703622.5, "messages": 9,
    "aircraft": [
        {"hex": "ac671b", "flight": "DAL1812 ", "alt_baro": 32000, "alt_geom": 33825, "gs": 478.6,
         "track": 327.8, "baro_rate": -64, "squawk": "4637", "lat": 16.77, "lon": -88.03, "seen_pos": 2.5,
         "seen": 0.1, "r": "N899DN", "t": "B739", "true_heading": 330.0},
        {"hex": "~2a0001", "alt_baro": "ground", "lat": 16.5, "lon": -88.0, "seen_pos": 30, "seen": 1},
        {"hex": "a00001", "seen": 7.0},
    ],
}  # fmt: skip


def test_a_trace(tmp_path: Path) -> None:
    fed = feed_text(tmp_path, json.dumps(TRACE), "trace_full_ac671b.json.gz")
    p, i = fed.positions, fed.identities
    assert (fed.feed, fed.published, fed.dead, p.domain) == ("readsb_trace", 5, (), Domain.AIR)
    assert p.craft.tolist() == [craft_from_icao24("ac671b")] * 5
    assert p.t_ms.tolist()[:2] == [1738703622619, 1738703631579]
    assert (p.speed_dkn[0], p.course_ddeg[0], p.heading_ddeg[1]) == (4786, 3278, 3366)
    assert p.baro_altitude_ft.tolist() == [32000, 32000, NULL_I32, NULL_I32, NULL_I32]
    assert p.geo_altitude_ft.tolist() == [33825, 33825, NULL_I32, NULL_I32, 1200]
    assert [bool(f & FLAG_ON_GROUND) for f in p.flags.tolist()] == [False, False, True, False, False]
    assert [bool(f & FLAG_STALE) for f in p.flags.tolist()] == [True, False, False, False, False]
    assert i.text("callsign").tolist() == ["", "DAL1812"]
    assert set(i.text("registration").tolist()) == {"N899DN"}
    assert i.squawk.tolist()[1] == 4637


def test_a_trace_with_rows_that_are_wrong(tmp_path: Path) -> None:
    wrong = TRACE | {"trace": [*TRACE["trace"], "x", [1.0, 99.0, 0.0, 1], ["now", 1.0, 1.0], []]}
    fed = feed_text(tmp_path, json.dumps(wrong))
    assert sorted(fed.reasons()) == ["bad_json", "bad_latitude", "bad_time"]
    assert (fed.published, fed.non_position) == (5, 1)
    assert {letter.origin.rsplit(":", 1)[1] for letter in fed.dead} == {"6", "7", "8"}


@pytest.mark.parametrize(
    ("changed", "reason"), [({"icao": "zz"}, "bad_icao24"), ({"timestamp": None}, "bad_time")]
)
def test_a_trace_without_address_or_time_is_dead_row_by_row(
    tmp_path: Path, changed: dict[str, Any], reason: str
) -> None:
    assert feed_text(tmp_path, json.dumps(TRACE | changed)).reasons() == [reason] * 5


def test_a_document_of_another_shape_is_one_dead_letter(tmp_path: Path) -> None:
    text = json.dumps(TRACE | {"trace": 5})
    fed = feed_text(tmp_path, text)
    assert (fed.reasons(), fed.dead[0].payload) == (["bad_json"], text.encode())


@pytest.mark.parametrize("scale", [1, 1000])
def test_a_snapshot(tmp_path: Path, scale: int) -> None:
    fed = feed_text(tmp_path, json.dumps(AIRCRAFT | {"now": AIRCRAFT["now"] * scale}))
    p, i = fed.positions, fed.identities
    assert (fed.feed, fed.published, fed.non_position) == ("readsb_aircraft", 2, 1)
    assert p.craft.tolist() == [craft_from_icao24("ac671b"), craft_from_icao24("~2a0001")]
    assert p.t_ms.tolist() == [1738703620000, 1738703592500]
    assert (p.baro_altitude_ft[0], p.geo_altitude_ft[0], p.vertical_rate_fpm[0]) == (32000, 33825, -64)
    assert [bool(f & FLAG_ON_GROUND) for f in p.flags.tolist()] == [False, True]
    assert [bool(f & FLAG_STALE) for f in p.flags.tolist()] == [False, True]
    assert (i.text("callsign")[0], i.text("registration")[0], i.squawk[0]) == ("DAL1812", "N899DN", 4637)


def test_snapshots_one_a_line(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(AIRCRAFT | {"now": AIRCRAFT["now"] + s}) for s in range(3))
    fed = feed_text(tmp_path, lines + "\nnot json\n")
    assert (fed.published, fed.reasons()) == (6, ["bad_json"])


def test_a_snapshot_with_wrong_aircraft(tmp_path: Path) -> None:
    wrong = AIRCRAFT | {"aircraft": [7, {"hex": "nope", "lat": 1.0, "lon": 2.0}, *AIRCRAFT["aircraft"]]}
    fed = feed_text(tmp_path, json.dumps(wrong))
    assert sorted(fed.reasons()) == ["bad_icao24", "bad_json"]
    letter = next(d for d in fed.dead if d.reason == "bad_icao24")
    assert json.loads(letter.payload)["aircraft"] == [wrong["aircraft"][1]]
    assert letter.origin.endswith(":1:2")
