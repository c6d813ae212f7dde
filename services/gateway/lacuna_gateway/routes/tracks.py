"""Tracks: positions of one craft in an interval."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from lacuna_core.units import MS_PER_DAY
from lacuna_gateway.conditional import resource
from lacuna_gateway.context import context
from lacuna_gateway.documents import answers, conditional
from lacuna_gateway.parameters import End, Start, read_craft, read_interval
from lacuna_gateway.problems import invalid
from lacuna_gateway.schemas import Track
from lacuna_gateway.track_json import GEOJSON, encode_geojson, encode_track

router = APIRouter(prefix="/v1/tracks", tags=["tracks"])
MAX_DAYS = 400
_GEOJSON_EXAMPLE = {
    "type": "Feature",
    "geometry": {"type": "LineString", "coordinates": [[50.1, 40.35], [50.1003, 40.3502]]},
    "properties": {"craft": "mmsi:273123456", "times": ["2022-09-01T12:00:00Z", "2022-09-01T12:00:10Z"]},
}
_OTHER = {GEOJSON: {"schema": {"type": "object"}, "example": _GEOJSON_EXAMPLE}}


@router.get(
    "/{craft}", summary="Read a track", responses=conditional(answers(Track, "not-found", other=_OTHER))
)
def get_track(
    request: Request,
    craft: str,
    start: Start = None,
    end: End = None,
    max_points: Annotated[int, Query(ge=2, description="Most positions; longer tracks are thinned.")] = 5_000,
    shape: Annotated[
        Literal["columns", "points"], Query(description="One list a column, or one object a position.")
    ] = "columns",
) -> Response:
    """Positions sorted by time; without an interval the last 24 hours known.

    A track of more than `max_points` positions keeps the first of each stretch of `stride_s` seconds and the
    last of all. `Accept: application/geo+json` gives a feature.
    """
    shared = context(request)
    if max_points > shared.settings.max_points:
        raise invalid("/query/max_points", f"input should be at most {shared.settings.max_points}")
    key = read_craft("/path/craft", craft)
    start_ms, end_ms = read_interval(start, end)
    if end_ms is None:
        last_ms = shared.query.craft(key).summary.profile.last_ms or 0
        end_ms = last_ms + 1 if start_ms is None else max(last_ms, start_ms) + 1
    start_ms = end_ms - MS_PER_DAY if start_ms is None else start_ms
    if end_ms - start_ms > MAX_DAYS * MS_PER_DAY:
        raise invalid("/query/start", f"the interval is longer than {MAX_DAYS} days")
    track = shared.query.track(key, start_ms, end_ms, max_points)
    if GEOJSON in request.headers.get("accept", ""):
        return resource(request, encode_geojson(key, track), media_type=GEOJSON)
    return resource(request, encode_track(key, track, as_points=shape == "points"))
