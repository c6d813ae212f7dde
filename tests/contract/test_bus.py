"""The SQLite bus keeps the contract, in memory and in a file."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lacuna_core.errors import ConfigError, CorruptState
from lacuna_core.ports import Bus, TopicPartition
from lacuna_runtime.bus.sqlite import MEMORY, SqliteBus
from tests.contract.bus_contract import BusContract, drain


class SqliteContract(BusContract):
    """What both have in common."""

    patience_s = 0.5

    def prune(self, bus: Bus, before: dict[TopicPartition, int]) -> None:
        assert isinstance(bus, SqliteBus)
        bus.prune(before)

    @pytest.mark.xfail(
        reason="the embedded bus has no group coordinator: one process owns every task", strict=True
    )
    def test_members_of_a_group_share_its_tasks(self, bus: Bus) -> None:
        super().test_members_of_a_group_share_its_tasks(bus)

    @pytest.mark.xfail(reason="the embedded bus keeps no headers: its records never leave", strict=True)
    def test_headers_travel_with_a_record(self, bus: Bus) -> None:
        super().test_headers_travel_with_a_record(bus)


class TestInMemory(SqliteContract):
    @contextmanager
    def open_bus(self) -> Iterator[Bus]:
        bus = SqliteBus(MEMORY)
        yield bus
        bus.close()


class TestInAFile(SqliteContract):
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self.path = tmp_path / "bus.db"

    @contextmanager
    def open_bus(self) -> Iterator[Bus]:
        bus = SqliteBus(self.path)
        yield bus
        bus.close()

    def test_everything_is_there_after_opening_again(self) -> None:
        with self.open_bus() as bus:
            bus.create([self.rows])
            bus.publish([self.out(2, b"kept")])
            bus.subscribe("g", self.places()).commit({self.places()[2]: 0})
        with self.open_bus() as bus:
            assert [r.value for r in drain(bus.subscribe("g", self.places()), 1)] == [b"kept"]
            assert bus.end_offsets(self.places())[self.places()[2]] == 1

    def test_a_reader_sees_nothing_of_an_open_cycle(self) -> None:
        with self.open_bus() as bus:
            bus.create([self.rows])
            other = SqliteBus(self.path)
            with bus.cycle():
                bus.publish([self.out(0, b"x")])
                assert bus.end_offsets(self.places())[self.places()[0]] == 1
                assert other.end_offsets(self.places())[self.places()[0]] == 0
            assert other.end_offsets(self.places())[self.places()[0]] == 1
            other.close()

    def test_a_file_that_is_no_log_is_refused(self) -> None:
        self.path.write_bytes(b"this is not a database, but it is long enough to be looked at" * 40)
        with pytest.raises(CorruptState, match=r"bus\.db"):
            SqliteBus(self.path)

    def test_a_newer_log_is_refused(self) -> None:
        with self.open_bus() as bus:
            bus.create([self.rows])
        connection = sqlite3.connect(self.path)
        connection.execute("PRAGMA user_version = 99")
        connection.close()
        with pytest.raises(CorruptState, match="version 99"):
            SqliteBus(self.path)

    def test_a_folder_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="nowhere"):
            SqliteBus(tmp_path / "nowhere" / "bus.db")


def test_an_unknown_durability_is_refused() -> None:
    with pytest.raises(ConfigError, match="FULL"):
        SqliteBus(MEMORY, synchronous="OFF")
