"""Trips to the Moscow group are counted once each, however much of the arrival was heard."""

from dataclasses import replace
from typing import Any

from lacuna_core.event import CLOSED, OPEN, RETRACTED, Event
from lacuna_core.ids import craft_from_icao24
from lacuna_core.position import Activate
from lacuna_core.trip_count import TripCount, count_trips
from lacuna_core.units import MS_PER_DAY, MS_PER_H, MS_PER_MIN
from tests.unit.flight_correlation.flights import (
    CRAFT,
    START_MS,
    Heard,
    detail,
    flight,
    landed_ms,
    newest,
    parked,
    play,
)

WINDOW: dict[str, Any] = {"start_ms": START_MS - MS_PER_DAY, "end_ms": START_MS + 60 * MS_PER_DAY}


def counted(rows: list[Heard], settle_h: float = 12.0, **wanted: Any) -> TripCount:
    return count_trips(play(rows, settle_h=settle_h), **({"group": "MOSCOW"} | WINDOW | wanted))


def trips(rows: list[Heard], settle_h: float = 12.0) -> list[Event]:
    return [e for e in play(rows, settle_h=settle_h) if e.kind == "trip"]


def test_round_trip_is_one_trip_to_the_group() -> None:
    rows = flight("OIIE", "UUEE", START_MS) + flight("UUEE", "OIIE", START_MS + 10 * MS_PER_H)
    [trip] = trips(rows)
    assert (trip.status, trip.verdict, trip.place) == (CLOSED, "confirmed", "UUEE")
    assert trip.end_ms == landed_ms("OIIE", "UUEE", START_MS)
    assert detail(trip)["origin"]["airport"] == "OIIE"
    assert detail(trip)["bases"] == ["arrivals_from_anywhere", "origin_ir"]
    count = counted(rows)
    assert (count.confirmed, count.possible, count.trip_ids) == (1, 1, (trip.event_id,))
    assert 0.95 < count.expected <= 1.0


def test_hop_inside_the_group_does_not_count_again() -> None:
    hop = flight("UUEE", "UUWW", START_MS + 12 * MS_PER_H, cruise_ft=5_000, cruise_kn=180.0)
    rows = flight("OIIE", "UUEE", START_MS) + hop
    assert len(newest(play(rows), "leg")) == 2
    count = counted(rows)
    assert count.confirmed == count.possible == 1


def test_both_groups_are_published_and_count_for_themselves() -> None:
    out = flight("OIIE", "UUMU", START_MS)
    hop = flight("UUMU", "UUEE", START_MS + 12 * MS_PER_H, cruise_ft=5_000, cruise_kn=180.0)
    assert counted(out + hop).confirmed == 1
    extended = counted(out + hop, group="MOSCOW_EXTENDED")
    assert extended.confirmed == extended.possible == 1
    assert counted(out).possible == 0


def test_diversion_outside_the_group_is_no_trip_and_the_next_leg_is() -> None:
    diverted = flight("OIIE", "ULLI", START_MS)
    assert counted(diverted).possible == 0
    onward = flight("ULLI", "UUEE", START_MS + 9 * MS_PER_H)
    [trip] = trips(diverted + onward)
    assert trip.verdict == "confirmed"
    assert detail(trip)["origin"] | {"start": ""} == {
        "airport": "OIIE", "country": "IR", "evidence": "E1", "legs": 2, "start": "",
    }  # fmt: skip


def test_go_around_counts_once() -> None:
    rows = flight("OIIE", "UUEE", START_MS, surface_min=0)
    low = rows[-1]
    again = [
        replace(low, t_ms=low.t_ms + k * MS_PER_MIN, altitude_ft=600 + 700 * min(k, 10 - k), rate_fpm=None)
        for k in range(1, 10)
    ]
    touch = [replace(low, t_ms=low.t_ms + 20_000, ground=True, speed_kn=130.0)]
    landed = parked("UUEE", low.t_ms + 11 * MS_PER_MIN, 10)
    count = counted(rows + touch + again + landed)
    assert count.confirmed == count.possible == 1


