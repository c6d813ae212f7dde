"""What holds for every operation: problems, cursors, tags, request ids, limits."""

import asyncio
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lacuna_core.clock import ManualClock
from lacuna_core.errors import CorruptState, LacunaError, Transient
from lacuna_gateway.app import create_app
from lacuna_gateway.cursors import Cursors
from lacuna_gateway.problems import Problem
from lacuna_gateway.settings import MS_PER_DAY, GatewaySettings
from tests.contract.store_contract import QUICK
from tests.unit.gateway.world import NOW_MS, PROBLEM, Client, gateway, walk

LISTS = ("/v1/events", "/v1/events?kind=gap", "/v1/vessels", "/v1/alerts", "/v1/trips?group=MOSCOW")


def key_of(item: dict[str, Any]) -> str:
    return str(item.get("event_id") or item["id"])


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", [1, 2, 7, 1_000])
def test_walking_gives_each_item_once_in_the_same_order(client: Client, path: str, limit: int) -> None:
    whole = client.json(path)["data"]
    assert walk(client, path, limit) == whole
    assert len({key_of(item) for item in whole}) == len(whole)


@QUICK
@given(limits=st.lists(st.integers(1, 12), min_size=40, max_size=40))
def test_the_limit_may_change_from_page_to_page(client: Client, limits: list[int]) -> None:
    seen: list[str] = []
    cursor: str | None = None
    for limit in limits:
        url = f"/v1/events?limit={limit}" + (f"&cursor={cursor}" if cursor else "")
        body = client.json(url)
        seen += [e["event_id"] for e in body["data"]]
        cursor = body["page"]["next"]
        if cursor is None:
            break
    assert seen == [e["event_id"] for e in client.json("/v1/events")["data"]]


def test_a_cursor_is_bound_to_its_filters_and_its_list(client: Client) -> None:
    cursor = client.json("/v1/events?kind=gap&limit=1")["page"]["next"]
    assert client.get(f"/v1/events?kind=gap&limit=5&cursor={cursor}").status_code == 200
    for other in ("/v1/events?", "/v1/events?kind=trip&", "/v1/trips?", "/v1/alerts?"):
        answer = client.get(f"{other}cursor={cursor}")
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-cursor")


@QUICK
@given(text=st.text(max_size=60), at=st.integers(0, 200), letter=st.sampled_from("Aa0_-"))
def test_a_forged_cursor_is_refused(client: Client, text: str, at: int, letter: str) -> None:
    good = client.json("/v1/events?limit=1")["page"]["next"]
    at %= len(good) - 1
    changed = good[:at] + letter + good[at + 1 :]
    for forged in (text, changed):
        answer = client.get("/v1/events", params={"limit": 1, "cursor": forged})
        assert answer.status_code == (200 if forged == good else 400)


def test_a_cursor_expires() -> None:
    with gateway() as client:
        cursor = client.json("/v1/events?limit=1")["page"]["next"]
        client.clock.advance(MS_PER_DAY - 1)
        assert client.get(f"/v1/events?limit=1&cursor={cursor}").status_code == 200
        client.clock.advance(1)
        answer = client.get(f"/v1/events?limit=1&cursor={cursor}")
        assert (answer.status_code, answer.json()["type"]) == (410, "/problems/cursor-expired")


def test_replicas_that_share_a_secret_share_cursors() -> None:
    clock = ManualClock(NOW_MS)
    here = Cursors(GatewaySettings(cursor_secret=b"s" * 32), clock)
    there = Cursors(GatewaySettings(cursor_secret=b"s" * 32), clock)
    stranger = Cursors(GatewaySettings(), clock)
    assert there.read("x", here.sign("x", [1, "a"])) == [1, "a"]
    with pytest.raises(Problem):
        stranger.read("x", here.sign("x", [1, "a"]))


@pytest.mark.parametrize("path", ["/v1/events?limit=3", "/v1/vessels/273123456", "/v1/tracks/mmsi:273123456"])
def test_tags_save_the_body(client: Client, path: str) -> None:
    first = client.get(path)
    tag = first.headers["etag"]
    assert tag.startswith("W/") == ("limit" in path)
    again = client.get(path, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    assert client.get(path, headers={"If-None-Match": "*"}).status_code == 304


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/v1/events/", 404),
        ("DELETE", "/v1/events", 405),
        ("POST", "/v1/vessels", 405),
        ("GET", "/v1/events?limit=x", 422),
        ("GET", "/v1/events?limit=1001", 422),
        ("GET", "/v1/events?limits=1", 422),
        ("GET", "/v1/events?limit=1&limit=2", 422),
        ("GET", "/v1/events?start=2022-09-01T00:00:00%2B03:00", 422),
        ("GET", "/v1/events?start=2022-09-01", 422),
        ("GET", "/v1/events?start=2022-13-01T00:00:00Z", 422),
        ("GET", "/v1/events?start=2022-09-02T00:00:00Z&end=2022-09-01T00:00:00Z", 422),
        ("GET", "/v1/events?bbox=1,2,3", 422),
        ("GET", "/v1/events?bbox=1,2,nan,4", 422),
        ("GET", "/v1/events?bbox=1,5,2,4", 422),
        ("GET", "/v1/events?min_duration_h=inf", 422),
        ("GET", "/v1/events?craft=273123456", 422),
        ("GET", "/v1/events?flag=RUS", 422),
        ("GET", "/livez?probe=1", 422),
        ("POST", "/v1/events/search", 422),
    ],
)
def test_every_error_is_a_problem(client: Client, method: str, path: str, status: int) -> None:
    answer = client.request(method, path, headers={"X-Request-Id": "mine-1"})
    body = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert (body["status"], body["request_id"], body["instance"]) == (status, "mine-1", path.split("?")[0])
    assert client.get(body["type"]).status_code == 200
    assert bool(body.get("errors")) == (status == 422)
    if status == 405:
        assert answer.headers["allow"]


