"""The truth of the sea against the feed: what is said to be silent is silent, and for the cause said."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from lacuna_core.ids import format_craft
from lacuna_core.timestamps import parse_time
from lacuna_simulator.simulation import simulate
from lacuna_simulator.truth import DarkCall, Truth
from tests.unit.simulator.reading import POSITION_TYPES, Message, distance_nm

MMSI_SCHEME = 1 << 56


def _seconds(text: str) -> int:
    return parse_time(text) // 1000


@pytest.fixture(scope="module")
def received(messages: list[Message]) -> dict[str, list[tuple[int, tuple[float, float]]]]:
    """Times and points of the received positions by craft."""
    found: dict[str, set[tuple[int, tuple[float, float]]]] = defaultdict(set)
    for m in messages:
        if m.kind in POSITION_TYPES:
            found[format_craft(MMSI_SCHEME | m.mmsi)].add((m.t_s, m.point))
    return {craft: sorted(rows) for craft, rows in found.items()}


def test_silences_are_those_of_the_feed(
    world: tuple[Path, Truth], received: dict[str, list[tuple[int, tuple[float, float]]]]
) -> None:
    truth = world[1]
    found = set()
    for craft, rows in received.items():
        times = np.unique([t for t, _ in rows])
        found |= {(craft, int(times[i]), int(times[i + 1])) for i in np.flatnonzero(np.diff(times) > 3600)}
    told = {(s.craft, _seconds(s.start), _seconds(s.end)) for s in truth.silences}
    assert told <= found
    assert all(end - start < 6 * 3600 for _, start, end in found - told)
    assert len(found) == truth.counts["silences_over_1h"]
    assert len(found - told) == truth.counts["silences_coverage_1h_6h"]
    assert all(s.hours == pytest.approx((_seconds(s.end) - _seconds(s.start)) / 3600) for s in truth.silences)


def test_causes_are_consistent(world: tuple[Path, Truth]) -> None:
    truth = world[1]
    outages = {o.id: o for o in truth.outages}
    causes = {s.cause for s in truth.silences}
    assert causes - {"outage_in_part"} == {"switched_off", "outage", "coverage"}
    for silence in truth.silences:
        assert (silence.outage_id is not None) == silence.cause.startswith("outage")
        if silence.outage_id is not None:
            outage = outages[silence.outage_id]
            assert _seconds(silence.start) < _seconds(outage.end)
            assert _seconds(silence.end) > _seconds(outage.start)


def test_dark_calls_are_silent_from_before_off_to_after_on(
    world: tuple[Path, Truth], received: dict[str, list[tuple[int, tuple[float, float]]]]
) -> None:
    truth = world[1]
    assert truth.dark_calls
    silences = {(s.craft, s.start, s.end): s for s in truth.silences}
    for call in truth.dark_calls:
        off, on = _seconds(call.off), _seconds(call.on)
        assert off < _seconds(call.arrive) < _seconds(call.depart) < on
        assert not [t for t, _ in received[call.craft] if off <= t < on]
        assert call.silence_start is not None
        assert call.silence_end is not None
        assert silences[call.craft, call.silence_start, call.silence_end].cause == "switched_off"
        assert _seconds(call.silence_start) <= off
        assert _seconds(call.silence_end) >= on


def test_visible_meetings_are_seen_and_dark_ones_are_not(
    world: tuple[Path, Truth], received: dict[str, list[tuple[int, tuple[float, float]]]]
) -> None:
    seen = []
    for meeting in world[1].meetings:
        start, end = _seconds(meeting.start), _seconds(meeting.end)
        assert 3.0 <= (end - start) / 3600 <= 10.0
        during = [[r for r in received[c] if start <= r[0] < end] for c in meeting.crafts]
        if not meeting.visible:
            assert during == [[], []]
            continue
        pairs = [(a, b) for a in during[0] for b in during[1] if abs(a[0] - b[0]) < 300]
        seen.append(len(pairs))
        apart_m = np.array([1852.0 * distance_nm(a[1], b[1]) for a, b in pairs])
        assert (apart_m < 400.0).mean() > 0.95
    assert max(seen) > 20


def test_round_trips_leave_and_come_back(
    world: tuple[Path, Truth], received: dict[str, list[tuple[int, tuple[float, float]]]]
) -> None:
    for trip in world[1].round_trips:
        depart, arrive = _seconds(trip.depart), _seconds(trip.arrive)
        assert (arrive - depart) / 3600 >= 8.0
        way = [p for t, p in received[trip.craft] if depart <= t <= arrive]
        assert trip.dark_sts or way


@pytest.mark.slow
def test_the_small_world_has_what_the_report_needs(tmp_path: Path) -> None:
    truth = simulate("caspian-2022", tmp_path, size="small", seed=2022)

    def hours(call: DarkCall) -> float:
        assert call.silence_start is not None
        assert call.silence_end is not None
        return (_seconds(call.silence_end) - _seconds(call.silence_start)) / 3600

    assert {c.port_id for c in truth.dark_calls} == {"amirabad", "anzali", "astrakhan", "olya"}
    assert len(truth.dark_calls) >= 12
    long = [c for c in truth.dark_calls if hours(c) >= 30.0]
    assert len(truth.dark_calls) > len(long) > 0.6 * len(truth.dark_calls)
    switched = [c for c in truth.dark_calls if _seconds(c.on) - _seconds(c.off) >= 30 * 3600]
    assert all(hours(c) >= 30.0 for c in switched)
    assert any(s.cause == "coverage" and s.hours >= 30.0 for s in truth.silences)
    assert {m.visible for m in truth.meetings} == {True, False}
    assert truth.round_trips
    assert truth.counts["trips_total"] == 85
    assert 300_000 < truth.counts["sentences"] < 1_000_000
