"""Silences of one craft the slow way: all its times at once, nothing streamed."""

import statistics
from collections.abc import Sequence
from typing import Any

HOUR_MS = 3_600_000
THRESHOLDS_H = (1, 6, 12, 24, 30)


def gaps_of(
    times_ms: Sequence[int], speeds_kn: Sequence[float | None], until_ms: int
) -> list[dict[str, Any]]:
    """What must be said of the silences of a craft up to a watermark, in order of time."""
    said = []
    ends: list[int | None] = [*times_ms[1:], None]
    for i, (start_ms, end_ms) in enumerate(zip(times_ms, ends, strict=True)):
        common = {"start_ms": start_ms, **_before(times_ms[: i + 1], speeds_kn[: i + 1])}
        for hours in THRESHOLDS_H:
            due_ms = start_ms + hours * HOUR_MS + 1
            if due_ms <= until_ms and (end_ms is None or due_ms < end_ms):
                said.append({"as_of_ms": due_ms, "status": "open", "hours": float(hours), **common})
        if end_ms is not None and end_ms - start_ms > HOUR_MS:
            hours_silent = (end_ms - start_ms) / HOUR_MS
            said.append({"as_of_ms": end_ms, "status": "closed", "hours": hours_silent, **common})
    return said


def _before(times_ms: Sequence[int], speeds_kn: Sequence[float | None]) -> dict[str, Any]:
    newest_hour = times_ms[-1] // HOUR_MS
    positions = sum(1 for t in times_ms if newest_hour - 12 < t // HOUR_MS)
    moving = sorted(_middle(s) for s in speeds_kn if s is not None and s >= 3.0)
    enough = len(moving) >= 20
    return {
        "positions_12h": positions,
        "cruise_kn": statistics.median_low(moving) if enough else None,
        "p99_kn": moving[-(-99 * len(moving) // 100) - 1] if enough else None,
    }


def _middle(speed_kn: float) -> float:
    return min(int(round(speed_kn * 10) - 30) // 5, 63) * 0.5 + 3.25
