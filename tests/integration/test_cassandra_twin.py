"""The two stores answer alike: the same writes in any cuts and orders, then any question."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lacuna_core.event import CLOSED, OPEN, RETRACTED, Event
from lacuna_core.ids import craft_from_icao24, craft_from_mmsi
from lacuna_core.ports import ANY_STATUS, EventQuery
from lacuna_core.position import Domain, IdentityBatch
from lacuna_core.profile import CraftQuery
from lacuna_core.units import MS_PER_DAY, MS_PER_H
from lacuna_runtime.sections import CassandraSettings
from lacuna_runtime.stores.cassandra import CassandraStore
from lacuna_runtime.stores.sqlite import SqliteStore
from tests.contract.cassandra_case import new_keyspace
from tests.contract.store_contract import Store
from tests.contract.store_samples import T0_MS, event, identities, positions

ASK = settings(
    max_examples=120, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
SHIPS = [craft_from_mmsi(n) for n in (273000001, 273000002, 273100001, 422000001, 992731234, 2734411)]
PLANES = [craft_from_icao24(a) for a in ("731821", "0d8001", "~2a0001")]
_LATEST_MS = T0_MS + 500 * MS_PER_DAY
Pair = tuple[Store, Store]


def _revisions(rng: np.random.Generator, number: int) -> Iterator[Event]:
    """One event with up to four revisions; some move, some end late, some are taken back."""
    start_ms = T0_MS + int(rng.integers(0, 400 * 24)) * MS_PER_H
    kind = str(rng.choice(["gap", "loitering", "encounter", "port_visit"]))
    first = event(number, kind=kind, start_ms=start_ms)
    for revision, generation in enumerate(sorted(rng.integers(0, 2, int(rng.integers(1, 5))).tolist()), 1):
        if revision > 2 and rng.random() < 0.2:
            start_ms += int(rng.choice([1, 5, 24 * 40])) * MS_PER_H
        lasts_ms = int(rng.choice([0, 1, 30, 24 * 8, 24 * 90])) * MS_PER_H
        is_open = rng.random() < 0.3
        lat, lon = (int(v) * 5_000_000 for v in (rng.integers(70, 84), rng.integers(98, 110)))
        crafts = rng.choice([*SHIPS, *PLANES], int(rng.integers(0, 3)), replace=False).tolist()
        yield replace(
            first, generation=generation, revision=revision, start_ms=start_ms, crafts=tuple(sorted(crafts)),
            end_ms=None if is_open else start_ms + lasts_ms, as_of_ms=start_ms + lasts_ms,
            status=OPEN if is_open else str(rng.choice([CLOSED, CLOSED, RETRACTED])),
            verdict=str(rng.choice(["", "void", "likely"])), start_lat_e7=lat, start_lon_e7=lon,
            end_lat_e7=None if is_open else lat + 7_000_000, end_lon_e7=None if is_open else lon,
        )  # fmt: skip


@pytest.fixture(scope="module")
def stores(cassandra: CassandraSettings) -> Iterator[Pair]:
    """Both stores with 300 events in 1,000 revisions, in an order that neither of them would choose."""
    rng = np.random.default_rng(5)
    events = [revision for number in range(300) for revision in _revisions(rng, number)]
    order = rng.permutation(len(events)).tolist()
    pieces = [[events[i] for i in order[at : at + 97]] for at in range(0, len(order), 97)]
    with new_keyspace(cassandra) as db, closing(SqliteStore.open(":memory:")) as twin:
        store = CassandraStore(db)
        for piece in [*pieces, pieces[0]]:
            store.put(piece)
            twin.put(piece)
        yield store, twin


_TIME = st.integers(-24, 450 * 24).map(lambda hour: T0_MS + hour * MS_PER_H)
_BOX = st.tuples(*(st.sampled_from([34.0, 36.2, 38.5, 49.0, 50.0, 51.5, 55.0, -180.0, 180.0]),) * 4)
_QUERY = st.builds(
    EventQuery,
    kinds=st.sampled_from([(), ("gap",), ("gap", "encounter"), ("none",)]),
    craft=st.sampled_from([None, None, None, *SHIPS, PLANES[0]]),
    start_ms=st.none() | _TIME,
    end_ms=st.none() | _TIME,
    bbox=st.none() | _BOX.filter(lambda box: -90 <= box[1] <= box[3] <= 90),
    status=st.sampled_from(["", "", ANY_STATUS, OPEN, CLOSED, RETRACTED]),
    verdict=st.sampled_from(["", "", "void"]),
    min_duration_ms=st.none() | st.integers(0, 24 * 91).map(lambda hours: hours * MS_PER_H),
    mids=st.sampled_from([(), (), (273,), (422, 273), (999,)]),
    after=st.none() | st.tuples(_TIME, st.sampled_from(["", "8", "ffffffff"])),
    limit=st.sampled_from([1, 7, 100, 2_000]),
)


@ASK
@given(query=_QUERY)
def test_any_question_about_events_has_one_answer(stores: Pair, query: EventQuery) -> None:
    store, twin = stores
    assert store.find_encoded(query) == twin.find_encoded(query)


def test_a_walk_of_pages_gives_every_event_once(stores: Pair) -> None:
    store, twin = stores
    seen: list[str] = []
    query = EventQuery(status=ANY_STATUS, limit=37)
    while page := store.find_encoded(query):
        seen += [e.event_id for e in page]
        query = replace(query, after=(page[-1].start_ms, page[-1].event_id))
    assert seen == [e.event_id for e in twin.find_encoded(EventQuery(status=ANY_STATUS, limit=10_000))]
    assert len(seen) == 300


def test_events_that_moved_are_counted_once(stores: Pair) -> None:
    store, twin = stores
    assert store.account().events == twin.account().events == 300
    for number in range(0, 300, 29):
        event_id = twin.find_encoded(EventQuery(status=ANY_STATUS, limit=300))[number].event_id
        assert store.revisions_encoded(event_id) == twin.revisions_encoded(event_id)
        assert store.get(event_id) == twin.get(event_id)


def _said(
    t_ms: list[int], some: list[int], names: list[str], ship_type: int, domain: Domain
) -> IdentityBatch:
    told = identities(
        t_ms, name=names, callsign=["UAB%", ""], ship_type=[ship_type, 0], imo=[9074729, 0],
        type_code=["A320", ""], domain=domain,
    )  # fmt: skip
    return replace(told, craft=np.array(some, np.uint64))


@pytest.fixture(scope="module")
def fleets(cassandra: CassandraSettings) -> Iterator[Pair]:
    """Both stores with craft that were heard, craft that only told a name, and craft that did both."""
    rng = np.random.default_rng(6)
    with new_keyspace(cassandra) as db, closing(SqliteStore.open(":memory:")) as twin:
        store = CassandraStore(db)
        for at in range(6):
            for domain, crafts in ((Domain.SEA, SHIPS), (Domain.AIR, PLANES)):
                some = rng.choice(crafts, 2, replace=False).tolist()
                t_ms = (T0_MS + rng.integers(0, 300 * 24, 2) * MS_PER_H).tolist()
                names = rng.choice(["VOLGA 5", "ÖRESUND", "volga_6", "%", "Z"], 2).tolist()
                said = _said(t_ms, some, names, 70 + at, domain)
                heard = positions(t_ms, some[:1] * 2, domain=domain)
                for one in (store, twin):
                    one.append_identities(said)
                    one.append(heard)
        yield store, twin


@ASK
@given(
    query=st.builds(
        CraftQuery,
        domain=st.sampled_from(Domain),
        craft=st.sampled_from([None, None, SHIPS[0], PLANES[0]]),
        text=st.sampled_from(["", "", "volga", "VOLGA_", "ö", "Ö", "%", "uab%"]),
        mids=st.sampled_from([(), (), (273,), (422,)]),
        ship_types=st.sampled_from([(), (70, 72, 74)]),
        imo=st.sampled_from([None, None, 9074729]),
        type_code=st.sampled_from(["", "", "A320"]),
        after=st.sampled_from([None, *SHIPS, *PLANES]),
        limit=st.integers(1, 9),
    )
)
def test_any_question_about_craft_has_one_answer(fleets: Pair, query: CraftQuery) -> None:
    store, twin = fleets
    assert store.profiles(query) == twin.profiles(query)


def test_craft_identities_and_exposure_are_the_same(fleets: Pair) -> None:
    store, twin = fleets
    for craft in [*SHIPS, *PLANES, craft_from_mmsi(211000001)]:
        assert store.profile(craft) == twin.profile(craft)
        assert store.identities(craft) == twin.identities(craft)
        assert store.read(craft, 0, _LATEST_MS) == twin.read(craft, 0, _LATEST_MS)
    assert list(store.crafts()) == list(twin.crafts())
    for start_h, end_h in product((0, 13, 2_000), (14, 2_001, 9_000)):
        span = (T0_MS + start_h * MS_PER_H, T0_MS + end_h * MS_PER_H)
        assert store.exposure(*span) == twin.exposure(*span)
    counts: Sequence[Any] = [(a.crafts, a.positions, a.newest_position_ms) for a in _accounts(fleets)]
    assert counts[0] == counts[1]


def _accounts(pair: Pair) -> list[Any]:
    return [one.account() for one in pair]
