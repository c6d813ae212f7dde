"""The reads over a real socket: whatever query answers arrives the same, however large."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lacuna_core.errors import InvalidInput, Transient
from lacuna_core.event import Alert
from lacuna_core.message import LedgerEntry
from lacuna_core.ports import EncodedEvent
from lacuna_core.position import Domain, PositionBatch
from lacuna_core.profile import Account, CraftProfile, Identity, LastPosition
from lacuna_core.query import (
    CraftDetail,
    CraftSummary,
    IdentityChange,
    Page,
    SilenceFigure,
    Track,
)
from lacuna_core.query_filter import CraftFilter, EventFilter, SilenceFilter, TripFilter
from lacuna_core.trip_count import TripCount
from lacuna_core.units import NULL_I16, NULL_I32, NULL_U16
from lacuna_gateway.grpc_client import RemoteQuery
from lacuna_query.grpc_server import query_servicer
from lacuna_runtime.rpc import RpcServer, open_channel
from lacuna_runtime.sections import ServiceSettings
from tests.contract.store_samples import PLANE, SHIP, T0_MS, positions

MB = 1 << 20
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
TIMES = st.integers(-(2**62), 2**62)
CRAFTS = st.integers(0, 2**64 - 1)
COUNTS = st.integers(0, 2**40)
REALS = st.floats(allow_nan=False, width=64)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def tuples(strategy: st.SearchStrategy[Any], most: int = 4) -> st.SearchStrategy[Any]:
    return st.lists(strategy, max_size=most).map(tuple)


_NUMBERS = {f.name: maybe(st.integers(0, 65_535)) for f in fields(Identity)[:8]}
_WORDS = {f.name: maybe(TEXT) for f in fields(Identity)[8:]}
IDENTITIES = st.builds(Identity, **_NUMBERS, **_WORDS)
_U16 = st.integers(0, NULL_U16)
_I32 = st.integers(NULL_I32, 2**31 - 1)
LAST = st.builds(
    LastPosition,
    TIMES,
    _I32,
    _I32,
    _U16,
    _U16,
    _U16,
    _I32,
    _I32,
    st.integers(NULL_I16, 2**15 - 1),
    _U16,
    _U16,
)
PROFILES = st.builds(
    CraftProfile, CRAFTS, st.sampled_from(Domain), maybe(TIMES), maybe(TIMES), maybe(LAST), IDENTITIES
)
SUMMARIES = st.builds(CraftSummary, PROFILES, maybe(TEXT), maybe(TEXT))
CHANGES = st.builds(IdentityChange, TIMES, TEXT, IDENTITIES)
EVENTS = st.builds(
    EncodedEvent, TEXT, st.integers(0, 2**31), st.integers(0, 2**31), TIMES, st.binary(max_size=50)
)
ALERTS = st.builds(Alert, TEXT, TEXT, st.integers(0, 9), st.integers(0, 9), TEXT, TIMES, TEXT)
FIGURES = st.builds(
    SilenceFigure, maybe(TEXT), maybe(TEXT), maybe(TEXT), COUNTS, COUNTS, COUNTS, REALS, maybe(REALS),
    maybe(REALS), maybe(REALS),
)  # fmt: skip
LEDGER = st.builds(
    LedgerEntry, TEXT, st.integers(0, 2**32 - 1), TIMES, tuples(st.tuples(TEXT, st.integers(-9, 2**40)))
)
ACCOUNTS = st.builds(
    Account, maybe(TIMES), maybe(TIMES), tuples(st.tuples(TEXT, TIMES)), COUNTS, COUNTS, COUNTS, COUNTS,
    COUNTS, tuples(st.tuples(TEXT, TEXT, COUNTS)), tuples(LEDGER),
)  # fmt: skip
TRIP_COUNTS = st.builds(TripCount, COUNTS, REALS, COUNTS, tuples(TEXT))
WINDOW = {"start_ms": maybe(TIMES), "end_ms": maybe(TIMES)}
RINGS = tuples(tuples(st.tuples(REALS, REALS)), 2)
CRAFT_FILTERS = st.builds(
    CraftFilter, st.sampled_from(Domain), maybe(CRAFTS), TEXT, tuples(TEXT), tuples(TEXT),
    maybe(st.integers(0, 2**32 - 1)), TEXT,
)  # fmt: skip
EVENT_FILTERS = st.builds(
    EventFilter, tuples(TEXT), maybe(CRAFTS), **WINDOW, bbox=maybe(st.tuples(REALS, REALS, REALS, REALS)),
    polygon=RINGS, status=TEXT, verdict=TEXT, min_duration_h=maybe(REALS), flags=tuples(TEXT),
)  # fmt: skip
TRIP_FILTERS = st.builds(TripFilter, TEXT, maybe(st.frozensets(CRAFTS, max_size=3)), st.booleans(), **WINDOW)
SILENCE_FILTERS = st.builds(SilenceFilter, TIMES, TIMES, REALS, tuples(TEXT), tuples(TEXT), tuples(TEXT))
AFTER = maybe(st.tuples(TIMES, TEXT))
LIMITS = st.integers(1, 1_000)

CALLS: dict[str, tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]] = {
    "crafts": (
        st.tuples(CRAFT_FILTERS, maybe(CRAFTS), LIMITS),
        st.builds(Page, tuples(SUMMARIES), st.booleans()),
    ),
    "craft": (st.tuples(CRAFTS), st.builds(CraftDetail, SUMMARIES, tuples(CHANGES))),
    "events": (
        st.tuples(EVENT_FILTERS, AFTER, LIMITS),
        st.builds(Page, tuples(EVENTS), st.booleans()),
    ),
    "event": (st.tuples(TEXT), EVENTS),
    "event_revisions": (st.tuples(TEXT), tuples(EVENTS)),
    "trips": (st.tuples(TRIP_FILTERS, AFTER, LIMITS), st.builds(Page, tuples(EVENTS), st.booleans())),
    "count_trips": (st.tuples(TRIP_FILTERS), TRIP_COUNTS),
    "alerts": (st.tuples(TEXT, AFTER, LIMITS), st.builds(Page, tuples(ALERTS), st.booleans())),
    "silences": (st.tuples(SILENCE_FILTERS), tuples(FIGURES)),
    "account": (st.tuples(), ACCOUNTS),
}
"""What may be asked and what may be answered, by method."""


class Prepared:
    """Answers every read with what was laid out, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: Any = None
        self.asked: tuple[Any, ...] = ()

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any) -> Any:
            self.asked = arguments
            return self.answer

        return call


