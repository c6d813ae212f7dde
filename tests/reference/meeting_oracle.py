"""Grid positions, pairs and encounters the slow way."""

import math
import statistics
from collections.abc import Sequence
from typing import Any

from tests.reference.sphere_oracle import distance_m, unit

SLOT_MS = 600_000
HOUR_MS = 3_600_000


def position_on_grid(fixes: Sequence[tuple[int, float, float]], t_ms: int) -> tuple[float, float] | None:
    """Place of one craft (fixes of distinct times) at a grid time, None where it is not known."""
    for i, (at_ms, lat_deg, lon_deg) in enumerate(fixes):
        if at_ms == t_ms:
            return lat_deg, lon_deg
        if i and fixes[i - 1][0] < t_ms < at_ms and at_ms - fixes[i - 1][0] < HOUR_MS:
            before_ms, before_lat, before_lon = fixes[i - 1]
            share = (t_ms - before_ms) / (at_ms - before_ms)
            a, b = unit(before_lat, before_lon), unit(lat_deg, lon_deg)
            x, y, z = ((1 - share) * p + share * q for p, q in zip(a, b, strict=True))
            return math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))
    return None


def pairs_within(places: Sequence[tuple[int, float, float]], radius_m: float) -> set[tuple[int, int]]:
    """Pairs of (slot, latitude, longitude) of one slot within a radius, all against all."""
    found = set()
    for i, (slot, lat, lon) in enumerate(places):
        for j in range(i + 1, len(places)):
            if places[j][0] == slot and distance_m(lat, lon, places[j][1], places[j][2]) <= radius_m:
                found.add((i, j))
    return found


def encounters_of(
    contacts: Sequence[tuple[int, tuple[float | None, float | None]]], until_ms: int
) -> list[dict[str, Any]]:
    """What must be said of one pair's (slot start, speeds) contacts up to a watermark."""
    runs: list[list[tuple[int, tuple[float | None, float | None]]]] = []
    for contact in contacts:
        if not runs or contact[0] - runs[-1][-1][0] >= 4 * HOUR_MS:
            runs.append([])
        runs[-1].append(contact)
    said: list[dict[str, Any]] = []
    for run in runs:
        opened = next((n for n in range(12, len(run) + 1) if _slow(run[:n])), None)
        if opened is None:
            continue
        common: dict[str, Any] = {"start_ms": run[0][0]}
        said.append(
            common
            | {"as_of_ms": run[opened - 1][0] + HOUR_MS, "status": "open", "slots": opened, "end_ms": None}
        )
        over_ms = run[-1][0] + 5 * HOUR_MS
        if over_ms <= until_ms:
            status = "closed" if _slow(run) else "retracted"
            said.append(
                common | {"as_of_ms": over_ms, "status": status, "slots": len(run), "end_ms": run[-1][0]}
            )
    return said


def _slow(run: Sequence[tuple[int, tuple[float | None, float | None]]]) -> bool:
    speeds = [s for _, pair in run for s in pair if s is not None]
    return bool(speeds) and statistics.median_low(speeds) < 2.0
