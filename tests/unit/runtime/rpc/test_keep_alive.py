"""Connections that say nothing: they are kept by pings which the server bears, and renewed by age."""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import grpc

from lacuna_runtime.rpc import RpcLimits, open_channel
from tests.unit.runtime.rpc.echo import WAIT_S, Echo, method, serving

REAL = RpcLimits()
FAST = replace(REAL, ping_ms=300, least_ping_ms=200)
"""The same proportion, a hundred times as fast."""
States = queue.Queue[grpc.ChannelConnectivity]


@contextmanager
def followed(channel: grpc.Channel) -> Iterator[States]:
    """A channel that is connected, and what becomes of its connection from then on."""
    assert method(channel, "Say")(b"x") == b"x"
    states: States = queue.Queue()
    before = set(threading.enumerate())
    channel.subscribe(states.put)
    followers = set(threading.enumerate()) - before
    try:
        while states.get(timeout=WAIT_S) is not grpc.ChannelConnectivity.READY:
            pass
        yield states
    finally:
        channel.unsubscribe(states.put)
        # the library's thread looks five times a second, and would fail on a channel that is closed meanwhile
        for follower in followers:
            follower.join(WAIT_S)


def lost(states: States, within_s: float) -> bool:
    """Whether the connection ended."""
    try:
        return states.get(timeout=within_s) is not grpc.ChannelConnectivity.READY
    except queue.Empty:
        return False


def test_the_client_pings_less_often_than_the_server_allows() -> None:
    assert REAL.ping_ms > REAL.least_ping_ms
    assert dict(REAL.channel_options())["grpc.http2.max_pings_without_data"] == 0


def test_a_silent_connection_is_kept() -> None:
    with serving(Echo(), FAST) as target, open_channel(target, limits=FAST) as channel:
        with followed(channel) as states:
            assert not lost(states, 6.0)
        assert method(channel, "Say")(b"y") == b"y"


def test_a_server_that_bears_fewer_pings_ends_it() -> None:
    """The counterpart: without our proportion this is what happens."""
    strict = replace(FAST, least_ping_ms=60_000)
    with (
        serving(Echo(), strict) as target,
        open_channel(target, limits=FAST) as channel,
        followed(channel) as states,
    ):
        assert lost(states, WAIT_S)


def test_an_old_connection_is_renewed_under_the_caller() -> None:
    short = replace(REAL, connection_age_ms=300, connection_grace_ms=5_000)
    with serving(Echo(), short) as target, open_channel(target) as channel:
        with followed(channel) as states:
            assert lost(states, WAIT_S)
        assert method(channel, "Say")(b"y") == b"y"
