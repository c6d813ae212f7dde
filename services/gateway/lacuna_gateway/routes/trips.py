"""Trips: flights into a group of airports, listed and counted."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from lacuna_core.ids import format_craft
from lacuna_core.query_filter import TripFilter
from lacuna_core.timestamps import format_time
from lacuna_gateway.conditional import resource
from lacuna_gateway.context import query_api
from lacuna_gateway.documents import PAGE_PROBLEMS, answers, conditional
from lacuna_gateway.event_list import event_page
from lacuna_gateway.paging import DEFAULT_LIMIT, CursorText, Limit, Paging
from lacuna_gateway.parameters import End, Start, read_craft, read_interval
from lacuna_gateway.schemas import EventPage, TripCount

router = APIRouter(prefix="/v1/trips", tags=["trips"])
Group = Annotated[
    str, Query(max_length=64, pattern="^[A-Z0-9_]*$", description="Destination group.", examples=["MOSCOW"])
]
Airframes = Annotated[
    list[str],
    Query(
        alias="aircraft",
        max_length=50,
        description="Only these; may be repeated.",
        examples=[["icao24:731821"]],
    ),
]
Watchlisted = Annotated[bool, Query(description="Only airframes that stood on the watchlist then.")]


def _filter(
    group: str, aircraft: list[str], watchlisted: bool, start: str | None, end: str | None
) -> TripFilter:
    start_ms, end_ms = read_interval(start, end)
    keys = frozenset(read_craft("/query/aircraft", text) for text in aircraft)
    return TripFilter(group, keys or None, watchlisted, start_ms, end_ms)


@router.get("", summary="List trips", responses=conditional(answers(EventPage, *PAGE_PROBLEMS)))
def list_trips(
    request: Request,
    group: Group = "",
    aircraft: Airframes = [],  # noqa: B006 - FastAPI copies it
    watchlisted: Watchlisted = False,
    start: Start = None,
    end: End = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> Response:
    """Trips that arrived in the interval, ascending by (start, event_id)."""
    paging = Paging(request, limit, cursor)
    wanted = _filter(group, aircraft, watchlisted, start, end)
    return event_page(paging, query_api(request).trips(wanted, paging.after, paging.limit))


@router.get("/count", summary="Count trips", responses=conditional(answers(TripCount)))
def count_trips(
    request: Request,
    group: Group = "MOSCOW",
    aircraft: Airframes = [],  # noqa: B006 - FastAPI copies it
    watchlisted: Watchlisted = False,
    start: Start = None,
    end: End = None,
) -> Response:
    """Arrivals in the interval as three counts; only `confirmed` may follow the words "at least"."""
    wanted = _filter(group, aircraft, watchlisted, start, end)
    count = query_api(request).count_trips(wanted)
    body = {
        "group": group,
        "start": None if wanted.start_ms is None else format_time(wanted.start_ms),
        "end": None if wanted.end_ms is None else format_time(wanted.end_ms),
        "watchlisted": watchlisted,
        "aircraft": None if wanted.aircraft is None else [format_craft(c) for c in sorted(wanted.aircraft)],
        "confirmed": count.confirmed,
        "expected": count.expected,
        "possible": count.possible,
        "trip_ids": list(count.trip_ids),
    }
    return resource(request, orjson.dumps(body))
