"""Reachability: the golden table of the specification, speeds, and the bounds that must hold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.units import MS_PER_H
from lacuna_detection.reachability import Silence, SpeedParams, of_group, reachable_ports, speeds_kn
from lacuna_reference.basins import load_basin

PORTS = load_basin("caspian").ports
# The table was computed for these sixteen; the pack knows more ports.
GOLDEN = frozenset(
    [
        "aktau",
        "alat",
        "amirabad",
        "anzali",
        "astrakhan",
        "baku",
        "bekdash",
        "derbent",
        "fereydunkenar",
        "kuryk",
        "makhachkala",
        "neka",
        "nowshahr",
        "olya",
        "torkaman",
        "turkmenbashi",
    ]
)


def _silence(off: tuple[float, float], on: tuple[float, float] | None, hours: float) -> Silence:
    lat_deg, lon_deg = on if on is not None else (None, None)
    return Silence(off[0], off[1], lat_deg, lon_deg, 0, round(hours * MS_PER_H))


@pytest.mark.parametrize(
    ("off", "on", "hours", "stay_h", "expected"),
    [
        (
            (37.6, 53.0), (37.6, 53.0), 30, 6,
            {"neka": 13.4, "amirabad": 13.3, "fereydunkenar": 10.8, "torkaman": 9.5, "nowshahr": 3.3},
        ),
        ((37.6, 53.0), (37.6, 53.0), 12, 6, {}),
        (
            (44.9, 48.3), (44.9, 48.3), 48, 8,
            {
                "olya": 26.3, "astrakhan": 20.2, "makhachkala": 13.3, "aktau": 7.1, "derbent": 2.1,
                "kuryk": 0.5,
            },
        ),
        (
            (38.6, 50.6), (41.0, 50.6), 72, 8,
            {
                "baku": 46.1, "alat": 43.8, "turkmenbashi": 34.6, "bekdash": 31.3, "anzali": 30.2,
                "derbent": 24.6, "nowshahr": 20.9, "kuryk": 17.4, "fereydunkenar": 17.3, "neka": 14.7,
                "amirabad": 14.1, "aktau": 12.9, "makhachkala": 10.6, "torkaman": 9.9,
            },
        ),
    ],
)  # fmt: skip
def test_golden_table(
    off: tuple[float, float], on: tuple[float, float], hours: float, stay_h: float, expected: dict[str, float]
) -> None:
    found = reachable_ports(_silence(off, on, hours), PORTS, hard_kn=9, cruise_kn=9, min_stay_h=stay_h)
    slack = {r.port.port_id: round(r.slack_h, 1) for r in found if r.plausible and r.port.port_id in GOLDEN}
    assert slack == expected
    assert list(slack) == list(expected)


def test_twelve_hours_hide_no_call_at_any_port_of_the_pack() -> None:
    found = reachable_ports(
        _silence((37.6, 53.0), (37.6, 53.0), 12), PORTS, hard_kn=9, cruise_kn=9, min_stay_h=6
    )
    assert not any(r.plausible for r in found)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(lat_deg=st.floats(37, 46), lon_deg=st.floats(47, 54), hours=st.floats(6, 200), faster=st.floats(1, 2))
def test_more_time_or_speed_never_loses_a_port(
    lat_deg: float, lon_deg: float, hours: float, faster: float
) -> None:
    here = (lat_deg, lon_deg)
    base = reachable_ports(_silence(here, here, hours), PORTS, hard_kn=10, cruise_kn=9, min_stay_h=4)
    more = [
        reachable_ports(_silence(here, here, hours + 5), PORTS, hard_kn=10, cruise_kn=9, min_stay_h=4),
        reachable_ports(_silence(here, here, hours), PORTS, hard_kn=10 * faster, cruise_kn=9, min_stay_h=4),
        reachable_ports(_silence(here, None, hours), PORTS, hard_kn=10, cruise_kn=9, min_stay_h=4),
    ]
    for wider in more:
        assert {r.port.port_id for r in base} <= {r.port.port_id for r in wider}
    for r in base:
        assert r.earliest_arrival_ms <= r.latest_departure_ms + 1
        assert abs((r.latest_departure_ms - r.earliest_arrival_ms) / MS_PER_H - r.max_stay_h) < 1e-3
        assert r.slack_h <= r.max_stay_h


def test_own_speeds_are_capped_and_fall_back_on_the_group() -> None:
    params = SpeedParams()
    assert speeds_kn("cargo", 8.4, 10.0, params) == (10.5, 8.4)
    assert speeds_kn("cargo", None, None, params) == (25.0, 9.0)
    assert speeds_kn("cargo", 8.0, 60.0, params) == (25.0, 8.0)
    assert speeds_kn("cargo", 9.0, 5.0, params) == (9.0, 9.0)
    assert of_group(params.min_stay_h, "tanker") == 6.0
    assert of_group(params.min_stay_h, "unheard of") == 4.0
