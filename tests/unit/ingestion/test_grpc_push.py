"""Pushing over a real socket: the rules of a feed, an answer only for what is durable, a bound."""

import math
import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from lacuna_core.clock import ManualClock
from lacuna_core.errors import ConfigError, InvalidInput, Transient
from lacuna_core.ids import craft_from_icao24, craft_from_mmsi
from lacuna_core.ports import TopicPartition
from lacuna_core.position import FLAG_ON_GROUND, Domain, IdentityBatch, PositionBatch, SourceHealth
from lacuna_core.timestamps import format_time, parse_time
from lacuna_core.topics import POSITIONS
from lacuna_core.units import NULL_U16
from lacuna_ingestion.grpc_server import ingest_servicer
from lacuna_ingestion.publisher import Publisher
from lacuna_ingestion.pushed import MAX_PUSH_ROWS
from lacuna_protos.v1 import ingest_service_pb2 as pb
from lacuna_protos.v1.ingest_service_pb2_grpc import IngestServiceStub
from lacuna_runtime.bus.sqlite import MEMORY, SqliteBus
from lacuna_runtime.codec import decode
from lacuna_runtime.rpc import Exhausted, RpcServer, open_channel, remote_errors
from lacuna_runtime.sections import ServiceSettings
from tests.contract.store_samples import as_rows
from tests.unit.ingestion.feeding import feed_text

T0_MS = parse_time("2022-09-01T12:00:00Z")
WAIT_S = 20.0
SEA, AIR = int(Domain.SEA), int(Domain.AIR)


class Sink:
    """Keeps what is put; waits for ``gate`` and fails with ``error`` when told to."""

    def __init__(self) -> None:
        self.batches: list[PositionBatch | IdentityBatch] = []
        self.health: list[SourceHealth] = []
        self.non_position = 0
        self.error: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        self.waiting = threading.Semaphore(0)

    def put(self, batch: PositionBatch | IdentityBatch) -> None:
        self.waiting.release()
        assert self.gate.wait(WAIT_S)
        if self.error is not None:
            raise self.error
        self.batches.append(batch)

    def note(self, *, non_position: int) -> None:
        self.non_position += non_position

    def positions(self) -> PositionBatch:
        return PositionBatch.concat(b for b in self.batches if isinstance(b, PositionBatch))

    def identities(self) -> IdentityBatch:
        return IdentityBatch.concat(b for b in self.batches if isinstance(b, IdentityBatch))


@contextmanager
def pushing(sink: Sink, **bounds: int) -> Iterator[Any]:
    """A stub of the endpoint."""
    servicer = ingest_servicer(sink, sink.health.append, **bounds)
    with (
        RpcServer(ServiceSettings(), [servicer]) as server,
        open_channel(f"127.0.0.1:{server.port}") as channel,
    ):
        try:
            yield IngestServiceStub(channel)
        finally:
            sink.gate.set()


def positions(n: int = 1, **columns: Any) -> pb.PushRequest:
    plain: dict[str, Any] = {
        "domain": SEA, "number": [273_123_456] * n, "t_ms": [T0_MS + i * 1000 for i in range(n)],
        "lat_deg": [37.6] * n, "lon_deg": [49.5] * n,
    }  # fmt: skip
    return pb.PushRequest(batch_id="b", source="test", positions=pb.PositionRows(**(plain | columns)))


def push(stub: Any, *requests: pb.PushRequest) -> list[pb.PushReply]:
    with remote_errors():
        return list(stub.Push(iter(requests)))


# position, speed, course, heading, status: values with which AIS says "not available", and some wrong ones
CASES = [
    (37.61234, -49.5, 10.3, 181.5, 180.0, 0),
    (91.0, 181.0, 10.3, 10.0, 10.0, 5),
    (37.6, 49.5, 102.3, 360.0, 511.0, 15),
    (97.6, 49.5, 1.0, 1.0, 1.0, 1),
    (37.6, 199.5, 1.0, 1.0, 1.0, 1),
    (37.6, 49.5, 7000.0, 1.0, 1.0, 1),
    (37.6, 49.5, 0.35, 359.96, 359.0, 8),
    (-90.0, -180.0, 0.0, 0.0, 0.0, 2),
    (37.6, 49.5, 12.25, 600.0, 0.0, 2),
    (37.6, 49.5, 12.25, 0.0, 600.0, 2),
]
_HEADER = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,TransceiverClass\n"  # noqa: E501 - as the format has it


