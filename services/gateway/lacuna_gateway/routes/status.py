"""Status: how far the data reaches, and whether anything was lost."""

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from lacuna_core.timestamps import format_time
from lacuna_core.units import MS_PER_S
from lacuna_gateway.conditional import JSON
from lacuna_gateway.context import context
from lacuna_gateway.documents import answers
from lacuna_gateway.schemas import Status

router = APIRouter(prefix="/v1/status", tags=["status"])


def _time(t_ms: int | None) -> str | None:
    return None if t_ms is None else format_time(t_ms)


@router.get("", summary="Read the state of the data", responses=answers(Status))
def get_status(request: Request) -> Response:
    """Watermark, newest message of each source, rows stored, dead letters by reason, newest ledger lines."""
    shared = context(request)
    account = shared.query.account()
    mark = account.watermark_ms
    body = {
        "watermark": _time(mark),
        "watermark_age_s": None if mark is None else (shared.clock.now_ms() - mark) / MS_PER_S,
        "newest_position": _time(account.newest_position_ms),
        "sources": [{"source": name, "newest": format_time(t_ms)} for name, t_ms in account.sources],
        "stored": {
            "crafts": account.crafts,
            "chunks": account.chunks,
            "positions": account.positions,
            "events": account.events,
            "alerts": account.alerts,
        },
        "dead_letters": [
            {"source": source, "reason": reason, "count": count}
            for source, reason, count in account.dead_letters
        ],
        "ledger": [
            {"stage": e.stage, "partition": e.partition, "t": format_time(e.t_ms), "counts": dict(e.counts)}
            for e in account.ledger
        ],
    }
    return Response(orjson.dumps(body), 200, {"Cache-Control": "no-store"}, JSON)
