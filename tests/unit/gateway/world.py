"""A gateway over a real store with a little of everything in it, and a client that needs no socket."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from fastapi import FastAPI

from lacuna_core.clock import ManualClock
from lacuna_core.event import CLOSED, RETRACTED
from lacuna_core.message import DeadLetter, LedgerEntry
from lacuna_core.position import Domain
from lacuna_core.units import MS_PER_H
from lacuna_gateway.app import create_app
from lacuna_gateway.settings import GatewaySettings
from lacuna_query.service import QueryService
from lacuna_runtime.stores.sqlite import SqliteStore
from tests.contract.query_contract import trip
from tests.contract.store_samples import OTHER_SHIP, PLANE, T0_MS, alert, event, identities, positions

PROBLEM = "application/problem+json"
NOW_MS = T0_MS + 10_000_000


class Client:
    """Requests straight into the app; no network, no mocks."""

    def __init__(self, app: FastAPI, clock: ManualClock, store: SqliteStore) -> None:
        self.app = app
        self.clock = clock
        self.store = store

    def request(self, method: str, url: str, **kwargs: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
                return await client.request(method, url, **kwargs)

        return asyncio.run(send())

    def get(self, url: str, **kwargs: Any) -> httpx.Response:
        return self.request("GET", url, **kwargs)

    def json(self, url: str, **kwargs: Any) -> Any:
        answer = self.get(url, **kwargs)
        assert answer.status_code == 200, answer.text
        return answer.json()


def fill(store: SqliteStore) -> None:
    """Two ships, a plane, events of several kinds, alerts, accounts."""
    store.append(positions([T0_MS + i * 10_000 for i in range(1_000)]))
    store.append(positions([T0_MS + MS_PER_H], OTHER_SHIP))
    store.append(
        positions(
            [T0_MS, T0_MS + 1_250], PLANE, domain=Domain.AIR, baro_altitude_ft=[0, 35_000], flags=[16, 0]
        )
    )
    store.append_identities(
        identities([T0_MS, T0_MS + 1], name=["VOLGA 5", "OLGA"], imo=[9074729, 0], ship_type=[70, 0],
                   to_bow_m=[100, 0], to_stern_m=[40, 0], draught_dm=[36, 0])
    )  # fmt: skip
    store.append_identities(
        identities([T0_MS], PLANE, domain=Domain.AIR, registration="EP-ABC", type_code="B742", squawk=[700])
    )
    store.put([event(i, start_ms=T0_MS + i * MS_PER_H // 2) for i in range(30)])
    store.put([event(1, revision=2, start_ms=T0_MS + MS_PER_H // 2, verdict="void")])
    store.put([event(40, status=RETRACTED), event(41, kind="loitering", crafts=(OTHER_SHIP,))])
    store.put([event(42, kind="correlation", crafts=(), status=CLOSED, verdict="")])
    store.put([trip(50 + i, share, T0_MS + i) for i, share in enumerate((0.99, 0.5, 0.01))])
    store.put_alerts([alert(i, body=f'{{"specversion":"1.0","id":"{i}"}}') for i in range(5)])
    store.put_dead_letters([DeadLetter("nmea", "a:1", "bad_checksum", "", b"x")])
    store.put_ledger([LedgerEntry("ingestion", 0, T0_MS, (("in", 5), ("published", 4)))])
    store.put_watermark(NOW_MS - 2_000)


@contextmanager
def gateway(**settings: Any) -> Iterator[Client]:
    """Open a filled gateway."""
    clock = ManualClock(NOW_MS)
    with SqliteStore.open(":memory:") as store:
        fill(store)
        query = QueryService(store, store, store, store)
        yield Client(create_app(query, GatewaySettings(**settings), clock), clock, store)


def walk(client: Client, path: str, limit: int) -> list[Any]:
    """All items of a list, page by page."""
    joint = "&" if "?" in path else "?"
    items: list[Any] = []
    url = f"{path}{joint}limit={limit}"
    while True:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert len(body["data"]) <= limit
        items += body["data"]
        if body["page"]["next"] is None:
            assert "link" not in answer.headers
            return items
        target, relation = answer.headers["link"].split(";")
        assert relation.strip() == 'rel="next"'
        assert body["page"]["next"] in target
        url = target.strip("<>")
