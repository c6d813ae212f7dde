"""The gateway as one ASGI app; every module of ``routes`` is mounted, none is named here."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from lacuna_core.clock import SystemClock
from lacuna_core.errors import LacunaError
from lacuna_core.ports import Clock
from lacuna_core.query import QueryApi
from lacuna_gateway import routes
from lacuna_gateway.context import Context
from lacuna_gateway.cursors import Cursors
from lacuna_gateway.documents import PROBLEM_SCHEMA
from lacuna_gateway.edge import Edge
from lacuna_gateway.parameters import refuse_unknown
from lacuna_gateway.problems import (
    Problem,
    from_http,
    from_lacuna,
    from_validation,
    problem_response,
)
from lacuna_gateway.settings import GatewaySettings

_DESCRIPTION = (
    "Silences of ships and aircraft, what they may mean, and what they rest on. Times are RFC 3339 in UTC, "
    "units stand in the names, errors are application/problem+json. Probabilities are null until they are "
    "calibrated."
)


def routers() -> list[APIRouter]:
    """Find the routers.

    Returns
    -------
    list of APIRouter
        ``router`` of each module in ``routes``, by module name.
    """
    names = sorted(module.name for module in iter_modules(routes.__path__))
    return [import_module(f"{routes.__name__}.{name}").router for name in names]


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        schemas = document["components"]["schemas"]
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        schemas["Problem"] = PROBLEM_SCHEMA
        document["servers"] = [{"url": "/"}]
        app.openapi_schema = document
    return app.openapi_schema


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def on_problem(request: Request, error: Problem) -> Response:
        return problem_response(request, error)

    @app.exception_handler(RequestValidationError)
    async def on_validation(request: Request, error: RequestValidationError) -> Response:
        return problem_response(request, from_validation(error))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        return problem_response(request, from_http(error))

    @app.exception_handler(LacunaError)
    async def on_lacuna(request: Request, error: LacunaError) -> Response:
        problem = from_lacuna(error)
        if problem.kind.slug == "internal":
            raise error
        return problem_response(request, problem)


def create_app(
    query: QueryApi, settings: GatewaySettings | None = None, clock: Clock | None = None
) -> FastAPI:
    """Make the gateway.

    Parameters
    ----------
    query : QueryApi
        The reads.
    settings : GatewaySettings or None
        Limits and secrets; the defaults when None.
    clock : Clock or None
        For the expiry of cursors and the age of data; the wall clock when None.

    Returns
    -------
    FastAPI
        The ASGI app.
    """
    settings = settings or GatewaySettings()
    clock = clock or SystemClock()
    app = FastAPI(
        title="Lacuna",
        version="1.0.0",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        dependencies=[Depends(refuse_unknown)],
    )
    app.state.context = Context(query, settings, clock, Cursors(settings, clock))
    for router in routers():
        app.include_router(router)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # as FastAPI documents it
    _handle_errors(app)
    app.add_middleware(Edge, settings=settings)
    return app
