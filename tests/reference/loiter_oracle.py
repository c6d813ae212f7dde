"""Loitering of one craft the slow way: cut the track at silences, sum clock hours, look for runs."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

HOUR_MS = 3_600_000
LIMIT_MM_PER_H = 2 * 1_852_000


def loitering_of(rows: Sequence[tuple[int, int, bool]], until_ms: int) -> list[dict[str, Any]]:
    """What must be said of (time, millimeters since the row before, in port) rows up to a watermark."""
    said = []
    for piece, ended in _pieces(rows, until_ms):
        said += _runs(piece, ended)
    return said


def _pieces(
    rows: Sequence[tuple[int, int, bool]], until_ms: int
) -> list[tuple[list[tuple[int, int, bool]], bool]]:
    pieces: list[list[tuple[int, int, bool]]] = []
    for row in rows:
        if not pieces or row[0] - pieces[-1][-1][0] > HOUR_MS:
            pieces.append([])
        pieces[-1].append(row)
    return [
        (piece, i + 1 < len(pieces) or piece[-1][0] + HOUR_MS + 1 <= until_ms)
        for i, piece in enumerate(pieces)
    ]


def _runs(piece: list[tuple[int, int, bool]], ended: bool) -> list[dict[str, Any]]:
    length_ms: dict[int, int] = defaultdict(int)
    way_mm: dict[int, int] = defaultdict(int)
    members: dict[int, list[tuple[int, int, bool]]] = defaultdict(list)
    for i, (t_ms, step_mm, in_port) in enumerate(piece):
        hour = t_ms // HOUR_MS
        members[hour].append((t_ms, step_mm, in_port))
        if i == 0 or t_ms == piece[i - 1][0]:
            continue
        dt_ms, before_ms = t_ms - piece[i - 1][0], 0
        before_mm = 0
        if piece[i - 1][0] // HOUR_MS != hour:
            before_ms = hour * HOUR_MS - piece[i - 1][0]
            before_mm = step_mm * before_ms // dt_ms
            length_ms[hour - 1] += before_ms
            way_mm[hour - 1] += before_mm
        length_ms[hour] += dt_ms - before_ms
        way_mm[hour] += step_mm - before_mm
    return _judge(piece, ended, length_ms, way_mm, members)


def _judge(
    piece: list[tuple[int, int, bool]],
    ended: bool,
    length_ms: dict[int, int],
    way_mm: dict[int, int],
    members: dict[int, list[tuple[int, int, bool]]],
) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []
    run: list[int] = []
    is_open = False
    hours = sorted(members)
    for place, hour in enumerate(hours):
        last = place + 1 == len(hours)
        if last and not ended:
            break
        now_ms = piece[-1][0] + HOUR_MS + 1 if last else members[hours[place + 1]][0][0]
        slow = (
            not any(r[2] for r in members[hour])
            and length_ms[hour] > 0
            and way_mm[hour] * HOUR_MS < LIMIT_MM_PER_H * length_ms[hour]
        )
        run = [*run, hour] if slow else run
        total_ms, total_mm = sum(length_ms[h] for h in run), sum(way_mm[h] for h in run)
        words = {
            "as_of_ms": now_ms, "start_ms": members[run[0]][0][0] if run else 0, "end_ms": None,
            "run_ms": total_ms, "run_mm": total_mm, "slow_hours": len(run),
        }  # fmt: skip
        over = last or not slow
        if over and run and total_ms >= 4 * HOUR_MS:
            said.append(words | {"status": "closed", "end_ms": members[run[-1]][-1][0]})
        elif not over and not is_open and total_ms >= 4 * HOUR_MS:
            said.append(words | {"status": "open"})
            is_open = True
        if over:
            run, is_open = [], False
    return said
