"""vessels, aircraft and tracks."""

import pytest

from lacuna_core.timestamps import format_time
from tests.contract.store_samples import T0_MS, positions
from tests.unit.gateway.world import PROBLEM, Client, gateway


def test_vessels_are_listed_and_narrowed(client: Client) -> None:
    vessels = client.json("/v1/vessels")["data"]
    assert [v["id"] for v in vessels] == ["mmsi:273123456", "mmsi:422000001"]
    volga = vessels[0]
    known = {name: volga[name] for name in ("flag", "group", "name", "imo", "length_m", "draught_m")}
    assert known == {
        "flag": "RU", "group": "cargo", "name": "OLGA", "imo": 9074729, "length_m": 140, "draught_m": 3.6,
    }  # fmt: skip
    assert volga["last_position"]["speed_kn"] == 10.1
    assert volga["last_position"]["heading_deg"] is None
    assert "baro_altitude_ft" not in volga["last_position"]
    for narrowed in ("flag=ir", "mmsi=422000001"):
        assert [v["mmsi"] for v in client.json(f"/v1/vessels?{narrowed}")["data"]] == [422000001]
    for narrowed in ("flag=RU&flag=KZ", "q=olg", "group=cargo", "imo=9074729"):
        assert [v["mmsi"] for v in client.json(f"/v1/vessels?{narrowed}")["data"]] == [273123456]


def test_a_vessel_has_its_history(client: Client) -> None:
    for name in ("mmsi:273123456", "273123456"):
        vessel = client.json(f"/v1/vessels/{name}")
        assert [(h["from"], h["name"], h["imo"]) for h in vessel["history"]] == [
            ("2022-09-01T00:00:00Z", "VOLGA 5", 9074729),
            ("2022-09-01T00:00:00.001Z", "OLGA", 9074729),
        ]


def test_aircraft_are_listed_and_read(client: Client) -> None:
    (plane,) = client.json("/v1/aircraft?q=ep-&type_code=b742")["data"]
    assert (plane["id"], plane["registration"], plane["squawk"]) == ("icao24:731821", "EP-ABC", "0700")
    assert plane["last_position"]["baro_altitude_ft"] == 35_000
    assert plane["last_position"]["on_ground"] is False
    assert client.json("/v1/aircraft?q=nobody")["data"] == []
    for name in ("icao24:731821", "731821"):
        assert client.json(f"/v1/aircraft/{name}")["history"][0]["type_code"] == "B742"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/vessels/123", 404),
        ("/v1/vessels/x", 422),
        ("/v1/vessels/icao24:731821", 422),
        ("/v1/aircraft/abcdef", 404),
        ("/v1/aircraft/mmsi:273123456", 422),
        ("/v1/tracks/mmsi:1", 404),
        ("/v1/tracks/273123456", 422),
    ],
)
def test_what_is_not_there(client: Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)


def test_a_track_as_columns_points_and_geojson(client: Client) -> None:
    end = format_time(T0_MS + 60_000)
    url = f"/v1/tracks/mmsi:273123456?start=2022-09-01T00:00:00Z&end={end}"
    track = client.json(url)
    assert (track["total"], track["returned"], track["stride_s"]) == (6, 6, 0.0)
    assert track["columns"]["t"][1] == "2022-09-01T00:00:10Z"
    assert track["columns"]["lat"][1] == 37.0001
    assert track["columns"]["heading_deg"] == [None] * 6
    points = client.json(f"{url}&shape=points")["points"]
    assert [p["lon"] for p in points] == track["columns"]["lon"]
    answer = client.get(url, headers={"Accept": "application/geo+json"})
    assert answer.headers["content-type"] == "application/geo+json"
    feature = answer.json()
    assert feature["geometry"]["type"] == "LineString"
    assert feature["geometry"]["coordinates"][1] == [50.0001, 37.0001]
    assert len(feature["properties"]["times"]) == 6


def test_a_long_track_is_thinned_and_says_so(client: Client) -> None:
    track = client.json("/v1/tracks/mmsi:273123456?max_points=10")
    assert track["total"] == 1_000
    assert track["returned"] <= 10
    assert track["stride_s"] > 0
    assert track["columns"]["t"][-1] == format_time(T0_MS + 9_990_000)


def test_times_show_milliseconds_where_there_are_any(client: Client) -> None:
    assert client.json("/v1/tracks/icao24:731821")["columns"]["t"][1] == "2022-09-01T00:00:01.250Z"


def test_a_track_over_the_antimeridian_is_cut_there() -> None:
    with gateway() as client:
        client.store.append(
            positions([T0_MS - 20_000, T0_MS - 10_000], lat_e7=[0, 10_000_000],
                      lon_e7=[1_799_000_000, -1_799_000_000])
        )  # fmt: skip
        url = f"/v1/tracks/mmsi:273123456?end={format_time(T0_MS)}"
        feature = client.json(url, headers={"Accept": "application/geo+json"})
        assert feature["geometry"] == {
            "type": "MultiLineString",
            "coordinates": [[[179.9, 0.0], [180.0, 0.5]], [[-180.0, 0.5], [-179.9, 1.0]]],
        }


def test_an_empty_interval_is_an_empty_track(client: Client) -> None:
    url = "/v1/tracks/mmsi:273123456?start=2020-01-01T00:00:00Z&end=2020-01-02T00:00:00Z"
    assert client.json(url)["columns"]["t"] == []
    assert client.json(url, headers={"Accept": "application/geo+json"})["geometry"] is None


@pytest.mark.parametrize(
    "query",
    ["start=2020-01-01T00:00:00Z&end=2022-01-02T00:00:00Z", "max_points=1", "max_points=99999999", "shape=x"],
)
def test_tracks_have_bounds(client: Client, query: str) -> None:
    assert client.get(f"/v1/tracks/mmsi:273123456?{query}").status_code == 422
