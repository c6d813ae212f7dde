"""Answers with ETags, and 304 where the client has them already."""

import hashlib
from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import Response

JSON = "application/json"
_REVALIDATE = "private, no-cache"


def strong_etag(body: bytes) -> str:
    """Tag the exact bytes of a body.

    Parameters
    ----------
    body : bytes
        What is served.

    Returns
    -------
    str
        Quoted.
    """
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def weak_etag(content: bytes) -> str:
    """Tag what a list says, whatever its cursors look like.

    Parameters
    ----------
    content : bytes
        The items.

    Returns
    -------
    str
        Quoted, marked weak.
    """
    return "W/" + strong_etag(content)


def _matches(request: Request, etag: str) -> bool:
    asked = request.headers.get("if-none-match", "")
    opaque = etag.removeprefix("W/")
    return any(tag.strip() == "*" or tag.strip().removeprefix("W/") == opaque for tag in asked.split(","))


def answer(
    request: Request,
    body: bytes,
    etag: str,
    *,
    media_type: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer 200 with a body, or 304 without one.

    Parameters
    ----------
    request : Request
        With or without ``If-None-Match``.
    body : bytes
        What to serve.
    etag : str
        Its tag.
    media_type : str
        Its type.
    headers : mapping of str to str
        Headers to add.

    Returns
    -------
    Response
        The answer.
    """
    sent = {"ETag": etag, "Cache-Control": _REVALIDATE, **(headers or {})}
    if _matches(request, etag):
        return Response(None, 304, sent)
    return Response(body, 200, sent, media_type)


def resource(request: Request, body: bytes, *, media_type: str = JSON) -> Response:
    """Answer with a single resource under a strong tag.

    Parameters
    ----------
    request : Request
        The request.
    body : bytes
        What to serve.
    media_type : str
        Its type.

    Returns
    -------
    Response
        The answer; it varies by ``Accept``.
    """
    return answer(request, body, strong_etag(body), media_type=media_type, headers={"Vary": "Accept"})
