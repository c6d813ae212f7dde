"""Reception emerges: what must hold of the physics whatever the draws."""

from dataclasses import replace

import numpy as np
import pytest

from lacuna_simulator.sea.fleet import Vessel, build_fleet
from lacuna_simulator.sea.itinerary import UNDERWAY, Logbook
from lacuna_simulator.sea.reception import SLOT_S, Heard, hear
from lacuna_simulator.sea.satellites import SATELLITES, draw_sky, footprint_deg, subpoint
from lacuna_simulator.sea.stations import STATIONS, RadioWeather

HOURS = 72
SLOTS = HOURS * 3600 // SLOT_S


def _calm() -> RadioWeather:
    return RadioWeather(np.ones((HOURS, len(STATIONS))), np.zeros((HOURS, len(STATIONS))))


def _ship() -> Vessel:
    ships = [v for v in build_fleet(60, np.random.default_rng(1)) if v.role == "cargo"]
    return replace(ships[0], radio_db=0.0, antenna_m=16.0, long_range=True)


def _circling(lat_deg: float, lon_deg: float) -> Logbook:
    """A ship under way that stays near a place."""
    log = Logbook()
    for k in range(HOURS + 1):
        log.knot(k * 3600.0, lat_deg + 0.02 * (k % 2), lon_deg, UNDERWAY)
    return log


def _hear(vessel: Vessel, lat_deg: float, lon_deg: float, weather: RadioWeather | None = None) -> Heard:
    sky = draw_sky(SLOTS, SLOT_S, np.random.default_rng(2))
    return hear(vessel, _circling(lat_deg, lon_deg), weather or _calm(), sky, np.random.default_rng(3))


def _share(heard: Heard, station: str) -> float:
    bit = [s.name for s in STATIONS].index(station)
    return float((heard.bits >> bit & 1).sum()) / SLOTS


def test_reception_falls_with_distance() -> None:
    shares = [_share(_hear(_ship(), 43.65, 51.15 - away), "AKTU") for away in (0.1, 0.5, 0.8, 1.2, 2.0)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.9
    assert shares[-1] == 0.0


def test_class_b_reaches_less_far() -> None:
    near = _share(_hear(_ship(), 43.65, 50.45), "AKTU")
    weak = _share(
        _hear(replace(_ship(), class_b=True, long_range=False, antenna_m=5.0), 43.65, 50.45), "AKTU"
    )
    assert weak < near


def test_a_duct_carries_beyond_the_horizon() -> None:
    ducts = RadioWeather(np.full((HOURS, len(STATIONS)), 3.0), np.zeros((HOURS, len(STATIONS))))
    assert _share(_hear(_ship(), 43.0, 49.7), "AKTU") == 0.0
    assert _share(_hear(_ship(), 43.0, 49.7, ducts), "AKTU") > 0.5


def test_message_27_is_silent_near_a_base_station() -> None:
    assert not _hear(_ship(), 43.65, 51.0).long_range.any()
    assert _hear(_ship(), 38.9, 51.4).long_range.any()
    assert not _hear(replace(_ship(), long_range=False), 38.9, 51.4).long_range.any()


def test_nothing_is_sent_while_the_transponder_is_off() -> None:
    log = _circling(43.65, 51.0)
    log.off.append((20 * 3600.0, 30 * 3600.0))
    sky = draw_sky(SLOTS, SLOT_S, np.random.default_rng(2))
    heard = hear(_ship(), log, _calm(), sky, np.random.default_rng(3))
    off = (heard.t_s >= 20 * 3600) & (heard.t_s < 30 * 3600)
    assert not off.any()
    assert len(heard.t_s) > 0.8 * (SLOTS - 120)


def test_crowded_footprints_drown_messages() -> None:
    sky = draw_sky(3 * SLOTS, SLOT_S, np.random.default_rng(2))
    usual = [j for j, s in enumerate(SATELLITES) if not s.long_range]
    over_europe = (abs(sky.lat_deg - 50.0) < 6.0) & (abs(sky.lon_deg - 20.0) < 10.0)
    over_siberia = (abs(sky.lat_deg - 62.0) < 6.0) & (abs(sky.lon_deg - 85.0) < 12.0)
    crowded = sky.clear[:, usual][over_europe[:, usual]]
    empty = sky.clear[:, usual][over_siberia[:, usual]]
    assert crowded.max() < 0.05
    assert empty.min() > 0.3


@pytest.mark.parametrize("satellite", SATELLITES, ids=lambda s: s.name)
def test_orbits_close_in_about_a_hundred_minutes(satellite: object) -> None:
    found = next(s for s in SATELLITES if s == satellite)
    t_s = np.arange(0.0, 86_400.0, 10.0)
    lat, lon = subpoint(found, t_s, 0.0)
    upward = np.flatnonzero((lat[:-1] < 0.0) & (lat[1:] >= 0.0))
    assert 90.0 < np.diff(t_s[upward]).mean() / 60.0 < 100.0
    assert abs(lat).max() == pytest.approx(min(found.inclination_deg, 180 - found.inclination_deg), abs=0.5)
    assert abs(lon).max() <= 180.0
    assert 15.0 < footprint_deg(found) < 25.0


def test_range_is_that_of_ordinary_radio_weather() -> None:
    calm, ducts = _calm(), replace(_calm(), ducting=np.full((HOURS, len(STATIONS)), 3.0))
    bit = 1 << [s.name for s in STATIONS].index("AKTU")
    near = _hear(_ship(), 43.65, 50.45, calm)
    assert np.all(near.in_range & bit)
    far = _hear(_ship(), 43.0, 49.7, ducts)
    assert np.any(far.bits & bit)
    assert not np.any(far.in_range & bit)


def test_a_satellite_that_hears_a_ship_has_it_in_range() -> None:
    heard = _hear(_ship(), 38.9, 51.4)
    satellites = sum(1 << (len(STATIONS) + j) for j in range(len(SATELLITES)))
    assert np.any(heard.bits & satellites)
    assert not np.any(heard.bits & ~heard.in_range & satellites)
