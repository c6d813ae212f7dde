"""The one writer: nothing lost, nothing doubled, whatever is cut or read again."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lacuna_core.clock import ManualClock
from lacuna_core.errors import Transient
from lacuna_core.flow import POSITIONS_IN
from lacuna_core.message import DeadLetter, EventBatch, LedgerEntry, Message
from lacuna_core.ports import EventQuery
from lacuna_core.position import Activate, PositionBatch, Tick
from lacuna_core.topics import ALERTS, DEADLETTERS, EVENTS, LEDGER
from lacuna_core.units import MS_PER_DAY, MS_PER_H
from lacuna_query.projector import Limits, Projector
from lacuna_runtime.stores.sqlite import SqliteStore
from tests.contract.store_contract import QUICK
from tests.contract.store_samples import OTHER_SHIP, SHIP, T0_MS, alert, as_rows, event, identities, positions

LOG: tuple[Message, ...] = (
    positions([T0_MS, T0_MS + 1, T0_MS + 2], [SHIP, OTHER_SHIP, SHIP]),
    identities([T0_MS], name="VOLGA"),
    Tick(1, T0_MS + MS_PER_H, 300_000),
    EventBatch((event(1), event(2))),
    positions([T0_MS + MS_PER_H, T0_MS + MS_PER_DAY], [SHIP, OTHER_SHIP], receiver=["aktau", "olya"]),
    DeadLetter("nmea", "a:1", "bad_checksum", "", b"x"),
    LedgerEntry("ingestion", 0, T0_MS, (("in", 5),)),
    alert(1),
    EventBatch((event(1, revision=2),)),
    identities([T0_MS + 5], name="OLGA"),
    Tick(2, T0_MS + 2 * MS_PER_DAY, 300_000),
    Activate("news", "00", "{}"),
)


def contents(store: SqliteStore) -> Any:
    """Everything that a reader can see."""
    whole = (T0_MS - MS_PER_DAY, T0_MS + 9 * MS_PER_DAY)
    account = store.account()
    return (
        [as_rows(store.read(craft, *whole)) for craft in store.crafts()],
        [as_rows(store.identities(craft)) for craft in store.crafts()],
        [store.profile(craft) for craft in store.crafts()],
        as_rows_of_exposure(store),
        store.find(EventQuery()),
        store.revisions(event(1).event_id),
        store.alerts("", None, 100),
        (account.watermark_ms, account.dead_letters, account.ledger, account.events, account.alerts),
    )


def as_rows_of_exposure(store: SqliteStore) -> list[tuple[int, int, int]]:
    exposure = store.exposure(T0_MS - MS_PER_DAY, T0_MS + 9 * MS_PER_DAY)
    return list(zip(exposure.craft.tolist(), exposure.day.tolist(), exposure.hours.tolist(), strict=True))


def projector(store: SqliteStore, **limits: int) -> tuple[Projector, ManualClock]:
    clock = ManualClock(0)
    return Projector(store, clock, Limits(**limits)), clock


def project(store: SqliteStore, messages: Sequence[Message]) -> None:
    writer, _ = projector(store)
    for message in messages:
        writer.accept(message)
    writer.flush()


def undisturbed() -> Any:
    with SqliteStore.open(":memory:") as store:
        project(store, LOG)
        return contents(store)


@QUICK
@given(kills=st.lists(st.tuples(st.integers(0, len(LOG)), st.integers(0, len(LOG))), max_size=6))
def test_kills_between_flush_and_commit_double_nothing(kills: list[tuple[int, int]]) -> None:
    with SqliteStore.open(":memory:") as store:
        committed = 0
        for reach, commit in kills:
            # A run that reads on from the commit, flushes, and dies before or after committing.
            end = max(committed, reach)
            project(store, LOG[committed:end])
            committed = max(committed, min(commit, end))
        project(store, LOG[committed:])
        assert contents(store) == undisturbed()


class _DyingStore(SqliteStore):
    """A real store that goes away at its n-th write."""

    writes_left = 10**9

    def _dies(self) -> None:
        self.writes_left -= 1
        if self.writes_left < 0:
            raise Transient("away")

    def append(self, batch: PositionBatch) -> None:
        self._dies()
        super().append(batch)

    def put(self, events: Sequence[Any]) -> None:
        self._dies()
        super().put(events)

    def put_alerts(self, alerts: Sequence[Any]) -> None:
        self._dies()
        super().put_alerts(alerts)

    def put_watermark(self, watermark_ms: int) -> None:
        self._dies()
        super().put_watermark(watermark_ms)


@pytest.mark.parametrize("writes", range(4))
def test_a_flush_that_fails_half_way_can_be_tried_again(writes: int) -> None:
    with _DyingStore.open(":memory:") as store:
        writer, _ = projector(store)
        for message in LOG:
            writer.accept(message)
        store.writes_left = writes
        with pytest.raises(Transient):
            writer.flush()
        store.writes_left = 10**9
        writer.flush()
        assert contents(store) == undisturbed()


def test_a_flush_is_due_by_size_by_age_and_at_the_end_of_a_day() -> None:
    with SqliteStore.open(":memory:") as store:
        writer, clock = projector(store, buffer_bytes=1_000, messages=3, age_ms=5_000)
        assert not writer.due()
        writer.accept(positions([T0_MS]))
        assert not writer.due()
        writer.accept(Tick(1, T0_MS + MS_PER_DAY, 1))
        assert not writer.due()
        writer.accept(Tick(2, T0_MS + MS_PER_DAY + 1, 1))
        assert writer.due()
        writer.flush()
        assert not writer.due()
        writer.accept(positions([T0_MS + MS_PER_DAY + i for i in range(40)]))
        assert writer.due()
        writer.flush()
        writer.accept(EventBatch((event(1), event(2), event(3))))
        assert writer.due()
        writer.flush()
        writer.accept(event_batch := EventBatch((event(4),)))
        assert event_batch.rows
        assert not writer.due()
        clock.advance(5_000)
        assert writer.due()


def test_what_cannot_be_stored_becomes_a_dead_letter_and_the_rest_stays() -> None:
    with SqliteStore.open(":memory:") as store:
        project(
            store,
            [
                EventBatch((event(1), event(2, detail="{"), event(3))),
                alert(1),
                alert(2, body="nonsense"),
            ],
        )
        assert [e.event_id for e in store.find(EventQuery())] == [event(1).event_id, event(3).event_id]
        assert [a.event_id for a in store.alerts("", None, 9)] == ["id-1"]
        assert store.account().dead_letters == (("alerts", "alert_body", 1), ("events", "event_body", 1))


def test_more_strings_than_a_column_can_number_are_split() -> None:
    with SqliteStore.open(":memory:") as store:
        project(
            store,
            [identities([T0_MS + i] * 1_000, name=[f"N{i}-{j}" for j in range(1_000)]) for i in range(70)],
        )
        known = store.identities(SHIP)
        assert known.t_ms[-1] == T0_MS + 69
        by_time = zip((known.t_ms - T0_MS).tolist(), known.text("name").tolist(), strict=True)
        assert all(name.startswith(f"N{t}-") for t, name in by_time)
        assert len(known) > 60_000


def test_it_reads_every_topic_that_a_table_holds() -> None:
    assert Projector.inputs[0] == POSITIONS_IN
    assert {i.topic for i in Projector.inputs[1:]} == {EVENTS, *ALERTS, LEDGER, DEADLETTERS}
