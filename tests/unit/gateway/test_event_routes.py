"""events, trips, correlations, alerts, statistics, status, health, problem_types."""

import pytest

from lacuna_core.timestamps import format_time
from lacuna_core.units import MS_PER_H
from tests.contract.store_samples import T0_MS, event
from tests.unit.gateway.world import Client

GAPS = 30
BOX = [[49, 39], [51, 39], [51, 41], [49, 41], [49, 39]]


def ids(body: dict[str, list[dict[str, str]]]) -> list[str]:
    return [item["event_id"] for item in body["data"]]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", GAPS + 5),
        ("kind=gap", GAPS),
        ("kind=gap&kind=loitering", GAPS + 1),
        ("craft=mmsi:422000001", 1),
        ("flag=IR", 1),
        ("status=retracted", 1),
        ("status=open", 0),
        ("verdict=void", 1),
        ("kind=gap&min_duration_h=2", GAPS),
        ("min_duration_h=2.1", 0),
        ("bbox=49,39,51,41", GAPS + 5),
        ("bbox=170,-10,-170,10", 0),
        (f"kind=gap&end={format_time(T0_MS + MS_PER_H)}", 2),
        (f"kind=gap&start={format_time(T0_MS + 15 * MS_PER_H)}", 3),
    ],
)
def test_events_are_narrowed(client: Client, query: str, count: int) -> None:
    assert len(client.json(f"/v1/events?limit=100&{query}")["data"]) == count


def test_an_event_is_read_with_its_revisions(client: Client) -> None:
    event_id = event(1).event_id
    newest = client.json(f"/v1/events/{event_id}")
    assert (newest["revision"], newest["verdict"], newest["probabilities"]) == (2, "void", {"off": None})
    assert newest["detail"] == {"threshold_h": 1}
    revisions = client.json(f"/v1/events/{event_id}/revisions")["data"]
    assert [r["revision"] for r in revisions] == [1, 2]
    assert revisions[1] == newest


def test_events_are_searched_by_area(client: Client) -> None:
    body = {"polygon": {"type": "Polygon", "coordinates": [BOX]}, "kind": ["gap"]}
    first = client.request("POST", "/v1/events/search?limit=20", json=body).json()
    rest = client.request("POST", f"/v1/events/search?limit=20&cursor={first['page']['next']}", json=body)
    assert len(set(ids(first) + ids(rest.json()))) == GAPS
    other = {**body, "kind": ["loitering"]}
    again = client.request("POST", f"/v1/events/search?cursor={first['page']['next']}", json=other)
    assert (again.status_code, again.json()["type"]) == (400, "/problems/invalid-cursor")


@pytest.mark.parametrize(
    ("polygon", "pointer"),
    [
        ({"type": "Point", "coordinates": [BOX]}, "/body/polygon/type"),
        ({"type": "Polygon", "coordinates": []}, "/body/polygon/coordinates"),
        ({"type": "Polygon", "coordinates": [BOX[:3]]}, "/body/polygon/coordinates/0"),
        (
            {"type": "Polygon", "coordinates": [[[0, 0], [500, 0], [0, 1], [0, 0]]]},
            "/body/polygon/coordinates/0/1/0",
        ),
        ({"type": "Polygon", "coordinates": [BOX], "extra": 1}, "/body/polygon/extra"),
    ],
)
def test_a_malformed_polygon_is_pointed_at(client: Client, polygon: object, pointer: str) -> None:
    answer = client.request("POST", "/v1/events/search", json={"polygon": polygon})
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


def test_trips_are_listed_and_counted(client: Client) -> None:
    assert len(client.json("/v1/trips")["data"]) == 3
    assert len(client.json("/v1/trips?group=MOSCOW")["data"]) == 2
    assert client.json("/v1/trips?aircraft=icao24:000001")["data"] == []
    count = client.json("/v1/trips/count?group=MOSCOW&watchlisted=true&start=2022-09-01T00:00:00Z")
    assert (count["confirmed"], count["expected"], count["possible"]) == (1, 1.5, 2)
    assert count["trip_ids"] == ids(client.json("/v1/trips?group=MOSCOW"))
    assert client.json("/v1/trips/count?aircraft=icao24:000001")["possible"] == 0


def test_correlations_are_their_own_list(client: Client) -> None:
    (only,) = client.json("/v1/correlations")["data"]
    assert only["craft"] is None
    assert client.json(f"/v1/correlations/{only['event_id']}") == only
    assert client.get(f"/v1/correlations/{event(1).event_id}").status_code == 404


def test_alerts_are_the_cloudevents_that_were_published(client: Client) -> None:
    assert [a["id"] for a in client.json("/v1/alerts?topic=aviation")["data"]] == list("01234")
    assert client.json("/v1/alerts?topic=maritime")["data"] == []
    assert client.get("/v1/alerts?topic=weather").status_code == 422


def test_statistics_have_denominators(client: Client) -> None:
    body = client.json("/v1/statistics?threshold_h=2&by=flag&start=2022-09-01T00:00:00Z")
    by_flag = {figure["flag"]: figure for figure in body["data"]}
    russia = by_flag["RU"]
    assert (russia["silences"], russia["void"], russia["crafts"]) == (5, 1, 1)
    assert russia["exposure_craft_days"] == 0.125
    assert russia["rate_low"] < russia["rate_per_1000_craft_days"] < russia["rate_high"]
    assert by_flag["IR"]["silences"] == 0
    whole = client.json("/v1/statistics?threshold_h=2&by=all&end=2022-10-01T00:00:00Z")["data"]
    assert [(f["month"], f["silences"], f["void"]) for f in whole] == [(None, GAPS - 1, 1)]


def test_status_says_how_far_and_what_was_lost(client: Client) -> None:
    status = client.json("/v1/status")
    assert status["watermark_age_s"] == 2.0
    assert status["stored"]["crafts"] == 3
    assert status["dead_letters"] == [{"source": "nmea", "reason": "bad_checksum", "count": 1}]
    assert status["ledger"][0]["counts"] == {"in": 5, "published": 4}


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/startupz"])
def test_health(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.json(), answer.headers["cache-control"]) == ({"status": "ok"}, "no-store")


def test_each_problem_type_has_its_page(client: Client) -> None:
    for kind in client.json("/problems")["data"]:
        assert client.json(kind["type"]) == kind
    assert client.get("/problems/none").status_code == 404
