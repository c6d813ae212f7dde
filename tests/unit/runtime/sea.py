"""Small sea positions for tests of the loop."""

from typing import Any

import numpy as np

from lacuna_core.ids import craft_from_mmsi
from lacuna_core.position import Domain, PositionBatch, SourceHealth
from lacuna_core.units import NULL_I16, NULL_I32

T0 = 1_662_033_600_000
SHIP = craft_from_mmsi(273_123_456)


def positions(
    times: list[int], *, craft: int | list[int] = SHIP, lat_e7: int | list[int] = 376_000_000,
    source: str | list[str] = "nmea", receiver: str | list[str] = "a", domain: Domain = Domain.SEA,
) -> PositionBatch:  # fmt: skip
    n = len(times)
    values: dict[str, Any] = {c.name: np.zeros(n, c.dtype) for c in PositionBatch.SCHEMA if not c.text}
    values |= {
        "t_ms": times, "craft": np.full(n, craft, np.uint64), "lat_e7": np.full(n, lat_e7),
        "baro_altitude_ft": np.full(n, NULL_I32), "geo_altitude_ft": np.full(n, NULL_I32),
        "vertical_rate_fpm": np.full(n, NULL_I16), "source": source, "receiver": receiver,
    }  # fmt: skip
    return PositionBatch.build(values, domain=domain)


def health(t_ms: int, messages: int, receiver: str = "a") -> SourceHealth:
    return SourceHealth.build(
        {"t_ms": [t_ms], "start_ms": [t_ms - 600_000], "messages": [messages], "domain_code": [1],
         "source": "nmea", "receiver": receiver}
    )  # fmt: skip
