"""Aircraft: who they said they were, and where they were last."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from lacuna_core.position import Domain
from lacuna_core.query_filter import CraftFilter
from lacuna_gateway.conditional import resource
from lacuna_gateway.context import query_api
from lacuna_gateway.documents import PAGE_PROBLEMS, answers, conditional
from lacuna_gateway.paging import DEFAULT_LIMIT, CursorText, Limit, Paging
from lacuna_gateway.parameters import read_aircraft
from lacuna_gateway.render import encode_craft, encode_craft_detail
from lacuna_gateway.schemas import AircraftDetail, AircraftPage

router = APIRouter(prefix="/v1/aircraft", tags=["aircraft"])


@router.get("", summary="List aircraft", responses=conditional(answers(AircraftPage, *PAGE_PROBLEMS)))
def list_aircraft(
    request: Request,
    q: Annotated[
        str, Query(max_length=100, description="Part of callsign or registration.", examples=["EP-"])
    ] = "",
    type_code: Annotated[
        str, Query(max_length=4, description="ICAO type designator.", examples=["B742"])
    ] = "",
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> Response:
    """Aircraft that were heard, ascending by address."""
    paging = Paging(request, limit, cursor)
    wanted = CraftFilter(domain=Domain.AIR, text=q, type_code=type_code.upper())
    page = query_api(request).crafts(wanted, paging.after, paging.limit)
    return paging.respond(page.items, page.more, encode_craft, lambda item: item.profile.craft)


@router.get(
    "/{aircraft_id}", summary="Read an aircraft", responses=conditional(answers(AircraftDetail, "not-found"))
)
def get_aircraft(request: Request, aircraft_id: str) -> Response:
    """One aircraft with its identity history; `aircraft_id` is `icao24:731821` or the address alone."""
    return resource(request, encode_craft_detail(query_api(request).craft(read_aircraft(aircraft_id))))
