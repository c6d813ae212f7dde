"""Questions to detection over a real socket: the answers are what detection itself says."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from lacuna_core.errors import InvalidInput
from lacuna_core.event import Event
from lacuna_core.fact import Fact, Fix
from lacuna_core.units import MS_PER_H
from lacuna_detection.assess import AssessFold
from lacuna_detection.grpc_server import IDEMPOTENT, detection_servicer
from lacuna_detection.reachability import Silence, reachable_ports
from lacuna_kernels.geodesy import bearing_deg
from lacuna_protos.v1 import detection_service_pb2 as pb
from lacuna_protos.v1.detection_service_pb2_grpc import DetectionServiceStub
from lacuna_reference.basins import load_basin
from lacuna_runtime.rpc import RpcServer, open_channel, remote_errors
from lacuna_runtime.sections import ServiceSettings
from tests.unit.detection.assess_rows import OTHERS, T0_MS, World, all_day, fix, gap_story, heard, visit

CASPIAN = load_basin("caspian")
PORTS = {p.port_id: p for p in CASPIAN.ports}
HERE = (37.6, 53.0)


@contextmanager
def asking(params: dict[str, dict[str, Any]] | None = None) -> Iterator[Any]:
    with (
        RpcServer(ServiceSettings(), [detection_servicer([CASPIAN], params)]) as server,
        open_channel(f"127.0.0.1:{server.port}", idempotent=IDEMPOTENT) as channel,
    ):
        yield DetectionServiceStub(channel)


@pytest.fixture(scope="module")
def stub() -> Iterator[Any]:
    with asking() as made:
        yield made


def end(of: Fix) -> pb.SilenceEnd:
    return pb.SilenceEnd(
        lat_deg=of.lat_e7 / 1e7,
        lon_deg=of.lon_e7 / 1e7,
        speed_kn=of.speed_dkn / 10,
        course_deg=of.course_ddeg / 10,
    )


def silence(off: Fix, on: Fix | None, hours: float) -> pb.ObservedSilence:
    until_ms = off.t_ms + round(hours * MS_PER_H)
    return pb.ObservedSilence(
        start_ms=off.t_ms, until_ms=until_ms, off=end(off), on=None if on is None else end(on)
    )


def said_by_the_fold(facts: list[Fact]) -> list[Event]:
    rows = [r for c in OTHERS for r in all_day(c, -24, 120, HERE)]
    events = World(facts=facts, heard=heard(rows)).events(AssessFold((CASPIAN,)))
    return [e for e in events if e.kind == "dark_port_call"]


@pytest.mark.parametrize("hours", [20.0, 30.0, 60.0])
@pytest.mark.parametrize("closed", [True, False])
def test_reach_is_what_the_kernel_says(stub: Any, hours: float, closed: bool) -> None:
    off, on = fix(0, HERE), fix(hours, HERE) if closed else None
    reply = stub.Reachability(
        pb.ReachabilityRequest(
            silence=silence(off, on, hours),
            ship=pb.ShipFacts(ship_type=80, cruise_kn=9.0, p99_kn=12.0),
            min_stay_h=6.0,
        )
    )
    on_lat_deg, on_lon_deg = HERE if closed else (None, None)
    asked = Silence(*HERE, on_lat_deg, on_lon_deg, T0_MS, T0_MS + round(hours * MS_PER_H))
    expected = reachable_ports(asked, CASPIAN.ports, hard_kn=12.0 * 1.05, cruise_kn=9.0, min_stay_h=6.0)
    assert (reply.basin_id, reply.hours, reply.ship_group) == ("caspian", hours, "tanker")
    assert (reply.hard_kn, reply.cruise_kn, reply.min_stay_h) == (pytest.approx(12.6), 9.0, 6.0)
    assert [p.port_id for p in reply.ports] == [r.port.port_id for r in expected]
    for got, want in zip(reply.ports, expected, strict=True):
        assert (got.slack_h, got.max_stay_h, got.plausible) == (want.slack_h, want.max_stay_h, want.plausible)
        assert got.earliest_arrival_ms == want.earliest_arrival_ms
        assert got.HasField("detour_nm") == got.HasField("latest_departure_ms") == closed


def test_the_golden_slack_arrives(stub: Any) -> None:
    reply = stub.Reachability(
        pb.ReachabilityRequest(
            silence=silence(fix(0, HERE), fix(30, HERE), 30),
            ship=pb.ShipFacts(cruise_kn=9.0, p99_kn=10.0),
            min_stay_h=6.0,
        )
    )
    slack_h = {port.port_id: round(port.slack_h, 1) for port in reply.ports}
    assert (slack_h["neka"], slack_h["amirabad"], slack_h["nowshahr"]) == (13.4, 13.3, 3.3)


def test_a_sea_that_is_not_watched_has_no_ports(stub: Any) -> None:
    far = fix(0, (40.7, -74.0))
    reply = stub.Reachability(pb.ReachabilityRequest(silence=silence(far, far, 30)))
    assert (reply.basin_id, list(reply.ports)) == ("", [])


def test_what_is_in_force_is_what_detection_said(stub: Any) -> None:
    """The same inputs give the same detail, byte for byte, open and closed."""
    off = fix(0, HERE, course=bearing_deg(*HERE, PORTS["amirabad"].lat_deg, PORTS["amirabad"].lon_deg))
    on = fix(36, (37.7, 52.8), course=300.0)
    ship: dict[str, Any] = {"ship_type": 70, "cruise_kn": 9.0, "p99_kn": 10.0, "length_m": 139.0}
    story = gap_story(off, on, length_m=139.0, draught_start_dm=41, draught_end_dm=38, destination="NEKA")
    events = said_by_the_fold(story)
    assert [e.status for e in events] == ["open"] * (len(events) - 1) + ["closed"]
    for event in events:
        closed = event.status == "closed"
        hours = (event.as_of_ms - off.t_ms) / MS_PER_H
        facts = pb.ShipFacts(**ship, draught_m=4.1, draught_after_m=3.8, destination="NEKA")
        reply = stub.WhatIf(pb.WhatIfRequest(silence=silence(off, on if closed else None, hours), ship=facts))
        assert reply.in_force.detail == event.detail
        assert reply.changed == reply.in_force
        assert reply.in_force.possible
        assert reply.in_force.verdict == event.verdict == "unassessed"
        listed = json.loads(event.detail)["candidates"]
        assert [c.port_id for c in reply.in_force.candidates] == [c["port_id"] for c in listed]
        assert [c.score_ln for c in reply.in_force.candidates] == [c["score_ln"] for c in listed]


def test_earlier_calls_count_as_they_do_in_detection(stub: Any) -> None:
    enter, leave = fix(-20, (36.86, 53.37)), fix(-8, (36.86, 53.37))
    called = visit("amirabad", enter, leave)
    off, on = fix(0, HERE), fix(36, HERE)
    event = said_by_the_fold([called, *gap_story(off, on)])[-1]
    # one call, faded with a half-life of 180 days by the end of the silence
    count = 2.0 ** (-(on.t_ms - leave.t_ms) / (180 * 24 * MS_PER_H))
    calls = [pb.PortCalls(port_id="amirabad", count=count)]
    facts = pb.ShipFacts(
        ship_type=70,
        cruise_kn=9.0,
        p99_kn=10.0,
        own_calls=calls,
        all_calls=[pb.PortCalls(port_id="amirabad", count=1)],
    )
    reply = stub.WhatIf(pb.WhatIfRequest(silence=silence(off, on, 36), ship=facts))
    assert reply.in_force.detail == event.detail


def test_other_parameters_change_what_they_name(stub: Any) -> None:
    def what_if(**parameters: float) -> pb.WhatIfReply:
        values = [pb.ParameterValue(name=n.replace("__", "."), value=v) for n, v in parameters.items()]
        request = pb.WhatIfRequest(
            silence=silence(fix(0, HERE, course=160.0), fix(36, HERE, course=340.0), 36),
            ship=pb.ShipFacts(ship_type=80),
            parameters=values,
        )
        reply = stub.WhatIf(request)
        assert reply.in_force.possible
        return reply  # type: ignore[no-any-return]

    def terms(assessment: pb.CallAssessment, name: str) -> list[float]:
        return [t.value for c in assessment.candidates for t in c.terms if t.name == name]

    flat = what_if(score__kappa=0.0)
    assert any(terms(flat.in_force, "approach"))
    assert not any(terms(flat.changed, "approach"))
    assert not what_if(min_hours=40.0).changed.possible
    assert len(what_if(max_candidates=2).changed.candidates) == 2
    slow = what_if(speeds__cruise_kn__tanker=5.0, speeds__caps_kn__tanker=6.0)
    assert slow.changed.reachable < slow.in_force.reachable
    assert json.loads(slow.changed.detail)["cruise_kn"] == 5.0
    others = what_if(speeds__cruise_kn__other=5.0)
    assert others.changed == others.in_force, "a tanker has a speed of her own"


def test_a_void_silence_keeps_its_label(stub: Any) -> None:
    request = pb.WhatIfRequest(silence=silence(fix(0, HERE), fix(36, HERE), 36), void_reason="receivers_down")
    reply = stub.WhatIf(request)
    assert (reply.in_force.verdict, reply.in_force.label) == ("void", "unobserved, coverage unknown")


def test_settings_are_in_force() -> None:
    request = pb.WhatIfRequest(silence=silence(fix(0, HERE), fix(36, HERE), 36))
    with asking({"dark_port_call": {"min_hours": 48.0}}) as strict:
        assert not strict.WhatIf(request).in_force.possible


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("nothing", 1.0, "'nothing' there are"),
        ("score.nothing", 1.0, "there are approach_nm"),
        ("score", 1.0, "name one inside it"),
        ("score.kappa.deeper", 1.0, "is no number"),
        ("min_hours", float("nan"), "expected a number"),
        ("max_candidates", 1.5, "whole number"),
        ("speeds.cruise_kn.tanker", 0.0, "above zero"),
        ("score.stay_sigma", 0.0, "give no score"),
        ("score.flat_share", -5.0, "give no score"),
    ],
)
def test_parameters_that_make_no_sense_are_refused_by_name(
    stub: Any, name: str, value: float, says: str
) -> None:
    request = pb.WhatIfRequest(
        silence=silence(fix(0, HERE), fix(36, HERE), 36),
        parameters=[pb.ParameterValue(name=name, value=value)],
    )
    with pytest.raises(InvalidInput, match=says), remote_errors():
        stub.WhatIf(request)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"until_ms": T0_MS}, "until_ms after start_ms"),
        ({"until_ms": T0_MS + 500 * 24 * MS_PER_H}, "400 days"),
        ({"off": pb.SilenceEnd(lat_deg=91.0)}, "lat_deg"),
        ({"off": pb.SilenceEnd(lat_deg=float("nan"))}, "lat_deg"),
        ({"on": pb.SilenceEnd(lon_deg=-181.0)}, "lon_deg"),
        ({"off": pb.SilenceEnd(course_deg=361.0)}, "course_deg"),
        ({"off": None}, "off: expected a position"),
    ],
)
def test_silences_that_make_no_sense_are_refused_by_name(
    stub: Any, change: dict[str, Any], says: str
) -> None:
    plain: dict[str, Any] = {"start_ms": T0_MS, "until_ms": T0_MS + MS_PER_H, "off": pb.SilenceEnd()}
    asked = pb.ObservedSilence(**(plain | change))
    for call, request in (
        (stub.Reachability, pb.ReachabilityRequest(silence=asked)),
        (stub.WhatIf, pb.WhatIfRequest(silence=asked)),
    ):
        with pytest.raises(InvalidInput, match=says), remote_errors():
            call(request)
