"""Statistics: counts beside exposure, rates beside intervals, void apart."""

from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from lacuna_core.query_filter import SilenceFilter
from lacuna_core.timestamps import format_time
from lacuna_core.units import MS_PER_DAY
from lacuna_gateway.conditional import answer, weak_etag
from lacuna_gateway.context import context
from lacuna_gateway.documents import answers, conditional
from lacuna_gateway.parameters import End, Flags, Start, read_flags, read_interval, read_words
from lacuna_gateway.problems import invalid
from lacuna_gateway.render import silence_record
from lacuna_gateway.schemas import Statistics

router = APIRouter(prefix="/v1/statistics", tags=["statistics"])
_DEFAULT_DAYS = 365
_MAX_DAYS = 3_660
HEADLINE_H = 30.0
EXPOSURE = "hours with at least one position, over 24"


def _interval(request: Request, start: str | None, end: str | None) -> tuple[int, int]:
    start_ms, end_ms = read_interval(start, end)
    if end_ms is None:
        newest_ms = context(request).query.account().newest_position_ms or 0
        end_ms = newest_ms + 1 if start_ms is None else max(newest_ms, start_ms) + 1
    start_ms = end_ms - _DEFAULT_DAYS * MS_PER_DAY if start_ms is None else start_ms
    if end_ms - start_ms > _MAX_DAYS * MS_PER_DAY:
        raise invalid("/query/start", f"the interval is longer than {_MAX_DAYS} days")
    return start_ms, end_ms


@router.get("", summary="Count silences with their rates", responses=conditional(answers(Statistics)))
def get_statistics(
    request: Request,
    metric: Annotated[Literal["silences"], Query(description="What to count.")] = "silences",
    start: Start = None,
    end: End = None,
    threshold_h: Annotated[
        float, Query(ge=1, le=1e5, allow_inf_nan=False, description="Shortest silence, hours.")
    ] = HEADLINE_H,
    by: Annotated[
        list[Literal["month", "flag", "group", "all"]],
        Query(max_length=4, description="Break down by these, `month` without it; `all` gives one figure."),
    ] = ["month"],  # noqa: B006 - FastAPI copies it
    flag: Flags = [],  # noqa: B006 - FastAPI copies it
    group: Annotated[
        list[str], Query(max_length=20, description="Ship-type group.", examples=[["cargo"]])
    ] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """Silences of vessels that began in the interval, without one the last year known."""
    start_ms, end_ms = _interval(request, start, end)
    wanted = SilenceFilter(
        start_ms=start_ms,
        end_ms=end_ms,
        threshold_h=threshold_h,
        by=tuple(word for word in by if word != "all"),
        flags=read_flags(flag),
        groups=read_words("group", group),
    )
    figures = context(request).query.silences(wanted)
    body = orjson.dumps(
        {
            "metric": metric,
            "threshold_h": threshold_h,
            "start": format_time(start_ms),
            "end": format_time(end_ms),
            "exposure": EXPOSURE,
            "data": [silence_record(figure) for figure in figures],
        }
    )
    return answer(request, body, weak_etag(body))
