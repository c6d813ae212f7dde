"""What was found, beside what was planted where the truth is known."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson

from lacuna_core.event import VOID, Event
from lacuna_core.ids import parse_craft
from lacuna_core.ports import EventQuery, EventReader
from lacuna_core.timestamps import format_time, parse_time
from lacuna_core.trip_count import count_trips
from lacuna_core.units import MS_PER_H
from lacuna_simulator.truth import DarkCall, Silence, Truth

PAGE = 5_000
MATCH_WITHIN_MS = 2_000
"""Two ends are the same when they are within two seconds: repeats are merged at the earliest time."""
HEADLINE_H = 30
MOSCOW = "MOSCOW"


def every_event(events: EventReader, kind: str) -> Iterator[Event]:
    """Read all events of a kind, newest revisions, page by page.

    Parameters
    ----------
    events : EventReader
        The store.
    kind : str
        Event kind.

    Yields
    ------
    Event
        Ordered by (start, event id).
    """
    query = EventQuery(kinds=(kind,), limit=PAGE)
    while True:
        page = events.find(query)
        yield from page
        if len(page) < PAGE:
            return
        query = replace(query, after=(page[-1].start_ms, page[-1].event_id))


class Intervals:
    """Events of one kind, found again by craft and interval."""

    def __init__(self, events: list[Event]) -> None:
        self._by_craft: dict[int, list[Event]] = {}
        for event in sorted(events, key=lambda e: e.start_ms):
            for craft in event.crafts:
                self._by_craft.setdefault(craft, []).append(event)

    def match(self, craft: str, start: str | None, end: str | None) -> Event | None:
        """Find the event with these ends, each within two seconds."""
        if start is None or end is None:
            return None
        start_ms, end_ms = parse_time(start), parse_time(end)
        mine = self._by_craft.get(parse_craft(craft), [])
        first = bisect_left(mine, start_ms - MATCH_WITHIN_MS, key=lambda e: e.start_ms)
        for event in mine[first:]:
            if event.start_ms > start_ms + MATCH_WITHIN_MS:
                return None
            if event.end_ms is not None and abs(event.end_ms - end_ms) <= MATCH_WITHIN_MS:
                return event
        return None


def _hours(event: Event) -> float:
    return ((event.end_ms or event.as_of_ms) - event.start_ms) / MS_PER_H


def _silences(gaps: list[Event], truth: Truth | None) -> dict[str, Any]:
    long = [e for e in gaps if _hours(e) >= HEADLINE_H]
    report: dict[str, Any] = {
        "found": len(gaps),
        "found_ge_6h": sum(_hours(e) >= 6 for e in gaps),
        "all_ge_30h": len(long),
        "void": sum(e.verdict == VOID for e in gaps),
        "void_ge_30h": sum(e.verdict == VOID for e in long),
        "open": sum(e.status == "open" for e in gaps),
        "planted_ge_30h": None,
        "found_ge_30h": None,
    }
    if truth is not None:
        index = Intervals(gaps)
        planted = [s for s in truth.silences if s.cause == "switched_off" and s.hours >= HEADLINE_H]
        matched = [(s, index.match(s.craft, s.start, s.end)) for s in planted]
        report["planted_ge_30h"] = len(planted)
        report["found_ge_30h"] = sum(event is not None for _, event in matched)
        report["planted_ge_30h_void"] = sum(
            event is not None and event.verdict == VOID for _, event in matched
        )
        report["missed"] = [_silence_line(s) for s, event in matched if event is None]
    return report


def _silence_line(silence: Silence) -> str:
    return f"{silence.craft} {silence.start}..{silence.end}"


def _outages(gaps: list[Event], truth: Truth | None) -> dict[str, Any]:
    if truth is None:
        return {"silences": None, "void": None}
    index = Intervals(gaps)
    planted = [s for s in truth.silences if s.cause == "outage"]
    matched = [(s, index.match(s.craft, s.start, s.end)) for s in planted]
    unexplained = [s for s, event in matched if event is None or event.verdict != VOID]
    return {
        "silences": len(planted),
        "void": len(planted) - len(unexplained),
        "not_void": [_silence_line(s) for s in unexplained],
    }


def _rank(event: Event, call: DarkCall) -> int | None:
    candidates = orjson.loads(event.detail)["candidates"]
    groups: list[str] = list(dict.fromkeys(c["group"] for c in candidates))
    return groups.index(call.port_group) + 1 if call.port_group in groups else None


def _dark_calls(calls: list[Event], truth: Truth | None) -> dict[str, Any]:
    report: dict[str, Any] = {
        "found": len(calls),
        "void": sum(e.verdict == VOID for e in calls),
        "planted": None,
        "top1": None,
        "top3": None,
    }
    if truth is None:
        return report
    index = Intervals(calls)
    by_port: dict[str, list[int | None]] = {}
    for call in truth.dark_calls:
        event = index.match(call.craft, call.silence_start, call.silence_end)
        by_port.setdefault(call.port_id, []).append(None if event is None else _rank(event, call))
    ranks = [rank for mine in by_port.values() for rank in mine]
    report["planted"] = len(ranks)
    report["top1"] = sum(rank == 1 for rank in ranks)
    report["top3"] = sum(rank is not None and rank <= 3 for rank in ranks)
    report["by_port"] = {
        port: {
            "planted": len(mine),
            "top1": mine.count(1),
            "top3": sum(r is not None and r <= 3 for r in mine),
        }
        for port, mine in sorted(by_port.items())
    }
    return report


def _trips(events: EventReader, truth: Truth | None, watched: frozenset[int] | None) -> dict[str, Any]:
    trips = list(every_event(events, "trip"))
    count = count_trips(trips, group=MOSCOW, aircraft=watched, start_ms=None, end_ms=None)
    return {
        "confirmed": count.confirmed,
        "expected": count.expected,
        "possible": count.possible,
        "planted": None if truth is None else truth.counts["trips_total"],
        "all_airframes": count_trips(
            trips, group=MOSCOW, aircraft=None, start_ms=None, end_ms=None
        ).confirmed,
    }


def _correlations(events: EventReader) -> list[dict[str, Any]]:
    return [
        {"definition": e.place or e.event_id, "as_of": format_time(e.as_of_ms), **orjson.loads(e.detail)}
        for e in every_event(events, "correlation")
    ]


def build_report(events: EventReader, truth: Truth | None, watched: frozenset[int] | None) -> dict[str, Any]:
    """Count what the stores hold and set it beside the truth.

    Parameters
    ----------
    events : EventReader
        The store.
    truth : Truth or None
        What was planted, where it is known.
    watched : frozenset of int or None
        Craft keys of the watched airframes, None for all.

    Returns
    -------
    dict
        Plain JSON values; figures that need a truth are null without one.
    """
    gaps = list(every_event(events, "gap"))
    kinds = ("port_visit", "encounter", "loitering", "round_trip_no_call", "leg")
    found = Counter({kind: sum(1 for _ in every_event(events, kind)) for kind in kinds})
    return {
        "scenario": None if truth is None else truth.scenario,
        "silences": _silences(gaps, truth),
        "outages": _outages(gaps, truth),
        "dark_calls": _dark_calls(list(every_event(events, "dark_port_call")), truth),
        "round_trips": {
            "found": found["round_trip_no_call"],
            "planted": None if truth is None else len(truth.round_trips),
        },
        "encounters": {
            "found": found["encounter"],
            "planted_visible": None if truth is None else sum(m.visible for m in truth.meetings),
        },
        "port_visits": found["port_visit"],
        "loitering": found["loitering"],
        "legs": found["leg"],
        "trips": _trips(events, truth, watched),
        "correlations": _correlations(events),
        "news": None
        if truth is None
        else {"planted": len(truth.news), "linked": sum(n.linked for n in truth.news)},
    }
