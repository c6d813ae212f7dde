"""The embedded store's own promises: its file, its schema, its readers."""

import sqlite3
import threading
from pathlib import Path

import pytest

from lacuna_core.errors import ConfigError, CorruptState, InvalidMessage
from lacuna_core.ports import EventQuery
from lacuna_core.units import MS_PER_DAY
from lacuna_runtime.stores.sqlite import SqliteStore
from lacuna_runtime.stores.sqlite.migrate import steps
from tests.contract.store_samples import SHIP, T0_MS, alert, event, identities, positions


def test_a_store_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with SqliteStore.open(path) as store:
        store.append(positions([T0_MS]))
        store.put([event(1)])
    with SqliteStore.open(path) as store:
        assert store.read(SHIP, T0_MS, T0_MS + 1).t_ms.tolist() == [T0_MS]
        assert store.get(event(1).event_id) == event(1)


def test_steps_are_numbered_without_holes() -> None:
    assert [number for number, _ in steps()] == list(range(1, len(steps()) + 1))


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    SqliteStore.open(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA user_version = 999")
    raw.close()
    with pytest.raises(CorruptState, match="schema 999, newer"):
        SqliteStore.open(path)


def test_files_that_are_no_store_are_refused(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("not a database, but long enough to look like one at first sight" * 20)
    with pytest.raises(CorruptState, match="no store"):
        SqliteStore.open(text)
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as raw:
        raw.execute("CREATE TABLE mine (x)")
    raw.close()
    with pytest.raises(CorruptState, match="no store"):
        SqliteStore.open(other)


def test_a_folder_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="can't be opened"):
        SqliteStore.open(tmp_path / "absent" / "store.db")


def test_an_older_store_is_brought_forward(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    raw = sqlite3.connect(path)
    number, sql = steps()[0]
    raw.executescript(f"{sql}; PRAGMA user_version = {number}; PRAGMA application_id = {0x4C41434E};")
    raw.close()
    with SqliteStore.open(path) as store:
        store.put([event(1)])
        assert store.find(EventQuery()) == [event(1)]


def test_a_damaged_chunk_names_craft_and_day(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with SqliteStore.open(path) as store:
        store.append(positions([T0_MS, T0_MS + MS_PER_DAY]))
        store.append_identities(identities([T0_MS], name="VOLGA"))
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE track_chunk SET body = zeroblob(40) WHERE day = ?", (T0_MS // MS_PER_DAY,))
        raw.execute("UPDATE identity_chunk SET body = substr(body, 1, 30)")
    raw.close()
    with SqliteStore.open(path) as store:
        with pytest.raises(CorruptState, match="track of mmsi:273123456 on 2022-09-01"):
            store.read(SHIP, T0_MS, T0_MS + 2 * MS_PER_DAY)
        assert len(store.read(SHIP, T0_MS + MS_PER_DAY, T0_MS + 2 * MS_PER_DAY)) == 1
        with pytest.raises(CorruptState, match="identities of mmsi:273123456 in 2022-09"):
            store.identities(SHIP)


def test_repeats_take_no_room(tmp_path: Path) -> None:
    with SqliteStore.open(tmp_path / "store.db") as store:
        for _ in range(50):
            store.append(positions([T0_MS, T0_MS + 1]))
        assert (store.account().chunks, store.account().positions) == (1, 2)


def test_many_parts_of_a_day_are_joined(tmp_path: Path) -> None:
    with SqliteStore.open(tmp_path / "store.db") as store:
        for i in range(500):
            store.append(positions([T0_MS + i, T0_MS + i + 1], lat_e7=[0, 0], lon_e7=[0, 0]))
        assert store.account().chunks <= 13
        assert store.read(SHIP, T0_MS, T0_MS + MS_PER_DAY).t_ms.tolist() == [T0_MS + i for i in range(501)]


@pytest.mark.parametrize(
    "broken", [{"detail": "{"}, {"detail": "[1]"}, {"probabilities": (("p", float("nan")),)}]
)
def test_an_event_that_could_not_be_served_is_refused_whole(
    tmp_path: Path, broken: dict[str, object]
) -> None:
    with SqliteStore.open(tmp_path / "store.db") as store:
        with pytest.raises(InvalidMessage):
            store.put([event(1), event(2, **broken)])
        assert store.find(EventQuery()) == []
        with pytest.raises(InvalidMessage):
            store.put_alerts([alert(1), alert(2, body="no json")])
        assert store.alerts("", None, 10) == []


def test_readers_never_see_half_a_write_nor_wait_for_one(tmp_path: Path) -> None:
    faults: list[str] = []
    done = threading.Event()
    with SqliteStore.open(tmp_path / "store.db") as store:
        store.append(positions([T0_MS]))

        def read() -> None:
            while not done.is_set():
                track = store.read(SHIP, T0_MS, T0_MS + MS_PER_DAY)
                profile = store.profile(SHIP)
                if profile is None or profile.last_ms is None or profile.last_ms < int(track.t_ms[-1]):
                    faults.append("a track ran ahead of its profile")
                found = store.find(EventQuery())
                if len(found) % 10:
                    faults.append(f"{len(found)} events of tens")

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for i in range(30):
            store.append(positions([T0_MS + 1_000 * (i + 1)]))
            store.put([event(10 * i + j) for j in range(10)])
        done.set()
        for thread in threads:
            thread.join()
    assert faults == []
