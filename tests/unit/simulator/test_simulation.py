"""The door: names, sizes, folders, and the same bytes for the same seed."""

import hashlib
from pathlib import Path

import orjson
import pytest

from lacuna_core.errors import InvalidInput
from lacuna_simulator.simulation import TRUTH_FILE, simulate
from lacuna_simulator.truth import Truth, read_truth
from tests.unit.simulator.conftest import SEED


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_same_seed_same_bytes(world: tuple[Path, Truth], tmp_path: Path) -> None:
    again = simulate("caspian-2022", tmp_path / "again", size="tiny", seed=SEED)
    assert again == world[1]
    assert _digests(tmp_path / "again") == _digests(world[0])


def test_other_seed_other_world(world: tuple[Path, Truth], tmp_path: Path) -> None:
    other = simulate("caspian-2022", tmp_path / "other", size="tiny", seed=SEED + 1)
    assert other.silences != world[1].silences
    assert _digests(tmp_path / "other") != _digests(world[0])


def test_layout_is_feeds_and_a_truth_apart(world: tuple[Path, Truth]) -> None:
    out, truth = world
    assert sorted(p.name for p in out.iterdir()) == ["adsb", "ais", "news.json", "truth", "watchlist.json"]
    assert read_truth(out / TRUTH_FILE) == truth
    assert {p.suffixes[-1] for p in (out / "ais").iterdir()} == {".gz"}
    assert all(p.name.startswith("trace_full_") for p in (out / "adsb").iterdir())


def test_news_and_watchlist(world: tuple[Path, Truth]) -> None:
    out, truth = world
    items = orjson.loads((out / "news.json").read_bytes())["items"]
    assert [(i["id"], i["date"]) for i in items] == [(n.id, n.date) for n in truth.news]
    assert set(items[0]) == {"id", "date", "label", "type"}
    aircraft = orjson.loads((out / "watchlist.json").read_bytes())["aircraft"]
    assert [(a["icao24"], a["registration"]) for a in aircraft] == [
        ("731821", "EP-FAA"), ("732464", "EP-ICD"), ("7335c2", "EP-MNB"), ("734d02", "EP-SHB"),
    ]  # fmt: skip


def test_progress_grows_to_one(tmp_path: Path) -> None:
    shares: list[float] = []
    simulate("caspian-2022", tmp_path, size="tiny", progress=lambda share, _: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("scenario", "size", "seed", "named"),
    [
        ("atlantis", "tiny", 1, "caspian-2022"),
        ("caspian-2022", "huge", 1, "tiny, small, full"),
        ("caspian-2022", "tiny", -1, "seed -1"),
    ],
)
def test_bad_arguments_are_named(tmp_path: Path, scenario: str, size: str, seed: int, named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        simulate(scenario, tmp_path / "out", size=size, seed=seed)
    assert not (tmp_path / "out").exists()


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(InvalidInput, match="not empty"):
        simulate("caspian-2022", tmp_path, size="tiny")
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match="can't be used"):
        simulate("caspian-2022", tmp_path / "file", size="tiny")


def test_a_file_that_is_no_truth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="can't be read"):
        read_truth(tmp_path / "absent.json")
    for text in ("", "[]", "{}", '{"silences": [{"craft": 1}]}'):
        (tmp_path / "truth.json").write_text(text)
        with pytest.raises(InvalidInput, match="not a truth file"):
            read_truth(tmp_path / "truth.json")
