"""Errors as ``application/problem+json`` (RFC 9457), each with a type that has a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from lacuna_core.errors import Conflict, InvalidInput, LacunaError, NotFound, Transient

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of error that a client can tell from others.

    Attributes
    ----------
    slug : str
        Last part of its URI, ``/problems/<slug>``; it never changes.
    status : int
        HTTP status.
    title : str
        A few words.
    description : str
        What it means and what to do.
    """

    slug: str
    status: int
    title: str
    description: str

    @property
    def uri(self) -> str:
        """Stable URI of the type, relative to the gateway."""
        return f"/problems/{self.slug}"


_TABLE = (
    ProblemType("bad-request", 400, "Bad request", "The request or its body could not be read."),
    ProblemType(
        "invalid-cursor", 400, "Invalid cursor",
        "The cursor is not one of this gateway, or belongs to other filters. Start at the first page.",
    ),
    ProblemType("not-found", 404, "Not found", "There is no such path, or nothing of that id is known."),
    ProblemType("method-not-allowed", 405, "Method not allowed", "The path exists; see the Allow header."),
    ProblemType("conflict", 409, "Conflict", "The request contradicts what is there."),
    ProblemType(
        "cursor-expired", 410, "Cursor expired",
        "Cursors are good for a day. Start at the first page, or at the time of the last item you have.",
    ),
    ProblemType("body-too-large", 413, "Body too large", "The request body is larger than allowed."),
    ProblemType("target-too-long", 414, "Target too long", "Path and query string together are too long."),
    ProblemType(
        "invalid-request", 422, "Invalid request",
        "A parameter or a part of the body is missing, unknown or malformed; errors[] points at each.",
    ),
    ProblemType("headers-too-large", 431, "Headers too large", "The request headers are too large."),
    ProblemType("internal", 500, "Internal error", "Our fault. Quote request_id when you report it."),
    ProblemType("unavailable", 503, "Unavailable", "The stores are away. Try again after Retry-After."),
)  # fmt: skip
TYPES: Mapping[str, ProblemType] = {kind.slug: kind for kind in _TABLE}
_BY_STATUS = {kind.status: kind for kind in reversed(_TABLE) if kind.slug != "invalid-cursor"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request.

    Attributes
    ----------
    pointer : str
        JSON pointer to it: ``/query/limit``, ``/path/vessel_id``, ``/body/polygon/0``.
    detail : str
        What was found and what was expected.
    """

    pointer: str
    detail: str


class Problem(Exception):
    """Ends a request with a problem.

    Parameters
    ----------
    slug : str
        Which type.
    detail : str
        What happened to this request.
    faults : sequence of Fault
        What is wrong with it.
    headers : mapping of str to str
        Headers to add.
    """

    def __init__(
        self,
        slug: str,
        detail: str,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = TYPES[slug]
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = dict(headers or {})


def invalid(pointer: str, detail: str) -> Problem:
    """Refuse a request for one fault.

    Parameters
    ----------
    pointer : str
        JSON pointer to what is wrong.
    detail : str
        What was expected.

    Returns
    -------
    Problem
        To raise.
    """
    return Problem("invalid-request", f"{pointer}: {detail}", [Fault(pointer, detail)])


def problem_body(problem: Problem, request_id: str, instance: str) -> bytes:
    """Write a problem.

    Parameters
    ----------
    problem : Problem
        The problem.
    request_id : str
        Id of the request.
    instance : str
        Its path.

    Returns
    -------
    bytes
        JSON.
    """
    body: dict[str, object] = {
        "type": problem.kind.uri,
        "title": problem.kind.title,
        "status": problem.kind.status,
        "detail": problem.detail,
        "instance": instance,
        "request_id": request_id,
    }
    if problem.faults:
        body["errors"] = [{"pointer": f.pointer, "detail": f.detail} for f in problem.faults]
    # What a client sent may hold lone surrogates, which no UTF-8 can carry.
    return orjson.dumps(_clean(body))


def _clean(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value


def problem_response(request: Request, problem: Problem) -> Response:
    """Answer with a problem.

    Parameters
    ----------
    request : Request
        What failed.
    problem : Problem
        How.

    Returns
    -------
    Response
        ``application/problem+json``.
    """
    body = problem_body(problem, request.scope.get("request_id", ""), request.url.path)
    headers = {"Cache-Control": "no-store", **problem.headers}
    return Response(body, problem.kind.status, headers, MEDIA_TYPE)


def from_validation(error: RequestValidationError) -> Problem:
    """Turn what FastAPI found into a problem.

    Parameters
    ----------
    error : RequestValidationError
        Faults with their places.

    Returns
    -------
    Problem
        One fault each, without echoing the input.
    """
    faults = []
    for item in error.errors():
        parts = [str(part).replace("~", "~0").replace("/", "~1") for part in item["loc"]]
        if item["type"] == "json_invalid":
            parts = ["body"]
        faults.append(Fault("/" + "/".join(parts), str(item["msg"])))
    pointers = ", ".join(fault.pointer for fault in faults)
    return Problem("invalid-request", f"the request is not valid at {pointers}", faults)


def from_http(error: HTTPException) -> Problem:
    """Turn an error of the framework into a problem.

    Parameters
    ----------
    error : HTTPException
        404, 405 and their like.

    Returns
    -------
    Problem
        The type of that status.
    """
    other = TYPES["bad-request" if error.status_code < 500 else "internal"]
    kind = _BY_STATUS.get(error.status_code, other)
    return Problem(kind.slug, kind.description, headers=error.headers)


def from_lacuna(error: LacunaError) -> Problem:
    """Turn an error of ours into a problem: the one table from error to status.

    Parameters
    ----------
    error : LacunaError
        Named by the reaction it asks for.

    Returns
    -------
    Problem
        404, 409, 422 or 503; anything else is our fault and says nothing of its cause.
    """
    if isinstance(error, NotFound):
        return Problem("not-found", str(error))
    if isinstance(error, InvalidInput):
        return Problem("invalid-request", str(error))
    if isinstance(error, Conflict):
        return Problem("conflict", str(error))
    if isinstance(error, Transient):
        return Problem("unavailable", TYPES["unavailable"].description, headers={"Retry-After": "5"})
    return Problem("internal", TYPES["internal"].description)
