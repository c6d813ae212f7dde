"""The main job as a user runs it: a season with planted truth, a report beside it, and the REST API."""

import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import ARGV, lacuna, report_of

START_WITHIN_S = 60
KINDS = {"gap", "port_visit", "loitering", "encounter", "dark_port_call", "round_trip_no_call", "leg", "trip"}
EVENT_FIELDS = {
    "event_id", "kind", "revision", "status", "craft", "start", "end", "start_lat", "start_lon", "end_lat",
    "end_lon", "probabilities", "terms", "evidence", "model_version",
}  # fmt: skip


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """The report of ``lacuna run --size small`` and its data folder."""
    folder = tmp_path_factory.mktemp("season")
    arguments = ("--data", folder / "data", "--events", folder / "events.ndjson", "--json", "--no-serve")
    return report_of(lacuna("run", "--size", "small", *arguments, timeout_s=500)), folder


@pytest.mark.slow
@pytest.mark.timeout(560)
def test_the_report_stands_beside_the_truth(season: tuple[dict[str, Any], Path]) -> None:
    report, _ = season
    assert report["trips"]["confirmed"] == report["trips"]["planted"] == 85
    assert report["outages"]["void"] == report["outages"]["silences"] > 20
    silences = report["silences"]
    assert silences["found_ge_30h"] == silences["planted_ge_30h"] > 10
    calls = report["dark_calls"]
    assert calls["planted"] > 20
    assert calls["top1"] <= calls["top3"] <= calls["planted"]
    assert calls["top3"] >= 0.8 * calls["planted"]
    books = report["ingestion"]
    assert books["in"] == books["published"] + books["non_position"] + books["dead"] + books["spooled"]


@pytest.mark.slow
@pytest.mark.timeout(560)
def test_every_event_revision_is_written_once(season: tuple[dict[str, Any], Path]) -> None:
    _, folder = season
    events = [json.loads(line) for line in (folder / "events.ndjson").read_bytes().splitlines()]
    assert {e["kind"] for e in events} >= KINDS
    assert all(e.keys() >= EVENT_FIELDS for e in events)
    numbers = [(e["event_id"], e["revision"]) for e in events]
    assert len(numbers) == len(set(numbers))
    revisions: dict[str, list[int]] = {}
    for event_id, revision in sorted(numbers):
        revisions.setdefault(event_id, []).append(revision)
    assert all(r == list(range(1, len(r) + 1)) for r in revisions.values())
    assert all(p is None for e in events for p in e["probabilities"].values())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def served(season: tuple[dict[str, Any], Path]) -> Iterator[str]:
    """Root of the REST API over the season's data folder."""
    port = _free_port()
    command = [*ARGV, "serve", "--data", str(season[1] / "data"), "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        root = f"http://127.0.0.1:{port}"
        try:
            _wait_for(root + "/readyz", process)
            yield root
        finally:
            process.terminate()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)  # until it listens
    raise AssertionError(f"{url} did not answer within {START_WITHIN_S} s")


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


@pytest.mark.slow
@pytest.mark.timeout(560)
def test_the_rest_api_serves_the_season(served: str) -> None:
    assert _get(f"{served}/openapi.json")["openapi"].startswith("3.1")
    for noun in ("vessels", "aircraft", "events", "trips", "alerts", "correlations", "statistics"):
        assert _get(f"{served}/v1/{noun}"), noun
    page = _get(f"{served}/v1/events?kind=dark_port_call&limit=5")
    assert len(page["data"]) == 5
    with pytest.raises(urllib.error.HTTPError) as refused:
        _get(f"{served}/v1/events?nonsense=1")
    with refused.value as answer:
        assert answer.headers["content-type"].startswith("application/problem+json")
