"""Tracks into a real Cassandra: chunks of columns beside a row a position, with the same driver."""

import secrets
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from cassandra import ConsistencyLevel
from cassandra.cluster import Cluster, Session
from cassandra.concurrent import execute_concurrent_with_args

from deploy.local.cassandra import CassandraCluster
from lacuna_core.position import PositionBatch
from lacuna_runtime.sections import CassandraSettings
from lacuna_runtime.stores.cassandra import CassandraStore
from tests.bench._sea import fleet

SHIPS, MINUTES = 2_000, 240
MONTH_SHIPS, MONTH_DAYS, EVERY_MINUTES = 100, 30, 10
PEER_ROWS = 20_000
_COLUMNS = (
    "craft bigint, week int, t bigint, lat int, lon int, speed int, course int, heading int, flags int, "
    "class int, source text, receiver text"
)


def _row_table(session: Session, keyspace: str) -> Any:
    session.execute(
        f"CREATE TABLE IF NOT EXISTS {keyspace}.bench_rows ({_COLUMNS}, PRIMARY KEY ((craft, week), t))"
    )
    names = [c.split()[0] for c in _COLUMNS.split(",")]
    statement = session.prepare(
        f"INSERT INTO {keyspace}.bench_rows ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    )
    statement.consistency_level = ConsistencyLevel.LOCAL_QUORUM
    return statement


def _rows(session: Session, statement: Any, batch: PositionBatch) -> float:
    columns = {c.name: array.tolist() for c, array in batch.columns()}
    rows = [
        (craft, t_ms // 604_800_000, t_ms, *rest, "nmea", "ST01")
        for craft, t_ms, *rest in zip(
            columns["craft"],
            columns["t_ms"],
            columns["lat_e7"],
            columns["lon_e7"],
            columns["speed_dkn"],
            columns["course_ddeg"],
            columns["heading_ddeg"],
            columns["flags"],
            columns["craft_class"],
            strict=True,
        )
    ]
    start = time.perf_counter()
    execute_concurrent_with_args(session, statement, rows, concurrency=200)
    return len(rows) / (time.perf_counter() - start)


def _chunks(store: CassandraStore, batch: PositionBatch) -> float:
    start = time.perf_counter()
    store.append(batch)
    return len(batch) / (time.perf_counter() - start)


def _stored_bytes(session: Session, keyspace: str) -> int:
    return sum(len(row[0]) for row in session.execute(f"SELECT body FROM {keyspace}.track_chunk"))


def run(rounds: int) -> list[dict[str, Any]]:
    """Measure in interleaved rounds; medians."""
    ours, peer, month = [], [], []
    with (
        tempfile.TemporaryDirectory() as folder,
        CassandraCluster(Path(folder), heap_mb=1024, fast_start=False) as cluster,
    ):
        settings: CassandraSettings = cluster.settings(keyspace=f"bench_{secrets.token_hex(4)}")
        store = CassandraStore.open(settings)
        driver = Cluster(list(settings.contact_points), port=settings.port, protocol_version=5)
        session = driver.connect()
        try:
            statement = _row_table(session, settings.keyspace)
            _chunks(store, fleet(SHIPS, 30, first_ship=10**6))
            positions = SHIPS * 30
            for i in range(rounds):
                batch = fleet(SHIPS, MINUTES, first_ship=i * SHIPS)
                positions += len(batch)
                ours.append(_chunks(store, batch))
                days = fleet(MONTH_SHIPS, MONTH_DAYS * 1440, first_ship=2 * 10**6 + i * MONTH_SHIPS)
                days = days.take(np.flatnonzero(days.t_ms // 60_000 % EVERY_MINUTES == 0))
                positions += len(days)
                month.append(MONTH_SHIPS * MONTH_DAYS * _chunks(store, days) / len(days))
                peer.append(_rows(session, statement, batch.take(np.arange(PEER_ROWS))))
            stored = _stored_bytes(session, settings.keyspace)
        finally:
            driver.shutdown()
            store.close()
    value, peer_value = statistics.median(ours), statistics.median(peer)
    return [
        {
            "stage": "Cassandra, tracks",
            "unit": "positions/s",
            "value": round(value),
            "peer": "a row a position",
            "peer_value": round(peer_value),
            "ratio": round(value / peer_value, 1),
        },
        *(
            {
                "stage": f"Cassandra, tracks, {how}",
                "unit": "chunks/s",
                "value": round(rate),
                "peer": "a row a position",
                "peer_value": round(peer_value),
                "ratio": round(rate / peer_value, 2),
            }
            for how, rate in (
                ("one day of each craft", value / MINUTES),
                ("a month of each craft", statistics.median(month)),
            )
        ),
        {
            "stage": "Cassandra, tracks",
            "unit": "thousandth bytes/position",
            "value": round(1000 * stored / positions),
            "peer": "raw columns",
            "peer_value": 30_000,
            "ratio": round(30 * positions / stored, 1),
        },
    ]
