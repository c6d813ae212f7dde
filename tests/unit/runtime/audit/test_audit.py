"""The audit is quiet while everything adds up, at any moment; else it names hop and partition."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lacuna_core.ids import partition_of
from lacuna_core.ports import TopicPartition
from lacuna_runtime.audit import AuditReport
from lacuna_runtime.bus.sqlite import SqliteBus
from lacuna_runtime.codec import encode
from lacuna_runtime.loop.rowtime import row_count
from lacuna_runtime.stage import run_until_idle
from tests.unit.runtime.audit.log_file import (
    LogFile,
    archive_log,
    audited,
    book,
    live_log,
    stages,
    tick,
)

HOME = partition_of(1 << 56)
FACTS, POSITIONS = TopicPartition("facts", HOME), TopicPartition("positions", HOME)


@pytest.fixture(scope="module")
def worked_off(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "bus.db"
    bus = archive_log(path)
    run_until_idle(stages(bus))
    assert audited(bus).balanced
    bus.close()
    return path


@pytest.fixture
def file(worked_off: Path, tmp_path: Path) -> Iterator[LogFile]:
    shutil.copy(worked_off, tmp_path / "bus.db")
    file = LogFile(tmp_path / "bus.db")
    yield file
    file.close()


def said(tmp_path: Path) -> dict[str, str]:
    """What does not add up, by stage; nothing where it does."""
    bus = SqliteBus(tmp_path / "bus.db")
    report = audited(bus)
    bus.close()
    found = {hop.stage: "; ".join(hop.imbalances) for hop in report.hops if hop.imbalances}
    assert report.balanced == (not found)
    return found


def counts(report: AuditReport) -> dict[str, tuple[int, int, int]]:
    return {hop.stage: (hop.taken, hop.accepted, hop.waiting) for hop in report.hops}


def test_all_rows_of_an_archive_are_accounted_for(worked_off: Path, tmp_path: Path, file: LogFile) -> None:
    bus = SqliteBus(tmp_path / "bus.db")
    report = audited(bus)
    bus.close()
    assert said(tmp_path) == {}
    assert report.since_ms is None
    facts = 7 * 33 + 7 * 99 + 5
    assert counts(report) == {
        "ingestion": (0, 0, 0),
        "ingestion.rows": (700, 700, 0),
        "facts": (700, 700, 0),
        "contacts": (700, 700, 0),
        "assess": (700 + facts, 700 + facts, 0),
    }


def test_it_adds_up_at_every_moment(tmp_path: Path) -> None:
    """Whatever is behind the books is waiting, never missing."""
    bus = archive_log(tmp_path / "bus.db")
    running = stages(bus)
    busy, moments = True, 0
    while busy:
        busy = False
        for loop in running:
            busy |= loop.cycle(0.0)
            moments += 1
            if moments % 3:
                continue
            report = audited(bus)
            assert [hop.imbalances for hop in report.hops if hop.imbalances] == []
            for hop in report.hops[2:]:
                assert hop.taken + hop.waiting <= 700 + 929
    assert moments > 20
    assert sum(hop.waiting for hop in audited(bus).hops) == 0
    bus.close()


def test_it_adds_up_live_with_late_rows_broken_clocks_and_repeats(tmp_path: Path) -> None:
    bus = live_log(tmp_path / "bus.db")
    running = stages(bus)
    assert audited(bus).balanced
    for turn in range(16):
        running[turn % 3].cycle(0.0)
        assert [hop.imbalances for hop in audited(bus).hops if hop.imbalances] == []
    run_until_idle(running)
    report = audited(bus)
    assert report.balanced
    facts = next(hop for hop in report.hops if hop.stage == "facts")
    assert (facts.late, facts.quarantined) == (8, 13)
    assert facts.taken == facts.accepted + facts.merged + facts.late + facts.quarantined
    assert 0 < facts.waiting < 30
    bus.close()


@pytest.mark.parametrize("which", [0, 1, -1])
def test_a_record_lost_between_two_stages_is_named(tmp_path: Path, file: LogFile, which: int) -> None:
    place, _, message = file.rows(FACTS)[which]
    file.delete(place)
    found = said(tmp_path)
    lost = row_count(message)
    assert f"(-{lost})" in found["assess"]
    if which != -1:
        assert f"facts/{HOME}: {lost} facts rows that facts {HOME} wrote are missing" in found["facts"]


def test_a_record_lost_before_anyone_has_read_it_is_named(tmp_path: Path) -> None:
    """Only the writer can know; a reader's books agree with what is left."""
    bus = archive_log(tmp_path / "bus.db")
    run_until_idle(stages(bus)[:1])
    bus.close()
    file = LogFile(tmp_path / "bus.db")
    wrote = sum(row_count(message) for _, _, message in file.rows(FACTS))
    file.falsify("facts", HOME, lambda counts: counts.update({"out.facts": wrote}))
    assert said(tmp_path) == {}
    place, _, message = file.rows(FACTS)[-1]
    file.delete(place)
    file.close()
    bus = SqliteBus(tmp_path / "bus.db")
    run_until_idle(stages(bus))
    bus.close()
    left = wrote - row_count(message)
    assert said(tmp_path) == {
        "facts": f"task {HOME} wrote {wrote} rows to facts, the log holds {left} of them"
    }


