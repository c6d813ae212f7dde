"""Pages joined from encoded items: ``data``, ``page.next``, a ``Link`` header, a weak tag."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

import orjson
from fastapi import Query, Request
from fastapi.responses import Response

from lacuna_gateway.conditional import answer, weak_etag
from lacuna_gateway.context import context
from lacuna_gateway.problems import invalid

T = TypeVar("T")
DEFAULT_LIMIT = 100
_PAGING = ("cursor", "limit")

Limit = Annotated[
    int, Query(ge=1, description="Most items of the page; the gateway may set a lower bound.", examples=[100])
]
CursorText = Annotated[
    str | None,
    Query(
        max_length=1_000,
        description="`page.next` of the page before, with the same filters; good for a day.",
    ),
]


class Paging:
    """One request for a page.

    Parameters
    ----------
    request : Request
        The request, its query string above all.
    limit : int
        Most items.
    cursor : str or None
        Where to go on.
    body : bytes
        Request body that holds filters, where there is one.
    """

    def __init__(self, request: Request, limit: int, cursor: str | None, body: bytes = b"") -> None:
        shared = context(request)
        if limit > shared.settings.max_limit:
            raise invalid(
                "/query/limit", f"input should be less than or equal to {shared.settings.max_limit}"
            )
        self._request = request
        self._cursors = shared.cursors
        self._filters = sorted((k, v) for k, v in request.query_params.multi_items() if k not in _PAGING)
        digest = hashlib.blake2b(body, digest_size=16).hexdigest()
        self._scope = repr((request.url.path, self._filters, digest))
        self.limit = limit
        self.after: Any = None if cursor is None else self._cursors.read(self._scope, cursor)

    def respond(
        self, items: Sequence[T], more: bool, encode: Callable[[T], bytes], key: Callable[[T], Any]
    ) -> Response:
        """Answer with a page.

        Parameters
        ----------
        items : sequence
            What it holds, in order.
        more : bool
            Whether there are items behind the last one.
        encode : callable
            Item to JSON.
        key : callable
            Item to its place in the order, plain JSON values.

        Returns
        -------
        Response
            The page, or 304.
        """
        data = b",".join(map(encode, items))
        cursor = self._cursors.sign(self._scope, key(items[-1])) if more else None
        page = orjson.dumps({"next": cursor, "limit": self.limit})
        headers = {}
        if cursor is not None:
            query = urlencode([*self._filters, ("limit", self.limit), ("cursor", cursor)])
            headers["Link"] = f'<{self._request.url.path}?{query}>; rel="next"'
        body = b'{"data":[' + data + b'],"page":' + page + b"}"
        return answer(self._request, body, weak_etag(data + (b"+" if more else b"")), headers=headers)
