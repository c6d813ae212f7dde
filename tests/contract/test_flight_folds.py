"""G1 and G2 for the folds of flight correlation."""

from dataclasses import replace

from lacuna_core.digest import event_id
from lacuna_core.event import CLOSED, OPEN, Event
from lacuna_core.ids import craft_from_icao24, craft_from_mmsi, partition_of
from lacuna_core.message import EventBatch
from lacuna_core.position import Activate
from lacuna_core.units import MS_PER_DAY, MS_PER_H
from lacuna_flight_correlation.link_fold import LinkFold
from tests.contract.fold_contract import InputRow, fold_property, messages
from tests.unit.flight_correlation.flights import (
    START_MS,
    Heard,
    flight,
    identity_batch,
    position_batch,
    world_fold,
)

PLANES = [craft_from_icao24(address) for address in ("731821", "73400f", "154001")]
WATCHLIST = Activate("watchlist", "0" * 32, '{"aircraft": [{"icao24": "731821"}]}')
NEWS = Activate("news", "0" * 32, '{"items": [{"id": "n", "date": "2022-09-12", "label": "", "type": ""}]}')


def thinned(rows: list[Heard]) -> list[Heard]:
    """Every fourth row: long enough a stream of rows without being slow."""
    return rows[::4] + rows[-1:]


def air_rows() -> list[InputRow]:
    """Three airframes: a lost arrival that the way back brackets, a hop in the group, a diversion."""
    one, two, three = PLANES
    heard = [
        *flight("OIIE", "UUEE", START_MS, lost_last_nm=54, craft=one, callsign="QFZ1"),
        *flight("UUEE", "OIIE", START_MS + 30 * MS_PER_H, craft=one, callsign="QFZ2"),
        *flight("OIIE", "UUEE", START_MS + MS_PER_H, craft=two),
        *flight("UUEE", "UUWW", START_MS + 9 * MS_PER_H, cruise_ft=5_000, cruise_kn=180.0, craft=two),
        *flight("OIIE", "ULLI", START_MS + 2 * MS_PER_H, craft=three, callsign="AAA1"),
    ]
    found = []
    for craft in PLANES:
        mine = thinned([r for r in heard if r.craft == craft])
        found.append(InputRow("positions", partition_of(craft), position_batch(mine)))
        names = [r for r in mine if r.callsign]
        if names:
            found.append(InputRow("positions", partition_of(craft), identity_batch(names)))
    return found


def test_legs_fold_keeps_the_contract() -> None:
    found = fold_property(
        world_fold, air_rows(), activations=[WATCHLIST], settle_ms=240 * MS_PER_H, examples=12
    )
    events = [row for m in messages(found, "events") if isinstance(m, EventBatch) for row in m.rows]
    assert max(found.values()) == 1
    assert len([e for e in events if e.kind == "leg" and e.status == CLOSED]) == 5
    assert {e.verdict for e in events if e.kind == "trip" and e.status == CLOSED} == {"confirmed"}
    assert any(e.kind == "trip" and e.status == OPEN for e in events)


def events_of_a_season() -> list[Event]:
    found = []
    for k in range(24):
        ship, plane = craft_from_mmsi(273_000_000 + k % 5), PLANES[k % 3]
        start_ms = START_MS + k * 37 * MS_PER_H
        gap = Event(
            event_id=event_id("dark_port_call", (ship,), start_ms, k), kind="dark_port_call", crafts=(ship,),
            generation=0, revision=1, status=OPEN, as_of_ms=start_ms + 30 * MS_PER_H, start_ms=start_ms,
            end_ms=None, start_lat_e7=0, start_lon_e7=0, end_lat_e7=None, end_lon_e7=None,
        )  # fmt: skip
        closed_ms = start_ms + 50 * MS_PER_H
        found += [gap, replace(gap, revision=2, status=CLOSED, as_of_ms=closed_ms, end_ms=closed_ms)]
        landed_ms = start_ms - 5 * MS_PER_H
        detail = '{"groups":{"MOSCOW":{"class":"confirmed","score_share":0.99}},"watchlisted":true}'
        found.append(
            replace(
                gap, event_id=event_id("trip", (plane,), landed_ms, k), kind="trip", crafts=(plane,),
                status=CLOSED, as_of_ms=landed_ms, start_ms=landed_ms - 4 * MS_PER_H, end_ms=landed_ms,
                detail=detail, verdict="confirmed",
            )
        )  # fmt: skip
    return found


def test_link_fold_keeps_the_contract() -> None:
    by_partition: dict[int, list[Event]] = {}
    for event in events_of_a_season():
        by_partition.setdefault(partition_of(event.crafts[0]), []).append(event)
    rows = [
        InputRow("events", partition, EventBatch(tuple(sorted(events, key=lambda e: e.as_of_ms))))
        for partition, events in sorted(by_partition.items())
    ]
    found = fold_property(LinkFold, rows, activations=[NEWS], settle_ms=40 * MS_PER_DAY, examples=8)
    assert len(messages(found, "alerts.maritime")) == 48
    assert len(messages(found, "alerts.aviation")) == 24
    assert len(messages(found, "alerts.correlation")) >= 2
