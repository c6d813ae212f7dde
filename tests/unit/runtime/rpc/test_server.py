"""A server over a real socket: deadlines, errors both ways, health, a graceful end, a flood."""

import logging
import threading
from collections.abc import Iterator

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from lacuna_core.errors import (
    ConfigError,
    Conflict,
    CorruptState,
    InvalidInput,
    InvalidMessage,
    LacunaError,
    NotFound,
    TimelineError,
    Transient,
)
from lacuna_runtime.rpc import Exhausted, RemoteFailure, RpcLimits, RpcServer, open_channel, remote_errors
from lacuna_runtime.sections import ServiceSettings
from tests.unit.runtime.rpc.echo import NAME, WAIT_S, Echo, in_threads, method, serving

FLOOD = RpcLimits(threads=2, concurrent=4)


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def bare(echo: Echo) -> Iterator[grpc.Channel]:
    """A channel that adds nothing of its own."""
    with serving(echo) as target, grpc.insecure_channel(target) as channel:
        yield channel


def health_of(target: str) -> int:
    with grpc.insecure_channel(target) as channel:
        request = health_pb2.HealthCheckRequest(service=NAME)
        return int(health_pb2_grpc.HealthStub(channel).Check(request, timeout=WAIT_S).status)


@pytest.mark.parametrize(
    ("deadline_s", "code"),
    [
        (None, grpc.StatusCode.INVALID_ARGUMENT),
        (3_600.0, grpc.StatusCode.INVALID_ARGUMENT),
        (62.5, grpc.StatusCode.INVALID_ARGUMENT),
        (60.0, None),
        (5.0, None),
    ],
)
def test_a_call_needs_a_deadline_of_at_most_a_minute(
    echo: Echo, bare: grpc.Channel, deadline_s: float | None, code: grpc.StatusCode | None
) -> None:
    def said() -> object:
        return method(bare, "Say")(b"x", timeout=deadline_s)

    def counted() -> object:
        return list(method(bare, "Count", stream=True)(b"x", timeout=deadline_s))

    assert in_threads(1, said) == [code or b"x"]
    assert in_threads(1, counted) == [code or [b"0", b"1", b"2"]]
    assert echo.calls == (0 if code else 1)


def test_our_channel_gives_a_deadline_of_its_own(echo: Echo) -> None:
    with serving(echo) as target, open_channel(target) as channel:
        assert method(channel, "Say")(b"x") == b"x"
        assert list(method(channel, "Count", stream=True)(b"x")) == [b"0", b"1", b"2"]
        with pytest.raises(grpc.RpcError) as caught:
            method(channel, "Hold")(b"x", timeout=0.2)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("raised", "arrives"),
    [
        (NotFound("there is no event ä"), NotFound),
        (Conflict("it is there"), Conflict),
        (InvalidInput("limit: expected 1"), InvalidInput),
        (ConfigError("unreadable"), InvalidInput),
        (InvalidMessage("bad_json", "no object"), InvalidInput),
        (Transient("the store is away"), Transient),
        (Exhausted("too much"), Exhausted),
        (TimelineError("earlier"), TimelineError),
        (CorruptState("damaged"), CorruptState),
    ],
)
def test_errors_arrive_as_what_they_ask_for(
    echo: Echo, raised: LacunaError, arrives: type[LacunaError], streamed: bool
) -> None:
    echo.error = raised
    with serving(echo) as target, open_channel(target) as channel:
        call = method(channel, "Count" if streamed else "Say", stream=streamed)
        with pytest.raises(LacunaError) as caught, remote_errors():
            _ = list(call(b"x"))
    assert type(caught.value) is arrives
    assert str(caught.value).startswith(str(raised))


def test_what_nobody_expected_tells_only_an_id(echo: Echo, caplog: pytest.LogCaptureFixture) -> None:
    echo.error = RuntimeError("the password is 1234")
    with serving(echo) as target, open_channel(target) as channel, caplog.at_level(logging.ERROR):
        with pytest.raises(RemoteFailure) as caught, remote_errors():
            method(channel, "Say")(b"x", metadata=[("x-request-id", "request-7")])
        with pytest.raises(grpc.RpcError) as own:
            method(channel, "Say")(b"x", metadata=[("x-request-id", "not an id; drop table")])
    assert str(caught.value) == "internal error, request id request-7 (INTERNAL)"
    assert "1234" not in own.value.details()
    ids = dict(own.value.trailing_metadata())
    assert ids["x-request-id"] in own.value.details()
    assert "not an id" not in own.value.details()
    failed = [r for r in caplog.records if r.name.startswith("lacuna_runtime.rpc")]
    assert [getattr(r, "request_id", "") for r in failed] == ["request-7", ids["x-request-id"]]
    assert all(r.exc_info for r in failed)


def test_a_service_that_is_away_is_transient() -> None:
    with open_channel("127.0.0.1:1", idempotent=[NAME]) as channel:
        with pytest.raises(Transient), remote_errors():
            method(channel, "Say")(b"x")
        with pytest.raises(Transient), remote_errors():
            list(method(channel, "Count", stream=True)(b"x"))


