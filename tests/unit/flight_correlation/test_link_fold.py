"""Correlations come at the end of months, alerts with the revisions that change something."""

import json
from dataclasses import replace

import numpy as np
import pytest

from lacuna_core.canonical import canonical_json
from lacuna_core.digest import event_id
from lacuna_core.errors import ConfigError
from lacuna_core.event import CLOSED, OPEN, RETRACTED, VOID, Event
from lacuna_core.fold import Outputs, Rows
from lacuna_core.ids import craft_from_icao24, craft_from_mmsi
from lacuna_core.position import Activate
from lacuna_core.timestamps import format_time, parse_time
from lacuna_core.units import MS_PER_DAY, MS_PER_H
from lacuna_flight_correlation.hypotheses import DEFAULTS, correlate, read_hypotheses
from lacuna_flight_correlation.link_fold import LinkFold
from lacuna_flight_correlation.series import read_news

START_MS = parse_time("2022-08-03T00:00:00Z")
SHIP, PLANE = craft_from_mmsi(273_000_001), craft_from_icao24("731821")


def event(kind: str, start_ms: int, hours: float, **changes: object) -> Event:
    craft = PLANE if kind == "trip" else SHIP
    end_ms = start_ms + round(hours * MS_PER_H)
    plain = Event(
        event_id=event_id(kind, (craft,), start_ms, 7), kind=kind, crafts=(craft,), generation=0, revision=1,
        status=CLOSED, as_of_ms=end_ms, start_ms=start_ms, end_ms=end_ms, start_lat_e7=370_000_000,
        start_lon_e7=500_000_000, end_lat_e7=None, end_lon_e7=None, model_version=f"{kind}/1+00000000",
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


def trip(landed_ms: int, share: float = 0.99, watchlisted: bool = True) -> Event:
    groups = {"MOSCOW": {"score_share": share, "class": "confirmed"}}
    detail = canonical_json({"groups": groups, "watchlisted": watchlisted})
    return event("trip", landed_ms - 4 * MS_PER_H, 4.0, detail=detail, verdict="confirmed")


def season() -> list[Event]:
    """Forty trips; most calls follow one by half a day."""
    rng = np.random.default_rng(3)
    landed = sorted(int(t) for t in START_MS + rng.integers(0, 150 * MS_PER_DAY, 40))
    calls = [t + MS_PER_DAY // 2 for t in landed[::2]]
    events = [trip(t) for t in landed] + [event("dark_port_call", t, 40.0) for t in calls]
    return sorted(events, key=lambda e: (e.as_of_ms, e.event_id, e.revision))


NEWS = json.dumps({"items": [{"id": "n1", "date": "2022-09-14", "label": "x", "type": "request"}]})


def play(events: list[Event], until: str, cuts: tuple[int, ...] = ()) -> Outputs:
    fold, found = LinkFold(), Outputs()
    state, low_ms = fold.initial(0), 0
    news: tuple[Activate, ...] = (Activate("news", "0" * 32, NEWS),)
    for until_ms in (*cuts, parse_time(until)):
        part = Rows(events=tuple(e for e in events if low_ms < e.as_of_ms <= until_ms))
        state, out = fold.step(state, part, until_ms, news)
        state = fold.load(fold.dump(state))
        found = Outputs(events=found.events + out.events, alerts=found.alerts + out.alerts)
        low_ms, news = until_ms, ()
    return found


def test_one_event_a_definition_and_a_revision_a_month() -> None:
    found = [e for e in play(season(), "2023-01-15").events if e.place == "dark_port_calls_after_trips"]
    assert len({e.event_id for e in found}) == 1
    assert [e.revision for e in found] == [1, 2, 3, 4, 5]
    assert [format_time(e.as_of_ms) for e in found[:2]] == ["2022-09-01T00:00:00Z", "2022-10-01T00:00:00Z"]
    last = found[-1]
    assert last.verdict == "more_than_chance"
    terms = {t.name: t.value for t in last.terms}
    assert terms["observed"] == terms["n_a"] == 20
    assert terms["p"] >= 0.001
    controls = dict(json.loads(last.detail)["result"]["controls"])
    assert set(controls) == {"future", "shifted"}


def test_cuts_change_nothing() -> None:
    whole = play(season(), "2023-01-15")
    cuts = tuple(START_MS + d * MS_PER_DAY for d in (1, 29, 30, 61, 100))
    assert play(season(), "2023-01-15", cuts) == whole


def test_final_value_is_the_same_on_demand() -> None:
    events = season()
    last = [e for e in play(events, "2023-01-15").events if e.place == "dark_port_calls_after_trips"][-1]
    result = correlate(events, "", DEFAULTS[0], START_MS, last.as_of_ms)
    assert result is not None
    assert result.decision == last.verdict
    assert result.headline.p == {t.name: t.value for t in last.terms}["p"]


def test_one_news_item_cannot_be_decided() -> None:
    found = [e for e in play(season(), "2023-01-15").events if e.place == "news_after_trips"]
    assert {e.verdict for e in found} == {"cannot_be_decided"}


def test_alert_is_a_cloud_event() -> None:
    call = event("dark_port_call", START_MS, 40.0)
    [alert] = play([call], "2022-08-20").alerts
    body = json.loads(alert.body)
    assert alert.topic == "alerts.maritime"
    assert body["specversion"] == "1.0"
    assert body["id"] == f"{call.event_id}.0.1"
    assert body["subject"] == call.event_id
    assert body["type"] == "lacuna.maritime.dark_port_call.closed"
    assert body["time"] == format_time(call.as_of_ms)
    assert body["datacontenttype"] == "application/json"
    assert body["data"]["event_id"] == call.event_id


@pytest.mark.parametrize(
    ("told", "silent"),
    [
        (event("gap", START_MS, 30.0), event("gap", START_MS, 29.9)),
        (event("gap", START_MS, 31.0), event("gap", START_MS, 31.0, verdict=VOID)),
        (event("dark_port_call", START_MS, 40.0), event("dark_port_call", START_MS, 40.0, verdict=VOID)),
        (event("encounter", START_MS, 3.0), event("loitering", START_MS, 3.0)),
        (trip(START_MS), trip(START_MS, watchlisted=False)),
    ],
)
def test_rules_choose(told: Event, silent: Event) -> None:
    assert len(play([told], "2022-08-20").alerts) == 1
    assert play([silent], "2022-08-20").alerts == ()


def test_alerts_follow_changes_of_status_and_verdict_only() -> None:
    gap = event("gap", START_MS, 6.0, status=OPEN, end_ms=None)
    revisions = [
        gap,
        replace(gap, revision=2, as_of_ms=START_MS + 30 * MS_PER_H),
        replace(gap, revision=3, as_of_ms=START_MS + 40 * MS_PER_H, detail='{"more":1}'),
        replace(gap, revision=4, as_of_ms=START_MS + 50 * MS_PER_H, verdict=VOID),
        replace(gap, revision=5, as_of_ms=START_MS + 60 * MS_PER_H, status=RETRACTED),
    ]
    assert [a.revision for a in play(revisions, "2022-08-20").alerts] == [2, 4, 5]


def test_news_and_hypotheses_are_read_or_refused_by_name() -> None:
    [item] = read_news(NEWS)
    assert format_time(item.t_ms) == "2022-09-14T12:00:00Z"
    with pytest.raises(ConfigError, match="news: expected"):
        read_news('{"items": [{"id": "a", "date": "soon"}]}')
    body = {
        "hypotheses": [
            {
                "name": "h", "a": {"kind": "news", "types": ["use"]}, "b": {"kind": "trip"},
                "start": "2022-08-01", "end": "2022-09-01", "params": {"window_days": 3, "grid_days": [3]},
            }
        ]
    }  # fmt: skip
    [hypothesis] = read_hypotheses(json.dumps(body))
    assert hypothesis.end_ms == parse_time("2022-09-01")
    assert hypothesis.params.grid_days == (3.0,)
    body["hypotheses"][0]["b"] = {"kind": "weather"}
    with pytest.raises(ConfigError, match="weather"):
        read_hypotheses(json.dumps(body))