@contextmanager
def remote(query: Any) -> Iterator[RemoteQuery]:
    with (
        RpcServer(ServiceSettings(), [query_servicer(query)]) as server,
        open_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        yield RemoteQuery(channel)


@pytest.fixture(scope="module")
def ends() -> Iterator[tuple[Prepared, RemoteQuery]]:
    prepared = Prepared()
    with remote(prepared) as query:
        yield prepared, query


@QUICK
@pytest.mark.parametrize("name", CALLS)
@given(data=st.data())
def test_questions_and_answers_arrive_as_they_were(
    ends: tuple[Prepared, RemoteQuery], name: str, data: st.DataObject
) -> None:
    prepared, query = ends
    questions, answers = CALLS[name]
    asked, prepared.answer = data.draw(questions), data.draw(answers)
    assert getattr(query, name)(*asked) == prepared.answer
    assert prepared.asked == asked


@pytest.mark.parametrize("count", [0, 1, 2_048, 50_000])
@pytest.mark.parametrize("domain", Domain)
def test_a_track_of_any_length_arrives(
    ends: tuple[Prepared, RemoteQuery], count: int, domain: Domain
) -> None:
    prepared, query = ends
    craft = SHIP if domain is Domain.SEA else PLANE
    receivers = np.array([f"station-{n}" for n in range(200)], dtype=object)[np.arange(count) % 200]
    rows = positions(range(T0_MS, T0_MS + count), craft, receiver=receivers, domain=domain)
    prepared.answer = Track(rows, 3 * count, 60_000)
    track = query.track(craft, T0_MS, T0_MS + 1, 60_000)
    assert (track.total, track.stride_ms) == (3 * count, 60_000)
    assert isinstance(track.rows, PositionBatch)
    assert track.rows.domain is domain
    assert track.rows == rows


def test_pages_above_the_message_limit_arrive(ends: tuple[Prepared, RemoteQuery]) -> None:
    prepared, query = ends
    prepared.answer = Page(
        tuple(EncodedEvent(f"id-{n}", 0, 1, n, bytes([n]) * (MB // 2)) for n in range(60)), more=True
    )
    assert query.events(EventFilter(), None, 100) == prepared.answer
    prepared.answer = Page(
        tuple(Alert("t", f"id-{n}", 0, 1, "k", n, "ä" * MB) for n in range(12)), more=False
    )
    assert query.alerts("", None, 100) == prepared.answer
    prepared.answer = TripCount(0, 0.0, 0, tuple(f"{n:036d}" for n in range(600_000)))
    assert query.count_trips(TripFilter()) == prepared.answer


def test_nonsense_is_refused_by_name(ends: tuple[Prepared, RemoteQuery]) -> None:
    _, query = ends
    for limit in (0, 100_001):
        with pytest.raises(InvalidInput, match="expected 1 to 100000"):
            query.events(EventFilter(), None, limit)
    with pytest.raises(InvalidInput, match="expected 2 to"):
        query.track(SHIP, 0, 1, 1)


def test_a_store_that_is_away_is_transient() -> None:
    class Away:
        def account(self) -> Account:
            raise Transient("the store is away")

    with remote(Away()) as query, pytest.raises(Transient, match="the store is away"):
        query.account()


def test_reads_run_side_by_side() -> None:
    """Two readers that wait for each other both get their answer."""
    import threading
    from concurrent.futures import ThreadPoolExecutor

    both = threading.Barrier(2)

    class Waiting:
        def event(self, event_id: str) -> EncodedEvent:
            both.wait(20)
            return EncodedEvent(event_id, 0, 1, 0, b"{}")

    with remote(Waiting()) as query, ThreadPoolExecutor(2) as pool:
        assert [e.event_id for e in pool.map(query.event, ["a", "b"])] == ["a", "b"]
