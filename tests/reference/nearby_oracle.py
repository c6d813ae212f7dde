"""Who is near, and which receivers cover a place, the slow and obvious way."""

from collections import Counter, defaultdict

from tests.reference.reach_oracle import distance_nm

SLOT_MS = 1_800_000
HeardRow = tuple[int, int, float, float, tuple[str, ...]]
"""Time (ms), craft, latitude, longitude, receivers."""


def rows_near(points: list[tuple[float, float]], here: tuple[float, float], radius_nm: float) -> list[int]:
    """Row numbers of the points within the radius."""
    return [i for i, point in enumerate(points) if distance_nm(point, here) <= radius_nm]


def witnesses(
    rows: list[HeardRow],
    craft: int,
    here: tuple[float, float],
    radius_nm: float,
    start_ms: int,
    as_of_ms: int,
) -> int:
    """Count craft-slots of others near a place."""
    return len(
        {
            (other, t_ms // SLOT_MS)
            for t_ms, other, lat, lon, _ in rows
            if start_ms < t_ms <= as_of_ms and other != craft and distance_nm((lat, lon), here) <= radius_nm
        }
    )


def coverage(
    rows: list[HeardRow], here: tuple[float, float], radius_nm: float, before_ms: int
) -> dict[tuple[str, ...], int]:
    """Count craft-slots over by then by the union of their receivers; a slot is where it was first heard."""
    slots: dict[tuple[int, int], list[HeardRow]] = defaultdict(list)
    for row in rows:
        slots[row[1], row[0] // SLOT_MS].append(row)
    counts: Counter[tuple[str, ...]] = Counter()
    for (_, slot), members in slots.items():
        first = min(members, key=lambda r: r[0])
        if (slot + 1) * SLOT_MS <= before_ms and distance_nm(first[2:4], here) <= radius_nm:
            counts[tuple(sorted({name for m in members for name in m[4]}))] += 1
    return dict(counts)
