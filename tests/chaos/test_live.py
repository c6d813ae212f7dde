"""A live log: positions pushed over gRPC, one ticker of two, and what is left when each of them dies."""

import signal
import time
from itertools import pairwise
from pathlib import Path

import pytest

from deploy.local.kafka import KafkaCluster
from deploy.local.stack import Process
from lacuna_core.clock import SystemClock
from lacuna_core.errors import Transient
from lacuna_core.ids import craft_from_mmsi
from lacuna_core.ports import Bus, TopicPartition
from lacuna_core.position import Domain, Tick
from lacuna_core.topics import POSITIONS
from lacuna_protos.v1 import ingest_service_pb2 as pb
from lacuna_protos.v1.ingest_service_pb2_grpc import IngestServiceStub
from lacuna_runtime.codec import decode
from lacuna_runtime.rpc import open_channel, remote_errors
from lacuna_runtime.sections import CassandraSettings
from lacuna_standalone.audit import audit_ports, audit_record
from tests.chaos.conftest import RECOVERIES
from tests.integration.scenario import Live, live

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
HOME = TopicPartition(POSITIONS.name, 5)
SHIPS = 40
LATENESS_MS = 4_000
TAKE_OVER_S = 12.0
_MMSI = 273_400_000


def ticks(bus: Bus) -> list[Tick]:
    """Every tick of one partition, in the order of the log."""
    reader = bus.subscribe("test.ticks", [HOME])
    reader.seek({HOME: 0})
    end = bus.end_offsets([HOME])[HOME]
    found: list[Tick] = []
    at = 0
    while at < end:
        for record in reader.poll(1_000, 2.0):
            at = record.offset + 1
            message = decode(record.value)[1]
            if isinstance(message, Tick):
                found.append(message)
    reader.close()
    return found


def push(process: Process, t_ms: int) -> None:
    """A report of every ship, durable when this returns."""
    rows = pb.PositionRows(
        domain=int(Domain.SEA),  # type: ignore[arg-type]
        number=[_MMSI + i for i in range(SHIPS)],
        t_ms=[t_ms] * SHIPS,
        lat_deg=[40.0 + i / 100 for i in range(SHIPS)],
        lon_deg=[51.0] * SHIPS,
        speed_kn=[8.0] * SHIPS,
    )
    request = pb.PushRequest(batch_id=str(t_ms), source="roof", positions=rows)
    with open_channel(f"127.0.0.1:{process.settings.service.grpc_port}") as channel, remote_errors():
        (reply,) = IngestServiceStub(channel).Push(iter([request]))
    assert reply.batch_id == str(t_ms)


def stored(run: Live) -> dict[int, list[int]]:
    """Times of the stored positions, by ship."""
    return {i: run.ports.store.read(craft_from_mmsi(_MMSI + i), 0, 2**62).t_ms.tolist() for i in range(SHIPS)}


def wait_tick(bus: Bus, beyond: int) -> float:
    """Wait until there are more ticks than there were; seconds."""
    started = time.monotonic()
    while len(ticks(bus)) <= beyond:
        assert time.monotonic() - started < TAKE_OVER_S, "nobody ticks"
        time.sleep(0.2)
    return time.monotonic() - started


def test_whoever_ticks_is_replaced_and_nothing_pushed_is_lost(
    tmp_path: Path, keyspace: CassandraSettings
) -> None:
    replicas = {"ingestion": 2, "detection": 1, "flight-correlation": 1, "query": 1}
    overrides = {"ingestion": {"tick_ms": 500, "lateness_ms": LATENESS_MS}}
    clock = SystemClock()
    with (
        KafkaCluster(tmp_path / "kafka") as kafka,
        live(tmp_path, kafka.settings(), keyspace, replicas=replicas, overrides=overrides) as run,
    ):
        bus, sent = run.ports.bus, []
        ingestion = [run.stack.processes[f"ingestion-{i}"] for i in range(2)]

        def report() -> None:
            t_ms = clock.now_ms() // 1000 * 1000
            for process in ingestion:
                if process.running:
                    push(process, t_ms)
            sent.append(t_ms)
            time.sleep(1.1)

        for _ in range(3):
            report()
        for victim, other in (ingestion, ingestion[::-1]):
            before = len(ticks(bus))
            victim.end(signal.SIGKILL)
            RECOVERIES.append((f"kill -9 of {victim.name}: the next tick", "ticker", wait_tick(bus, before)))
            report()
            assert other.running
            victim.start()
            run.stack.wait_ready()
            report()
        before = len(ticks(bus))
        for victim in ingestion:
            assert victim.end() == 0
        found = ticks(bus)
        assert len(found) >= before
        assert all(a.t_ms < b.t_ms and a.seq < b.seq for a, b in pairwise(found))
        # both replicas brought every report: a position each, not two
        deadline = time.monotonic() + 60.0
        while any(times != sent for times in stored(run).values()):
            assert time.monotonic() < deadline, stored(run)
            time.sleep(0.5)
        try:
            run.wait_idle(60.0)
        except Transient as error:
            pytest.fail(str(error))
        books = audit_ports(run.stack.settings, run.ports)
        assert books.balanced, audit_record(books)
