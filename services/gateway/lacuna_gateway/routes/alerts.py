"""Alerts: the CloudEvents that internal services subscribe to, as a list."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from lacuna_gateway.context import query_api
from lacuna_gateway.documents import PAGE_PROBLEMS, answers, conditional
from lacuna_gateway.paging import DEFAULT_LIMIT, CursorText, Limit, Paging
from lacuna_gateway.schemas import AlertPage

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])


@router.get("", summary="List alerts", responses=conditional(answers(AlertPage, *PAGE_PROBLEMS)))
def list_alerts(
    request: Request,
    topic: Annotated[
        Literal["", "maritime", "aviation", "correlation"], Query(description="One topic; all without it.")
    ] = "",
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> Response:
    """CloudEvents 1.0 as they were published, ascending by (time, subject)."""
    paging = Paging(request, limit, cursor)
    page = query_api(request).alerts(f"alerts.{topic}" if topic else "", paging.after, paging.limit)
    return paging.respond(
        page.items, page.more, lambda a: a.body.encode(), lambda a: [a.as_of_ms, a.event_id]
    )
