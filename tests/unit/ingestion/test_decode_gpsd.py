"""Real sentences of every type, decoded by gpsd 3.22 and by libais in its gpsd dress, beside ours."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from lacuna_ingestion.decode import decode_records
from tests.real_data import real_data

Record = dict[str, Any]
NAMES = {
    "mmsi": "mmsi", "lon": "lon_deg", "lat": "lat_deg", "speed": "sog_kn", "course": "cog_deg",
    "second": "second", "heading": "heading_deg", "status": "nav_status", "imo": "imo",
    "callsign": "callsign", "shiptype": "ship_type", "shipname": "shipname", "name": "shipname",
    "draught": "draught_m", "destination": "destination", "to_bow": "to_bow_m", "to_stern": "to_stern_m",
    "to_port": "to_port_m", "to_starboard": "to_starboard_m",
}  # fmt: skip
NOT_AVAILABLE = {
    "lon": 181.0, "lat": 91.0, "course": 360.0, "heading": 511, "second": 60, "imo": 0, "callsign": "",
    "shiptype": 0, "shipname": "", "name": "", "draught": 0.0, "destination": "",
}  # fmt: skip
KINDS = (1, 2, 3, 4, 5, 9, 11, 18, 19, 21, 27)


def plain_units(told: Record) -> Record:
    """Undo gpsd's "unscaled" output."""
    if told.get("scaled", True):
        return told
    degree = 600 if told["type"] == 27 else 600_000
    kind = told["type"]
    course, speed = (1 if kind == 27 else 10), (1 if kind in (9, 27) else 10)
    units = {"lon": degree, "lat": degree, "course": course, "draught": 10, "speed": speed}
    return {name: value / units[name] if name in units else value for name, value in told.items()}


def theirs(path: Path) -> list[Record]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    return [plain_units(json.loads(line)) for line in text.splitlines() if line.startswith("{")]


def agree(name: str, wanted: Any, record: Record) -> bool:
    got = record.get(NAMES[name])
    if name.startswith("to_") or name in ("imo", "mmsi"):
        return (got or 0) == int(wanted)
    if name == "speed" and got is None:
        return wanted == "nan" or float(wanted) in (1023, 63) or abs(float(wanted) - 102.3) < 1e-3
    if name == "course" and record["type"] == 27 and wanted == 511:
        return got is None
    if wanted == NOT_AVAILABLE.get(name, "no such"):
        return got is None
    if isinstance(wanted, float):
        coarse = record["type"] == 27 and name in ("lon", "lat")  # gpsd prints a tenth of a degree
        return isinstance(got, float) and abs(got - wanted) < (0.051 if coarse else 2e-5)
    return bool(got == (wanted.strip() if isinstance(wanted, str) else wanted))


def compare(
    ours: Path, reference: Path, kinds: tuple[int, ...] = KINDS, skip: int = 0
) -> tuple[int, list[str]]:
    wrong, compared = [], 0
    records = list(decode_records(ours))
    wanted = theirs(reference)
    for kind in kinds:
        left = [r for r in records if r["type"] == kind]
        right = [r for r in wanted if r["type"] == kind and r["mmsi"] != skip]
        assert [r["mmsi"] for r in left] == [r["mmsi"] for r in right], f"type {kind}"
        for record, told in zip(left, right, strict=True):
            compared += 1
            names = [name for name in NAMES if name in told]
            wrong += [
                f"line {record['line']} {name}: {told[name]!r} is {record.get(NAMES[name])!r} here"
                for name in names
                if not (name == "status" and isinstance(told[name], str))
                and not agree(name, told[name], record)
            ]
    return compared, wrong


@pytest.mark.real
def test_gpsd_sample_of_every_type() -> None:
    folder = real_data("nmea/gpsd")
    assert compare(folder / "sample.aivdm", folder / "sample.aivdm.js.chk") == (24, [])


@pytest.mark.real
def test_gpsd_six_bit_text() -> None:
    folder = real_data("nmea/gpsd")
    got = compare(folder / "ais_unpack_sixbit.log", folder / "ais_unpack_sixbit.log.chk")
    assert got == (11, [])


@pytest.mark.real
def test_gpsd_log_of_sixteen_types() -> None:
    # One type 1 of 204 bits (mmsi 247092500) is taken by gpsd and, as by libais, not here.
    folder = real_data("nmea/gpsd")
    names = "ais-nmea-type6-fid55.log.gz", "ais-nmea-type6-fid55.log.chk.gz"
    compared, wrong = compare(folder / names[0], folder / names[1], skip=247_092_500)
    assert (compared, wrong) == (1100, [])


@pytest.mark.real
def test_libais_examples() -> None:
    # libais reads the whole knots of type 9 as tenths in this file, and spells two six-bit values otherwise.
    folder = real_data("nmea/libais")
    assert compare(folder / "typeexamples.nmea", folder / "typeexamples.json") == (
        10,
        [
            "line 24 speed: 16.799999237060547 is 168.0 here",
            "line 20 name: '9%&//3*37-+P][`<RD^6' is \"9%&//3*37_+P]['<RD^6\" here",
        ],
    )
    assert compare(folder / "tagblock.nmea", folder / "tagblock.json") == (4, [])


@pytest.mark.real
def test_tag_blocks_and_groups() -> None:
    records = list(decode_records(real_data("nmea/libais/tagblock.nmea")))
    assert [(r["line"], r["t"], r["type"], r["mmsi"]) for r in records] == [
        (2, 1_418_172_113.0, 1, 224_651_000),
        (3, 1_418_169_601.0, 5, 219_005_012),
        (4, 1_418_171_722.0, 1, 224_651_000),
        (5, 1_418_171_561.0, 1, 224_651_000),
    ]