def test_a_body_that_is_no_json_is_a_problem(client: Client) -> None:
    for content in (b"{", b"\xff\xfe", b"[]", b"null", b'{"polygon": 1e999}'):
        answer = client.request("POST", "/v1/events/search", content=content)
        assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)


def test_sizes_are_bounded() -> None:
    with gateway(max_body_bytes=1_000, max_header_bytes=2_000, max_target_bytes=500) as client:
        assert client.request("POST", "/v1/events/search", content=b"x" * 1_001).status_code == 413
        assert client.get("/livez", headers={"X-Long": "x" * 2_000}).status_code == 431
        assert client.get("/v1/events?craft=" + "x" * 500).status_code == 414
        for slug in ("body-too-large", "headers-too-large", "target-too-long"):
            assert client.json(f"/problems/{slug}")["status"] in (413, 414, 431)


def test_a_body_without_a_length_is_bounded_too() -> None:
    async def chunks() -> Any:
        for _ in range(20):
            yield b" " * 100

    with gateway(max_body_bytes=1_000) as client:
        answer = client.request(
            "POST", "/v1/events/search", content=chunks(), headers={"Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)


def test_request_ids_are_taken_when_sane_and_made_when_not(client: Client) -> None:
    assert client.get("/livez", headers={"X-Request-Id": "a.b-c_1"}).headers["x-request-id"] == "a.b-c_1"
    made = client.get("/livez", headers={"X-Request-Id": "a b"}).headers["x-request-id"]
    assert len(made) == 32
    assert client.get("/livez").headers["x-content-type-options"] == "nosniff"


class _Broken:
    """Reads that fail as a store may fail."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        def fail(*_: object) -> None:
            raise self._error

        return fail


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Transient("disk away"), 503),
        (CorruptState("secret path /var/lib"), 500),
        (LacunaError("secret"), 500),
        (ZeroDivisionError("secret"), 500),
    ],
)
def test_failures_inside_stay_inside(error: Exception, status: int) -> None:
    broken: Any = _Broken(error)
    with gateway() as client:
        client.app = create_app(broken)
        answer = client.get("/v1/events")
        assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
        assert len(answer.headers["x-request-id"]) == 32
        assert client.get("/readyz").status_code == status
        assert client.get("/livez").status_code == 200


_NAMES = st.sampled_from(
    [
        "kind",
        "craft",
        "start",
        "end",
        "bbox",
        "status",
        "verdict",
        "min_duration_h",
        "flag",
        "limit",
        "cursor",
        "q",
        "mmsi",
        "imo",
        "group",
        "topic",
        "threshold_h",
        "by",
        "max_points",
        "shape",
        "aircraft",
        "watchlisted",
        "type_code",
        "metric",
    ]
)
_ODD = (
    "", "1e400", "-1", "nan", "0", "\x00", "9" * 25, "2022-09-01T00:00:00Z", "mmsi:273123456",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "-180,-90,180,90", "1,1,-1,1", "%", "💣", "month",
)  # fmt: skip
_VALUES = st.one_of(st.text(max_size=20), st.sampled_from(_ODD))
_PATHS = st.sampled_from(
    [
        "/v1/events",
        "/v1/vessels",
        "/v1/aircraft",
        "/v1/trips",
        "/v1/trips/count",
        "/v1/alerts",
        "/v1/statistics",
        "/v1/status",
        "/v1/correlations",
        "/v1/tracks/mmsi:273123456",
        "/v1/events/search",
        "/problems",
    ]
)


@pytest.mark.timeout(120)
@given(path=_PATHS, query=st.lists(st.tuples(_NAMES, _VALUES), max_size=4))
@QUICK
def test_no_query_string_makes_the_gateway_fail(
    client: Client, path: str, query: list[tuple[str, str]]
) -> None:
    for name, value in [*query, None] if False else query:
        answer = client.get(path, params=[(name, value)])
        assert answer.status_code in (200, 400, 404, 405, 422)
    answer = client.get(path, params=query)
    assert answer.status_code in (200, 400, 404, 405, 422)
    if answer.status_code != 200:
        assert answer.headers["content-type"] == PROBLEM


@QUICK
@given(segment=st.binary(max_size=12))
def test_no_path_makes_the_gateway_fail(client: Client, segment: bytes) -> None:
    quoted = "".join(f"%{byte:02X}" for byte in segment)
    for prefix in ("/v1/vessels/", "/v1/aircraft/", "/v1/tracks/", "/v1/events/", "/problems/", "/"):
        assert client.get(prefix + quoted).status_code < 500


def test_requests_at_the_same_time_do_not_mix(client: Client) -> None:
    async def many() -> list[int]:
        transport = httpx.ASGITransport(client.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as inner:
            answers = await asyncio.gather(*(inner.get(f"/v1/events?limit={i}") for i in range(1, 31)))
        return [len(answer.json()["data"]) for answer in answers]

    assert asyncio.run(many()) == list(range(1, 31))
