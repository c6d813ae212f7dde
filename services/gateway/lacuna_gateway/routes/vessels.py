"""Vessels: who they said they were, and where they were last."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from lacuna_core.ids import craft_from_mmsi
from lacuna_core.position import Domain
from lacuna_core.query_filter import CraftFilter
from lacuna_gateway.conditional import resource
from lacuna_gateway.context import query_api
from lacuna_gateway.documents import PAGE_PROBLEMS, answers, conditional
from lacuna_gateway.paging import DEFAULT_LIMIT, CursorText, Limit, Paging
from lacuna_gateway.parameters import Flags, read_flags, read_vessel, read_words
from lacuna_gateway.render import encode_craft, encode_craft_detail
from lacuna_gateway.schemas import VesselDetail, VesselPage

router = APIRouter(prefix="/v1/vessels", tags=["vessels"])


@router.get("", summary="List vessels", responses=conditional(answers(VesselPage, *PAGE_PROBLEMS)))
def list_vessels(
    request: Request,
    flag: Flags = [],  # noqa: B006 - FastAPI copies it
    group: Annotated[
        list[str], Query(max_length=20, description="Ship-type group.", examples=[["cargo"]])
    ] = [],  # noqa: B006 - FastAPI copies it
    q: Annotated[
        str, Query(max_length=100, description="Part of name or callsign, case ignored.", examples=["VOLGA"])
    ] = "",
    mmsi: Annotated[int | None, Query(ge=1, le=999_999_999, examples=[273123456])] = None,
    imo: Annotated[int | None, Query(ge=1, le=4_294_967_295, examples=[9074729])] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: CursorText = None,
) -> Response:
    """Vessels that were heard, ascending by MMSI."""
    paging = Paging(request, limit, cursor)
    wanted = CraftFilter(
        domain=Domain.SEA,
        craft=None if mmsi is None else craft_from_mmsi(mmsi),
        text=q,
        flags=read_flags(flag),
        groups=read_words("group", group),
        imo=imo,
    )
    page = query_api(request).crafts(wanted, paging.after, paging.limit)
    return paging.respond(page.items, page.more, encode_craft, lambda item: item.profile.craft)


@router.get(
    "/{vessel_id}", summary="Read a vessel", responses=conditional(answers(VesselDetail, "not-found"))
)
def get_vessel(request: Request, vessel_id: str) -> Response:
    """One vessel with its identity history; `vessel_id` is `mmsi:273123456` or the digits alone."""
    return resource(request, encode_craft_detail(query_api(request).craft(read_vessel(vessel_id))))