@pytest.mark.parametrize("which", [0, -1])
def test_a_record_lost_behind_ingestion_is_named(tmp_path: Path, file: LogFile, which: int) -> None:
    place, _, message = file.rows(POSITIONS)[which]
    file.delete(place)
    found = said(tmp_path)
    lost = row_count(message)
    assert f"positions/{HOME}: {lost} of" in found["ingestion.rows"]
    assert f"task {HOME} took" in found["facts"]
    assert f"(-{lost})" in found["facts"]
    assert f"(-{lost})" in found["contacts"]


def test_rows_that_no_import_wrote_are_named(tmp_path: Path, file: LogFile) -> None:
    _, origin, message = file.rows(POSITIONS)[-1]
    file.append(POSITIONS, encode(message, origin._replace(seq=origin.seq + row_count(message))))
    found = said(tmp_path)
    more = row_count(message)
    assert f"positions/{HOME}: {more} sea rows more than the books of imports" in found["ingestion.rows"]


def test_facts_told_twice_are_named(tmp_path: Path, file: LogFile) -> None:
    _, origin, message = file.rows(FACTS)[-1]
    file.append(FACTS, encode(message, origin._replace(seq=origin.seq + row_count(message))))
    expected = f"facts/{HOME}: {row_count(message)} rows of facts {HOME} stand behind the tick"
    assert expected in said(tmp_path)["facts"]


def test_a_record_that_stands_there_twice_is_harmless(tmp_path: Path, file: LogFile) -> None:
    for at in (FACTS, POSITIONS):
        _, origin, message = file.rows(at)[2]
        file.append(at, encode(message, origin))
    assert said(tmp_path) == {}


def test_a_record_that_cannot_be_read_is_missed(tmp_path: Path, file: LogFile) -> None:
    place, _, message = file.rows(POSITIONS)[1]
    file.overwrite(place, b"\x00damaged")
    assert f"positions/{HOME}: {row_count(message)} of" in said(tmp_path)["ingestion.rows"]


def one_more(*names: str) -> Callable[[dict[str, int]], None]:
    def change(counts: dict[str, int]) -> None:
        for name in names:
            counts[name] += 1

    return change


def test_a_count_that_does_not_add_up_is_named(tmp_path: Path, file: LogFile) -> None:
    file.falsify("facts", 3, one_more("in"))
    assert said(tmp_path).keys() == {"facts"}
    assert "task 3, entry of" in said(tmp_path)["facts"]


def test_an_old_entry_that_does_not_add_up_is_named(tmp_path: Path, file: LogFile) -> None:
    file.falsify("assess", 0, one_more("merged"), which=0)
    assert "task 0, entry of" in said(tmp_path)["assess"]


@pytest.mark.parametrize("name", ["accepted", "late", "quarantined"])
def test_a_count_that_adds_up_and_is_false_is_named(tmp_path: Path, file: LogFile, name: str) -> None:
    file.falsify("facts", HOME, one_more("in", name))
    found = said(tmp_path)
    assert found.keys() == {"facts"}
    assert f"task {HOME} " in found["facts"]


def test_a_log_that_was_cut_is_checked_from_there_on(tmp_path: Path) -> None:
    bus = live_log(tmp_path / "bus.db")
    running = stages(bus)
    run_until_idle(running)
    cut = {}
    for topic in ("positions", "facts", "reception", "contacts"):
        for partition in range(16):
            at = TopicPartition(topic, partition)
            cut[at] = bus.end_offsets([at])[at] // 2
    bus.prune(cut)
    report = audited(bus)
    assert [hop.imbalances for hop in report.hops if hop.imbalances] == []
    assert report.since_ms is not None
    facts = next(hop for hop in report.hops if hop.stage == "facts")
    assert 80 < facts.taken < 200
    for minute in range(90, 120):
        tick(bus, minute)
    run_until_idle(running)
    assert audited(bus).balanced
    bus.close()
    file = LogFile(tmp_path / "bus.db")
    place, _, message = file.rows(TopicPartition("positions", 0))[-9]
    file.delete(place)
    file.close()
    found = said(tmp_path)
    assert f"(-{row_count(message)})" in found["facts"]
    assert "positions/0" in found["ingestion.rows"]


def test_what_a_live_replica_has_not_booked_yet_is_waiting(tmp_path: Path) -> None:
    bus = live_log(tmp_path / "bus.db", minutes=91)
    rows = next(hop for hop in audited(bus).hops if hop.stage == "ingestion.rows")
    assert (rows.balanced, rows.waiting) == (True, 3 * 3)
    book(bus, 91, rows.taken)
    rows = next(hop for hop in audited(bus).hops if hop.stage == "ingestion.rows")
    assert (rows.balanced, rows.waiting) == (True, 0)
    book(bus, 92, rows.taken + 1)
    rows = next(hop for hop in audited(bus).hops if hop.stage == "ingestion.rows")
    assert "positions/0: 1 of" in rows.imbalances[0]
    bus.close()


def test_an_empty_log_adds_up(tmp_path: Path) -> None:
    bus = SqliteBus(tmp_path / "bus.db")
    stages(bus)
    report = audited(bus)
    assert report.balanced
    assert set(counts(report).values()) == {(0, 0, 0)}
    bus.close()
