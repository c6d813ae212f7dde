"""Small batches and events for tests of stores, query and gateway."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lacuna_core.digest import event_id
from lacuna_core.event import CLOSED, Alert, Event, Term
from lacuna_core.ids import craft_from_icao24, craft_from_mmsi
from lacuna_core.position import Domain, IdentityBatch, PositionBatch
from lacuna_core.units import MS_PER_H, NULL_I16, NULL_I32, NULL_U16

T0_MS = 1_661_990_400_000
"""2022-09-01T00:00:00Z, the start of a day."""
SHIP, OTHER_SHIP = craft_from_mmsi(273123456), craft_from_mmsi(422000001)
PLANE = craft_from_icao24("731821")


def positions(t_ms: Sequence[int], craft: int | Sequence[int] = SHIP, **columns: Any) -> PositionBatch:
    """Positions that move slowly north-east, unless columns say otherwise."""
    n = len(t_ms)
    values: dict[str, Any] = {
        "craft": np.full(n, craft, np.uint64) if isinstance(craft, int) else craft,
        "t_ms": t_ms,
        "lat_e7": np.full(n, 370_000_000) + np.arange(n) * 1000,
        "lon_e7": np.full(n, 500_000_000) + np.arange(n) * 1000,
        "speed_dkn": np.full(n, 101),
        "course_ddeg": np.full(n, 450),
        "heading_ddeg": np.full(n, NULL_U16),
        "baro_altitude_ft": np.full(n, NULL_I32),
        "geo_altitude_ft": np.full(n, NULL_I32),
        "vertical_rate_fpm": np.full(n, NULL_I16),
        "flags": np.zeros(n),
        "craft_class": np.ones(n),
        "source": "nmea",
        "receiver": "baku",
    }
    domain = columns.pop("domain", Domain.SEA)
    return PositionBatch.build({**values, **columns}, domain=domain)


def identities(t_ms: Sequence[int], craft: int = SHIP, **columns: Any) -> IdentityBatch:
    """Identities without content, unless columns give it."""
    n = len(t_ms)
    numbers = (
        "imo", "ship_type", "to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m", "draught_dm",
    )  # fmt: skip
    values: dict[str, Any] = {
        "craft": np.full(n, craft, np.uint64),
        "t_ms": t_ms,
        **{name: np.zeros(n) for name in numbers},
        "squawk": np.full(n, NULL_U16),
        **dict.fromkeys(("name", "callsign", "destination", "registration", "type_code"), ""),
        "source": "nmea",
    }
    domain = columns.pop("domain", Domain.SEA)
    return IdentityBatch.build({**values, **columns}, domain=domain)


def event(number: int = 1, **fields: Any) -> Event:
    """A closed gap of two hours off Baku, unless fields say otherwise."""
    start_ms = fields.get("start_ms", T0_MS + number * MS_PER_H)
    base = Event(
        event_id=event_id(fields.get("kind", "gap"), fields.get("crafts", (SHIP,)), T0_MS, number),
        kind="gap",
        crafts=(SHIP,),
        generation=0,
        revision=1,
        status=CLOSED,
        as_of_ms=start_ms + 2 * MS_PER_H,
        start_ms=start_ms,
        end_ms=start_ms + 2 * MS_PER_H,
        start_lat_e7=400_000_000,
        start_lon_e7=500_000_000,
        end_lat_e7=401_000_000,
        end_lon_e7=501_000_000,
        probabilities=(("off", None),),
        terms=(Term("silence", 2.0, "h"),),
        evidence=("00000000000000aa",),
        detail='{"threshold_h":1}',
        model_version="gap/1+00000000",
    )
    return replace(base, **fields)


def alert(number: int, **fields: Any) -> Alert:
    """An alert of the aviation topic."""
    base = Alert("alerts.aviation", f"id-{number}", 0, 1, "trip", T0_MS + number, f'{{"n":{number}}}')
    return replace(base, **fields)


def as_rows(batch: PositionBatch | IdentityBatch) -> list[tuple[Any, ...]]:
    """Rows as tuples, text as text."""
    names = [c.name for c in batch.SCHEMA]
    texts = {c.name for c in batch.SCHEMA if c.text}
    columns = [(batch.text(n) if n in texts else getattr(batch, n)).tolist() for n in names]
    return list(zip(*columns, strict=True))
