"""Events: what detectors assert, with terms, evidence and revisions."""

from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from lacuna_core.query_filter import EventFilter, Ring
from lacuna_gateway.conditional import resource
from lacuna_gateway.context import query_api
from lacuna_gateway.documents import PAGE_PROBLEMS, answers, conditional
from lacuna_gateway.event_list import Kinds, MinDuration, Status, Verdict, body_of, event_page
from lacuna_gateway.paging import DEFAULT_LIMIT, CursorText, Limit, Paging
from lacuna_gateway.parameters import (
    Bbox,
    CraftText,
    End,
    Flags,
    Start,
    read_bbox,
    read_craft,
    read_flags,
    read_interval,
    read_words,
)
from lacuna_gateway.problems import invalid
from lacuna_gateway.schemas import Event, EventPage, EventRevisions

router = APIRouter(prefix="/v1/events", tags=["events"])
_MAX_VERTICES = 2_000
Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


class Polygon(BaseModel):
    """A GeoJSON polygon (RFC 7946): an outer ring, then holes; each ring ends where it began."""

    model_config = ConfigDict(extra="forbid")
    type: Literal["Polygon"]
    coordinates: list[list[tuple[Lon, Lat]]] = Field(min_length=1, max_length=100)

    def rings(self) -> tuple[Ring, ...]:
        """Check and give the rings."""
        if sum(len(ring) for ring in self.coordinates) > _MAX_VERTICES:
            raise invalid("/body/polygon/coordinates", f"expected at most {_MAX_VERTICES} positions")
        for i, ring in enumerate(self.coordinates):
            if len(ring) < 4 or ring[0] != ring[-1]:
                raise invalid(
                    f"/body/polygon/coordinates/{i}", "expected a closed ring of four or more positions"
                )
        return tuple(tuple(ring) for ring in self.coordinates)


class Search(BaseModel):
    """Filters of a search by area."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "polygon": {
                    "type": "Polygon",
                    "coordinates": [[[49, 36], [54, 36], [54, 41], [49, 41], [49, 36]]],
                },
                "kind": ["gap"],
                "start": "2022-09-01T00:00:00Z",
            }
        },
    )
    polygon: Polygon
    kind: list[str] = Field(default=[], max_length=20)
    start: str | None = None
    end: str | None = None
    status: Literal["", "open", "closed", "retracted"] = ""
    min_duration_h: float | None = Field(default=None, ge=0, le=1e6, allow_inf_nan=False)


@router.get("", summary="List events", responses=conditional(answers(EventPage, *PAGE_PROBLEMS)))
def list_events(
    request: Request,
    kind: Kinds = [],  # noqa: B006 - FastAPI copies it
    craft: CraftText = None,
    start: Start = None,
    end: End = None,
    bbox: Bbox = None,
    status: Status = "",
    verdict: Verdict = "",
    min_duration_h: MinDuration = None,
    flag: Flags = [],  # noqa: B006 - FastAPI copies it
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> Response:
    """Newest revisions, ascending by (start, event_id); retracted ones only when asked for."""
    paging = Paging(request, limit, cursor)
    start_ms, end_ms = read_interval(start, end)
    wanted = EventFilter(
        kinds=read_words("kind", kind),
        craft=None if craft is None else read_craft("/query/craft", craft),
        start_ms=start_ms,
        end_ms=end_ms,
        bbox=read_bbox(bbox),
        status=status,
        verdict=verdict,
        min_duration_h=min_duration_h,
        flags=read_flags(flag),
    )
    return event_page(paging, query_api(request).events(wanted, paging.after, paging.limit))


@router.post("/search", summary="Search events by area", responses=answers(EventPage, *PAGE_PROBLEMS))
def search_events(
    request: Request,
    search: Search,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> Response:
    """Events with an end inside a polygon; the same filters and order as the list.

    A cursor goes with the same body.
    """
    canonical: dict[str, Any] = search.model_dump()
    paging = Paging(request, limit, cursor, orjson.dumps(canonical, option=orjson.OPT_SORT_KEYS))
    start_ms, end_ms = read_interval(search.start, search.end)
    wanted = EventFilter(
        kinds=read_words("kind", search.kind),
        start_ms=start_ms,
        end_ms=end_ms,
        polygon=search.polygon.rings(),
        status=search.status,
        min_duration_h=search.min_duration_h,
    )
    return event_page(paging, query_api(request).events(wanted, paging.after, paging.limit))


@router.get("/{event_id}", summary="Read an event", responses=conditional(answers(Event, "not-found")))
def get_event(request: Request, event_id: str) -> Response:
    """Newest revision of one event."""
    return resource(request, query_api(request).event(event_id).body)


@router.get(
    "/{event_id}/revisions",
    summary="Read all revisions of an event",
    responses=conditional(answers(EventRevisions, "not-found")),
)
def get_revisions(request: Request, event_id: str) -> Response:
    """All revisions of one event, ascending by (generation, revision)."""
    found = query_api(request).event_revisions(event_id)
    return resource(request, b'{"data":[' + b",".join(map(body_of, found)) + b"]}")
