"""Statistics over a real socket, on stored events: the numbers are those of the definitions."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import pytest

from lacuna_core.errors import InvalidInput, NotFound
from lacuna_core.position import Domain
from lacuna_core.timestamps import parse_time
from lacuna_core.trip_count import count_trips
from lacuna_core.units import MS_PER_DAY, MS_PER_H
from lacuna_flight_correlation.coincidence import CoincidenceParams
from lacuna_flight_correlation.grpc_server import IDEMPOTENT, flight_servicer
from lacuna_flight_correlation.hypotheses import DEFAULTS, Hypothesis, correlate
from lacuna_flight_correlation.series import CALL, TRIP, Series
from lacuna_protos.v1 import flight_service_pb2 as pb
from lacuna_protos.v1.flight_service_pb2_grpc import FlightServiceStub
from lacuna_runtime.rpc import RpcServer, open_channel, remote_errors
from lacuna_runtime.sections import ServiceSettings
from lacuna_runtime.stores.sqlite import SqliteStore
from tests.contract.query_contract import OTHER_PLANE, trip
from tests.contract.store_samples import PLANE, SHIP, T0_MS, positions
from tests.unit.flight_correlation.test_link_fold import NEWS, START_MS, season

END_MS = parse_time("2023-01-15T00:00:00Z")


@contextmanager
def asking(store: SqliteStore, **registered: Any) -> Iterator[Any]:
    with (
        RpcServer(ServiceSettings(), [flight_servicer(store, store, **registered)]) as server,
        open_channel(f"127.0.0.1:{server.port}", idempotent=IDEMPOTENT) as channel,
    ):
        yield FlightServiceStub(channel)


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    with SqliteStore.open(":memory:") as opened:
        yield opened


def test_trips_are_counted_with_their_words_beside_exposure(store: SqliteStore) -> None:
    end_ms = T0_MS + MS_PER_DAY
    trips = {
        "at the start": trip(1, 0.99, T0_MS),
        "perhaps": trip(2, 0.5, T0_MS + MS_PER_H),
        "hardly": trip(3, 0.01, T0_MS + 2 * MS_PER_H),
        "at the end": trip(4, 0.99, end_ms),
        "retracted": trip(6, 0.99, T0_MS + MS_PER_H, status="retracted"),
        "another": trip(7, 0.96, T0_MS + 3 * MS_PER_H, crafts=(OTHER_PLANE,)),
    }
    store.put(list(trips.values()))
    hours = [T0_MS + h * MS_PER_H for h in range(30)]
    store.append(positions(hours, PLANE, domain=Domain.AIR))
    store.append(positions(hours[:6], OTHER_PLANE, domain=Domain.AIR))
    store.append(positions(hours, SHIP))
    request = pb.CountAirTripsRequest(group="MOSCOW", start_ms=T0_MS, end_ms=end_ms)
    with asking(store) as stub:
        reply = stub.CountAirTrips(request)
        request.aircraft.append(OTHER_PLANE)
        other = stub.CountAirTrips(request)
        request.origin_country = "IR"
        from_iran = stub.CountAirTrips(request)
    expected = count_trips(trips.values(), group="MOSCOW", start_ms=T0_MS, end_ms=end_ms)
    assert (reply.confirmed, reply.expected, reply.possible) == (2, expected.expected, 3)
    assert [t.event_id for t in reply.trips] == list(expected.trip_ids)
    assert [(t.word, t.share) for t in reply.trips] == [
        ("confirmed", 0.99),
        ("possible", 0.5),
        ("confirmed", 0.96),
    ]
    assert (reply.exposure_craft_days, reply.crafts_heard) == (1.25, 2)
    assert (other.confirmed, other.exposure_craft_days, other.crafts_heard) == (1, 0.25, 1)
    assert (other.trips[0].craft, other.trips[0].watchlisted) == (OTHER_PLANE, True)
    assert (from_iran.confirmed, from_iran.possible) == (0, 0)
    assert from_iran.exposure_craft_days == 0.25


def test_more_trips_than_one_read_takes_are_all_counted(store: SqliteStore) -> None:
    store.put([trip(n, 0.99, T0_MS + n * 1000) for n in range(2_500)])
    with asking(store) as stub:
        reply = stub.CountAirTrips(
            pb.CountAirTripsRequest(group="MOSCOW", start_ms=T0_MS, end_ms=T0_MS + MS_PER_DAY)
        )
    assert reply.confirmed == reply.possible == len(reply.trips) == 2_500


def test_registered_hypotheses_are_listed_with_their_hash(store: SqliteStore) -> None:
    own = Hypothesis(
        "own", Series(CALL), Series(TRIP, group="ASTRAKHAN", watchlisted_only=True), T0_MS,
        T0_MS + MS_PER_DAY, ((T0_MS, T0_MS + 5),), CoincidenceParams(window_days=3.0),
    )  # fmt: skip
    with asking(store, hypotheses=lambda: (*DEFAULTS, own)) as stub:
        listed = stub.ListHypotheses(pb.ListHypothesesRequest()).hypotheses
    assert [h.name for h in listed] == [h.name for h in (*DEFAULTS, own)]
    assert [h.definition_hash for h in listed] == [f"{h.digest():016x}" for h in (*DEFAULTS, own)]
    last = listed[-1]
    assert (last.b.group, last.b.watchlisted_only, last.window_days) == ("ASTRAKHAN", True, 3.0)
    assert (last.start_ms, last.end_ms) == (T0_MS, T0_MS + MS_PER_DAY)
    assert [(i.start_ms, i.end_ms) for i in last.unobserved] == [(T0_MS, T0_MS + 5)]
    assert not listed[0].HasField("start_ms")


@pytest.mark.parametrize("hypothesis", DEFAULTS, ids=lambda h: h.name)
def test_a_run_is_the_analysis_of_the_stored_events(store: SqliteStore, hypothesis: Hypothesis) -> None:
    events = season()
    store.put(events)
    expected = correlate(events, NEWS, hypothesis, START_MS, END_MS)
    assert expected is not None
    with asking(store, news=lambda: NEWS) as stub:
        reply = stub.RunHypothesis(
            pb.RunHypothesisRequest(name=hypothesis.name, start_ms=START_MS, end_ms=END_MS)
        )
    result = reply.result
    assert reply.events_read == len(events)
    assert (result.decision, result.p_family, result.seed) == (
        expected.decision,
        expected.p_family,
        expected.seed,
    )
    assert (result.n_a, result.n_b, list(result.warnings)) == (
        expected.n_a,
        expected.n_b,
        list(expected.warnings),
    )
    wanted = {k: v for k, v in asdict(expected.headline).items() if v is not None}
    assert {field.name: value for field, value in result.headline.ListFields()} == {
        k: v for k, v in wanted.items() if v or k.startswith("lift")
    }
    assert [c.name for c in result.controls] == ["future", "shifted"]
    assert len(result.grid) == len(expected.grid)


def test_a_list_of_news_may_come_with_the_question(store: SqliteStore) -> None:
    store.put(season())
    asked: dict[str, Any] = {"name": "news_after_trips", "start_ms": START_MS, "end_ms": END_MS}
    dates = ("2022-09-14", "2022-09-15")
    news = json.dumps({"items": [{"id": f"n{i}", "date": date} for i, date in enumerate(dates)]})
    with asking(store) as stub:
        assert stub.RunHypothesis(pb.RunHypothesisRequest(**asked)).result.n_a == 0
        assert stub.RunHypothesis(pb.RunHypothesisRequest(**asked, news=news)).result.n_a == 2
        with pytest.raises(InvalidInput, match="news: expected"), remote_errors():
            stub.RunHypothesis(pb.RunHypothesisRequest(**asked, news="no list"))


def test_a_definition_that_names_its_start_reads_from_there(store: SqliteStore) -> None:
    events = season()
    store.put(events)
    own = Hypothesis("own", Series(CALL), Series(TRIP), start_ms=START_MS)
    later_ms = START_MS + 60 * MS_PER_DAY
    with asking(store, hypotheses=lambda: (own,)) as stub:
        result = stub.RunHypothesis(
            pb.RunHypothesisRequest(name="own", start_ms=later_ms, end_ms=END_MS)
        ).result
    expected = correlate(events, "", own, later_ms, END_MS)
    assert expected is not None
    assert (result.n_a, result.headline.observed) == (expected.n_a, expected.headline.observed)


def test_nothing_to_say_says_nothing(store: SqliteStore) -> None:
    with asking(store) as stub:
        reply = stub.RunHypothesis(
            pb.RunHypothesisRequest(name="dark_port_calls_after_trips", start_ms=START_MS, end_ms=END_MS)
        )
        assert not reply.HasField("result")
        assert reply.definition.name == "dark_port_calls_after_trips"


def test_nonsense_is_refused_by_name(store: SqliteStore) -> None:
    with asking(store) as stub:
        with pytest.raises(NotFound, match="no_such"), remote_errors():
            stub.RunHypothesis(pb.RunHypothesisRequest(name="no_such", start_ms=0, end_ms=1))
        with pytest.raises(InvalidInput, match="window"), remote_errors():
            stub.RunHypothesis(pb.RunHypothesisRequest(name="news_after_trips", start_ms=1, end_ms=1))
        with pytest.raises(InvalidInput, match="window"), remote_errors():
            stub.CountAirTrips(pb.CountAirTripsRequest(group="MOSCOW", start_ms=0, end_ms=2**60))
        with pytest.raises(InvalidInput, match="group"), remote_errors():
            stub.CountAirTrips(pb.CountAirTripsRequest(start_ms=0, end_ms=1))
