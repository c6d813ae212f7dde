"""Questions to the logic of detection: what was within reach, and what other parameters would say."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from lacuna_core.errors import InvalidInput
from lacuna_core.event import Event
from lacuna_core.place import Basin
from lacuna_core.units import MS_PER_DAY
from lacuna_detection.assess_detector import World
from lacuna_detection.detectors.dark_port_call import DETECTOR, Params
from lacuna_detection.diary import Diary
from lacuna_detection.params import overridden
from lacuna_detection.reachability import PortReach, Silence, of_group, reachable_ports, speeds_kn
from lacuna_detection.what_if import Asked, End, ShipFacts, assess, changed
from lacuna_protos.v1 import detection_service_pb2 as pb
from lacuna_protos.v1.detection_service_pb2_grpc import (
    DetectionServiceServicer,
    add_DetectionServiceServicer_to_server,
)
from lacuna_reference.ship_types import ship_group
from lacuna_runtime.rpc import Servicer
from lacuna_runtime.rpc.flat import read_flat

NAME = pb.DESCRIPTOR.services_by_name["DetectionService"].full_name
IDEMPOTENT = (NAME,)
"""For ``open_channel``: every question may be asked again."""
_MOST_MS = 400 * MS_PER_DAY
_MOST_KN = 6_553.4


def detection_servicer(
    basins: Sequence[Basin], params: Mapping[str, Mapping[str, Any]] | None = None
) -> Servicer:
    """Offer the questions.

    Parameters
    ----------
    basins : sequence of Basin
        Basins that are watched.
    params : mapping or None
        Overrides of detector parameters in force: kind, then field.

    Returns
    -------
    Servicer
        For ``RpcServer``.

    Raises
    ------
    ConfigError
        If a parameter is not known.
    """
    questions = _Questions(World(tuple(basins), Diary()), overridden(Params(), DETECTOR.kind, params))
    return Servicer(NAME, lambda server: add_DetectionServiceServicer_to_server(questions, server))


class _Questions(DetectionServiceServicer):
    def __init__(self, world: World, params: Params) -> None:
        self._world = world
        self._params = params

    def Reachability(self, request: pb.ReachabilityRequest, context: Any) -> pb.ReachabilityReply:  # noqa: N802
        asked = _asked(request.silence, request.ship)
        speeds = self._params.speeds
        group = ship_group(asked.ship.ship_type or 0)
        hard_kn, cruise_kn = speeds_kn(group, asked.ship.cruise_kn, asked.ship.p99_kn, speeds)
        silence = _silence(asked)
        basin = self._world.basin_at(asked.off.lat_deg, asked.off.lon_deg)
        stay_h = max(of_group(speeds.min_stay_h, group), basin.min_stay_h if basin else 0.0)
        if request.HasField("min_stay_h"):
            stay_h = _within("min_stay_h", request.min_stay_h, 0.0, _MOST_MS)
        ports = basin.ports if basin else ()
        found = (
            reachable_ports(silence, ports, hard_kn=hard_kn, cruise_kn=cruise_kn, min_stay_h=stay_h)
            if ports
            else ()
        )
        return pb.ReachabilityReply(
            basin_id=basin.basin_id if basin else "",
            hours=silence.hours,
            ship_group=group,
            hard_kn=hard_kn,
            cruise_kn=cruise_kn,
            min_stay_h=stay_h,
            ports=[_reachable(port, closed=asked.on is not None) for port in found],
        )

    def WhatIf(self, request: pb.WhatIfRequest, context: Any) -> pb.WhatIfReply:  # noqa: N802
        asked = _asked(request.silence, request.ship, request.void_reason)
        other = changed(self._params, [(value.name, value.value) for value in request.parameters])
        return pb.WhatIfReply(
            in_force=_assessment(assess(asked, self._world, self._params)),
            changed=_assessment(assess(asked, self._world, other)),
        )


def _within(name: str, value: float, low: float, high: float) -> float:
    if not math.isfinite(value) or not low <= value <= high:
        raise InvalidInput(f"{name} is {value}; expected {low} to {high}")
    return value


def _end(name: str, message: pb.SilenceEnd) -> End:
    end = read_flat(End, message)
    _within(f"{name}.lat_deg", end.lat_deg, -90.0, 90.0)
    _within(f"{name}.lon_deg", end.lon_deg, -180.0, 180.0)
    if end.speed_kn is not None:
        _within(f"{name}.speed_kn", end.speed_kn, 0.0, _MOST_KN)
    if end.course_deg is not None:
        _within(f"{name}.course_deg", end.course_deg, 0.0, 360.0)
    return end


def _calls(name: str, calls: Sequence[pb.PortCalls]) -> dict[str, float]:
    return {call.port_id: _within(f"{name}.{call.port_id}", call.count, 0.0, 1e9) for call in calls}


def _asked(message: pb.ObservedSilence, facts: pb.ShipFacts, void_reason: str = "") -> Asked:
    if not 0 < message.until_ms - message.start_ms <= _MOST_MS:
        raise InvalidInput("silence: expected until_ms after start_ms, by at most 400 days")
    if not message.HasField("off"):
        raise InvalidInput("silence.off: expected a position")
    ship = read_flat(
        ShipFacts,
        facts,
        own_calls=_calls("own_calls", facts.own_calls),
        all_calls=_calls("all_calls", facts.all_calls),
    )
    for name in ("cruise_kn", "p99_kn", "length_m", "draught_m", "draught_after_m"):
        value = getattr(ship, name)
        if value is not None:
            _within(f"ship.{name}", value, 0.1 if name.endswith("kn") else 0.0, _MOST_KN)
    return Asked(
        start_ms=message.start_ms,
        until_ms=message.until_ms,
        off=_end("silence.off", message.off),
        on=_end("silence.on", message.on) if message.HasField("on") else None,
        ship=ship,
        void_reason=void_reason,
    )


def _silence(asked: Asked) -> Silence:
    off, on = asked.off, asked.on
    return Silence(
        off_lat_deg=off.lat_deg,
        off_lon_deg=off.lon_deg,
        on_lat_deg=None if on is None else on.lat_deg,
        on_lon_deg=None if on is None else on.lon_deg,
        start_ms=asked.start_ms,
        until_ms=asked.until_ms,
    )


def _reachable(reach: PortReach, *, closed: bool) -> pb.ReachablePort:
    port = reach.port
    return pb.ReachablePort(
        port_id=port.port_id,
        name=port.name,
        country=port.country,
        group=port.group,
        to_nm=reach.to_nm,
        from_nm=reach.from_nm,
        detour_nm=reach.detour_nm,
        earliest_arrival_ms=reach.earliest_arrival_ms,
        latest_departure_ms=reach.latest_departure_ms if closed else None,
        max_stay_h=reach.max_stay_h,
        cruise_stay_h=reach.cruise_stay_h,
        slack_h=reach.slack_h,
        plausible=reach.plausible,
    )


def _assessment(event: Event | None) -> pb.CallAssessment:
    if event is None:
        return pb.CallAssessment(possible=False)
    detail = json.loads(event.detail)
    return pb.CallAssessment(
        possible=True,
        verdict=event.verdict,
        label=detail["label"],
        reachable=detail["reachable"],
        candidates=[_score(candidate) for candidate in detail["candidates"]],
        detail=event.detail,
    )


def _score(candidate: Mapping[str, Any]) -> pb.CallScore:
    terms = [pb.ParameterValue(name=name, value=value) for name, value in sorted(candidate["terms"].items())]
    return pb.CallScore(
        rank=candidate["rank"],
        port_id=candidate["port_id"],
        group=candidate["group"],
        slack_h=candidate["slack_h"],
        max_stay_h=candidate["max_stay_h"],
        score_ln=candidate["score_ln"],
        terms=terms,
    )
