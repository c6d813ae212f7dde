"""The terms of the ranking, one at a time."""

import pytest

from lacuna_core.fact import Fix
from lacuna_core.units import NULL_U16
from lacuna_detection.port_score import Scored, ScoreParams, Ship, Ways, rank_ports
from lacuna_detection.reachability import Silence, reachable_ports
from lacuna_reference.basins import load_basin
from tests.unit.detection.assess_rows import at_ms, fix

PORTS = {p.port_id: p for p in load_basin("caspian").ports}
HERE = (37.6, 53.0)
SHIP = Ship(None, None, 9.0, None, {}, {})
NOWHERE = Ways({}, frozenset(), frozenset())


def _scored(
    port: str, off: Fix, on: Fix | None, *, ship: Ship = SHIP, ways: Ways = NOWHERE, hours: float = 36
) -> Scored:
    here, there = ((f.lat_e7 / 1e7, f.lon_e7 / 1e7) if f else (None, None) for f in (off, on))
    assert here[0] is not None
    assert here[1] is not None
    silence = Silence(here[0], here[1], there[0], there[1], at_ms(0), at_ms(hours))
    reaches = reachable_ports(silence, [PORTS[port]], hard_kn=10, cruise_kn=9, min_stay_h=4)
    return rank_ports(reaches, off, on, ship, ways, ScoreParams())[0]


def test_heading_for_the_port_and_back_from_it_fits_best() -> None:
    def approach(out_deg: float, back_deg: float) -> float:
        scored = _scored("amirabad", fix(0, HERE, course=out_deg), fix(36, HERE, course=back_deg))
        return scored.terms["approach"]

    assert approach(158, 338) == pytest.approx(4, abs=0.05)
    assert approach(338, 158) == pytest.approx(-4, abs=0.05)
    assert approach(158, 158) == pytest.approx(0, abs=0.1)


def test_a_drifting_ship_or_one_without_course_shows_no_approach() -> None:
    slow = _scored("amirabad", fix(0, HERE, kn=0.5), fix(36, HERE, kn=0.5))
    lost = Fix(at_ms(0), 376_000_000, 530_000_000, 90, NULL_U16, 1, "")
    assert slow.terms["approach"] == 0
    assert _scored("amirabad", lost, None).terms["approach"] == 0


def test_a_stay_of_ordinary_length_fits_better_than_a_hurried_or_a_long_one() -> None:
    terms = {
        h: _scored("amirabad", fix(0, HERE), fix(h, HERE), hours=h).terms["duration"] for h in (16, 32, 200)
    }
    assert terms[32] > terms[16] > -12
    assert terms[32] > terms[200]


def test_an_open_silence_has_no_duration_to_fit() -> None:
    assert _scored("amirabad", fix(0, HERE), None).terms["duration"] == 0


def test_the_way_to_a_port_and_its_nearness_count_at_both_ends() -> None:
    far = (38.6, 52.0)
    ways = Ways({"amirabad": frozenset({"canal"})}, frozenset({"canal"}), frozenset())
    plain = _scored("amirabad", fix(0, far), fix(60, far), hours=60).terms["location"]
    leading = _scored("amirabad", fix(0, far), fix(60, far), ways=ways, hours=60).terms["location"]
    near = _scored("amirabad", fix(0, (37.1, 53.2)), fix(60, (37.1, 53.2)), hours=60).terms["location"]
    assert (plain, leading, near) == pytest.approx((0, 0.7, 1.05))


def test_habits_of_all_ships_weigh_less_than_her_own() -> None:
    def history(own: dict[str, float], all_calls: dict[str, int]) -> float:
        ship = Ship(None, None, 9.0, None, own, all_calls)
        return _scored("amirabad", fix(0, HERE), fix(36, HERE), ship=ship).terms["history"]

    unseen = history({}, {"baku": 1000})
    assert history({"amirabad": 10.0}, {"baku": 1000}) > unseen
    assert history({"baku": 10.0}, {"baku": 1000}) < unseen
    # a port without a receiver is never seen called at: that must not rule it out
    assert unseen > history({}, {}) - 0.5


def test_a_named_port_gains_and_another_loses() -> None:
    def named(port: str | None) -> float:
        ship = Ship(None, None, 9.0, port, {}, {})
        return _scored("amirabad", fix(0, HERE), fix(36, HERE), ship=ship).terms["destination"]

    assert [named(p) for p in ("amirabad", "baku", None)] == [1.5, -0.5, 0.0]


def test_the_score_is_the_sum_of_its_terms() -> None:
    scored = _scored("amirabad", fix(0, HERE), fix(36, HERE))
    assert scored.score_ln == pytest.approx(sum(scored.terms.values()), abs=1e-6)
