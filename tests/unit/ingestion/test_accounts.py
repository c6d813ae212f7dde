"""Whatever a file holds, every message is accounted for and nothing raises but ``InvalidInput``."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lacuna_core.errors import InvalidInput
from lacuna_ingestion.catalog import feeds
from tests.unit.ingestion.feeding import check_accounts, feed_file

SETTINGS = settings(
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
VALUE = st.one_of(
    st.none(),
    st.floats(),
    st.integers(-(10**12), 10**12),
    st.text(max_size=12),
    st.booleans(),
    st.lists(st.integers(), max_size=2),
    st.sampled_from(["91", "181.0", "ground", "NaN", "273123456", "8467d8", "2022-09-01T00:00:00Z"]),
)
MEMBERS = (
    "ssvid", "mmsi", "timestamp", "lat", "lon", "speed", "course", "type", "receiver", "imo", "shiptype",
    "icao24", "latitude", "longitude", "altitude", "track", "squawk", "onground", "callsign", "hex",
    "seen_pos", "alt_baro", "gs",
)  # fmt: skip
RECORDS = st.lists(st.dictionaries(st.sampled_from(MEMBERS), VALUE), min_size=1, max_size=8)
CELL = st.one_of(
    st.sampled_from(
        ["", "0", "273123456", "2022-09-01T00:00:05", "02/09/2022 23:59:58", "37.5", "-49.6", "91"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=8),
)
HEADERS = {
    "noaa_csv": "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,VesselType,Status,Length,Draft",
    "dma_csv": "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,SOG,COG,Heading,IMO,Ship type,Draught,A,B",
    "fr24": "network_time,receiver_time,hex,callsign,latitude,longitude,no_position,altitude,squawk,x,y,z,t",
}
JSON_FEEDS = ("gfw_json", "traffic_records", "readsb_trace", "readsb_aircraft", "fr24")


def _accounts(path: Path, data: bytes, name: str) -> int:
    path.write_bytes(data)
    try:
        return feed_file(path, name).messages
    except InvalidInput as error:
        assert "\n" not in str(error)  # noqa: PT017 - the error is one outcome of two
        return -1


@pytest.mark.parametrize("name", HEADERS)
@given(rows=st.lists(st.lists(CELL, min_size=12, max_size=14), min_size=1, max_size=12))
@SETTINGS
def test_random_csv_rows_add_up(tmp_path: Path, name: str, rows: list[list[str]]) -> None:
    text = "\n".join([HEADERS[name], *(",".join(row) for row in rows)])
    assert _accounts(tmp_path / "x.csv", text.encode(), name) == len(rows)


@pytest.mark.parametrize("name", ["gfw_json", "traffic_records"])
@given(records=RECORDS, form=st.sampled_from(["lines", "array", "pretty"]))
@SETTINGS
def test_random_records_add_up(tmp_path: Path, name: str, records: list[dict[str, Any]], form: str) -> None:
    text = {
        "lines": "\n".join(map(json.dumps, records)),
        "array": json.dumps(records),
        "pretty": json.dumps(records, indent=1),
    }[form]
    assert _accounts(tmp_path / "x.json", text.encode(), name) == len(records)


@given(records=RECORDS, now=VALUE)
@SETTINGS
def test_random_snapshots_and_traces_add_up(tmp_path: Path, records: list[dict[str, Any]], now: Any) -> None:
    snapshot = json.dumps({"now": now, "aircraft": records}).encode()
    assert _accounts(tmp_path / "x.json", snapshot, "readsb_aircraft") == len(records)
    rows = [list(record.values()) for record in records]
    trace = json.dumps({"icao": now, "timestamp": now, "trace": rows}).encode()
    assert _accounts(tmp_path / "x.json", trace, "readsb_trace") == len(records)


GARBAGE = st.one_of(
    st.binary(min_size=1, max_size=200),
    st.lists(
        st.sampled_from(
            [b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\", b"\n", b"NaN", b"1", b'"trace"', b"\0"]
        ),
        min_size=1,
        max_size=60,
    ).map(b"".join),
)


@given(garbage=GARBAGE)
@SETTINGS
def test_garbage_never_raises_anything_but_invalid_input(tmp_path: Path, garbage: bytes) -> None:
    for name in JSON_FEEDS:
        _accounts(tmp_path / "x", garbage, name)
    for name, header in HEADERS.items():
        _accounts(tmp_path / "x", garbage, name)
        _accounts(tmp_path / "x", header.encode() + b"\n" + garbage, name)
    for feed in feeds().values():
        assert feed.recognizes(tmp_path / "x", garbage) in (True, False)


@pytest.mark.parametrize("name", JSON_FEEDS)
@given(cut=st.integers(0, 400), value=VALUE)
@SETTINGS
def test_damaged_documents_never_raise(tmp_path: Path, name: str, cut: int, value: Any) -> None:
    flight = {
        "track": [{"timestamp": value, "latitude": 1}, value],
        "aircraft": value,
        "identification": value,
    }
    document = {
        "icao": "8467d8", "timestamp": value, "trace": value, "now": value,
        "aircraft": [value, {"hex": value}], "icao24": {"0": value},
        "result": {"response": {"data": {"flight": flight}}},
        "latitude": value,
    }  # fmt: skip
    data = json.dumps(document).encode()
    _accounts(tmp_path / "x", data, name)
    _accounts(tmp_path / "x", data[:cut] or b"{", name)
    (tmp_path / "x").write_bytes(b"[" + data + b"," + data + b"]")
    check_accounts(feeds()[name].read(tmp_path / "x"))