def test_pushed_rows_come_to_what_a_feed_makes_of_them(tmp_path: Path) -> None:
    lines = [
        f"273123456,{format_time(T0_MS + i * 1000)[:-1]},{lat},{lon},{kn},{cog},{hdg},,,,,{status},,,,,A\n"
        for i, (lat, lon, kn, cog, hdg, status) in enumerate(CASES)
    ]
    fed = feed_text(tmp_path, _HEADER + "".join(lines))
    lat, lon, kn, cog, hdg, status = (list(column) for column in zip(*CASES, strict=True))
    sink = Sink()
    with pushing(sink) as stub:
        request = positions(
            len(CASES), lat_deg=lat, lon_deg=lon, speed_kn=kn, course_deg=cog, heading_deg=hdg,
            nav_status=status, craft_class=[1] * len(CASES),
        )  # fmt: skip
        (reply,) = push(stub, request)
    assert reply.accepted == fed.published > 3
    assert reply.without_position == sink.non_position == fed.non_position > 0
    assert [row.reason for row in reply.refused] == fed.reasons()
    assert [row.row for row in reply.refused] == [3, 4, 5, 8, 9]
    assert all(row.expected for row in reply.refused)
    source = [column.name for column in PositionBatch.SCHEMA].index("source")
    pushed, expected = as_rows(sink.positions()), as_rows(fed.positions)
    assert [r[:source] + r[source + 1 :] for r in pushed] == [r[:source] + r[source + 1 :] for r in expected]
    assert set(sink.positions().text("source")) == {"push-test"}


def test_aircraft_columns_and_receivers() -> None:
    sink = Sink()
    request = positions(
        3, domain=AIR, number=[0x731821, 0x731821, 0], not_icao=[False, True, False],
        baro_altitude_ft=[35_000.0, math.nan, 0.0], vertical_rate_fpm=[-64.0, 0.0, 0.0],
        on_ground=[False, True, False], receiver=["tower"],
    )  # fmt: skip
    with pushing(sink) as stub:
        (reply,) = push(stub, request)
    batch = sink.positions()
    assert batch.domain is Domain.AIR
    assert batch.craft.tolist() == [craft_from_icao24("731821"), craft_from_icao24("~731821")]
    assert batch.baro_altitude_ft.tolist()[0] == 35_000
    assert batch.vertical_rate_fpm.tolist() == [-64, 0]
    assert (batch.flags & FLAG_ON_GROUND > 0).tolist() == [False, True]
    assert batch.speed_dkn.tolist() == [NULL_U16] * 2
    assert set(batch.text("receiver")) == {"tower"}
    assert [(row.row, row.reason) for row in reply.refused] == [(2, "bad_icao24")]
    (health,) = sink.health
    assert (health.text("receiver").tolist(), health.messages.tolist()) == (["tower"], [2])


def test_identities_are_taken_and_a_repeat_is_left_out() -> None:
    sink = Sink()
    rows = pb.IdentityRows(
        domain=SEA,  # type: ignore[arg-type]  # an int of the enum
        number=[273_123_456] * 2 + [0], t_ms=[T0_MS, T0_MS + 1, T0_MS], imo=[9_074_729] * 3,
        draught_m=[4.6, 4.6, 4.6], name=["VOLGA STAR"], ship_type=[70] * 3,
    )  # fmt: skip
    with pushing(sink) as stub:
        (reply,) = push(stub, pb.PushRequest(batch_id="i", source="test", identities=rows))
    assert (reply.accepted, reply.without_position) == (0, 2)
    assert [(row.row, row.reason) for row in reply.refused] == [(2, "bad_mmsi")]
    batch = sink.identities()
    assert batch.craft.tolist() == [craft_from_mmsi(273_123_456)]
    assert (batch.imo[0], batch.draught_dm[0], batch.text("name")[0]) == (9_074_729, 46, "VOLGA STAR")
    assert batch.squawk[0] == NULL_U16


@pytest.mark.parametrize("t_ms", [0, -(2**63), 2**63 - 1, T0_MS // 1000, 4_102_444_800_000])
def test_times_that_no_craft_can_have_sent_are_refused(t_ms: int) -> None:
    sink = Sink()
    with pushing(sink) as stub:
        (reply,) = push(stub, positions(t_ms=[t_ms]))
    assert [row.reason for row in reply.refused] == ["bad_time"]
    assert not sink.batches


def test_infinities_and_none_are_no_numbers() -> None:
    sink = Sink()
    with pushing(sink) as stub:
        (reply,) = push(
            stub, positions(3, lat_deg=[math.inf, math.nan, 37.0], speed_kn=[1.0, 1.0, -math.inf])
        )
    assert (reply.accepted, reply.without_position) == (1, 2)
    assert sink.positions().speed_dkn.tolist() == [NULL_U16]


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (positions(2, lat_deg=[1.0]), "lat_deg: 1 values for 2 rows"),
        (positions(2, t_ms=[T0_MS]), "t_ms: 1 values for 2 rows"),
        (positions(0), "0 rows: expected 1 to"),
        (positions(MAX_PUSH_ROWS + 1), "rows: expected 1 to"),
        (positions(domain=0), "domain 0"),
        (pb.PushRequest(batch_id="b", source="test"), "expected positions or identities"),
        (pb.PushRequest(batch_id="b", source="A b", positions=positions().positions), "source 'A b'"),
        (pb.PushRequest(batch_id="b" * 200, source="test", positions=positions().positions), "batch_id"),
    ],
)
def test_a_batch_that_cannot_be_read_ends_the_call_by_name(request_: pb.PushRequest, says: str) -> None:
    sink = Sink()
    with pushing(sink) as stub:
        with pytest.raises(InvalidInput) as caught:
            push(stub, request_)
        assert says in str(caught.value)
        assert not sink.batches
        assert push(stub, positions())[0].accepted == 1


