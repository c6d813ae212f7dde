"""Random tracks with everything that detectors look for: silences, ports, slow hours, ties, both poles."""

import random

from lacuna_core.ids import craft_from_mmsi
from lacuna_core.units import MS_PER_H
from tests.unit.detection.voyages import At, Says, basin, port

PORTS = (
    port("amber", 40.0, 50.0),
    port("basalt", 40.03, 50.03, group="pair"),
    port("coral", -17.0, 179.99),
    port("dune", 89.99, 10.0),
)
SEA = basin(*PORTS)
_STEPS_H = (
    0.0, 1 / MS_PER_H, 0.02, 0.1, 0.25, 0.5, 0.75, 1.0, 1.0 + 1 / MS_PER_H, 1.0 + 2 / MS_PER_H, 1.5, 4.0,
    4.0 + 1 / MS_PER_H, 6.0 + 1 / MS_PER_H, 6.0 + 2 / MS_PER_H, 13.0, 31.0,
)  # fmt: skip


def random_track(rng: random.Random, craft: int, n: int) -> list[At]:
    """One craft that wanders around a port, hardly moves, or runs, in spells of several rows."""
    home = rng.choice(PORTS)
    hours, lat, lon = rng.random(), home.lat_deg, home.lon_deg
    places = []
    spell, pace = 0, 0.0
    steps: tuple[float, ...] = _STEPS_H
    for _ in range(n):
        if spell == 0:
            spell = rng.randrange(1, 16)
            pace = rng.choice([0.0, 0.0, 0.001, 0.01, 0.1])
            steps = rng.choice([_STEPS_H, (0.1, 0.25, 0.5), (0.25, 1.0)])
        spell -= 1
        hours += rng.choice(steps)
        lat = max(-90.0, min(90.0, lat + rng.uniform(-pace, pace)))
        lon = (lon + rng.uniform(-pace, pace) + 180.0) % 360.0 - 180.0
        if rng.random() < 0.05:
            lat, lon = home.lat_deg, home.lon_deg
        speed_kn = rng.choice([None, 0.0, 0.1, 0.2, 0.3, 0.5, 3.0, 12.4])
        places.append(At(hours, lat, lon, speed_kn, craft, rng.choice(["r1", "r1|r2", "sat"])))
    return places


def random_fleet(seed: int, crafts: int = 4, n: int = 60) -> tuple[list[At], list[Says]]:
    """Some tracks, and what their craft say of themselves."""
    rng = random.Random(seed)
    places: list[At] = []
    words: list[Says] = []
    for i in range(crafts):
        craft = craft_from_mmsi(273_000_000 + i)
        track = random_track(rng, craft, rng.randrange(1, n))
        places += track
        for _ in range(rng.randrange(6)):
            hours = rng.choice(track).hours + rng.choice([0.0, 0.2, 2.0])
            words.append(Says(hours, craft, rng.choice(["", "ONE", "TWO"]), rng.choice([0, 42, 55])))
    return places, words
