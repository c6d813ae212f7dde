"""What every ``QueryApi`` promises, called directly or over a wire; a subclass gives ``open_query``."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lacuna_core.errors import NotFound
from lacuna_core.event import OPEN, RETRACTED, Event
from lacuna_core.ids import craft_from_icao24, craft_from_mmsi
from lacuna_core.position import Domain
from lacuna_core.query import QueryApi
from lacuna_core.query_filter import CraftFilter, EventFilter, SilenceFilter, TripFilter
from lacuna_core.units import MS_PER_DAY, MS_PER_H
from tests.contract.store_contract import QUICK, Store
from tests.contract.store_samples import (
    OTHER_SHIP,
    PLANE,
    SHIP,
    T0_MS,
    alert,
    event,
    identities,
    positions,
)

SQUARE = (((49.0, 39.0), (51.0, 39.0), (51.0, 41.0), (49.0, 41.0), (49.0, 39.0)),)
OTHER_PLANE = craft_from_icao24("0d8001")


def trip(number: int, share: float, arrival_ms: int, **fields: Any) -> Event:
    """A trip of two hours to Moscow."""
    word = "confirmed" if share >= 0.95 else "possible"
    detail = f'{{"groups":{{"MOSCOW":{{"class":"{word}","score_share":{share}}}}},"watchlisted":true}}'
    given_fields = {"kind": "trip", "crafts": (PLANE,), "detail": detail, "end_ms": arrival_ms, **fields}
    return event(number, start_ms=arrival_ms - 2 * MS_PER_H, **given_fields)


class QueryContract:
    """Reads through the seam between query and gateway."""

    def open_query(self, store: Store) -> QueryApi:
        """Give the reads over a store."""
        raise NotImplementedError

    def open_store(self) -> AbstractContextManager[Store]:
        """Open a new empty store."""
        raise NotImplementedError

    @pytest.fixture
    def store(self) -> Any:
        """Lend a new store to one test."""
        with self.open_store() as opened:
            yield opened

    def test_vessels_are_found_by_flag_group_and_name(self, store: Store) -> None:
        store.append(positions([T0_MS, T0_MS + 1], [SHIP, OTHER_SHIP]))
        store.append_identities(identities([T0_MS], SHIP, name="VOLGA 5", ship_type=[70]))
        store.append_identities(identities([T0_MS], OTHER_SHIP, name="ARMAN", ship_type=[80]))
        store.append(positions([T0_MS], PLANE, domain=Domain.AIR))
        query = self.open_query(store)

        def found(**fields: Any) -> list[int]:
            page = query.crafts(CraftFilter(Domain.SEA, **fields), None, 10)
            return [item.profile.craft for item in page.items]

        assert found() == [SHIP, OTHER_SHIP]
        assert found(flags=("RU",)) == [SHIP]
        assert found(flags=("XX",)) == []
        assert found(groups=("tanker",)) == [OTHER_SHIP]
        assert found(groups=("no_such_group",)) == []
        assert found(text="olga") == [SHIP]
        assert found(craft=OTHER_SHIP) == [OTHER_SHIP]
        detail = query.craft(SHIP)
        assert (detail.summary.flag, detail.summary.group) == ("RU", "cargo")
        aircraft = query.crafts(CraftFilter(Domain.AIR), None, 10).items
        assert [(a.profile.craft, a.flag, a.group) for a in aircraft] == [(PLANE, None, None)]

    def test_the_identity_history_carries_fields_forward(self, store: Store) -> None:
        store.append_identities(
            identities([T0_MS, T0_MS + 1, T0_MS + 2], name=["A", "", "B"], callsign=["", "UBCD", ""])
        )
        history = self.open_query(store).craft(SHIP).history
        assert [(h.t_ms - T0_MS, h.identity.name, h.identity.callsign) for h in history] == [
            (0, "A", None),
            (1, "A", "UBCD"),
            (2, "B", "UBCD"),
        ]

    def test_what_is_not_known_is_not_found(self, store: Store) -> None:
        query = self.open_query(store)
        with pytest.raises(NotFound, match="mmsi:273123456"):
            query.craft(SHIP)
        with pytest.raises(NotFound):
            query.track(SHIP, 0, T0_MS, 10)
        with pytest.raises(NotFound):
            query.event("nobody")
        with pytest.raises(NotFound):
            query.event_revisions("nobody")

    @QUICK
    @given(limit=st.integers(1, 7), count=st.integers(0, 25))
    def test_walking_pages_gives_each_event_once(self, limit: int, count: int) -> None:
        with self.open_store() as store:
            events = [event(i, start_ms=T0_MS + i % 3) for i in range(count)]
            store.put(events)
            query = self.open_query(store)
            seen: list[str] = []
            after: tuple[int, str] | None = None
            while True:
                page = query.events(EventFilter(), after, limit)
                seen += [e.event_id for e in page.items]
                assert len(page.items) <= limit
                if not page.more:
                    break
                after = (page.items[-1].start_ms, page.items[-1].event_id)
            assert seen == [e.event_id for e in sorted(events, key=lambda e: (e.start_ms, e.event_id))]

    def test_a_polygon_takes_events_with_an_end_inside(self, store: Store) -> None:
        inside = event(1)
        outside = event(2, start_lat_e7=385_000_000, end_lat_e7=412_000_000)
        hole = (*SQUARE, ((49.9, 39.9), (50.2, 39.9), (50.2, 40.2), (49.9, 40.2), (49.9, 39.9)))
        store.put([inside, outside])
        query = self.open_query(store)
        assert [e.event_id for e in query.events(EventFilter(polygon=SQUARE), None, 5).items] == [
            inside.event_id
        ]
        assert query.events(EventFilter(polygon=hole), None, 5).items == ()

    def test_revisions_and_the_newest(self, store: Store) -> None:
        store.put([event(1, revision=2, as_of_ms=2), event(1, revision=1, as_of_ms=1)])
        query = self.open_query(store)
        event_id = event(1).event_id
        assert [e.revision for e in query.event_revisions(event_id)] == [1, 2]
        assert query.event(event_id).revision == 2

    def test_trips_are_listed_and_counted_by_arrival(self, store: Store) -> None:
        end_ms = T0_MS + MS_PER_DAY
        trips = {
            "at the start": trip(1, 0.99, T0_MS),
            "in the middle": trip(2, 0.5, T0_MS + MS_PER_H),
            "hardly": trip(3, 0.01, T0_MS + 2 * MS_PER_H),
            "at the end": trip(4, 0.99, end_ms),
            "before": trip(5, 0.99, T0_MS - 1),
            "retracted": trip(6, 0.99, T0_MS + MS_PER_H, status=RETRACTED),
            "another": trip(7, 0.96, T0_MS + MS_PER_H, crafts=(OTHER_PLANE,), detail="{}"),
        }
        store.put(list(trips.values()))
        query = self.open_query(store)
        wanted = TripFilter("MOSCOW", start_ms=T0_MS, end_ms=end_ms)
        listed = [e.event_id for e in query.trips(wanted, None, 10).items]
        assert listed == [trips["at the start"].event_id, trips["in the middle"].event_id]
        count = query.count_trips(wanted)
        assert (count.confirmed, count.expected, count.possible) == (1, 1.5, 2)
        assert list(count.trip_ids) == listed
        first = query.trips(wanted, None, 1)
        assert first.more
        after = (first.items[0].start_ms, first.items[0].event_id)
        assert [e.event_id for e in query.trips(wanted, after, 1).items] == listed[1:]
        others = TripFilter(aircraft=frozenset({OTHER_PLANE}))
        assert [e.event_id for e in query.trips(others, None, 9).items] == [trips["another"].event_id]

    def test_silences_stand_beside_exposure_and_void_apart(self, store: Store) -> None:
        month_ms = T0_MS + 30 * MS_PER_DAY
        for craft in (SHIP, OTHER_SHIP):
            store.append(positions([T0_MS + h * MS_PER_H for h in range(48)], craft))
        store.append_identities(identities([T0_MS], SHIP, ship_type=[70]))

        def gap(number: int, start_ms: int, hours: int, **fields: Any) -> Event:
            return event(number, start_ms=start_ms, end_ms=start_ms + hours * MS_PER_H, **fields)

        store.put(
            [
                gap(1, T0_MS, 30),
                gap(2, T0_MS + 1, 29),
                gap(3, T0_MS + 2, 40, verdict="void"),
                gap(4, T0_MS + 3, 31, crafts=(OTHER_SHIP,)),
                gap(5, T0_MS - 1, 50),
                gap(6, month_ms, 60),
                event(7, start_ms=T0_MS + 4, end_ms=None, status=OPEN, as_of_ms=T0_MS + 4 + 30 * MS_PER_H),
            ]
        )
        query = self.open_query(store)
        span = {"start_ms": T0_MS, "end_ms": month_ms + MS_PER_DAY, "threshold_h": 30.0}
        months = query.silences(SilenceFilter(**span))  # type: ignore[arg-type]
        assert [(f.month, f.silences, f.void, f.crafts) for f in months] == [
            ("2022-09", 3, 1, 2),
            ("2022-10", 1, 0, 1),
        ]
        assert months[0].exposure_craft_days == 4.0
        assert months[0].rate == 750.0
        assert months[1].rate is None
        flags = query.silences(SilenceFilter(**span, by=("flag", "group")))  # type: ignore[arg-type]
        assert [(f.flag, f.group, f.silences, f.void, f.exposure_craft_days) for f in flags] == [
            ("IR", "unknown", 1, 0, 2.0),
            ("RU", "cargo", 3, 1, 2.0),
        ]
        (only,) = query.silences(SilenceFilter(**span, by=(), flags=("IR",)))  # type: ignore[arg-type]
        assert (only.silences, only.exposure_craft_days) == (1, 2.0)

    def test_alerts_are_paged(self, store: Store) -> None:
        store.put_alerts([alert(i) for i in range(5)])
        query = self.open_query(store)
        page = query.alerts("alerts.aviation", None, 3)
        assert page.more
        rest = query.alerts("", (page.items[-1].as_of_ms, page.items[-1].event_id), 3)
        assert [a.event_id for a in (*page.items, *rest.items)] == [f"id-{i}" for i in range(5)]
        assert not rest.more

    @pytest.mark.parametrize("most", [2, 3, 10, 1_000])
    def test_a_thinned_track_keeps_both_ends(self, store: Store, most: int) -> None:
        times: Sequence[int] = [T0_MS + i * i * 1_000 for i in range(200)]
        store.append(positions(times))
        track = self.open_query(store).track(SHIP, T0_MS, T0_MS + MS_PER_DAY, most)
        kept = track.rows.t_ms.tolist()
        assert track.total == 200
        assert len(kept) <= most
        assert (kept[0], kept[-1]) == (times[0], times[-1])
        assert track.stride_ms == 0 or len(kept) >= 2
        assert (len(kept) == 200) == (most >= 200)

    def test_a_vessel_without_a_name_is_still_listed(self, store: Store) -> None:
        nameless = craft_from_mmsi(273000001)
        store.append(positions([T0_MS], nameless))
        page = self.open_query(store).crafts(CraftFilter(Domain.SEA), None, 1)
        assert [item.profile.identity.name for item in page.items] == [None]
