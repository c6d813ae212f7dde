"""The reads over gRPC: what ``lacuna_core.query.QueryApi`` promises, lists in parts of any number."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from google.protobuf.message import Message

from lacuna_core.ports import EncodedEvent
from lacuna_core.query import Page, QueryApi
from lacuna_protos.v1 import query_service_pb2 as pb
from lacuna_protos.v1.query_service_pb2_grpc import (
    QueryServiceServicer,
    add_QueryServiceServicer_to_server,
)
from lacuna_runtime.codec import Origin, encode, split
from lacuna_runtime.rpc import Servicer
from lacuna_runtime.rpc.parts import cut
from lacuna_runtime.rpc.query_filters import (
    MAX_POINTS,
    read_after,
    read_craft_filter,
    read_event_filter,
    read_limit,
    read_silence_filter,
    read_trip_filter,
)
from lacuna_runtime.rpc.query_values import (
    write_account,
    write_alert,
    write_change,
    write_event,
    write_figure,
    write_summary,
)

NAME = pb.DESCRIPTOR.services_by_name["QueryService"].full_name
_IDS_A_PART = 20_000
T = TypeVar("T")
M = TypeVar("M", bound=Message)


def query_servicer(query: QueryApi) -> Servicer:
    """Offer the reads.

    Parameters
    ----------
    query : QueryApi
        The reads; called by many threads.

    Returns
    -------
    Servicer
        For ``RpcServer``.
    """
    return Servicer(NAME, lambda server: add_QueryServiceServicer_to_server(_Queries(query), server))


def _event_pages(page: Page[EncodedEvent]) -> Iterator[pb.EventPage]:
    for part in cut(map(write_event, page.items)):
        yield pb.EventPage(events=part, more=page.more)


def _parts(items: Iterable[T], write: Callable[[T], M]) -> Iterator[list[M]]:
    return cut(map(write, items))


class _Queries(QueryServiceServicer):
    def __init__(self, query: QueryApi) -> None:
        self._query = query

    def ListCrafts(self, request: pb.ListCraftsRequest, context: Any) -> Iterator[pb.CraftPage]:  # noqa: N802
        after = request.after if request.HasField("after") else None
        page = self._query.crafts(read_craft_filter(request.filter), after, read_limit(request.limit))
        for part in _parts(page.items, write_summary):
            yield pb.CraftPage(crafts=part, more=page.more)

    def GetCraft(self, request: pb.GetCraftRequest, context: Any) -> Iterator[pb.CraftDetailPart]:  # noqa: N802
        detail = self._query.craft(request.craft)
        yield pb.CraftDetailPart(summary=write_summary(detail.summary))
        for part in _parts(detail.history, write_change):
            yield pb.CraftDetailPart(history=part)

    def GetTrack(self, request: pb.GetTrackRequest, context: Any) -> Iterator[pb.TrackPart]:  # noqa: N802
        most = read_limit(request.max_points, 2, MAX_POINTS)
        track = self._query.track(request.craft, request.start_ms, request.end_ms, most)
        domain: Any = int(track.rows.domain)
        yield pb.TrackPart(domain=domain, total=track.total, stride_ms=track.stride_ms)
        seq = 0
        for rows in split(track.rows):
            positions = encode(rows, Origin("query", 0, seq))
            seq += len(rows)  # type: ignore[arg-type]  # a batch stays itself
            yield pb.TrackPart(positions=positions)

    def ListEvents(self, request: pb.ListEventsRequest, context: Any) -> Iterator[pb.EventPage]:  # noqa: N802
        wanted = read_event_filter(request.filter)
        yield from _event_pages(self._query.events(wanted, read_after(request), read_limit(request.limit)))

    def GetEvent(self, request: pb.GetEventRequest, context: Any) -> pb.StoredEvent:  # noqa: N802
        return write_event(self._query.event(request.event_id))

    def ListEventRevisions(self, request: pb.GetEventRequest, context: Any) -> Iterator[pb.EventPage]:  # noqa: N802
        yield from _event_pages(Page(self._query.event_revisions(request.event_id), more=False))

    def ListTrips(self, request: pb.ListTripsRequest, context: Any) -> Iterator[pb.EventPage]:  # noqa: N802
        wanted = read_trip_filter(request.filter)
        yield from _event_pages(self._query.trips(wanted, read_after(request), read_limit(request.limit)))

    def CountTrips(self, request: pb.TripFilter, context: Any) -> Iterator[pb.TripCountPart]:  # noqa: N802
        count = self._query.count_trips(read_trip_filter(request))
        for first in range(0, max(1, len(count.trip_ids)), _IDS_A_PART):
            yield pb.TripCountPart(
                confirmed=count.confirmed,
                expected=count.expected,
                possible=count.possible,
                trip_ids=count.trip_ids[first : first + _IDS_A_PART],
            )

    def ListAlerts(self, request: pb.ListAlertsRequest, context: Any) -> Iterator[pb.AlertPage]:  # noqa: N802
        page = self._query.alerts(request.topic, read_after(request), read_limit(request.limit))
        for part in _parts(page.items, write_alert):
            yield pb.AlertPage(alerts=part, more=page.more)

    def CountSilences(self, request: pb.SilenceFilter, context: Any) -> Iterator[pb.SilenceFigures]:  # noqa: N802
        for part in _parts(self._query.silences(read_silence_filter(request)), write_figure):
            yield pb.SilenceFigures(figures=part)

    def GetAccount(self, request: pb.GetAccountRequest, context: Any) -> pb.AccountReply:  # noqa: N802
        return write_account(self._query.account())
