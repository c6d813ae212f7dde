"""Problem types: the page behind each ``type`` URI."""

from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from lacuna_core.errors import NotFound
from lacuna_gateway.conditional import resource
from lacuna_gateway.documents import answers, conditional
from lacuna_gateway.problems import TYPES, ProblemType
from lacuna_gateway.schemas import ProblemPage, ProblemPages

router = APIRouter(prefix="/problems", tags=["problems"])


def _record(kind: ProblemType) -> dict[str, Any]:
    return {"type": kind.uri, "title": kind.title, "status": kind.status, "description": kind.description}


@router.get("", summary="List problem types", responses=conditional(answers(ProblemPages)))
def list_types(request: Request) -> Response:
    """All problem types, by status."""
    return resource(request, orjson.dumps({"data": [_record(kind) for kind in TYPES.values()]}))


@router.get(
    "/{slug}", summary="Read a problem type", responses=conditional(answers(ProblemPage, "not-found"))
)
def get_type(request: Request, slug: str) -> Response:
    """What one problem type means and what to do."""
    if slug not in TYPES:
        raise NotFound(f"there is no problem type {slug}")
    return resource(request, orjson.dumps(_record(TYPES[slug])))
