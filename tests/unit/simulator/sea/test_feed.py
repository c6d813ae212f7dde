"""The AIS feed of the tiny world, read back by a decoder that is not ours."""

import itertools
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from lacuna_core.ids import MmsiClass, imo_is_valid, mmsi_class, mmsi_mid
from lacuna_core.timestamps import parse_time
from lacuna_reference.basins import load_basin
from lacuna_reference.regions import in_region
from lacuna_simulator.sea.satellites import SATELLITES
from lacuna_simulator.sea.stations import HORIZON_NM_PER_SQRT_M, STATIONS, draw_weather
from lacuna_simulator.truth import Truth
from tests.unit.simulator.conftest import SEED
from tests.unit.simulator.reading import POSITION_TYPES, Message, distance_nm

HIGHEST_ANTENNA_M = 24.0
WEATHER_STREAM = 3


def _seconds(text: str) -> int:
    return parse_time(text) // 1000


def test_counts_and_kinds(world: tuple[Path, Truth], messages: list[Message]) -> None:
    counts = world[1].counts
    assert len(messages) == counts["sentences"]
    positions = {(m.mmsi, m.t_s, m.kind) for m in messages if m.kind in POSITION_TYPES}
    assert len(positions) == counts["positions"]
    kinds = Counter(m.kind for m in messages)
    assert set(kinds) == {1, 3, 4, 5, 18, 24, 27}
    assert len({m.mmsi for m in messages if m.kind in POSITION_TYPES}) == counts["vessels"]


def test_lines_are_in_order_of_time_within_the_world(
    world: tuple[Path, Truth], messages: list[Message]
) -> None:
    times = [m.t_s for m in messages]
    assert times == sorted(times)
    assert _seconds(world[1].start) <= times[0]
    assert times[-1] < _seconds(world[1].end)


def test_one_transmission_appears_once_a_station(messages: list[Message]) -> None:
    seen = Counter(
        (m.mmsi, m.t_s, m.station, m.kind, m.fields.get("partno")) for m in messages if m.kind != 4
    )
    assert max(seen.values()) == 1
    heard_by = Counter((m.mmsi, m.t_s) for m in messages if m.kind in POSITION_TYPES)
    assert max(heard_by.values()) >= 3


def test_identities_are_plausible(messages: list[Message]) -> None:
    ships = {m.mmsi for m in messages if m.kind in POSITION_TYPES}
    assert all(mmsi_class(s) is MmsiClass.SHIP for s in ships)
    assert {mmsi_mid(s) for s in ships} <= {273, 422, 423, 434, 436}
    assert all(mmsi_class(m.mmsi) is MmsiClass.COAST for m in messages if m.kind == 4)
    static = {m.mmsi: m.fields for m in messages if m.kind == 5}
    class_b = {m.mmsi for m in messages if m.kind == 18}
    assert set(static) | class_b == ships
    assert all(imo_is_valid(int(f["imo"])) for f in static.values())
    assert len({f["shipname"] for f in static.values()}) == len(static)
    assert all(1.0 < float(f["draught"]) < 7.0 for f in static.values())
    assert any(
        len({m.fields["draught"] for m in messages if m.kind == 5 and m.mmsi == ship}) > 1 for ship in static
    )


def test_the_second_of_a_report_is_that_of_its_reception(messages: list[Message]) -> None:
    assert all(m.t_s % 60 == m.fields["second"] for m in messages if m.kind in (1, 3, 18, 4))


def test_receivers_that_are_down_say_nothing(world: tuple[Path, Truth], messages: list[Message]) -> None:
    assert any(o.total for o in world[1].outages)
    for outage in world[1].outages:
        start, end, down = _seconds(outage.start), _seconds(outage.end), set(outage.receivers)
        during = [m.station for m in messages if start <= m.t_s < end]
        assert not down & set(during)
        assert outage.total == (not during)
        assert 4.0 <= (end - start) / 3600.0 <= 36.0


def test_base_stations_beat_while_they_are_up(world: tuple[Path, Truth], messages: list[Message]) -> None:
    for station in STATIONS:
        beats = np.array([m.t_s for m in messages if m.kind == 4 and m.station == station.name])
        pauses = np.flatnonzero(np.diff(beats) > 600)
        spans = [
            (_seconds(o.start), _seconds(o.end)) for o in world[1].outages if station.name in o.receivers
        ]
        for at in pauses:
            assert any(beats[at] < end and beats[at + 1] > start for start, end in spans)


def test_nothing_is_heard_beyond_the_radio_horizon_but_in_ducts(
    world: tuple[Path, Truth], messages: list[Message]
) -> None:
    start_s = _seconds(world[1].start)
    hours = (_seconds(world[1].end) - start_s) // 3600 + 1
    ducting = draw_weather(hours, np.random.default_rng([SEED, WEATHER_STREAM])).ducting
    row = {s.name: i for i, s in enumerate(STATIONS)}
    far = 0
    shore = [m for m in messages if m.station in row and m.kind in POSITION_TYPES]
    for m in shore:
        station = STATIONS[row[m.station]]
        plain_nm = HORIZON_NM_PER_SQRT_M * (station.mast_m**0.5 + HIGHEST_ANTENNA_M**0.5)
        away_nm = distance_nm(m.point, (station.lat_deg, station.lon_deg))
        duct = ducting[(m.t_s - start_s) // 3600, row[m.station]]
        assert away_nm <= 1.51 * plain_nm * duct
        far += away_nm > 1.51 * plain_nm
    assert 0 < far < 0.03 * len(shore)


def test_satellites_hear_everywhere_and_seldom(messages: list[Message]) -> None:
    names = {s.name for s in SATELLITES}
    long_range = {s.name for s in SATELLITES if s.long_range}
    above = [m for m in messages if m.station in names and m.kind in POSITION_TYPES]
    assert {m.station for m in above} == names
    assert all((m.kind == 27) == (m.station in long_range) for m in above)
    days = (messages[-1].t_s - messages[0].t_s) / 86_400
    ships = {m.mmsi for m in messages if m.kind in (1, 3)}
    assert 1.0 < len(above) / days / len(ships) < 40.0


def test_ships_stay_on_the_water(messages: list[Message]) -> None:
    basin = load_basin("caspian")
    waters = [r for r in basin.regions if r.kind in ("sea", "river", "canal")]
    ports = [(p.lat_deg, p.lon_deg) for p in basin.ports]
    points = {m.point for m in messages if m.kind in (1, 3, 18)}
    sample = sorted(points)[:: max(1, len(points) // 3_000)]
    ashore = [
        p for p in sample
        if not any(in_region(r, *p) for r in waters) and min(distance_nm(p, q) for q in ports) > 4.0
    ]  # fmt: skip
    assert len(ashore) <= 0.005 * len(sample)


def test_ships_move_as_ships_do(messages: list[Message]) -> None:
    tracks = defaultdict(list)
    for m in messages:
        if m.kind in (1, 3, 18):
            tracks[m.mmsi].append((m.t_s, m.point, float(m.fields["speed"])))
    for track in tracks.values():
        track = sorted(set(track))
        for (t_a, a, _), (t_b, b, speed_kn) in itertools.pairwise(track):
            if t_b - t_a >= 120:
                assert distance_nm(a, b) / ((t_b - t_a) / 3600) < 19.0
            assert speed_kn < 19.0
