"""Airfields are named where the fix decides, and the answer is "can't tell" where it does not."""

from dataclasses import replace

import pytest

from lacuna_flight_correlation.great_circle import ahead
from lacuna_flight_correlation.leg_record import End
from lacuna_kernels.geodesy import bearing_deg
from lacuna_reference.airports import airport
from tests.unit.flight_correlation.flights import between_nm, world_fold

MODEL = world_fold().model


def approach(icao: str, away_nm: float, from_deg: float, rate_fpm: float = -800.0) -> End:
    """A fix on a straight way down to an airfield."""
    ft_nm = 318.0
    field = airport(icao)
    lat, lon = ahead(field.lat_deg, field.lon_deg, from_deg, away_nm)
    return End(
        t_ms=0,
        lat_e7=round(lat * 1e7),
        lon_e7=round(lon * 1e7),
        digest=1,
        on_ground=False,
        altitude_ft=round(field.elevation_ft + ft_nm * away_nm),
        trend_fpm=rate_fpm,
        speed_kn=-rate_fpm / ft_nm * 60 if rate_fpm < 0 else 250.0,
        course_deg=bearing_deg(lat, lon, field.lat_deg, field.lon_deg),
    )


def surface(icao: str, away_nm: float = 0.0) -> End:
    field = airport(icao)
    lat, lon = ahead(field.lat_deg, field.lon_deg, 90.0, away_nm)
    return End(0, round(lat * 1e7), round(lon * 1e7), 1, True, None, None, None, None)


@pytest.mark.parametrize("icao", ["UUEE", "UUWW", "UUDD", "UUBW", "OIIE", "OIII", "UUMU"])
def test_surface_fix_names_the_field(icao: str) -> None:
    place = MODEL.place(surface(icao, 1.0), arriving=True)
    assert (place.airport, place.evidence) == (icao, "E1")
    assert place.candidates[0][1] > 0.9


def test_fix_on_final_names_the_field_by_projection() -> None:
    place = MODEL.place(approach("UUEE", 9.0, 250.0), arriving=True)
    assert (place.airport, place.evidence) == ("UUEE", "E3")
    assert place.distance_nm == pytest.approx(9.0, abs=0.1)
    assert place.height_ft == pytest.approx(318 * 9, abs=2)


def test_military_field_is_not_renamed_to_the_civil_one_near_it() -> None:
    place = MODEL.place(approach("UUMU", 9.0, 90.0), arriving=True)
    assert place.airport == "UUMU"
    assert place.group("MOSCOW_EXTENDED") > 0.7
    assert place.group("MOSCOW") < 0.1


def test_last_100_km_missing_leaves_the_group_likely_and_the_field_open() -> None:
    place = MODEL.place(approach("UUEE", 54.0, 150.0, rate_fpm=-1_900), arriving=True)
    assert place.airport == ""
    assert 0.3 < place.group("MOSCOW") < 0.95
    assert place.evidence == "E4"


@pytest.mark.parametrize("away_nm", [5.0, 30.0, 90.0])
def test_cruise_over_the_group_is_no_arrival(away_nm: float) -> None:
    level = replace(approach("UUEE", away_nm, 180.0, rate_fpm=0.0), altitude_ft=35_000)
    place = MODEL.place(level, arriving=True)
    assert place.group("MOSCOW_EXTENDED") < 0.05
    assert place.airport == ""


def test_descent_is_no_departure_and_climb_no_arrival() -> None:
    fix = approach("UUEE", 6.0, 250.0)
    climbing = replace(fix, trend_fpm=1_500.0)
    assert MODEL.place(fix, arriving=False).group("MOSCOW") < 0.4
    assert MODEL.place(climbing, arriving=True).group("MOSCOW") < 0.4
    assert MODEL.place(climbing, arriving=False).airport == "UUEE"


def test_nothing_within_reach_abstains() -> None:
    ocean = End(0, 300_000_000, -450_000_000, 1, False, 3_000, -800.0, 150.0, 90.0)
    assert MODEL.place(ocean, arriving=True).none_share == 1.0
    unknown = replace(approach("UUEE", 9.0, 250.0), altitude_ft=None)
    assert MODEL.place(unknown, arriving=True).airport == ""


@pytest.mark.parametrize("away_nm", [0.5, 3.0, 9.0, 25.0, 60.0, 108.0])
def test_shares_are_a_distribution(away_nm: float) -> None:
    place = MODEL.place(approach("UUWW", away_nm, 40.0), arriving=True)
    assert sum(share for _, share in place.candidates) + place.none_share <= 1.0 + 1e-6
    assert place.group("MOSCOW") <= place.group("MOSCOW_EXTENDED") + 1e-9
    assert all(0.0 <= share <= 1.0 for _, share in place.groups)


def test_far_field_of_a_group_bounds_reach() -> None:
    tehran = airport("OIIE")
    nearest = min(
        between_nm((tehran.lat_deg, tehran.lon_deg), (a.lat_deg, a.lon_deg))
        for a in map(airport, ("UUEE", "UUWW", "UUDD", "UUBW"))
    )
    assert MODEL.group_distance_nm("MOSCOW", tehran.lat_deg, tehran.lon_deg) == pytest.approx(nearest)
