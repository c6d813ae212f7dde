"""The reads of a query service elsewhere: ``lacuna_core.query.QueryApi`` over a channel."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import grpc

from lacuna_core.event import Alert
from lacuna_core.ports import EncodedEvent
from lacuna_core.position import PositionBatch
from lacuna_core.profile import Account
from lacuna_core.query import CraftDetail, CraftSummary, Page, SilenceFigure, Track
from lacuna_core.query_filter import CraftFilter, EventFilter, SilenceFilter, TripFilter
from lacuna_core.trip_count import TripCount
from lacuna_protos.v1 import query_service_pb2 as pb
from lacuna_protos.v1.query_service_pb2_grpc import QueryServiceStub
from lacuna_runtime.codec import decode
from lacuna_runtime.rpc import remote_errors
from lacuna_runtime.rpc.query_filters import (
    read_domain,
    write_after,
    write_craft_filter,
    write_event_filter,
    write_silence_filter,
    write_trip_filter,
)
from lacuna_runtime.rpc.query_values import (
    read_account,
    read_alert,
    read_change,
    read_event,
    read_figure,
    read_summary,
)

IDEMPOTENT = (pb.DESCRIPTOR.services_by_name["QueryService"].full_name,)
"""For ``open_channel``: every read may be tried again."""
T = TypeVar("T")


def _page(parts: Iterable[Any], field: str, read: Callable[[Any], T]) -> Page[T]:
    items: list[T] = []
    more = False
    with remote_errors():
        for part in parts:
            items += map(read, getattr(part, field))
            more = part.more
    return Page(tuple(items), more)


class RemoteQuery:
    """Answers ``lacuna_core.query.QueryApi`` by asking a query service; for any thread.

    Parameters
    ----------
    channel : grpc.Channel
        From ``lacuna_runtime.rpc.open_channel``, which gives each call its deadline.
    """

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = QueryServiceStub(channel)

    def crafts(self, craft_filter: CraftFilter, after: int | None, limit: int) -> Page[CraftSummary]:
        """List vessels or aircraft, see ``QueryApi.crafts``.

        Parameters
        ----------
        craft_filter : CraftFilter
            Which.
        after : int or None
            Only craft behind this key.
        limit : int
            Most to return.

        Returns
        -------
        Page of CraftSummary
            Ascending by craft key.
        """
        request = pb.ListCraftsRequest(filter=write_craft_filter(craft_filter), after=after, limit=limit)
        return _page(self._stub.ListCrafts(request), "crafts", read_summary)

    def craft(self, craft: int) -> CraftDetail:
        """Read one vessel or aircraft, see ``QueryApi.craft``.

        Parameters
        ----------
        craft : int
            Craft key.

        Returns
        -------
        CraftDetail
            With its identity history.
        """
        with remote_errors():
            parts = list(self._stub.GetCraft(pb.GetCraftRequest(craft=craft)))
        history = tuple(read_change(change) for part in parts for change in part.history)
        return CraftDetail(read_summary(parts[0].summary), history)

    def track(self, craft: int, start_ms: int, end_ms: int, max_points: int) -> Track:
        """Read a track, see ``QueryApi.track``.

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
        """
        request = pb.GetTrackRequest(craft=craft, start_ms=start_ms, end_ms=end_ms, max_points=max_points)
        with remote_errors():
            head, *parts = self._stub.GetTrack(request)
        batches = [decode(part.positions)[1] for part in parts]
        rows = PositionBatch.concat(
            (batch for batch in batches if isinstance(batch, PositionBatch)), domain=read_domain(head.domain)
        )
        return Track(rows, head.total, head.stride_ms)

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
        request = pb.ListEventsRequest(
            filter=write_event_filter(event_filter), after=write_after(after), limit=limit
        )
        return _page(self._stub.ListEvents(request), "events", read_event)

    def event(self, event_id: str) -> EncodedEvent:
        """Read the newest revision of an event, see ``QueryApi.event``.

        Parameters
        ----------
        event_id : str
            Its id.

        Returns
        -------
        EncodedEvent
            Highest (generation, revision).
        """
        with remote_errors():
            return read_event(self._stub.GetEvent(pb.GetEventRequest(event_id=event_id)))

    def event_revisions(self, event_id: str) -> tuple[EncodedEvent, ...]:
        """Read all revisions of an event, see ``QueryApi.event_revisions``.

        Parameters
        ----------
        event_id : str
            Its id.

        Returns
        -------
        tuple of EncodedEvent
            Ascending (generation, revision).
        """
        request = pb.GetEventRequest(event_id=event_id)
        return _page(self._stub.ListEventRevisions(request), "events", read_event).items

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
        request = pb.ListTripsRequest(
            filter=write_trip_filter(trip_filter), after=write_after(after), limit=limit
        )
        return _page(self._stub.ListTrips(request), "events", read_event)

    def count_trips(self, trip_filter: TripFilter) -> TripCount:
        """Count trips, see ``QueryApi.count_trips``.

        Parameters
        ----------
        trip_filter : TripFilter
            Which.

        Returns
        -------
        TripCount
            With the ids that made it.
        """
        with remote_errors():
            parts = list(self._stub.CountTrips(write_trip_filter(trip_filter)))
        head = parts[0]
        ids = tuple(trip_id for part in parts for trip_id in part.trip_ids)
        return TripCount(head.confirmed, head.expected, head.possible, ids)

    def alerts(self, topic: str, after: tuple[int, str] | None, limit: int) -> Page[Alert]:
        """List alerts, see ``QueryApi.alerts``.

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
            Ordered by (as_of, event id).
        """
        request = pb.ListAlertsRequest(topic=topic, after=write_after(after), limit=limit)
        return _page(self._stub.ListAlerts(request), "alerts", read_alert)

    def silences(self, silence_filter: SilenceFilter) -> tuple[SilenceFigure, ...]:
        """Count silences beside their exposure, see ``QueryApi.silences``.

        Parameters
        ----------
        silence_filter : SilenceFilter
            Which.

        Returns
        -------
        tuple of SilenceFigure
            Sorted by month, flag and group.
        """
        with remote_errors():
            parts = list(self._stub.CountSilences(write_silence_filter(silence_filter)))
        return tuple(read_figure(figure) for part in parts for figure in part.figures)

    def account(self) -> Account:
        """Say how far the data reaches, see ``QueryApi.account``.

        Returns
        -------
        Account
            As of now.
        """
        with remote_errors():
            return read_account(self._stub.GetAccount(pb.GetAccountRequest()))
