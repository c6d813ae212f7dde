"""The flights of a whole year: trips counted from the trace files alone, as a careful reader would."""

import gzip
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from lacuna_core.timestamps import parse_time
from lacuna_reference.airports import airport, airport_groups
from lacuna_simulator.air.world import AirPlan, AirTruth, play_air
from tests.unit.simulator.reading import distance_nm

YEAR = AirPlan("2022-05-01T00:00:00Z", "2023-04-01T00:00:00Z", (24, 22, 20, 19), 4)
MOSCOW = airport_groups()["MOSCOW"]
ROW_LENGTH = 14


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AirTruth]:
    """Play the four freighters for the whole year."""
    folder = tmp_path_factory.mktemp("air")
    return folder, play_air(YEAR, folder, 2022, lambda share, doing: None)


@pytest.fixture(scope="module")
def rows(year: tuple[Path, AirTruth]) -> dict[str, list[tuple[float, list[Any]]]]:
    """Unix time and trace row by aircraft, in order of time."""
    found: dict[str, list[tuple[float, list[Any]]]] = defaultdict(list)
    for path in sorted(year[0].iterdir()):
        document = orjson.loads(gzip.decompress(path.read_bytes()))
        assert path.name.startswith(f"trace_full_{document['icao']}_")
        found[document["icao"]] += [(document["timestamp"] + row[0], row) for row in document["trace"]]
    return found


def _fields_at(row: list[Any]) -> str | None:
    """Moscow field on or just above which a row lies."""
    for icao in MOSCOW:
        field = airport(icao)
        away_nm = distance_nm((row[1], row[2]), (field.lat_deg, field.lon_deg))
        if row[3] == "ground" and away_nm < 2.0:
            return icao
        if row[3] != "ground" and away_nm < 4.5 and row[3] - field.elevation_ft < 1_500:
            return icao
    return None


def test_exactly_85_trips_can_be_counted(
    year: tuple[Path, AirTruth], rows: dict[str, list[tuple[float, list[Any]]]]
) -> None:
    truth = year[1]
    assert truth.counts["trips_total"] == len(truth.trips) == 85
    counted = []
    for icao24, trace in rows.items():
        away, field = True, airport("UUEE")
        for t_s, row in trace:
            at = _fields_at(row)
            if at is not None and away:
                counted.append((icao24, at, t_s))
                away = False
            elif distance_nm((row[1], row[2]), (field.lat_deg, field.lon_deg)) > 200.0:
                away = True
    assert sorted((i, a) for i, a, _ in counted) == sorted((t.icao24, t.airport) for t in truth.trips)
    by_craft = {icao24: [t for t in truth.trips if t.icao24 == icao24] for icao24 in rows}
    for icao24, airport_code, t_s in sorted(counted, key=lambda c: c[2]):
        trip = by_craft[icao24].pop(0)
        assert trip.airport == airport_code
        late_h = (t_s - parse_time(trip.arrival) / 1000) / 3600
        assert -0.1 < late_h < (0.1 if trip.evidence != "bracketed" else 31.0)


def test_hard_arrivals_are_lost_far_out_and_bracketed(
    year: tuple[Path, AirTruth], rows: dict[str, list[tuple[float, list[Any]]]]
) -> None:
    seen = set()
    for trip in year[1].trips:
        arrival_s = parse_time(trip.arrival) / 1000
        field = airport(trip.airport)
        times = np.array([t for t, _ in rows[trip.icao24]])
        last = rows[trip.icao24][int(np.searchsorted(times, arrival_s)) - 1]
        after = rows[trip.icao24][int(np.searchsorted(times, arrival_s))]
        away_nm = distance_nm((last[1][1], last[1][2]), (field.lat_deg, field.lon_deg))
        seen.add(trip.evidence)
        if trip.evidence == "bracketed":
            assert 26.9 < away_nm < 56.0
            assert after[1][3] == "ground"
            assert after[0] - arrival_s > 2 * 3600
        else:
            assert away_nm < 6.0
        assert last[1][3] == "ground" or last[1][7] <= 0
    assert seen == {"surface", "low", "bracketed"}


def test_rows_are_those_of_readsb(rows: dict[str, list[tuple[float, list[Any]]]]) -> None:
    for trace in rows.values():
        times = [t for t, _ in trace]
        assert times == sorted(times)
        for _, row in trace:
            assert len(row) == ROW_LENGTH
            assert 0 <= row[0] <= 86_400
            assert row[3] == "ground" or -1_000 <= row[3] <= 45_000
            assert row[6] & ~3 == 0
            assert row[9] == "adsb_icao"
        details = [row[8] for _, row in trace if row[8] is not None]
        assert all(len(d["flight"]) == 8 and len(d["squawk"]) == 4 for d in details)


def test_aircraft_fly_as_aircraft_do(rows: dict[str, list[tuple[float, list[Any]]]]) -> None:
    for trace in rows.values():
        for (t_a, a), (t_b, b) in zip(trace[:-1:5], trace[1::5], strict=False):
            hours = (t_b - t_a) / 3600
            if 20 / 3600 < hours < 0.5:
                assert distance_nm((a[1], a[2]), (b[1], b[2])) / hours < 620.0


def test_iran_is_poorly_covered(rows: dict[str, list[tuple[float, list[Any]]]]) -> None:
    for icao in ("OIIE", "OIII"):
        field = airport(icao)
        assert not [
            row
            for trace in rows.values()
            for _, row in trace[::7]
            if row[3] == "ground" and distance_nm((row[1], row[2]), (field.lat_deg, field.lon_deg)) < 5
        ]


def test_other_traffic_outnumbers_the_trips(year: tuple[Path, AirTruth]) -> None:
    counts = year[1].counts
    assert counts["flights"] > 4 * counts["trips_total"]
    assert counts["trace_rows"] < 600_000
    assert any(trip.via for trip in year[1].trips)
