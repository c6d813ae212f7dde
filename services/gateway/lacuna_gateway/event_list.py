"""What the lists of events share: filters and the page."""

from typing import Annotated, Literal, TypeAlias

from fastapi import Query
from fastapi.responses import Response

from lacuna_core.ports import EncodedEvent
from lacuna_core.query import Page
from lacuna_gateway.paging import Paging

Kinds: TypeAlias = Annotated[
    list[str], Query(max_length=20, description="Event kind; may be repeated.", examples=[["gap"]])
]
Status: TypeAlias = Annotated[
    Literal["", "open", "closed", "retracted"],
    Query(description="One status; without it all but retracted."),
]
Verdict: TypeAlias = Annotated[
    str, Query(max_length=64, description="Verdict of the kind.", examples=["void"])
]
MinDuration: TypeAlias = Annotated[
    float | None,
    Query(
        ge=0,
        le=1e6,
        allow_inf_nan=False,
        examples=[30],
        description="Shortest interval, hours; open ones count so far.",
    ),
]


def body_of(event: EncodedEvent) -> bytes:
    """Take the JSON of an event.

    Parameters
    ----------
    event : EncodedEvent
        As stored.

    Returns
    -------
    bytes
        JSON.
    """
    return event.body


def event_page(paging: Paging, page: Page[EncodedEvent]) -> Response:
    """Answer with a page of events.

    Parameters
    ----------
    paging : Paging
        The request.
    page : Page of EncodedEvent
        What was found.

    Returns
    -------
    Response
        The page, or 304.
    """
    return paging.respond(page.items, page.more, body_of, lambda event: [event.start_ms, event.event_id])
