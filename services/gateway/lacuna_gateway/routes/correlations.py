"""Correlations: whether events at sea and in the air come together more often than chance."""

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from lacuna_core.errors import NotFound
from lacuna_core.query_filter import EventFilter
from lacuna_gateway.conditional import resource
from lacuna_gateway.context import query_api
from lacuna_gateway.documents import PAGE_PROBLEMS, answers, conditional
from lacuna_gateway.event_list import Status, Verdict, event_page
from lacuna_gateway.paging import DEFAULT_LIMIT, CursorText, Limit, Paging
from lacuna_gateway.parameters import End, Start, read_interval
from lacuna_gateway.schemas import Event, EventPage

router = APIRouter(prefix="/v1/correlations", tags=["correlations"])
KIND = "correlation"


@router.get("", summary="List correlations", responses=conditional(answers(EventPage, *PAGE_PROBLEMS)))
def list_correlations(
    request: Request,
    start: Start = None,
    end: End = None,
    status: Status = "",
    verdict: Verdict = "",
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> Response:
    """Events of kind `correlation`, ascending by (start, event_id), each with its smallest attainable p."""
    paging = Paging(request, limit, cursor)
    start_ms, end_ms = read_interval(start, end)
    wanted = EventFilter(kinds=(KIND,), start_ms=start_ms, end_ms=end_ms, status=status, verdict=verdict)
    return event_page(paging, query_api(request).events(wanted, paging.after, paging.limit))


@router.get("/{event_id}", summary="Read a correlation", responses=conditional(answers(Event, "not-found")))
def get_correlation(request: Request, event_id: str) -> Response:
    """Newest revision of one correlation."""
    event = query_api(request).event(event_id)
    if orjson.loads(event.body)["kind"] != KIND:
        raise NotFound(f"there is no correlation {event_id}")
    return resource(request, event.body)
