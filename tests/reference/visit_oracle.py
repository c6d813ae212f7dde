"""Port visits of one craft the slow way, written from the rules and not from the kernel."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lacuna_core.place import Port
from tests.reference.sphere_oracle import distance_m

FOUR_H_MS = 4 * 3_600_000


@dataclass(frozen=True)
class Row:
    """A position as the rules see it: speed reported or implied, None where neither is known."""

    t_ms: int
    lat_deg: float
    lon_deg: float
    speed_kn: float | None


@dataclass(frozen=True)
class Visit:
    """A visit so far; its fields are those of the fact."""

    start_ms: int
    port: Port
    has_entry: bool
    has_stop: bool = False
    stopped: bool = False
    stopped_ms: int = 0
    gap_ms: int = 0

    def confidence(self, exited: bool) -> int:
        return 1 if not self.has_stop else 2 + self.has_entry + exited


@dataclass
class _Log:
    said: list[dict[str, Any]] = field(default_factory=list)
    previous: tuple[Visit, int] | None = None
    excursion_m: int = 0

    def say(self, visit: Visit, as_of_ms: int, end_ms: int | None) -> None:
        before = self.previous
        self.said.append(
            {
                "as_of_ms": as_of_ms, "status": "open" if end_ms is None else "closed",
                "start_ms": visit.start_ms, "end_ms": end_ms, "port_id": visit.port.port_id,
                "confidence": visit.confidence(end_ms is not None), "stopped_ms": visit.stopped_ms,
                "gap_ms": visit.gap_ms, "previous": before and (before[0].port.port_id, before[1]),
                "excursion_m": self.excursion_m if before else None,
            }
        )  # fmt: skip


def nearest(row: Row, ports: Sequence[Port]) -> tuple[Port, int]:
    found = [
        (round(distance_m(row.lat_deg, row.lon_deg, lat, lon)), lat, lon, i)
        for i, p in enumerate(ports)
        for lat, lon in ((p.lat_deg, p.lon_deg), *p.anchorages)
    ]
    best = min(found)
    return ports[best[3]], best[0]


def visits_of(rows: Sequence[Row], ports: Sequence[Port], until_ms: int) -> list[dict[str, Any]]:
    """What must be said of the visits of a craft up to a watermark."""
    log = _Log()
    visit: Visit | None = None
    for i, row in enumerate(rows):
        port, away_m = nearest(row, ports)
        inside = away_m <= (3_000 if visit is None else 4_000)
        if visit is not None:
            visit = _go_on(log, visit, rows[i - 1].t_ms, row.t_ms, inside)
        elif log.previous is not None:
            home = log.previous[0].port
            from_home = distance_m(row.lat_deg, row.lon_deg, home.lat_deg, home.lon_deg)
            log.excursion_m = max(log.excursion_m, round(from_home))
        if not inside:
            _leave(log, visit, row.t_ms)
            visit = None
            continue
        entered = visit is None and i > 0
        visit = visit or Visit(row.t_ms, port, has_entry=i > 0)
        visit = _stop_or_go(visit, row.speed_kn)
        first_stop = visit.stopped and not visit.has_stop
        if first_stop:
            visit = replace(visit, has_stop=True, port=port)
        if first_stop or entered:
            log.say(visit, row.t_ms, None)
    if visit is not None and not visit.has_stop and rows[-1].t_ms + FOUR_H_MS + 1 <= until_ms:
        log.say(replace(visit, has_stop=True), rows[-1].t_ms + FOUR_H_MS + 1, None)
    return log.said


def _go_on(log: _Log, visit: Visit, before_ms: int, t_ms: int, inside: bool) -> Visit:
    if t_ms - before_ms <= FOUR_H_MS:
        spent = t_ms - before_ms if visit.stopped else 0
        return replace(visit, stopped_ms=visit.stopped_ms + spent)
    due_ms = before_ms + FOUR_H_MS + 1
    if not visit.has_stop and (due_ms < t_ms or inside):
        log.say(replace(visit, has_stop=True), due_ms, None)
    return replace(visit, has_stop=True, gap_ms=visit.gap_ms + t_ms - before_ms)


def _leave(log: _Log, visit: Visit | None, t_ms: int) -> None:
    if visit is None:
        return
    log.say(visit, t_ms, t_ms)
    if visit.confidence(True) >= 2:
        log.previous, log.excursion_m = (visit, t_ms), 0


def _stop_or_go(visit: Visit, speed_kn: float | None) -> Visit:
    if speed_kn is None:
        return visit
    if speed_kn <= 0.2:
        return replace(visit, stopped=True)
    return replace(visit, stopped=False) if speed_kn >= 0.5 else visit
