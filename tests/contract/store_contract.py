"""What every store promises; an adapter subclasses these and gives ``open_store``.

Run on SQLite here and, unchanged, on Cassandra.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lacuna_core.event import OPEN, RETRACTED, Alert, Event
from lacuna_core.ids import craft_from_mmsi
from lacuna_core.ports import EventQuery, EventReader, EventWriter, TrackReader, TrackWriter
from lacuna_core.position import Domain, PositionBatch
from lacuna_core.profile import AccountReader, AccountWriter, CraftQuery, ProfileReader
from lacuna_core.units import MS_PER_DAY, MS_PER_H, NULL_I32
from tests.contract.store_samples import (
    OTHER_SHIP,
    PLANE,
    SHIP,
    T0_MS,
    alert,
    as_rows,
    event,
    identities,
    positions,
)

QUICK = settings(
    max_examples=30, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.differing_executors, HealthCheck.function_scoped_fixture],
)  # fmt: skip


class Store(
    TrackWriter, TrackReader, EventWriter, EventReader, ProfileReader, AccountWriter, AccountReader, Protocol
):
    """All store ports as one object, as adapters give them."""


class StoreCase:
    """What a subclass gives."""

    def open_store(self) -> AbstractContextManager[Store]:
        """Open a new empty store."""
        raise NotImplementedError

    @pytest.fixture
    def store(self) -> Any:
        """Lend a new store to one test."""
        with self.open_store() as opened:
            yield opened


_ROW = st.tuples(
    st.sampled_from([SHIP, OTHER_SHIP]),
    st.integers(0, 3 * 24).map(lambda q: T0_MS + q * MS_PER_H),
    st.integers(-2, 2),
    st.sampled_from(["aktau", "baku", "olya"]),
)


def _batch(rows: Sequence[tuple[int, int, int, str]]) -> PositionBatch:
    return positions(
        [r[1] for r in rows], [r[0] for r in rows],
        lat_e7=[r[2] * 10_000_000 for r in rows], lon_e7=[r[2] for r in rows],
        receiver=[r[3] for r in rows],
    )  # fmt: skip


def _expected(rows: Sequence[tuple[int, int, int, str]], craft: int) -> list[tuple[int, int, str]]:
    heard: dict[tuple[int, int], set[str]] = {}
    for row_craft, t_ms, lat, receiver in rows:
        if row_craft == craft:
            heard.setdefault((t_ms, lat), set()).add(receiver)
    return [(t, lat, "|".join(sorted(names))) for (t, lat), names in sorted(heard.items())]


class TrackContract(StoreCase):
    """Positions and identities."""

    @QUICK
    @given(
        rows=st.lists(_ROW, min_size=1, max_size=40),
        cuts=st.lists(st.tuples(st.integers(0, 39), st.integers(1, 40)), max_size=6),
        turn=st.randoms(use_true_random=False),
    )
    def test_any_cuts_orders_and_repeats_give_the_same_track(
        self, rows: list[tuple[int, int, int, str]], cuts: list[tuple[int, int]], turn: Any
    ) -> None:
        pieces = [rows, *(rows[a : a + n] for a, n in cuts)]
        turn.shuffle(pieces)
        with self.open_store() as store:
            for piece in pieces:
                shuffled = list(piece)
                turn.shuffle(shuffled)
                store.append(_batch(shuffled))
            for craft in (SHIP, OTHER_SHIP):
                track = store.read(craft, T0_MS, T0_MS + 4 * MS_PER_DAY)
                got = [(t, lat // 10_000_000, r) for _, t, lat, *_, r in as_rows(track)]
                assert got == _expected(rows, craft)
            profile = store.profile(rows[0][0])
            assert profile is not None
            assert profile.last_ms == max(r[1] for r in rows if r[0] == rows[0][0])

    def test_a_track_comes_back_bit_by_bit(self, store: Store) -> None:
        rng = np.random.default_rng(7)
        n = 5_000
        t_ms = T0_MS + np.sort(rng.choice(3 * MS_PER_DAY, n, replace=False))
        batch = positions(
            t_ms.tolist(),
            lat_e7=rng.integers(-900_000_000, 900_000_000, n),
            lon_e7=np.where(rng.random(n) < 0.1, NULL_I32, rng.integers(-1_800_000_000, 1_800_000_000, n)),
            speed_dkn=rng.integers(0, 65_536, n),
            course_ddeg=rng.integers(0, 65_536, n),
            heading_ddeg=rng.integers(0, 65_536, n),
            baro_altitude_ft=rng.integers(-(2**31), 2**31, n),
            geo_altitude_ft=rng.integers(-(2**31), 2**31, n),
            vertical_rate_fpm=rng.integers(-(2**15), 2**15, n),
            flags=rng.integers(0, 65_536, n),
            craft_class=rng.integers(0, 256, n),
            source=rng.choice(["nmea", "csv"], n),
            receiver=rng.choice([f"station-{i}" for i in range(300)], n),
        )
        store.append(batch)
        assert as_rows(store.read(SHIP, T0_MS, T0_MS + 3 * MS_PER_DAY)) == as_rows(batch)

    def test_an_interval_is_half_open(self, store: Store) -> None:
        store.append(positions([T0_MS, T0_MS + 1, T0_MS + 2, T0_MS + MS_PER_DAY]))
        assert store.read(SHIP, T0_MS + 1, T0_MS + 2).t_ms.tolist() == [T0_MS + 1]
        assert store.read(SHIP, T0_MS, T0_MS + MS_PER_DAY).t_ms.tolist() == [T0_MS, T0_MS + 1, T0_MS + 2]
        assert len(store.read(SHIP, T0_MS + 3, T0_MS + 3)) == 0

    def test_times_before_1970_are_times(self, store: Store) -> None:
        store.append(positions([-1, 0]))
        assert store.read(SHIP, -5, 1).t_ms.tolist() == [-1, 0]

    def test_receivers_of_one_transmission_are_united(self, store: Store) -> None:
        same: dict[str, Any] = {"lat_e7": [1, 1], "lon_e7": [2, 2]}
        store.append(positions([T0_MS, T0_MS], receiver=["olya", "baku"], **same))
        store.append(positions([T0_MS, T0_MS], receiver=["aktau|baku", "olya"], source="csv", **same))
        track = store.read(SHIP, T0_MS, T0_MS + 1)
        assert track.text("receiver").tolist() == ["aktau|baku|olya"]
        assert track.text("source").tolist() == ["csv|nmea"]

    def test_an_unknown_craft_has_an_empty_track(self, store: Store) -> None:
        assert len(store.read(PLANE, 0, T0_MS)) == 0
        assert store.read(PLANE, 0, T0_MS).domain is Domain.AIR
        assert len(store.identities(SHIP)) == 0
        assert store.profile(SHIP) is None

    def test_many_small_writes_read_as_one(self, store: Store) -> None:
        times = [T0_MS + i * 10_000 for i in range(400)]
        for i in range(0, 400, 10):
            store.append(positions(times[i : i + 10]))
        assert store.read(SHIP, T0_MS, T0_MS + MS_PER_DAY).t_ms.tolist() == times

    def test_crafts_are_listed_ascending(self, store: Store) -> None:
        store.append(positions([T0_MS, T0_MS], [OTHER_SHIP, SHIP]))
        store.append(positions([T0_MS], PLANE, domain=Domain.AIR))
        assert list(store.crafts()) == [SHIP, OTHER_SHIP, PLANE]


class IdentityContract(StoreCase):
    """Identities and profiles."""

    def test_only_changes_are_kept_whatever_the_order(self, store: Store) -> None:
        times = [T0_MS + i for i in range(6)]
        names = ["A", "", "A", "B", "B", "A"]
        whole = identities(times, name=names)
        for index in ([3, 5], [0, 4], [1, 2], [0, 1, 2, 3, 4, 5]):
            store.append_identities(whole.take(np.array(index)))
        changes = store.identities(SHIP)
        kept = list(zip(changes.t_ms.tolist(), changes.text("name").tolist(), strict=True))
        assert kept == [(T0_MS, "A"), (T0_MS + 3, "B"), (T0_MS + 5, "A")]

    def test_a_profile_holds_each_field_as_last_heard(self, store: Store) -> None:
        store.append_identities(identities([T0_MS + 5], name="NEW"))
        store.append_identities(identities([T0_MS], name="OLD", callsign="UABC", imo=[9074729]))
        profile = store.profile(SHIP)
        assert profile is not None
        assert (profile.identity.name, profile.identity.callsign, profile.identity.imo) == (
            "NEW", "UABC", 9074729,
        )  # fmt: skip
        assert profile.last is None
        assert profile.identity.draught_dm is None

    def test_the_newest_position_does_not_depend_on_the_order(self, store: Store) -> None:
        store.append(positions([T0_MS + 7, T0_MS + 9], lat_e7=[1, 2]))
        store.append(positions([T0_MS + 8], lat_e7=[3]))
        profile = store.profile(SHIP)
        assert profile is not None
        assert profile.last is not None
        assert (profile.first_ms, profile.last_ms) == (T0_MS + 7, T0_MS + 9)
        assert (profile.last.t_ms, profile.last.lat_e7) == (T0_MS + 9, 2)

    def test_profiles_are_searched_and_walked(self, store: Store) -> None:
        crafts = [craft_from_mmsi(273_000_000 + i) for i in range(25)] + [OTHER_SHIP]
        for i, craft in enumerate(crafts):
            store.append_identities(
                identities([T0_MS], craft, name=f"Vo_lga {i:02d}", ship_type=[70 + i % 2])
            )
        store.append(positions([T0_MS], PLANE, domain=Domain.AIR))
        everything = CraftQuery(Domain.SEA, limit=7)
        seen: list[int] = []
        while page := store.profiles(everything):
            seen += [p.craft for p in page]
            everything = replace(everything, after=page[-1].craft)
        assert seen == crafts
        twenties = store.profiles(CraftQuery(Domain.SEA, text="vo_LGA 2"))
        assert [p.craft for p in twenties] == crafts[20:]
        assert store.profiles(CraftQuery(Domain.SEA, text="%")) == []
        assert [p.craft for p in store.profiles(CraftQuery(Domain.SEA, mids=(422,)))] == [OTHER_SHIP]
        assert len(store.profiles(CraftQuery(Domain.SEA, ship_types=(71,)))) == 13
        assert [p.craft for p in store.profiles(CraftQuery(Domain.AIR))] == [PLANE]

    def test_exposure_counts_an_hour_once(self, store: Store) -> None:
        batch = positions([T0_MS, T0_MS + 5, T0_MS + 3 * MS_PER_H, T0_MS + MS_PER_DAY])
        for part in (batch, batch.take(slice(0, 2)), batch.take(slice(2, 4)), batch):
            store.append(part)
        exposure = store.exposure(T0_MS, T0_MS + 2 * MS_PER_DAY)
        assert exposure.hours.tolist() == [0b1001, 0b1]
        assert exposure.day.tolist() == [T0_MS // MS_PER_DAY, T0_MS // MS_PER_DAY + 1]
        cut = store.exposure(T0_MS + MS_PER_H, T0_MS + MS_PER_DAY)
        assert cut.hours.tolist() == [0b1000]
        assert len(store.exposure(T0_MS, T0_MS)) == 0


class EventContract(StoreCase):
    """Events and alerts."""

    def test_an_event_comes_back_as_it_was(self, store: Store) -> None:
        first = event(1, crafts=(SHIP, PLANE), place="baku", verdict="void", end_ms=None, status=OPEN)
        bare = event(
            2, crafts=(), kind="correlation", start_lat_e7=None, start_lon_e7=None,
            end_lat_e7=-1, end_lon_e7=1_800_000_000, terms=(), evidence=(), probabilities=(("a", 1 / 3),),
            detail='{"é":[1.5,null,{"b":1e-07}]}',
        )  # fmt: skip
        store.put([first, bare])
        assert store.get(first.event_id) == first
        assert store.get(bare.event_id) == bare
        assert store.get("nobody") is None

    @QUICK
    @given(order=st.permutations([(0, 1), (0, 2), (0, 3), (1, 1), (1, 2)]))
    def test_readers_keep_the_highest_generation_and_revision(self, order: list[tuple[int, int]]) -> None:
        with self.open_store() as store:
            for generation, revision in [*order, order[0]]:
                store.put([event(1, generation=generation, revision=revision, as_of_ms=revision)])
            newest = store.get(event(1).event_id)
            assert newest is not None
            assert (newest.generation, newest.revision) == (1, 2)
            assert store.find(EventQuery()) == [newest]
            revisions = store.revisions(newest.event_id)
            assert [(e.generation, e.revision) for e in revisions] == sorted(order)

    def test_what_a_newer_revision_left_is_not_found_there(self, store: Store) -> None:
        moved = event(
            1, revision=2, crafts=(OTHER_SHIP,), start_lat_e7=0, start_lon_e7=0, end_lat_e7=0, end_lon_e7=0
        )
        moved = replace(moved, event_id=event(1).event_id)
        store.put([event(1), moved])
        assert store.find(EventQuery(craft=SHIP)) == []
        assert store.find(EventQuery(bbox=(49.0, 39.0, 52.0, 42.0))) == []
        assert store.find(EventQuery(craft=OTHER_SHIP)) == [moved]

    def test_retracted_events_are_hidden_unless_asked_for(self, store: Store) -> None:
        gone = event(1, status=RETRACTED)
        store.put([gone, event(2)])
        assert store.find(EventQuery()) == [event(2)]
        assert store.find(EventQuery(status=RETRACTED)) == [gone]
        assert store.get(gone.event_id) == gone

    @QUICK
    @given(limit=st.integers(1, 9), starts=st.lists(st.integers(0, 4), min_size=1, max_size=30))
    def test_walking_gives_each_event_once_in_order(self, limit: int, starts: list[int]) -> None:
        with self.open_store() as store:
            events = [event(i, start_ms=T0_MS + s) for i, s in enumerate(starts)]
            store.put(events)
            seen: list[tuple[int, str]] = []
            after: tuple[int, str] | None = None
            while page := store.find_encoded(EventQuery(after=after, limit=limit)):
                seen += [(e.start_ms, e.event_id) for e in page]
                after = seen[-1]
            assert seen == sorted((e.start_ms, e.event_id) for e in events)

    def test_filters_narrow(self, store: Store) -> None:
        long = event(1, end_ms=event(1).start_ms + 40 * MS_PER_H, verdict="void")
        open_gap = event(2, status=OPEN, end_ms=None, as_of_ms=event(2).start_ms + 7 * MS_PER_H)
        other = event(3, kind="loitering", crafts=(OTHER_SHIP,))
        store.put([long, open_gap, other])
        assert store.find(EventQuery(kinds=("gap",))) == [long, open_gap]
        assert store.find(EventQuery(kinds=("loitering", "gap"))) == [long, open_gap, other]
        assert store.find(EventQuery(craft=OTHER_SHIP)) == [other]
        assert store.find(EventQuery(mids=(422,))) == [other]
        assert store.find(EventQuery(verdict="void")) == [long]
        assert store.find(EventQuery(status=OPEN)) == [open_gap]
        assert store.find(EventQuery(min_duration_ms=7 * MS_PER_H)) == [long, open_gap]
        assert store.find(EventQuery(min_duration_ms=7 * MS_PER_H + 1)) == [long]

    def test_intervals_meet_half_open(self, store: Store) -> None:
        closed = event(1, start_ms=T0_MS, end_ms=T0_MS + 10)
        instant = event(2, start_ms=T0_MS + 10, end_ms=T0_MS + 10)
        still = event(3, start_ms=T0_MS + 5, end_ms=None, status=OPEN, as_of_ms=T0_MS + 6)
        store.put([closed, instant, still])

        def found(start_ms: int, end_ms: int) -> list[Event]:
            return list(store.find(EventQuery(start_ms=start_ms, end_ms=end_ms)))

        assert found(T0_MS + 9, T0_MS + 10) == [closed, still]
        assert found(T0_MS + 10, T0_MS + 11) == [still, instant]
        assert found(T0_MS - 5, T0_MS) == []
        assert found(T0_MS, T0_MS + 1) == [closed]
        assert found(T0_MS + MS_PER_DAY, T0_MS + 2 * MS_PER_DAY) == [still]

    @pytest.mark.parametrize(
        ("bbox", "found"),
        [
            ((179.0, -10.0, -179.0, 10.0), {1, 2, 3}),
            ((179.0, -10.0, 180.0, 10.0), {1, 3}),
            ((-180.0, -10.0, -179.0, 10.0), {2, 3}),
            ((-180.0, -90.0, 180.0, 90.0), {1, 2, 3, 4}),
            ((49.0, 39.0, 51.0, 41.0), {4}),
            ((50.0, 40.0, 50.0, 40.0), {4}),
            ((10.0, 10.0, 11.0, 11.0), set()),
        ],
    )
    def test_boxes_cross_the_antimeridian(
        self, store: Store, bbox: tuple[float, float, float, float], found: set[int]
    ) -> None:
        def at(number: int, lat_e7: int, lon_e7: int) -> Event:
            return event(number, start_lat_e7=lat_e7, start_lon_e7=lon_e7, end_lat_e7=None, end_lon_e7=None)

        placed = {
            1: at(1, 0, 1_795_000_000),
            2: at(2, 0, -1_795_000_000),
            3: at(3, 0, 1_800_000_000),
            4: at(4, 400_000_000, 500_000_000),
        }
        store.put(list(placed.values()))
        assert {e.event_id for e in store.find(EventQuery(bbox=bbox))} == {placed[n].event_id for n in found}

    def test_either_end_of_an_event_may_lie_in_the_box(self, store: Store) -> None:
        store.put([event(1)])
        assert len(store.find(EventQuery(bbox=(49.9, 39.9, 50.05, 40.05)))) == 1
        assert len(store.find(EventQuery(bbox=(50.05, 40.05, 50.2, 40.2)))) == 1
        assert len(store.find(EventQuery(bbox=(50.02, 40.02, 50.08, 40.08)))) == 0

    def test_alerts_are_walked_in_order_and_kept_once(self, store: Store) -> None:
        alerts = [alert(i % 7, event_id=f"id-{i}") for i in range(20)]
        for _ in range(2):
            store.put_alerts(alerts)
        store.put_alerts(
            [alert(3, event_id="id-3", revision=2), alert(9, topic="alerts.maritime", event_id="m")]
        )
        seen: list[Alert] = []
        after: tuple[int, str] | None = None
        while page := store.alerts("alerts.aviation", after, 3):
            seen += page
            after = (page[-1].as_of_ms, page[-1].event_id)
        assert [a.event_id for a in seen] == [
            a.event_id for a in sorted(alerts, key=lambda a: (a.as_of_ms, a.event_id))
        ]
        assert {a.event_id: a.revision for a in seen}["id-3"] == 2
        assert len(store.alerts("", None, 100)) == 21
