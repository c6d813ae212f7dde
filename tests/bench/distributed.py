"""Positions a second from NMEA files to rows at rest, brokers, database and services on the same cores.

Ours: the archive into Kafka, every service a process of its own, until every group has committed and the
projector has flushed to Cassandra. The peer passes each position as one JSON record through the same kind of
broker and writes it as a row with the same driver, and does nothing else.
"""

import json
import secrets
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from cassandra.cluster import Cluster, Session
from cassandra.concurrent import execute_concurrent_with_args

from deploy.local.cassandra import CassandraCluster
from deploy.local.kafka import KafkaCluster
from deploy.local.lag import Lag
from deploy.local.stack import Stack
from lacuna_core.ids import PARTITIONS
from lacuna_core.ports import Bus, Outgoing, TopicPartition
from lacuna_core.position import PositionBatch
from lacuna_core.topics import Topic
from lacuna_runtime.wiring import open_ports
from lacuna_standalone.pipeline import Job
from tests.bench._sea import fleet
from tests.bench.cassandra_chunks import _row_table
from tests.bench.end_to_end import SHIPS, corpus
from tests.integration.scenario import Live, stored_positions

MINUTES = 48 * 60
"""Two days, so that loading, detection and storing overlap as they do in a longer archive."""
PEER_POSITIONS = 10_000
PEER_TOPIC = Topic("bench.single", PARTITIONS, "craft", None)
REPLICAS = {"detection": 1, "flight-correlation": 1, "query": 1}
_LIMIT_S = 300.0


def _ours(stack: Stack, folder: Path, data: Path) -> float:
    expected = SHIPS * MINUTES
    with open_ports(stack.settings) as ports:
        assert ports.bus
        assert ports.store
        with stack:
            stack.start()
            run = Live(stack, ports, folder)
            with Lag(ports.bus, stack.settings) as lag:
                start = time.perf_counter()
                run.load(Job((data,), None, ()))
                lag.wait_idle(_LIMIT_S)
                took = time.perf_counter() - start
        stored = stored_positions(ports)
    if stored != expected:
        raise AssertionError(f"{stored} positions in the stores, expected {expected}")
    return expected / took


def _peer(bus: Bus, session: Session, statement: Any, batch: PositionBatch) -> float:
    places = [TopicPartition(PEER_TOPIC.name, p) for p in range(PEER_TOPIC.partitions)]
    reader = bus.subscribe("bench", places)
    reader.seek(bus.end_offsets(places))
    columns = [(c.name, array.tolist()) for c, array in batch.columns()]
    start = time.perf_counter()
    out = [
        Outgoing(PEER_TOPIC.name, i % PARTITIONS, b"", json.dumps({n: v[i] for n, v in columns}).encode())
        for i in range(len(batch))
    ]
    for delivery in bus.publish(out):
        delivery.result()
    seen = 0
    while seen < len(out):
        rows = []
        for record in reader.poll(500, 5.0):
            p = json.loads(record.value)
            rows.append(
                (p["craft"], p["t_ms"] // 604_800_000, p["t_ms"], p["lat_e7"], p["lon_e7"], p["speed_dkn"],
                 p["course_ddeg"], p["heading_ddeg"], p["flags"], p["craft_class"], "nmea", "ST01")
            )  # fmt: skip
        execute_concurrent_with_args(session, statement, rows, concurrency=200)
        seen += len(rows)
    took = time.perf_counter() - start
    reader.close()
    return len(batch) / took


def run(rounds: int) -> dict[str, Any]:
    """Measure in interleaved rounds, two at most; medians."""
    ours, peer = [], []
    single = fleet(500, PEER_POSITIONS // 500)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "fleet.nmea"
        data.write_bytes(corpus(MINUTES))
        cassandra = CassandraCluster(folder / "cassandra", heap_mb=1024, fast_start=False)
        with cassandra:
            for i in range(min(rounds, 2)):
                keyspace = f"bench_{secrets.token_hex(4)}"
                kafka = KafkaCluster(folder / f"kafka{i}", heap_mb=1024, fast_start=False)
                with kafka:
                    told = cassandra.settings(keyspace=keyspace)
                    stack = Stack(folder / f"stack{i}", kafka.settings(), told, replicas=REPLICAS)
                    ours.append(_ours(stack, folder, data))
                    with open_ports(stack.settings) as ports:
                        ports.bus.create([PEER_TOPIC])
                        driver = Cluster(list(told.contact_points), port=told.port, protocol_version=5)
                        session = driver.connect()
                        peer.append(_peer(ports.bus, session, _row_table(session, keyspace), single))
                        driver.shutdown()
    value, peer_value = statistics.median(ours), statistics.median(peer)
    return {
        "stage": "end to end, Kafka and Cassandra on the same cores",
        "unit": "positions/s",
        "value": round(value),
        "peer": "a record and a row a position",
        "peer_value": round(peer_value),
        "ratio": round(value / peer_value, 1),
    }
