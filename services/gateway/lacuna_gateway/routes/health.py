"""Health: what an orchestrator asks; never routed to the public."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lacuna_gateway.conditional import JSON
from lacuna_gateway.context import query_api
from lacuna_gateway.documents import answers
from lacuna_gateway.schemas import Health

router = APIRouter(tags=["health"])
_OK = b'{"status":"ok"}'


def _ok() -> Response:
    return Response(_OK, 200, {"Cache-Control": "no-store"}, JSON)


@router.get("/livez", summary="Is the process alive", responses=answers(Health))
async def livez() -> Response:
    """Answers whenever the event loop turns; asks nothing of the stores."""
    return _ok()


@router.get("/readyz", summary="Can requests be served", responses=answers(Health))
def readyz(request: Request) -> Response:
    """Reads one row; a store that is away gives 503."""
    query_api(request).alerts("", None, 1)
    return _ok()


@router.get("/startupz", summary="Has the process started", responses=answers(Health))
def startupz(request: Request) -> Response:
    """The same as `/readyz`, for the probe that runs first."""
    query_api(request).alerts("", None, 1)
    return _ok()
