"""Finding the feed of a file."""

from pathlib import Path

import pytest

from lacuna_core.errors import InvalidInput
from lacuna_ingestion.catalog import feed_for, feeds

SAMPLES = {
    "noaa_csv": b"MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading\n",
    "dma_csv": b"# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status\n",
    "gfw_json": b'{"ssvid": "1", "timestamp": "2021-01-01T00:00:00Z", "lon": 1, "lat": NaN}\n',
    "readsb_trace": b'{"icao":"ac671b","timestamp":1738703622.6,"trace":[]}',
    "readsb_aircraft": b'{"now": 1738703622.6, "messages": 1, "aircraft": []}',
    "traffic_records": b'[{"timestamp":1,"icao24":"3807fa","latitude":1.0,"longitude":2.0}]',
    "fr24": b'{"result":{"response":{"data":{"flight":{"identification":{}}}}}}',
}


@pytest.mark.parametrize("name", SAMPLES)
def test_each_format_is_recognized_by_its_own_feed_only(tmp_path: Path, name: str) -> None:
    path = tmp_path / "sample"
    path.write_bytes(SAMPLES[name])
    assert feed_for(path, None).name == name
    assert [f.name for f in feeds().values() if f.recognizes(path, SAMPLES[name])] == [name]


def test_feeds_are_sorted_and_named_as_their_keys() -> None:
    found = feeds()
    assert list(found) == sorted(found)
    assert set(SAMPLES) <= set(found)
    assert all(feed.name == name for name, feed in found.items())


def test_an_unknown_format_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"unknown format 'csv'; expected one of dma_csv, fr24, gfw_json"):
        feed_for(tmp_path / "x", "csv")


@pytest.mark.parametrize("content", [b"hello world\n", bytes(range(256)), b"[]", b"{}", b"a,b,c\n1,2,3\n"])
def test_nothing_recognized_names_the_formats(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"no known format; name one of dma_csv, .*noaa_csv"):
        feed_for(path, None)


@pytest.mark.parametrize("beginning", [b"{", b"[", b" \n{", b"\xef\xbb\xbf["])
def test_what_begins_as_json_is_no_csv_whatever_its_first_line_names(
    tmp_path: Path, beginning: bytes
) -> None:
    columns = b",MMSI,BaseDateTime,LAT,LON,Timestamp,Type of mobile,Latitude,Longitude\n"
    assert not any(feed.recognizes(tmp_path / "x", beginning + columns) for feed in feeds().values())
