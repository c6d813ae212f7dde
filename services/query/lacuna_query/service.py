"""Every read that the gateway makes, over the store ports."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from lacuna_core.errors import NotFound
from lacuna_core.event import Alert, Event
from lacuna_core.ids import format_craft
from lacuna_core.ports import EncodedEvent, EventQuery, EventReader, TrackReader
from lacuna_core.position import Domain
from lacuna_core.profile import Account, AccountReader, CraftProfile, CraftQuery, ProfileReader
from lacuna_core.query import CraftDetail, CraftSummary, Page, SilenceFigure, Track
from lacuna_core.query_filter import CraftFilter, EventFilter, SilenceFilter, TripFilter
from lacuna_core.trip_count import TRIP_KIND, TripCount, count_trips
from lacuna_core.units import MS_PER_H
from lacuna_query.areas import bounds, touches
from lacuna_query.identity_history import history
from lacuna_query.silences import Traits, silence_figures
from lacuna_query.thinning import thin
from lacuna_query.trips import is_trip_of
from lacuna_reference.flags import flag_of_craft, flags_by_mid
from lacuna_reference.ship_types import ship_group

GAP_KIND = "gap"
_WALK = 1_000
"""Rows read at a time where a condition is checked behind the store."""
_NO_MID = (-1,)
"""Matches no craft: what an unknown flag asks for."""


def _mids(flags: tuple[str, ...]) -> tuple[int, ...]:
    wanted = {flag.upper() for flag in flags}
    return tuple(sorted(mid for mid, flag in flags_by_mid().items() if flag.country in wanted)) or _NO_MID


def _ship_types(groups: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(code for code in range(256) if ship_group(code) in groups) or (-1,)


def _summary(profile: CraftProfile) -> CraftSummary:
    flag = flag_of_craft(profile.craft)
    group = ship_group(profile.identity.ship_type or 0) if profile.domain is Domain.SEA else None
    return CraftSummary(profile, flag.country if flag else None, group)


def _event_query(event_filter: EventFilter, after: tuple[int, str] | None, limit: int) -> EventQuery:
    hours = event_filter.min_duration_h
    return EventQuery(
        kinds=event_filter.kinds,
        craft=event_filter.craft,
        start_ms=event_filter.start_ms,
        end_ms=event_filter.end_ms,
        bbox=event_filter.bbox or (bounds(event_filter.polygon[0]) if event_filter.polygon else None),
        status=event_filter.status,
        verdict=event_filter.verdict,
        min_duration_ms=None if hours is None else round(hours * MS_PER_H),
        mids=_mids(event_filter.flags) if event_filter.flags else (),
        after=after,
        limit=limit,
    )


class QueryService:
    """Answers ``lacuna_core.query.QueryApi``.

    Parameters
    ----------
    tracks : TrackReader
        Positions and identities.
    events : EventReader
        Events and alerts.
    profiles : ProfileReader
        Craft and exposure.
    accounts : AccountReader
        Counts.
    """

    def __init__(
        self, tracks: TrackReader, events: EventReader, profiles: ProfileReader, accounts: AccountReader
    ) -> None:
        self._tracks = tracks
        self._events = events
        self._profiles = profiles
        self._accounts = accounts

    def crafts(self, craft_filter: CraftFilter, after: int | None, limit: int) -> Page[CraftSummary]:
        """List vessels or aircraft, see ``QueryApi.crafts``.

        Parameters
        ----------
        craft_filter : CraftFilter
            Which; a craft that never told its type is in the group ``unknown`` and found by no group filter.
        after : int or None
            Only craft behind this key.
        limit : int
            Most to return.

        Returns
        -------
        Page of CraftSummary
            Ascending by craft key.
        """
        query = CraftQuery(
            domain=craft_filter.domain,
            craft=craft_filter.craft,
            text=craft_filter.text,
            mids=_mids(craft_filter.flags) if craft_filter.flags else (),
            ship_types=_ship_types(craft_filter.groups) if craft_filter.groups else (),
            imo=craft_filter.imo,
            type_code=craft_filter.type_code,
            after=after,
            limit=limit + 1,
        )
        found = self._profiles.profiles(query)
        return Page(tuple(_summary(p) for p in found[:limit]), len(found) > limit)

    def craft(self, craft: int) -> CraftDetail:
        """Read one vessel or aircraft with its identity history.

        Parameters
        ----------
        craft : int
            Craft key.

        Returns
        -------
        CraftDetail
            As the stores know it.

        Raises
        ------
        NotFound
            If nothing of it was ever stored.
        """
        return CraftDetail(_summary(self._known(craft)), history(self._tracks.identities(craft)))

    def _known(self, craft: int) -> CraftProfile:
        profile = self._profiles.profile(craft)
        if profile is None:
            raise NotFound(f"nothing is known of {format_craft(craft)}")
        return profile

    def track(self, craft: int, start_ms: int, end_ms: int, max_points: int) -> Track:
        """Read a track, thinned when it is long.

        Parameters
        ----------
        craft : int
            Craft key.
        start_ms, end_ms : int
            Half-open interval, Unix milliseconds UTC.
        max_points : int
            Most positions, at least 2.

        Returns
        -------
        Track
            Both ends are always there.

        Raises
        ------
        NotFound
            If nothing of the craft was ever stored.
        """
        self._known(craft)
        return thin(self._tracks.read(craft, start_ms, end_ms), max_points)

    def events(
        self, event_filter: EventFilter, after: tuple[int, str] | None, limit: int
    ) -> Page[EncodedEvent]:
        """List events, see ``QueryApi.events``.

        Parameters
        ----------
        event_filter : EventFilter
            Which.
        after : tuple of (int, str) or None
            Only events behind this (start, id).
        limit : int
            Most to return.

        Returns
        -------
        Page of EncodedEvent
            Ordered by (start, id).
        """
        query = _event_query(event_filter, after, limit + 1)
        if event_filter.polygon:
            return self._checked(query, lambda event: touches(event, event_filter.polygon), limit)
        found = self._events.find_encoded(query)
        return Page(tuple(found[:limit]), len(found) > limit)

    def _walk(self, query: EventQuery) -> Iterator[Event]:
        query = replace(query, limit=_WALK)
        while page := self._events.find(query):
            yield from page
            if len(page) < _WALK:
                return
            query = replace(query, after=(page[-1].start_ms, page[-1].event_id))

    def _checked(self, query: EventQuery, holds: Callable[[Event], bool], limit: int) -> Page[EncodedEvent]:
        """A page of the events for which a condition holds that the store does not know."""
        kept = list(islice((e for e in self._walk(query) if holds(e)), limit + 1))
        encoded = [self._events.revisions_encoded(e.event_id)[-1] for e in kept[:limit]]
        return Page(tuple(encoded), len(kept) > limit)

    def event(self, event_id: str) -> EncodedEvent:
        """Read the newest revision of an event.

        Parameters
        ----------
        event_id : str
            Its id.

        Returns
        -------
        EncodedEvent
            Highest (generation, revision).

        Raises
        ------
        NotFound
            If there is none.
        """
        return self.event_revisions(event_id)[-1]

    def event_revisions(self, event_id: str) -> tuple[EncodedEvent, ...]:
        """Read all revisions of an event.

        Parameters
        ----------
        event_id : str
            Its id.

        Returns
        -------
        tuple of EncodedEvent
            Ascending (generation, revision).

        Raises
        ------
        NotFound
            If there is none.
        """
        found = tuple(self._events.revisions_encoded(event_id))
        if not found:
            raise NotFound(f"there is no event {event_id}")
        return found

    def trips(self, trip_filter: TripFilter, after: tuple[int, str] | None, limit: int) -> Page[EncodedEvent]:
        """List trips, see ``QueryApi.trips``.

        Parameters
        ----------
        trip_filter : TripFilter
            Which.
        after : tuple of (int, str) or None
            Only trips behind this (start, id).
        limit : int
            Most to return.

        Returns
        -------
        Page of EncodedEvent
            Ordered by (start, id).
        """
        query = replace(self._trip_query(trip_filter), after=after)
        return self._checked(query, lambda event: is_trip_of(event, trip_filter), limit)

    @staticmethod
    def _trip_query(trip_filter: TripFilter) -> EventQuery:
        # An arrival at the very start of the window ends there: look one millisecond further back.
        first_ms = None if trip_filter.start_ms is None else trip_filter.start_ms - 1
        return EventQuery(kinds=(TRIP_KIND,), start_ms=first_ms, end_ms=trip_filter.end_ms)

    def count_trips(self, trip_filter: TripFilter) -> TripCount:
        """Count trips as confirmed, expected and possible.

        Parameters
        ----------
        trip_filter : TripFilter
            Which.

        Returns
        -------
        TripCount
            With the ids that made it.
        """
        return count_trips(
            self._walk(self._trip_query(trip_filter)),
            group=trip_filter.group,
            aircraft=trip_filter.aircraft,
            watchlisted_only=trip_filter.watchlisted_only,
            start_ms=trip_filter.start_ms,
            end_ms=trip_filter.end_ms,
        )

    def alerts(self, topic: str, after: tuple[int, str] | None, limit: int) -> Page[Alert]:
        """List alerts, ordered by (as_of, event id).

        Parameters
        ----------
        topic : str
            One alert topic; ``""`` for all.
        after : tuple of (int, str) or None
            Only alerts behind this (as_of, event id).
        limit : int
            Most to return.

        Returns
        -------
        Page of Alert
            One page.
        """
        found = self._events.alerts(topic, after, limit + 1)
        return Page(tuple(found[:limit]), len(found) > limit)

    def silences(self, silence_filter: SilenceFilter) -> tuple[SilenceFigure, ...]:
        """Count silences beside their exposure.

        Parameters
        ----------
        silence_filter : SilenceFilter
            Which.

        Returns
        -------
        tuple of SilenceFigure
            Sorted by month, flag and group.
        """
        query = EventQuery(
            kinds=(GAP_KIND,),
            start_ms=silence_filter.start_ms,
            end_ms=silence_filter.end_ms,
            min_duration_ms=round(silence_filter.threshold_h * MS_PER_H),
        )
        exposure = self._profiles.exposure(silence_filter.start_ms, silence_filter.end_ms)
        return silence_figures(self._walk(query), exposure, self._traits(), silence_filter)

    def _traits(self) -> dict[int, Traits]:
        traits: dict[int, Traits] = {}
        query = CraftQuery(Domain.SEA, limit=_WALK)
        while page := self._profiles.profiles(query):
            for summary in map(_summary, page):
                traits[summary.profile.craft] = (summary.flag, summary.group)
            query = replace(query, after=page[-1].craft)
        return traits

    def account(self) -> Account:
        """Say how far the data reaches and whether anything was lost.

        Returns
        -------
        Account
            As of now.
        """
        return self._accounts.account()