def test_only_what_may_be_repeated_is_tried_again(echo: Echo) -> None:
    echo.error = Transient("away")
    with serving(echo) as target:
        for idempotent, expected in (((), 1), ((f"{NAME}/Count",), 1), ((f"{NAME}/Say",), 4), ((NAME,), 4)):
            echo.calls = 0
            with (
                open_channel(target, idempotent=idempotent) as channel,
                pytest.raises(Transient),
                remote_errors(),
            ):
                method(channel, "Say")(b"x")
            assert echo.calls == expected, idempotent


def test_health_and_reflection_are_there(echo: Echo) -> None:
    with serving(echo) as target:
        assert health_of(target) == health_pb2.HealthCheckResponse.SERVING
        with open_channel(target) as channel:
            named = set(ProtoReflectionDescriptorDatabase(channel).get_services())
    assert {NAME, "grpc.health.v1.Health"} <= named


def test_a_server_is_not_healthy_before_it_starts(echo: Echo) -> None:
    server = RpcServer(ServiceSettings(), [echo.servicer()])
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        early = grpc.channel_ready_future(channel)
        with pytest.raises(grpc.FutureTimeoutError):
            early.result(timeout=0.3)
        early.cancel()
    server.stop(0.1)


def test_stopping_lets_a_call_finish_and_takes_no_other(echo: Echo) -> None:
    server = RpcServer(ServiceSettings(), [echo.servicer()])
    server.start()
    target = f"127.0.0.1:{server.port}"
    ended: list[bool] = []
    with open_channel(target) as channel, open_channel(target) as other:
        running = method(channel, "Hold").future(b"kept")  # type: ignore[attr-defined]
        assert echo.held.acquire(timeout=WAIT_S)
        stopping = threading.Thread(target=lambda: ended.append(server.stop(WAIT_S)))
        stopping.start()
        while in_threads(1, lambda: method(other, "Say")(b"x")) != [grpc.StatusCode.UNAVAILABLE]:
            pass
        assert not running.done()
        echo.release.set()
        assert running.result(timeout=WAIT_S) == b"kept"
        stopping.join(WAIT_S)
    assert ended == [True]


def test_stopping_ends_what_does_not_finish(echo: Echo) -> None:
    server = RpcServer(ServiceSettings(), [echo.servicer()])
    server.start()
    with open_channel(f"127.0.0.1:{server.port}") as channel:
        running = method(channel, "Hold").future(b"x")  # type: ignore[attr-defined]
        assert echo.held.acquire(timeout=WAIT_S)
        server.stop(0.1)
        assert running.exception(timeout=WAIT_S).code() in (
            grpc.StatusCode.UNAVAILABLE,
            grpc.StatusCode.CANCELLED,
        )
    echo.release.set()


def test_a_flood_is_refused_and_passes(echo: Echo) -> None:
    with serving(echo, FLOOD) as target, open_channel(target) as channel:
        hold = method(channel, "Hold")
        held = [hold.future(b"x") for _ in range(40)]  # type: ignore[attr-defined]
        for _ in range(FLOOD.threads):
            assert echo.held.acquire(timeout=WAIT_S)
        refused = [call for call in held if call.done()]
        while len(refused) < 40 - FLOOD.concurrent:
            refused = [call for call in held if call.done()]
        assert {call.code() for call in refused} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
        with pytest.raises(Exhausted), remote_errors():
            method(channel, "Say")(b"x")
        echo.release.set()
        taken = [call for call in held if call not in refused]
        assert [call.result(timeout=WAIT_S) for call in taken] == [b"x"] * FLOOD.concurrent
        assert method(channel, "Say")(b"after") == b"after"


def test_a_message_above_the_limit_is_refused_and_the_next_one_passes(echo: Echo) -> None:
    limits = RpcLimits(message_bytes=100_000)
    with serving(echo, limits) as target, open_channel(target) as channel:
        with pytest.raises(Exhausted), remote_errors():
            method(channel, "Say")(b"x" * 200_000)
        assert len(method(channel, "Say")(b"x" * 90_000)) == 90_000


def test_a_port_that_is_taken_is_a_mistake_by_name(echo: Echo) -> None:
    server = RpcServer(ServiceSettings(), [echo.servicer()])
    with pytest.raises(ConfigError, match=r"service\.grpc_port.*can't be listened on"):
        RpcServer(ServiceSettings(grpc_port=server.port), [echo.servicer()])
    server.stop(0.1)


def test_peers_without_tls_are_a_mistake_by_name(echo: Echo) -> None:
    with pytest.raises(ConfigError, match="grpc_peers"):
        RpcServer(ServiceSettings(grpc_peers=("lacuna-gateway",)), [echo.servicer()])


def test_replicas_of_a_name_are_used_in_turn() -> None:
    first, second = Echo(), Echo()
    with serving(first) as one, serving(second) as two:
        target = f"ipv4:{one},{two}"
        with open_channel(target) as channel:
            for _ in range(40):
                method(channel, "Say")(b"x")
    assert first.calls + second.calls == 40
    assert min(first.calls, second.calls) > 0
