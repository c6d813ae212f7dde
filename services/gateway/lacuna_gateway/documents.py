"""How operations appear in the OpenAPI document: schemas and examples of answers, shared problems."""

from typing import Any

from pydantic import BaseModel

from lacuna_gateway.problems import MEDIA_TYPE, TYPES

_PROBLEM_EXAMPLE = {
    "type": "/problems/invalid-request",
    "title": "Invalid request",
    "status": 422,
    "detail": "/query/start: expected RFC 3339 in UTC, such as 2022-09-01T12:00:00Z",
    "instance": "/v1/events",
    "request_id": "5f6c1f0f3c0e4d7e8f2d3f1c9b7a6e55",
    "errors": [
        {"pointer": "/query/start", "detail": "expected RFC 3339 in UTC, such as 2022-09-01T12:00:00Z"}
    ],
}
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
"""Stands in the document as ``#/components/schemas/Problem``."""


def _problem(slugs: list[str]) -> dict[str, Any]:
    kinds = [TYPES[slug] for slug in slugs]
    example = {
        **_PROBLEM_EXAMPLE,
        "type": kinds[0].uri,
        "title": kinds[0].title,
        "status": kinds[0].status,
        "detail": kinds[0].description,
    }
    if kinds[0].slug == "invalid-request":
        example = _PROBLEM_EXAMPLE
    else:
        example.pop("errors")
    return {
        "description": "; ".join(kind.title for kind in kinds),
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
    }


def answers(
    model: type[BaseModel], *slugs: str, description: str = "Found", other: dict[str, Any] | None = None
) -> dict[int | str, dict[str, Any]]:
    """Document what an operation may answer.

    Parameters
    ----------
    model : type
        Schema of the 200 answer, with an example in its configuration.
    *slugs : str
        Problem types beside the ones that every operation shares.
    description : str
        What the 200 answer is.
    other : dict
        Other media types of the 200 answer.

    Returns
    -------
    dict
        For ``responses`` of a route.
    """
    example = model.model_config.get("json_schema_extra")
    found = example["example"] if isinstance(example, dict) else {}
    responses: dict[int | str, dict[str, Any]] = {
        200: {
            "model": model,
            "description": description,
            "content": {"application/json": {"example": found}, **(other or {})},
        },
    }
    by_status: dict[int, list[str]] = {}
    for slug in ("invalid-request", "internal", "unavailable", *slugs):
        by_status.setdefault(TYPES[slug].status, []).append(slug)
    for status, names in sorted(by_status.items()):
        responses[status] = _problem(names)
    return responses


def conditional(responses: dict[int | str, dict[str, Any]]) -> dict[int | str, dict[str, Any]]:
    """Add the 304 answer.

    Parameters
    ----------
    responses : dict
        Answers of an operation.

    Returns
    -------
    dict
        The same with 304.
    """
    return {**responses, 304: {"description": "Not modified: the ETag of If-None-Match still holds"}}


PAGE_PROBLEMS = ("invalid-cursor", "cursor-expired")