def test_missing_last_100_km_waits_for_the_next_departure() -> None:
    arrival = flight("OIIE", "UUEE", START_MS, lost_last_nm=54)
    alone = trips(arrival)
    assert [(t.status, t.verdict) for t in alone] == [(OPEN, "possible")]
    assert 0.05 < counted(arrival).expected < 0.95
    back = flight("UUEE", "OIIE", START_MS + 2 * MS_PER_DAY)
    revised = trips(arrival + back, settle_h=240)
    assert [(t.revision, t.status, t.verdict) for t in revised] == [
        (1, OPEN, "possible"),
        (2, CLOSED, "confirmed"),
    ]
    assert revised[0].event_id == revised[1].event_id
    assert detail(revised[1])["evidence"] == "E5"
    assert counted(arrival + back, settle_h=240).confirmed == 1


def test_arrival_far_out_of_reception_is_expected_once_bracketed() -> None:
    arrival = flight("OIIE", "UUEE", START_MS, lost_last_nm=170)
    assert counted(arrival).possible == 0
    back = flight("UUEE", "OIIE", START_MS + 2 * MS_PER_DAY)
    [trip] = trips(arrival + back, settle_h=240)
    assert (trip.verdict, detail(trip)["evidence"]) == ("possible", "E5")
    assert counted(arrival + back, settle_h=240).expected > 0.9


def test_next_departure_from_elsewhere_takes_the_trip_back() -> None:
    arrival = flight("OIIE", "UUEE", START_MS, lost_last_nm=54)
    elsewhere = flight("UWKD", "OIIE", START_MS + 2 * MS_PER_DAY)
    last = trips(arrival + elsewhere, settle_h=240)[-1]
    assert last.status == RETRACTED
    assert counted(arrival + elsewhere, settle_h=240).possible == 0


def test_arrival_stands_when_nothing_follows_for_a_week() -> None:
    arrival = flight("OIIE", "UUEE", START_MS, lost_last_nm=54)
    last = trips(arrival, settle_h=240)[-1]
    assert (last.revision, last.status, last.verdict) == (2, CLOSED, "possible")
    assert last.as_of_ms == arrival[-1].t_ms + 8 * MS_PER_DAY + MS_PER_DAY // 2


def test_overflight_is_no_trip() -> None:
    assert counted(flight("OIIE", "ULLI", START_MS)).possible == 0


def test_window_aircraft_and_origin_choose() -> None:
    rows = flight("OIIE", "UUEE", START_MS) + flight(
        "ULLI", "UUEE", START_MS + 5 * MS_PER_DAY, craft=CRAFT + 1
    )
    assert counted(rows).confirmed == 2
    assert counted(rows, aircraft=frozenset({CRAFT})).confirmed == 1
    assert counted(rows, origin_country="IR").confirmed == 1
    landed = landed_ms("OIIE", "UUEE", START_MS)
    assert counted(rows, end_ms=landed).confirmed == 0
    assert counted(rows, start_ms=landed, end_ms=landed + 1).confirmed == 1


def test_watchlist_marks_trips_within_its_validity() -> None:
    body = (
        '{"aircraft": [{"icao24": "731821", "registration": "EP-XXX", "operator": "Some Air",'
        ' "valid_from": "2022-09-01", "valid_to": "2022-09-03"}]}'
    )
    rows = flight("OIIE", "UUEE", START_MS) + flight("UUEE", "OIIE", START_MS + 10 * MS_PER_H)
    rows += flight("OIIE", "UUEE", START_MS + 6 * MS_PER_DAY)
    events = play(rows, activations=(Activate("watchlist", "0" * 32, body),))
    first, second = newest(events, "trip")
    assert detail(first)["watchlisted"] is True
    assert (detail(first)["operator"], detail(first)["registration"]) == ("Some Air", "EP-XXX")
    assert detail(second)["watchlisted"] is False
    assert count_trips(events, group="MOSCOW", watchlisted_only=True, **WINDOW).confirmed == 1
    assert craft_from_icao24("731821") == CRAFT
