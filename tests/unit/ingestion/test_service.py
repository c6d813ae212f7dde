"""Ingesting files into a log, and the books that it keeps."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from lacuna_core.errors import InvalidInput, TimelineError
from lacuna_core.message import DeadLetter, LedgerEntry, Message
from lacuna_core.ports import Bus, Delivery, Outgoing, TopicPartition
from lacuna_core.position import Activate, Domain, IdentityBatch, PositionBatch, SourceHealth, Tick
from lacuna_core.timestamps import parse_time
from lacuna_core.topics import ALL_TOPICS, Topic
from lacuna_ingestion.service import IngestSummary, Progress, choose_feeds, ingest
from lacuna_runtime.bus.sqlite import SqliteBus
from lacuna_runtime.codec import decode
from lacuna_runtime.loop.row_books import read_claims
from tests.real_data import real_data

NOAA = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading\n"
T0 = parse_time("2022-09-01T00:00:00")


def _files(folder: Path) -> Path:
    """A folder with ships (out of order, one bad line), an aircraft, and a file of no known format."""
    (folder / "b").mkdir()
    rows = [
        f"{200 + m},2022-09-01T{h:02d}:00:00,40.{h:02d},50.0,5,0,511" for h in (3, 0, 2, 1) for m in (1, 2)
    ]
    (folder / "b" / "ships.csv").write_text(NOAA + "\n".join(rows) + "\n0,2022-09-01T00:00:00,1,1,1,1,1\n")
    flight = [
        {
            "timestamp": T0 + 600_000 * i,
            "icao24": "731821",
            "latitude": 35.0,
            "longitude": 51.0,
            "callsign": "A",
        }
        for i in range(3)
    ]
    (folder / "a.json").write_text(json.dumps([*flight, flight[0] | {"latitude": None}]))
    (folder / "README.md").write_text("nothing")
    return folder


def _ingest(
    paths: Sequence[Path], bus: Bus, spill: Path, progress: Callable[[Progress], None] = lambda _: None
) -> IngestSummary:
    return ingest(
        paths, format_name=None, bus=bus, spill_dir=spill, lateness_ms=300_000,
        activations=[Activate("params", "00")], progress=progress,
    )  # fmt: skip


def _messages(bus: Bus, topic: str) -> list[Message]:
    found = next(t for t in ALL_TOPICS if t.name == topic)
    places = [TopicPartition(topic, p) for p in range(found.partitions)]
    reader = bus.subscribe("test", places)
    out: list[Message] = []
    while records := reader.poll(1000, 0.0):
        out += [decode(r.value)[1] for r in records]
    return out


def test_everything_arrives_once_and_the_books_add_up(tmp_path: Path) -> None:
    bus = SqliteBus(":memory:")
    steps: list[Progress] = []
    summary = _ingest([_files(tmp_path)], bus, tmp_path, steps.append)
    assert (summary.messages, summary.published, summary.non_position) == (13, 11, 1)
    assert summary.dead == {"bad_mmsi": 1}
    assert {name: c.messages for name, c in summary.feeds.items()} == {"noaa_csv": 9, "traffic_records": 4}
    assert [path.name for path, _ in summary.skipped] == ["README.md"]
    assert (summary.t_min_ms, summary.identities) == (T0, 1)
    messages = _messages(bus, "positions")
    sea = PositionBatch.concat(m for m in messages if isinstance(m, PositionBatch) and m.domain is Domain.SEA)
    air = PositionBatch.concat(m for m in messages if isinstance(m, PositionBatch) and m.domain is Domain.AIR)
    assert (len(sea), len(air)) == (8, 3)
    assert sum(len(m) for m in messages if isinstance(m, IdentityBatch)) == 1
    assert any(isinstance(m, Tick) for m in messages)
    assert sum(isinstance(m, Activate) for m in messages) == 16
    (letter,) = [m for m in _messages(bus, "deadletters") if isinstance(m, DeadLetter)]
    assert (letter.reason, letter.payload) == ("bad_mmsi", b"0,2022-09-01T00:00:00,1,1,1,1,1")
    books = {m.stage: m for m in _messages(bus, "ledger") if isinstance(m, LedgerEntry)}
    entry = books["ingestion"]
    claims = read_claims(books["ingestion.rows"])
    assert [sum(c.rows for c in claims if c.kind == kind) for kind in ("sea", "air")] == [8, 3]
    assert dict(entry.counts) == {"in": 13, "published": 11, "non_position": 1, "dead": 1, "spooled": 0}
    assert {s.step for s in steps} == {"decode", "publish"}
    decoding = [s for s in steps if s.step == "decode"]
    assert decoding[-1].done == decoding[-1].total


def test_health_covers_every_slot_to_the_end_of_the_archive(tmp_path: Path) -> None:
    bus = SqliteBus(":memory:")
    _ingest([_files(tmp_path)], bus, tmp_path)
    health = SourceHealth.concat(m for m in _messages(bus, "positions") if isinstance(m, SourceHealth))
    slots = set(zip(health.text("source"), health.start_ms.tolist(), health.messages.tolist(), strict=True))
    assert len(slots) * 16 == len(health)  # every partition has all of it
    starts = list(range(T0, parse_time("2022-09-01T03:00:00") + 1, 600_000))
    for source, total in (("noaa_csv", 8), ("traffic_records", 4)):
        mine = sorted((start, n) for name, start, n in slots if name == source)
        assert [start for start, _ in mine] == starts
        assert sum(n for _, n in mine) == total


class _Dies(SqliteBus):
    """A bus whose process is killed at the n-th publish."""

    def __init__(self, path: Path, after: int) -> None:
        super().__init__(path)
        self.left = after

    def publish(self, records: Sequence[Outgoing]) -> Sequence[Delivery]:  # type: ignore[override]
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().publish(records)


def _topics(bus: Bus, topics: Sequence[str]) -> dict[str, list[bytes]]:
    out = {}
    for name in topics:
        topic: Topic = next(t for t in ALL_TOPICS if t.name == name)
        reader = bus.subscribe("test", [TopicPartition(name, p) for p in range(topic.partitions)])
        out[name] = [r.value for r in iter(lambda r=reader: r.poll(1, 0.0), []) for r in r]  # type: ignore[misc]
    return out


@pytest.mark.parametrize("after", range(4))
def test_an_import_killed_anywhere_is_finished_by_starting_it_again(tmp_path: Path, after: int) -> None:
    folder = _files(tmp_path)
    whole = SqliteBus(tmp_path / "whole.db")
    _ingest([folder / "b", folder / "a.json"], whole, tmp_path)
    dying = _Dies(tmp_path / "killed.db", after)
    try:
        _ingest([folder / "b", folder / "a.json"], dying, tmp_path)
    except KeyboardInterrupt:
        dying.close()
        again = SqliteBus(tmp_path / "killed.db")
        _ingest([folder / "b", folder / "a.json"], again, tmp_path)
    else:
        again = dying
    names = ("positions", "deadletters", "ledger")
    assert _topics(again, names) == _topics(whole, names)
    repeated = _ingest([folder / "b", folder / "a.json"], again, tmp_path)
    assert (repeated.messages, repeated.published, repeated.records) == (13, 11, 0)
    assert _topics(again, names) == _topics(whole, names)


def test_data_before_the_end_of_the_log_is_refused_each_time(tmp_path: Path) -> None:
    bus = SqliteBus(":memory:")
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    first.write_text(NOAA + "201,2022-09-01T00:00:00,40,50,5,0,511\n")
    second.write_text(NOAA + "201,2022-08-01T00:00:00,40,50,5,0,511\n")
    _ingest([first], bus, tmp_path)
    for _ in range(2):
        with pytest.raises(TimelineError, match="--data"):
            _ingest([second], bus, tmp_path)


def test_a_file_of_dead_letters_only_is_booked_once(tmp_path: Path) -> None:
    bus = SqliteBus(":memory:")
    path = tmp_path / "x.csv"
    path.write_text(NOAA + "0,2022-09-01T00:00:00,40,50,5,0,511\n" * 600)
    for _ in range(2):
        assert _ingest([path], bus, tmp_path).dead == {"bad_mmsi": 600}
    assert len(_messages(bus, "deadletters")) == 600
    assert len(_messages(bus, "ledger")) == 1


def test_wrong_paths_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    bus = SqliteBus(":memory:")
    good = _files(tmp_path) / "a.json"
    with pytest.raises(InvalidInput, match="no such file"):
        _ingest([good, tmp_path / "nowhere"], bus, tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InvalidInput, match="holds no file of a known format"):
        _ingest([empty], bus, tmp_path)
    with pytest.raises(InvalidInput, match="name at least one"):
        choose_feeds([], None)
    with pytest.raises(InvalidInput, match="no such file"):
        choose_feeds([tmp_path / "nowhere"], "noaa_csv")
    with pytest.raises(InvalidInput, match="unknown format"):
        choose_feeds([tmp_path], "csv")


def test_a_format_name_picks_its_files_of_a_folder(tmp_path: Path) -> None:
    files, skipped = choose_feeds([_files(tmp_path)], "noaa_csv")
    assert [(path.name, feed.name) for path, feed in files] == [("ships.csv", "noaa_csv")]
    assert [path.name for path, _ in skipped] == ["README.md", "a.json"]


@pytest.mark.real
def test_real_ships_and_aircraft_in_one_log(tmp_path: Path) -> None:
    bus = SqliteBus(":memory:")
    paths = [
        real_data("positions/tracktable/NYHarbor_2020_06_30_first_hour.csv.gz"),
        real_data("flights/traffic/inflight_refuelling.json.gz"),
    ]
    summary = _ingest(paths, bus, tmp_path)
    assert (summary.published, summary.non_position, summary.dead) == (8_689 + 10_396, 1, {})
    batches = [m for m in _messages(bus, "positions") if isinstance(m, PositionBatch)]
    assert sum(len(b) for b in batches) == 8_689 + 10_396
    assert len(np.unique(np.concatenate([b.craft for b in batches]))) == 295 + 1
