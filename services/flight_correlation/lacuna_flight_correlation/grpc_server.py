"""Statistics on demand: trips counted beside what was observed, and the registered hypotheses."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lacuna_core.errors import InvalidInput, NotFound
from lacuna_core.event import Event
from lacuna_core.ids import Scheme
from lacuna_core.ports import EventQuery, EventReader
from lacuna_core.profile import ProfileReader
from lacuna_core.trip_count import CONFIRMED, TRIP_KIND, count_trips, group_share, newest_trips, trip_detail
from lacuna_core.units import MS_PER_DAY
from lacuna_flight_correlation.coincidence import Cell, Coincidence
from lacuna_flight_correlation.hypotheses import DEFAULTS, Hypothesis, correlate
from lacuna_flight_correlation.series import CALL, TRIP, Series
from lacuna_protos.v1 import flight_service_pb2 as pb
from lacuna_protos.v1.flight_service_pb2_grpc import (
    FlightServiceServicer,
    add_FlightServiceServicer_to_server,
)
from lacuna_runtime.rpc import Servicer
from lacuna_runtime.rpc.flat import write_flat

NAME = pb.DESCRIPTOR.services_by_name["FlightService"].full_name
IDEMPOTENT = (NAME,)
"""For ``open_channel``: every question may be asked again."""
_WALK = 1_000
_MOST_TRIPS = 50_000
_MOST_MS = 3_700 * MS_PER_DAY
_MOST_NEWS_CHARS = 1_000_000
_HOURS_A_DAY = 24.0
_POSSIBLE = "possible"
_SCHEME_SHIFT = np.uint64(56)


def flight_servicer(
    events: EventReader,
    profiles: ProfileReader,
    hypotheses: Callable[[], Sequence[Hypothesis]] = lambda: DEFAULTS,
    news: Callable[[], str] = lambda: "",
) -> Servicer:
    """Offer the statistics.

    Parameters
    ----------
    events : EventReader
        Stored events.
    profiles : ProfileReader
        When craft were heard.
    hypotheses : callable
        Gives the registered hypotheses.
    news : callable
        Gives the body of the news list in force, ``""`` for none.

    Returns
    -------
    Servicer
        For ``RpcServer``.
    """
    statistics = _Statistics(events, profiles, hypotheses, news)
    return Servicer(NAME, lambda server: add_FlightServiceServicer_to_server(statistics, server))


class _Statistics(FlightServiceServicer):
    def __init__(
        self,
        events: EventReader,
        profiles: ProfileReader,
        hypotheses: Callable[[], Sequence[Hypothesis]],
        news: Callable[[], str],
    ) -> None:
        self._events = events
        self._profiles = profiles
        self._hypotheses = hypotheses
        self._news = news

    def CountAirTrips(self, request: pb.CountAirTripsRequest, context: Any) -> pb.CountAirTripsReply:  # noqa: N802
        _check_window(request.start_ms, request.end_ms)
        if not request.group:
            raise InvalidInput("group: expected a destination group")
        aircraft = frozenset(request.aircraft) or None
        trips = list(self._walk((TRIP_KIND,), request.start_ms, request.end_ms, context))
        count = count_trips(
            trips,
            group=request.group,
            aircraft=aircraft,
            watchlisted_only=request.watchlisted_only,
            origin_country=request.origin_country,
            start_ms=request.start_ms,
            end_ms=request.end_ms,
        )
        if count.possible > _MOST_TRIPS:
            raise InvalidInput(f"{count.possible} trips; at most {_MOST_TRIPS} are listed: narrow the window")
        counted = frozenset(count.trip_ids)
        days, heard = self._exposure(request.start_ms, request.end_ms, aircraft)
        return pb.CountAirTripsReply(
            confirmed=count.confirmed,
            expected=count.expected,
            possible=count.possible,
            trips=[_counted(t, request.group) for t in newest_trips(trips) if t.event_id in counted],
            exposure_craft_days=days,
            crafts_heard=heard,
        )

    def _walk(self, kinds: tuple[str, ...], start_ms: int, end_ms: int, context: Any) -> Iterator[Event]:
        # an event whose end is the very start of the window does not meet it, yet an arrival then counts
        query = EventQuery(kinds=kinds, start_ms=start_ms - 1, end_ms=end_ms, limit=_WALK)
        while context.is_active() and (page := self._events.find(query)):
            yield from page
            query = replace(query, after=(page[-1].start_ms, page[-1].event_id))

    def _exposure(self, start_ms: int, end_ms: int, aircraft: frozenset[int] | None) -> tuple[float, int]:
        """Craft-days in which airframes were heard, and how many were."""
        exposure = self._profiles.exposure(start_ms, end_ms)
        scheme = exposure.craft >> _SCHEME_SHIFT
        asked = (scheme == int(Scheme.ICAO24)) | (scheme == int(Scheme.NON_ICAO))
        if aircraft is not None:
            asked &= np.isin(exposure.craft, np.array(sorted(aircraft), np.uint64))
        heard = exposure.take(asked & (exposure.hours > 0))
        bits = np.unpackbits(heard.hours.astype("<u4").view(np.uint8))
        return int(bits.sum()) / _HOURS_A_DAY, len(np.unique(heard.craft))

    def ListHypotheses(self, request: pb.ListHypothesesRequest, context: Any) -> pb.ListHypothesesReply:  # noqa: N802
        return pb.ListHypothesesReply(hypotheses=[_definition(known) for known in self._hypotheses()])

    def RunHypothesis(self, request: pb.RunHypothesisRequest, context: Any) -> pb.RunHypothesisReply:  # noqa: N802
        _check_window(request.start_ms, request.end_ms)
        if len(request.news) > _MOST_NEWS_CHARS:
            raise InvalidInput(f"news: expected at most {_MOST_NEWS_CHARS} characters")
        hypothesis = next((known for known in self._hypotheses() if known.name == request.name), None)
        if hypothesis is None:
            raise NotFound(f"there is no registered hypothesis {request.name[:80]!r}")
        start_ms = request.start_ms if hypothesis.start_ms is None else hypothesis.start_ms
        events = list(self._walk((TRIP, CALL), start_ms, request.end_ms, context))
        news = request.news or self._news()
        result = correlate(events, news, hypothesis, request.start_ms, request.end_ms)
        return pb.RunHypothesisReply(
            definition=_definition(hypothesis),
            result=None if result is None else _result(result),
            events_read=len(events),
        )


def _check_window(start_ms: int, end_ms: int) -> None:
    if not 0 < end_ms - start_ms <= _MOST_MS:
        raise InvalidInput("window: expected end_ms after start_ms, by at most ten years")


def _counted(trip: Event, group: str) -> pb.CountedTrip:
    detail = trip_detail(trip)
    share, is_confirmed = group_share(detail, group)
    return pb.CountedTrip(
        event_id=trip.event_id,
        craft=trip.crafts[0] if trip.crafts else 0,
        arrival_ms=trip.end_ms or 0,
        word=CONFIRMED if is_confirmed else _POSSIBLE,
        share=share,
        watchlisted=detail.get("watchlisted") is True,
    )


def _series(series: Series) -> pb.EventSeries:
    return write_flat(pb.EventSeries, series)


def _definition(hypothesis: Hypothesis) -> pb.HypothesisDefinition:
    params = hypothesis.params
    return pb.HypothesisDefinition(
        name=hypothesis.name,
        definition_hash=f"{hypothesis.digest():016x}",
        a=_series(hypothesis.a),
        b=_series(hypothesis.b),
        start_ms=hypothesis.start_ms,
        end_ms=hypothesis.end_ms,
        unobserved=[pb.Interval(start_ms=start, end_ms=end) for start, end in hypothesis.unobserved],
        window_days=params.window_days,
        grid_days=params.grid_days,
        lag_days=params.lag_days,
        alpha=params.alpha,
        surrogates=params.surrogates,
    )


def _cell(cell: Cell) -> pb.CoincidenceCell:
    return write_flat(pb.CoincidenceCell, cell)


def _result(result: Coincidence) -> pb.CoincidenceResult:
    return write_flat(
        pb.CoincidenceResult,
        result,
        headline=_cell(result.headline),
        grid=[_cell(cell) for cell in result.grid],
        controls=[pb.Control(name=name, cell=_cell(cell)) for name, cell in result.controls],
    )
