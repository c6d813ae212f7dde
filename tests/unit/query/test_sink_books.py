"""The projector counts each row once, whatever it reads again and whoever had the partition before."""

from hypothesis import given
from hypothesis import strategies as st

from lacuna_core.clock import ManualClock
from lacuna_core.message import EventBatch, Message
from lacuna_core.ports import Record, TopicPartition
from lacuna_core.position import Activate, Tick
from lacuna_core.units import MS_PER_H
from lacuna_query.projector import Limits, Projector
from lacuna_runtime.loop.sink_books import Sunk, read_sunk
from lacuna_runtime.stores.sqlite import SqliteStore
from tests.contract.store_contract import QUICK
from tests.contract.store_samples import T0_MS, event, positions

AT = {name: TopicPartition(name, 4) for name in ("positions", "events")}
LOG: dict[str, tuple[Message, ...]] = {
    "positions": tuple(
        Tick(i, T0_MS + i * MS_PER_H, 0) if i % 4 == 3 else positions([T0_MS + j for j in range(i + 1)])
        for i in range(12)
    ),
    "events": (EventBatch((event(1), event(2))), Activate("news", "00"), EventBatch((event(3),))),
}
ROWS = {"positions": sum(i + 1 for i in range(12) if i % 4 != 3), "events": 3}


def record(name: str, offset: int) -> Record:
    return Record(name, 4, offset, b"", b"")


def sunk(store: SqliteStore) -> dict[TopicPartition, Sunk]:
    return read_sunk(store.account().ledger, "projector")


def read(writer: Projector, name: str, start: int, end: int) -> None:
    for offset in range(start, end):
        writer.accept(LOG[name][offset], record(name, offset))


def whole(store: SqliteStore) -> None:
    for name, at in AT.items():
        assert sunk(store)[at][:2] == (len(LOG[name]), ROWS[name])


RUN = st.tuples(st.sampled_from(sorted(LOG)), st.integers(0, 12), st.integers(0, 12), st.booleans())


@QUICK
@given(runs=st.lists(RUN, max_size=12))
def test_each_row_is_counted_once(runs: list[tuple[str, int, int, bool]]) -> None:
    """Two replicas take turns; each reads on from the last commit, flushes, and may die before it commits."""
    with SqliteStore.open(":memory:") as store:
        replicas = [Projector(store, ManualClock(0), Limits()) for _ in range(2)]
        committed = dict.fromkeys(LOG, 0)
        for i, (name, reach, commit, dies) in enumerate(runs):
            end = max(committed[name], min(reach, len(LOG[name])))
            read(replicas[i % 2], name, committed[name], end)
            replicas[i % 2].flush()
            committed[name] = max(committed[name], min(commit, end))
            if dies:
                replicas[i % 2] = Projector(store, ManualClock(0), Limits())
        for name in LOG:
            read(replicas[0], name, committed[name], len(LOG[name]))
        replicas[0].flush()
        whole(store)


def test_nothing_is_booked_before_it_is_stored() -> None:
    with SqliteStore.open(":memory:") as store:
        writer = Projector(store, ManualClock(0), Limits())
        read(writer, "positions", 0, 12)
        assert sunk(store) == {}
        writer.flush()
        assert sunk(store)[AT["positions"]] == Sunk(12, ROWS["positions"], T0_MS + 11 * MS_PER_H)


def test_a_record_that_is_not_there_is_not_counted() -> None:
    with SqliteStore.open(":memory:") as store:
        writer = Projector(store, ManualClock(0), Limits())
        for offset in (0, 1, 5, 6):
            read(writer, "positions", offset, offset + 1)
        writer.flush()
        assert sunk(store)[AT["positions"]].rows == 1 + 2 + 6 + 7


def test_messages_that_come_from_nowhere_are_in_no_book() -> None:
    with SqliteStore.open(":memory:") as store:
        writer = Projector(store, ManualClock(0), Limits())
        writer.accept(positions([T0_MS]))
        writer.flush()
        assert sunk(store) == {}
