"""Keyed streaming of interleaved craft beside a plain Python loop over a dictionary: silences of craft."""

from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from lacuna_detection.craft_index import CraftIndex
from lacuna_kernels import gaps

CRAFTS, ROWS = 10_000, 2_000_000
PEER_ROWS = 500_000
THRESHOLDS_MS = np.array([1, 6, 12, 24, 30], np.int64) * 3_600_000


def interleaved_rows() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64], npt.NDArray[np.uint16]]:
    """A day of craft that report every seven minutes on average, in order of time."""
    rng = np.random.default_rng(2)
    craft = rng.integers(0, CRAFTS, ROWS).astype(np.uint64) + np.uint64(1 << 56)
    times = np.sort(rng.integers(0, 24 * 3_600_000, ROWS))
    return craft, times, rng.integers(0, 200, ROWS).astype(np.uint16)


def stream(
    craft: npt.NDArray[np.uint64], times: npt.NDArray[np.int64], speed: npt.NDArray[np.uint16]
) -> npt.NDArray[np.int64]:
    index = CraftIndex()
    slots = index.slots_of(craft)
    n = index.count
    counts = np.zeros((n, gaps.RING_HOURS), np.uint16), np.zeros((n, gaps.SPEED_BINS), np.uint16)
    last, level = np.full(n, gaps.NULL_TIME_MS, np.int64), np.zeros(n, np.int64)
    events = gaps.follow_silences(slots, times, speed, last, level, counts, THRESHOLDS_MS)
    return events[:, [gaps.ROW, gaps.LEVEL, gaps.POSITIONS]]


def plain_loop(craft: list[int], times: list[int], speed: list[int]) -> list[tuple[int, int, int]]:
    """The same rules on Python objects, rows decoded already."""
    states: dict[int, tuple[int, list[int], list[int]]] = {}
    thresholds = THRESHOLDS_MS.tolist()
    said = []
    for i, (c, t, v) in enumerate(zip(craft, times, speed, strict=True)):
        hour = t // 3_600_000
        state = states.get(c)
        if state is None:
            ring, histogram, before = [0] * 12, [0] * 64, t
        else:
            before, ring, histogram = state
            if t - before > thresholds[0]:
                positions = sum(ring)
                said += [(i, k, positions) for k, most in enumerate(thresholds) if before + most + 1 < t]
                said.append((i, 5, positions))
        newest = before // 3_600_000
        for h in range(max(newest + 1, hour - 11), hour + 1):
            ring[h % 12] = 0
        ring[hour % 12] += 1
        if v >= 30:
            histogram[min((v - 30) // 5, 63)] += 1
        states[c] = (t, ring, histogram)
    return said


def run(rounds: int) -> dict[str, Any]:
    """Time both in turn; on the same rows they must say the same."""
    craft, times, speed = interleaved_rows()
    short = slice(0, PEER_ROWS)
    lists = craft[short].tolist(), times[short].tolist(), speed[short].tolist()
    expected = plain_loop(*lists)
    assert len(expected) > 100
    assert stream(craft[short], times[short], speed[short]).tolist() == [list(said) for said in expected]
    mine, theirs = [], []
    for _ in range(rounds):
        start = perf_counter()
        stream(craft, times, speed)
        mine.append(perf_counter() - start)
        start = perf_counter()
        plain_loop(*lists)
        theirs.append(perf_counter() - start)
    value, peer = ROWS / median(mine), PEER_ROWS / median(theirs)
    return {
        "stage": "stream detection", "unit": "positions/s", "value": value,
        "peer": "plain Python loop", "peer_value": peer, "ratio": value / peer,
    }  # fmt: skip
