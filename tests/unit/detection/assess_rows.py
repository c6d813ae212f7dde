"""Small worlds for the assess fold: ships, stations and facts, written down by hand."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lacuna_core.canonical import canonical_json
from lacuna_core.digest import event_id
from lacuna_core.event import Event
from lacuna_core.fact import Contacts, Fact, Fix, Heard
from lacuna_core.fold import Rows
from lacuna_core.ids import craft_from_mmsi
from lacuna_core.position import SourceHealth
from lacuna_core.units import MS_PER_H, MS_PER_MIN
from lacuna_detection.assess import AssessFold
from lacuna_detection.detector import fact_order

T0_MS = 1_662_033_600_000
SHIP = craft_from_mmsi(273_000_001)
OTHERS = tuple(craft_from_mmsi(422_000_001 + i) for i in range(4))
HERE = (37.6, 53.0)


def at_ms(hours: float) -> int:
    return T0_MS + round(hours * MS_PER_H)


def fix(
    hours: float,
    place: tuple[float, float] = HERE,
    *,
    kn: float = 9.0,
    course: float = 0.0,
    by: str = "shore",
) -> Fix:
    t_ms = at_ms(hours)
    lat_e7, lon_e7 = (round(v * 1e7) for v in place)
    return Fix(t_ms, lat_e7, lon_e7, round(kn * 10), round(course * 10), t_ms & 0xFFFFFFFF, by)


def gap(off: Fix, on: Fix | None, said_h: float | None = None, craft: int = SHIP, **detail: Any) -> Fact:
    """A gap closed by ``on``, or open and said ``said_h`` after it began."""
    as_of_ms = on.t_ms if on else off.t_ms + round((said_h or 0) * MS_PER_H) + 1
    hours = (as_of_ms - off.t_ms) / MS_PER_H
    known = {"hours": hours, "cruise_kn": 9.0, "p99_kn": 10.0, "ship_type": 70, "destination": ""}
    return Fact(
        kind="gap",
        crafts=(craft,),
        as_of_ms=as_of_ms,
        status="closed" if on else "open",
        anchor_t_ms=off.t_ms,
        anchor_digest=off.digest,
        start_ms=off.t_ms,
        end_ms=on.t_ms if on else None,
        start=off,
        end=on,
        detail=canonical_json(known | detail),
    )


def gap_story(off: Fix, on: Fix | None, craft: int = SHIP, **detail: Any) -> list[Fact]:
    """All revisions of one gap, as the facts fold says them."""
    length_h = 1e9 if on is None else (on.t_ms - off.t_ms) / MS_PER_H
    story = [gap(off, None, h, craft, **detail) for h in (1, 6, 12, 24, 30) if h < length_h]
    return story if on is None else [*story, gap(off, on, None, craft, **detail)]


def visit(
    port: str,
    enter: Fix,
    leave: Fix | None,
    previous: Fact | None = None,
    *,
    said_h: float = 1.0,
    **detail: Any,
) -> Fact:
    """A visit with a stop; ``previous`` is the closed visit before."""
    before = None
    if previous is not None:
        was = json.loads(previous.detail)
        before = {
            "port_id": was["port_id"], "group": was["group"], "end_ms": previous.end_ms,
            "confidence": was["confidence"], "anchor_t_ms": previous.anchor_t_ms,
            "anchor_digest": f"{previous.anchor_digest:016x}",
            "event_id": event_id(
                "port_visit", previous.crafts, previous.anchor_t_ms, previous.anchor_digest
            ),
        }  # fmt: skip
    group = "amirabad_neka" if port in ("amirabad", "neka") else port
    known = {"port_id": port, "group": group, "confidence": 4 if leave else 3, "previous": before}
    return Fact(
        kind="port_visit",
        crafts=(SHIP,),
        as_of_ms=leave.t_ms if leave else enter.t_ms + round(said_h * MS_PER_H),
        status="closed" if leave else "open",
        anchor_t_ms=enter.t_ms,
        anchor_digest=enter.digest,
        start_ms=enter.t_ms,
        end_ms=leave.t_ms if leave else None,
        start=enter,
        end=leave,
        detail=canonical_json(known | detail),
    )


def heard(rows: Iterable[tuple[float, int, tuple[float, float], str]]) -> Heard:
    """Rows of (hour, craft, place, receivers)."""
    ordered = sorted((at_ms(h), craft, place, by) for h, craft, place, by in rows)
    return Heard.build(
        {
            "t_ms": [r[0] for r in ordered],
            "craft": [r[1] for r in ordered],
            "lat_e7": [round(r[2][0] * 1e7) for r in ordered],
            "lon_e7": [round(r[2][1] * 1e7) for r in ordered],
            "receiver": [r[3] for r in ordered],
        }
    )


def all_day(
    craft: int, from_h: float, to_h: float, place: tuple[float, float] = HERE, by: str = "shore"
) -> list[tuple[float, int, tuple[float, float], str]]:
    """One craft heard in every half hour of an interval."""
    first = round(from_h * 2)
    return [(half / 2 + 0.01, craft, place, by) for half in range(first, round(to_h * 2))]


def health(up: dict[str, list[tuple[float, float]]], from_h: float, to_h: float) -> SourceHealth:
    """Ten-minute health rows of stations, each with the intervals (hours) in which it hears nothing."""
    slots = range(round(from_h * 6), round(to_h * 6))
    rows = [
        (at_ms((slot + 1) / 6), name, 0 if any(a <= slot / 6 < b for a, b in silent) else 9)
        for slot in slots
        for name, silent in sorted(up.items())
    ]
    return SourceHealth.build(
        {
            "t_ms": [r[0] for r in rows],
            "start_ms": [r[0] - 10 * MS_PER_MIN for r in rows],
            "messages": [r[2] for r in rows],
            "domain_code": [1] * len(rows),
            "source": "nmea",
            "receiver": [r[1] for r in rows],
        }
    )


@dataclass
class World:
    """Rows of a small world and the events that the fold makes of them."""

    facts: list[Fact] = field(default_factory=list)
    heard: Heard = field(default_factory=Heard.empty)
    health: SourceHealth = field(default_factory=SourceHealth.empty)
    contacts: Contacts = field(default_factory=Contacts.empty)

    def events(self, fold: AssessFold, cuts: Iterable[float] = (), *, reload: bool = False) -> list[Event]:
        """Play the world, in one call or cut at some hours, through a snapshot at each cut when asked."""
        state = fold.initial(0)
        said: list[Event] = []
        low = -(2**62)
        for until_ms in [*sorted(at_ms(h) for h in cuts), at_ms(10_000)]:
            rows = self._between(low, until_ms)
            state, out = fold.step(state, rows, until_ms, ())
            said += out.events
            low = until_ms
            if reload:
                state = fold.load({k: v.copy() for k, v in fold.dump(state).items()})
        return said

    def _between(self, low: int, until_ms: int) -> Rows:
        def part(batch: Any, t_ms: Any) -> Any:
            return batch.take((t_ms > low) & (t_ms <= until_ms))

        due = [f for f in self.facts if low < f.as_of_ms <= until_ms]
        return Rows(
            facts=tuple(sorted(due, key=fact_order)),
            heard=part(self.heard, self.heard.t_ms),
            health=part(self.health, self.health.t_ms),
            contacts=part(self.contacts, self.contacts.t_ms + MS_PER_H),
        )
