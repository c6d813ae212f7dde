"""Event coincidence by definition: every pair compared, every outcome enumerated."""

from collections.abc import Sequence
from itertools import product


def precursor_count(a: Sequence[int], b: Sequence[int], window: int, lag: int) -> int:
    return sum(any(0 <= t - lag - u <= window for u in b) for t in a)


def trigger_count(a: Sequence[int], b: Sequence[int], window: int, lag: int) -> int:
    return sum(any(0 <= t - lag - u <= window for t in a) for u in b)


def enumerated_tail(chances: Sequence[float], at_least: int) -> float:
    """Sum over all outcomes of independent trials with at least so many successes."""
    total = 0.0
    for outcome in product((0, 1), repeat=len(chances)):
        if sum(outcome) >= at_least:
            weight = 1.0
            for hit, chance in zip(outcome, chances, strict=True):
                weight *= chance if hit else 1.0 - chance
            total += weight
    return total


def shifted(b: Sequence[int], shift: int, observed: Sequence[tuple[int, int]]) -> list[int]:
    """Move events along observed time only, millisecond by interval, wrapping at the end."""
    total = sum(e - s for s, e in observed)
    moved = []
    for t in b:
        clock = 0
        for s, e in observed:
            if t >= e:
                clock += e - s
            elif t >= s:
                clock += t - s
        clock = (clock + shift) % total
        for s, e in observed:
            if clock < e - s:
                moved.append(s + clock)
                break
            clock -= e - s
    return sorted(moved)
