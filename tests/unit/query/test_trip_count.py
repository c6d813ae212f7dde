"""The shared count of trips."""

from typing import Any

import pytest

from lacuna_core.event import RETRACTED, Event
from lacuna_core.trip_count import TripCount, count_trips, group_share
from lacuna_core.units import MS_PER_H
from tests.contract.store_samples import PLANE, SHIP, T0_MS, event


def trip(number: int, detail: str, **fields: Any) -> Event:
    return event(number, **{"kind": "trip", "crafts": (PLANE,), "detail": detail, **fields})


def nested(share: float, word: str | None = None) -> str:
    text = "null" if word is None else f'"{word}"'
    return f'{{"groups":{{"MOSCOW":{{"score_share":{share},"class":{text}}}}},"watchlisted":true}}'


def test_three_counts_of_one_list() -> None:
    trips = [trip(1, nested(0.97)), trip(2, nested(0.5)), trip(3, nested(0.05)), trip(4, nested(0.04))]
    count = count_trips(trips, group="MOSCOW")
    ids = tuple(t.event_id for t in trips[:3])
    assert count == TripCount(confirmed=1, expected=1.56, possible=3, trip_ids=ids)
    assert count_trips(trips, group="MINSK") == TripCount(0, 0.0, 0, ())


def test_only_the_newest_revision_counts() -> None:
    first = trip(1, nested(0.99))
    doubt = event(1, kind="trip", crafts=(PLANE,), detail=nested(0.3), revision=2, event_id=first.event_id)
    gone = event(1, kind="trip", status=RETRACTED, generation=1, event_id=first.event_id)
    assert count_trips([doubt, first], group="MOSCOW").confirmed == 0
    assert count_trips([gone, doubt, first], group="MOSCOW").possible == 0


def test_the_window_is_half_open_and_of_the_arrival() -> None:
    late = trip(1, nested(0.99), start_ms=T0_MS - MS_PER_H, end_ms=T0_MS)
    assert count_trips([late], group="MOSCOW", start_ms=T0_MS, end_ms=T0_MS + 1).confirmed == 1
    assert count_trips([late], group="MOSCOW", start_ms=T0_MS + 1).confirmed == 0
    assert count_trips([late], group="MOSCOW", end_ms=T0_MS).confirmed == 0
    still = trip(2, nested(0.99), end_ms=None)
    assert count_trips([still], group="MOSCOW").possible == 0


def test_airframes_and_watchlist_narrow() -> None:
    trips = [trip(1, nested(0.99)), trip(2, nested(0.99).replace("true", "false"), crafts=(SHIP,))]
    assert count_trips(trips, group="MOSCOW").confirmed == 2
    assert count_trips(trips, group="MOSCOW", watchlisted_only=True).confirmed == 1
    assert count_trips(trips, group="MOSCOW", aircraft=frozenset({SHIP})).confirmed == 1


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ({"groups": {"MOSCOW": {"score_share": 0.99, "class": "possible"}}}, (0.99, False)),
        ({"groups": {"MOSCOW": {"score_share": 2}}}, (1.0, True)),
        ({"groups": {"MOSCOW": None}}, (0.0, False)),
        ({"groups": {"MOSCOW": {"score_share": "much"}}}, (0.0, False)),
        ({"destination_group": "MOSCOW", "arrival_share": 0.96}, (0.96, True)),
        ({"destination_group": "MINSK", "arrival_share": 0.96}, (0.0, False)),
        ({}, (0.0, False)),
    ],
)
def test_shares_are_read_as_they_are_written(detail: dict[str, Any], expected: tuple[float, bool]) -> None:
    assert group_share(detail, "MOSCOW") == expected


def test_a_detail_that_is_no_object_counts_nothing() -> None:
    assert count_trips([trip(1, "nonsense"), trip(2, "[]")], group="MOSCOW").possible == 0
