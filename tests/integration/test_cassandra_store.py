"""What the distributed store promises beyond the contract: repeats, crashes, several writers, its schema."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from lacuna_core.errors import ConfigError, CorruptState, Transient
from lacuna_core.ids import craft_from_mmsi
from lacuna_core.ports import EventQuery
from lacuna_core.position import PositionBatch
from lacuna_core.units import MS_PER_DAY, MS_PER_S
from lacuna_runtime.sections import CassandraSettings
from lacuna_runtime.stores.cassandra import CassandraStore, migrate
from lacuna_runtime.stores.cassandra.connection import Connection
from lacuna_runtime.stores.chunk import SEALED_ROWS
from tests.contract.cassandra_case import new_keyspace, own_keyspace
from tests.contract.store_samples import SHIP, T0_MS, as_rows, event, identities, positions


@pytest.fixture(scope="module")
def keyspace(cassandra: CassandraSettings) -> Iterator[Connection]:
    with new_keyspace(cassandra) as db:
        yield db


@pytest.fixture
def craft() -> int:
    """A craft that no other test of this run has."""
    _CRAFT.append(craft_from_mmsi(273_500_000 + len(_CRAFT)))
    return _CRAFT[-1]


_CRAFT: list[int] = []


def _hour(craft: int, rows: int = 600) -> PositionBatch:
    return positions([T0_MS + i * 6 * MS_PER_S for i in range(rows)], craft)


class TestTracks:
    def test_other_cuts_after_a_crash_count_no_position_twice(self, keyspace: Connection, craft: int) -> None:
        store = CassandraStore(keyspace)
        before = store.account().positions
        rows = _hour(craft)
        for start, end in ((0, 200), (200, 400), (100, 450), (450, 600), (0, 600), (599, 600)):
            store.append(rows.take(slice(start, end)))
        assert as_rows(store.read(craft, T0_MS, T0_MS + MS_PER_DAY)) == as_rows(rows)
        assert store.account().positions - before == 600

    def test_many_small_parts_become_one(self, keyspace: Connection, craft: int) -> None:
        store = CassandraStore(keyspace)
        before = store.account().chunks
        rows = _hour(craft)
        for at in range(0, 600, 20):
            store.append(rows.take(slice(at, at + 20)))
        assert store.account().chunks - before <= 12
        assert store.read(craft, T0_MS, T0_MS + MS_PER_DAY) == rows.compact()

    def test_a_full_day_stays_in_full_parts(self, keyspace: Connection, craft: int) -> None:
        store = CassandraStore(keyspace)
        before = store.account()
        rows = positions([T0_MS + i * MS_PER_S for i in range(2 * SEALED_ROWS + 5)], craft)
        for piece in (slice(0, 20_000), slice(10_000, None), slice(0, 30)):
            store.append(rows.take(piece))
        after = store.account()
        assert (after.chunks - before.chunks, after.positions - before.positions) == (3, len(rows))
        assert store.read(craft, T0_MS, T0_MS + MS_PER_DAY).t_ms.tolist() == rows.t_ms.tolist()

    def test_identities_of_a_month_are_joined(self, keyspace: Connection, craft: int) -> None:
        store = CassandraStore(keyspace)
        for i in range(40):
            store.append_identities(identities([T0_MS + i * MS_PER_S], craft, name=f"N{i}"))
        assert store.identities(craft).text("name").tolist() == [f"N{i}" for i in range(40)]
        sql = f"SELECT count(*) FROM {keyspace._keyspace}.identity_chunk WHERE craft = {craft}"
        assert keyspace._session.execute(sql).one()[0] <= 13

    def test_a_damaged_chunk_names_craft_and_day(self, keyspace: Connection, craft: int) -> None:
        store = CassandraStore(keyspace)
        store.append(positions([T0_MS, T0_MS + MS_PER_DAY], craft))
        table = f"{keyspace._keyspace}.track_chunk"
        find = f"SELECT quarter, day, digest FROM {table} WHERE craft = {craft} ALLOW FILTERING"
        quarter, day, digest = keyspace._session.execute(find).one()
        key = "craft = %s AND quarter = %s AND day = %s AND digest = %s"
        damage = f"UPDATE {table} SET body = 0x00 WHERE {key}"
        keyspace._session.execute(damage, (craft, quarter, day, digest))
        with pytest.raises(CorruptState, match=r"track of mmsi:2735\d+ on 2022-09-01"):
            store.read(craft, T0_MS, T0_MS + 2 * MS_PER_DAY)
        assert len(store.read(craft, T0_MS + MS_PER_DAY, T0_MS + 2 * MS_PER_DAY)) == 1


class _Dying:
    """A connection that sends some more requests and then no longer answers."""

    def __init__(self, db: Connection, requests: int) -> None:
        self._db = db
        self._left = requests

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    def write(self, calls: Any) -> None:
        def counted() -> Iterator[Any]:
            for call in calls:
                if not self._left:
                    raise Transient("the process died here")
                self._left -= 1
                yield call

        self._db.write(counted())


def _dies_everywhere(keyspace: Connection, work: Callable[[CassandraStore], None]) -> int:
    """Do a piece of work again and again, each time dying one request later, until it is done."""
    for requests in range(200):
        try:
            work(CassandraStore(_Dying(keyspace, requests)))  # type: ignore[arg-type]
        except Transient:
            continue
        return requests
    raise AssertionError("never done")


class TestCrashes:
    def test_dying_anywhere_in_an_append_loses_and_doubles_nothing(
        self, keyspace: Connection, craft: int
    ) -> None:
        store = CassandraStore(keyspace)
        before = store.account()
        rows = _hour(craft)
        store.append(rows.take(slice(0, 250)))
        # Each life cuts elsewhere, as a buffer does that is filled anew.
        cut = iter(range(0, 400, 7))
        deaths = _dies_everywhere(keyspace, lambda s: s.append(rows.take(slice(next(cut) % 240, None))))
        assert deaths > 4
        after = store.account()
        assert (after.positions - before.positions, after.crafts - before.crafts) == (600, 1)
        assert as_rows(store.read(craft, T0_MS, T0_MS + MS_PER_DAY)) == as_rows(rows)
        profile = store.profile(craft)
        assert profile is not None
        assert (profile.first_ms, profile.last_ms) == (int(rows.t_ms[0]), int(rows.t_ms[-1]))

    def test_dying_anywhere_in_a_put_leaves_the_newest_revision(
        self, keyspace: Connection, craft: int
    ) -> None:
        store = CassandraStore(keyspace)
        before = store.account().events
        first = event(1, crafts=(craft,), end_ms=None)
        moved = event(1, crafts=(craft,), revision=2, start_lat_e7=0, start_ms=first.start_ms + MS_PER_DAY)
        moved = type(moved)(**{**_fields(moved), "event_id": first.event_id})
        store.put([first])
        assert _dies_everywhere(keyspace, lambda s: s.put([first, moved])) > 6
        assert store.find(EventQuery(craft=craft)) == [moved]
        assert store.find(EventQuery(kinds=("gap",))) == [moved]
        assert store.account().events - before == 1


def _fields(item: Any) -> dict[str, Any]:
    return {name: getattr(item, name) for name in item.__dataclass_fields__}


class TestWriters:
    def test_two_writers_of_the_same_leave_what_one_would(
        self, keyspace: Connection, cassandra: CassandraSettings
    ) -> None:
        """A replica that was given up writes on while the next one reads the same again."""
        before = CassandraStore(keyspace).account()
        crafts = [craft_from_mmsi(273_600_000 + i) for i in range(20)]
        rows = PositionBatch.concat([_hour(craft, 300) for craft in crafts])
        events = [event(500 + i, crafts=(craft,), kind="loitering") for i, craft in enumerate(crafts)]
        mine = cassandra.model_copy(update={"keyspace": keyspace._keyspace, "migrate": False})
        errors: list[BaseException] = []

        def write(seed: int) -> None:
            try:
                rng = np.random.default_rng(seed)
                with CassandraStore.open(mine) as store:
                    for piece in np.array_split(rng.permutation(len(rows)), 8):
                        store.append(rows.take(piece))
                    store.append(rows)
                    for number in rng.permutation(len(events)).tolist():
                        store.put([events[number]])
            except BaseException as error:  # noqa: BLE001  # told to the test
                errors.append(error)

        _together([lambda: write(1), lambda: write(2)])
        assert errors == []
        store = CassandraStore(keyspace)
        after = store.account()
        assert after.positions - before.positions == len(rows)
        assert (after.crafts - before.crafts, after.events - before.events) == (20, 20)
        for craft in crafts:
            assert len(store.read(craft, T0_MS, T0_MS + MS_PER_DAY)) == 300


def _together(jobs: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()


class TestSchema:
    @pytest.fixture
    def fresh(self, cassandra: CassandraSettings, keyspace: Connection) -> Iterator[CassandraSettings]:
        """Settings of a keyspace that is not there yet."""
        own = own_keyspace(cassandra)
        yield own
        keyspace._session.execute(f"DROP KEYSPACE IF EXISTS {own.keyspace}", timeout=30.0)

    def test_several_may_migrate_at_once(self, fresh: CassandraSettings) -> None:
        errors: list[BaseException] = []

        def open_and_use(number: int) -> None:
            try:
                with CassandraStore.open(fresh) as store:
                    store.append(positions([T0_MS], craft_from_mmsi(273_000_000 + number)))
            except BaseException as error:  # noqa: BLE001  # told to the test
                errors.append(error)

        _together([lambda n=n: open_and_use(n) for n in range(4)])  # type: ignore[misc]
        assert errors == []
        with CassandraStore.open(fresh.model_copy(update={"migrate": False})) as store:
            assert len(store.crafts()) == 4

    def test_without_leave_to_migrate_the_command_is_named(self, fresh: CassandraSettings) -> None:
        with pytest.raises(ConfigError, match=r"lacks 0001_tracks.*stores\.cassandra migrate"):
            CassandraStore.open(fresh.model_copy(update={"migrate": False}))

    def test_an_older_schema_is_brought_forward(
        self, fresh: CassandraSettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patch:
            first = migrate.steps()[:1]
            patch.setattr(migrate, "steps", lambda: first)
            Connection.open(fresh, lambda session: migrate.migrate(session, fresh)).close()
        with pytest.raises(ConfigError, match="lacks 0002_events"):
            CassandraStore.open(fresh.model_copy(update={"migrate": False}))
        with CassandraStore.open(fresh) as store:
            store.put([event(1)])
            assert store.find(EventQuery()) == [event(1)]

    def test_newer_changed_and_foreign_keyspaces_are_refused(
        self, fresh: CassandraSettings, keyspace: Connection
    ) -> None:
        session, name = keyspace._session, fresh.keyspace
        replication = "{'class': 'NetworkTopologyStrategy', 'datacenter1': 1}"
        session.execute(f"CREATE KEYSPACE {name} WITH replication = {replication}")
        session.execute(f"CREATE TABLE {name}.mine (x int PRIMARY KEY)")
        with pytest.raises(CorruptState, match="no store of Lacuna"):
            CassandraStore.open(fresh)
        session.execute(f"DROP TABLE {name}.mine")
        CassandraStore.open(fresh).close()
        session.execute(f"INSERT INTO {name}.schema_version (one, number, checksum) VALUES (1, 99, 'x')")
        with pytest.raises(CorruptState, match="schema 99, newer"):
            CassandraStore.open(fresh)
        session.execute(f"DELETE FROM {name}.schema_version WHERE one = 1 AND number = 99")
        session.execute(f"UPDATE {name}.schema_version SET checksum = 'x' WHERE one = 1 AND number = 2")
        with pytest.raises(CorruptState, match="another 0002_events"):
            CassandraStore.open(fresh)


class TestCommand:
    def test_migrate_makes_what_a_service_then_finds(
        self, cassandra: CassandraSettings, keyspace: Connection
    ) -> None:
        own = own_keyspace(cassandra)
        try:
            assert _command(own, "migrate") == (0, "", "")
            CassandraStore.open(own.model_copy(update={"migrate": False})).close()
        finally:
            keyspace._session.execute(f"DROP KEYSPACE IF EXISTS {own.keyspace}", timeout=30.0)

    def test_grants_are_printed_without_a_server(self) -> None:
        code, printed, _ = _command(CassandraSettings(port=1, keyspace="mine"), "grants")
        assert code == 0
        assert "GRANT SELECT ON KEYSPACE mine TO lacuna_reader;\n" in printed

    def test_what_goes_wrong_is_one_line(self) -> None:
        code, _, told = _command(CassandraSettings(port=1, request_ms=2_000), "migrate")
        assert code == 2
        assert "does not answer" in told.splitlines()[-1]


def _command(settings: CassandraSettings, command: str) -> tuple[int, str, str]:
    told = {
        "LACUNA__CASSANDRA__CONTACT_POINTS": json.dumps(settings.contact_points),
        "LACUNA__CASSANDRA__PORT": str(settings.port),
        "LACUNA__CASSANDRA__KEYSPACE": settings.keyspace,
        "LACUNA__CASSANDRA__REQUEST_MS": str(settings.request_ms),
    }
    line = [sys.executable, "-m", "lacuna_runtime.stores.cassandra", command]
    done = subprocess.run(line, env=told, capture_output=True, text=True, timeout=100, check=False)
    return done.returncode, done.stdout, done.stderr


class TestServer:
    def test_a_data_center_that_is_not_there_is_named(self, cassandra: CassandraSettings) -> None:
        with pytest.raises(ConfigError, match=r"cassandra\.datacenter.*nowhere"):
            CassandraStore.open(cassandra.model_copy(update={"datacenter": "nowhere"}))

    def test_nobody_at_the_address_is_transient(self) -> None:
        with pytest.raises(Transient, match="does not answer"):
            CassandraStore.open(CassandraSettings(contact_points=("127.0.0.1",), port=1, request_ms=2_000))

    def test_a_table_that_is_gone_is_no_reason_to_try_again(
        self, keyspace: Connection, cassandra: CassandraSettings
    ) -> None:
        with new_keyspace(cassandra) as own:
            store = CassandraStore(own)
            own._session.execute(f"DROP TABLE {own._keyspace}.craft")
            with pytest.raises(ConfigError, match="refuses"):
                store.profile(SHIP)