def test_each_batch_is_answered_by_its_id_once_it_is_durable() -> None:
    sink = Sink()
    sink.gate.clear()
    sent: queue.Queue[pb.PushRequest | None] = queue.Queue()
    with pushing(sink) as stub:
        replies = stub.Push(iter(sent.get, None))
        got: queue.Queue[str] = queue.Queue()

        def read() -> None:
            for reply in replies:
                got.put(reply.batch_id)

        reader = threading.Thread(target=read)
        reader.start()
        for name in ("one", "two"):
            request = positions(5)
            request.batch_id = name
            sent.put(request)
        assert sink.waiting.acquire(timeout=WAIT_S)
        assert got.empty()
        sink.gate.set()
        assert [got.get(timeout=WAIT_S) for _ in range(2)] == ["one", "two"]
        sent.put(None)
        reader.join(WAIT_S)
    assert len(sink.positions()) == 10


def test_what_may_not_be_written_has_no_answer() -> None:
    sink = Sink()
    replies: list[pb.PushReply] = []
    with pushing(sink) as stub:
        first = positions()

        def requests() -> Iterator[pb.PushRequest]:
            yield first
            while not replies:
                pass
            sink.error = Transient("the log is away")
            yield positions()

        with pytest.raises(Transient, match="the log is away"), remote_errors():
            replies.extend(stub.Push(requests()))
        assert len(replies) == 1
        assert sink.non_position == 0
        sink.error = None
        assert push(stub, positions())[0].accepted == 1


def test_a_replica_that_is_set_up_wrong_is_no_mistake_of_the_caller() -> None:
    sink = Sink()
    sink.error = ConfigError("setting service.instance: another process runs under it")
    with pushing(sink) as stub, pytest.raises(Transient, match="this replica can't write") as caught:
        push(stub, positions())
    assert "service.instance" not in str(caught.value)


def _held(stub: Any, requests: Iterable[pb.PushRequest]) -> Any:
    """A call that stays open."""
    done = threading.Event()

    def stream() -> Iterator[pb.PushRequest]:
        yield from requests
        done.wait(WAIT_S)

    call = stub.Push(stream())
    call.add_done_callback(lambda _: done.set())
    return call


@pytest.mark.parametrize("bounds", [{"in_hand_bytes": 1_000_000}, {"streams": 1}])
def test_too_much_at_once_is_refused_and_passes(bounds: dict[str, int]) -> None:
    sink = Sink()
    sink.gate.clear()
    big = positions(20_000)
    assert 500_000 < big.ByteSize() < 1_000_000
    with pushing(sink, **bounds) as stub:
        held = _held(stub, [big])
        assert sink.waiting.acquire(timeout=WAIT_S)
        with pytest.raises(Exhausted, match="too much at once"):
            push(stub, big)
        sink.gate.set()
        assert next(held).accepted == 20_000
        held.cancel()
        while True:
            try:
                assert push(stub, big)[0].accepted == 20_000
                break
            except Exhausted:
                continue  # the stream that was canceled is still being put away
    assert len(sink.positions()) == 40_000


def test_a_caller_that_goes_away_frees_its_place() -> None:
    sink = Sink()
    with pushing(sink, streams=1) as stub:
        for _ in range(5):
            held = _held(stub, [positions()])
            while True:
                try:
                    assert next(held).accepted == 1
                    break
                except Exception:  # noqa: BLE001 - refused while the one before is put away
                    held = _held(stub, [positions()])
            held.cancel()


def test_what_was_answered_is_in_the_log() -> None:
    with closing(SqliteBus(MEMORY)) as bus:
        publisher = Publisher(bus, "replica-1", ManualClock(T0_MS))
        servicer = ingest_servicer(publisher, publisher.put)
        with (
            RpcServer(ServiceSettings(), [servicer]) as server,
            open_channel(f"127.0.0.1:{server.port}") as channel,
        ):
            replies = push(IngestServiceStub(channel), *(positions(3_000) for _ in range(3)))
        publisher.close()
        reader = bus.subscribe(
            "test", [TopicPartition(POSITIONS.name, p) for p in range(POSITIONS.partitions)]
        )
        messages = [decode(record.value)[1] for record in reader.poll(10_000, 0.0)]
    assert sum(reply.accepted for reply in replies) == 9_000
    assert sum(len(m) for m in messages if isinstance(m, PositionBatch)) == 9_000
