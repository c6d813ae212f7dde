"""``lacuna audit``: quiet after an honest replay, and a lost record is named with its hop and partition."""

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import orjson
import pytest

from lacuna_simulator.simulation import simulate
from tests.e2e.command import lacuna, report_of

HOPS = ["ingestion", "ingestion.rows", "facts", "contacts", "assess", "legs", "link", "projector"]


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A small world in a data folder, and its report."""
    folder = tmp_path_factory.mktemp("audit")
    simulate("caspian-2022", folder / "world", size="tiny", seed=3)
    feeds = [str(folder / "world" / name) for name in ("ais", "adsb")]
    return folder / "data", report_of(lacuna("replay", *feeds, "--data", folder / "data", "--json"))


def by_stage(data: Path) -> dict[str, dict[str, Any]]:
    """The hops as the command prints them."""
    done = lacuna("audit", "--data", data, "--json")
    found: dict[str, Any] = orjson.loads(done.stdout)
    assert done.returncode == (0 if found["balanced"] else 1)
    return {hop["stage"]: hop for hop in found["hops"]}


def lossy(replayed: Path, folder: Path, topic: str) -> tuple[Path, int]:
    """A copy of the data folder without the first record of rows of a topic, and its partition."""
    shutil.copytree(replayed, folder / "data")
    db = sqlite3.connect(folder / "data" / "bus.db", isolation_level=None)
    place, partition = db.execute(
        "SELECT min(place), partition FROM records JOIN partitions ON place >> 40 = number "
        "WHERE topic = ? AND length(value) > 500",
        (topic,),
    ).fetchone()
    db.execute("DELETE FROM records WHERE place = ?", (place,))
    db.close()
    return folder / "data", partition


def test_a_replay_adds_up_from_the_files_to_the_stores(replayed: tuple[Path, dict[str, Any]]) -> None:
    data, report = replayed
    hops = by_stage(data)
    assert list(hops) == HOPS
    assert [hop["imbalances"] for hop in hops.values() if hop["imbalances"]] == []
    assert {name: hop["waiting"] for name, hop in hops.items()} == dict.fromkeys(HOPS, 0)
    assert hops["ingestion"]["taken"] == report["ingestion"]["in"]
    assert hops["ingestion"]["accepted"] == report["ingestion"]["published"]
    assert hops["ingestion.rows"]["taken"] > report["ingestion"]["published"]
    assert hops["link"]["taken"] > 100
    assert hops["projector"]["taken"] > hops["ingestion.rows"]["taken"]


def test_people_get_a_table(replayed: tuple[Path, dict[str, Any]]) -> None:
    done = lacuna("audit", "--data", replayed[0])
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("balanced") == len(HOPS)
    assert all(name in done.stdout for name in HOPS)


def test_a_lost_record_is_named(replayed: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    data, partition = lossy(replayed[0], tmp_path, "facts")
    done = lacuna("audit", "--data", data)
    assert done.returncode == 1
    assert f"facts/{partition}: " in done.stdout
    assert "assess: task 0 took" in done.stdout
    hops = by_stage(data)
    assert {name for name, hop in hops.items() if hop["imbalances"]} == {"facts", "assess"}


def test_a_lost_event_is_missed_in_the_stores(replayed: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    data, partition = lossy(replayed[0], tmp_path, "events")
    hops = by_stage(data)
    assert any(
        f"events/{partition}: " in line and "were stored" in line for line in hops["projector"]["imbalances"]
    )


def test_a_folder_that_is_none_is_one_line(tmp_path: Path) -> None:
    done = lacuna("audit", "--data", tmp_path / "none")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
