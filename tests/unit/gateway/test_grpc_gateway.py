"""The gateway over a query service elsewhere answers byte for byte as over one in its process."""

from collections.abc import Iterator

import pytest

from lacuna_core.clock import ManualClock
from lacuna_core.errors import Transient
from lacuna_gateway.app import create_app
from lacuna_gateway.grpc_client import IDEMPOTENT, RemoteQuery
from lacuna_gateway.settings import GatewaySettings
from lacuna_query.grpc_server import query_servicer
from lacuna_query.service import QueryService
from lacuna_runtime.rpc import RpcServer, open_channel
from lacuna_runtime.sections import ServiceSettings
from lacuna_runtime.stores.sqlite import SqliteStore
from tests.unit.gateway.world import NOW_MS, Client, fill, walk

SECRET = b"s" * 32
PATHS = (
    "/readyz",
    "/v1/vessels",
    "/v1/vessels?flag=RU&q=olga",
    "/v1/vessels/mmsi:273123456",
    "/v1/vessels/mmsi:999999999",
    "/v1/aircraft?q=ep-&type_code=b742",
    "/v1/aircraft/icao24:731821",
    "/v1/tracks/mmsi:273123456?max_points=10",
    "/v1/tracks/icao24:731821",
    "/v1/events?kind=gap&limit=7",
    "/v1/events/nobody",
    "/v1/trips?group=MOSCOW",
    "/v1/trips/count?group=MOSCOW&watchlisted=true&start=2022-09-01T00:00:00Z",
    "/v1/trips/count?aircraft=icao24:000001",
    "/v1/correlations",
    "/v1/alerts?topic=aviation",
    "/v1/statistics?threshold_h=2&by=flag&start=2022-09-01T00:00:00Z",
    "/v1/status",
)


@pytest.fixture(scope="module")
def gateways() -> Iterator[tuple[Client, Client]]:
    """The same reads, near and far."""
    clock, settings = ManualClock(NOW_MS), GatewaySettings(cursor_secret=SECRET)
    with SqliteStore.open(":memory:") as store:
        fill(store)
        query = QueryService(store, store, store, store)
        with (
            RpcServer(ServiceSettings(), [query_servicer(query)]) as server,
            open_channel(f"127.0.0.1:{server.port}", idempotent=IDEMPOTENT) as channel,
        ):
            far = create_app(RemoteQuery(channel), settings, clock)
            yield Client(create_app(query, settings, clock), clock, store), Client(far, clock, store)


@pytest.mark.parametrize("path", PATHS)
def test_answers_are_the_same(gateways: tuple[Client, Client], path: str) -> None:
    near, far = (client.get(path, headers={"X-Request-Id": "same"}) for client in gateways)
    assert (far.status_code, far.content) == (near.status_code, near.content)
    assert far.headers == near.headers


def test_pages_are_the_same(gateways: tuple[Client, Client]) -> None:
    near, far = (walk(client, "/v1/events", 4) for client in gateways)
    assert far == near
    assert len(near) > 30


def test_a_query_service_that_is_away_is_said_as_such() -> None:
    with open_channel("127.0.0.1:1", idempotent=IDEMPOTENT) as channel:
        query = RemoteQuery(channel)
        with pytest.raises(Transient):
            query.account()
        app = create_app(query, GatewaySettings(cursor_secret=SECRET), ManualClock(NOW_MS))
        with SqliteStore.open(":memory:") as store:
            answer = Client(app, ManualClock(NOW_MS), store).get("/v1/events")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
