"""The loop keeps G1 and G2 for a fold with timers, repeats, receivers and a model."""

import random

import numpy as np
import pytest
from lacuna_core.ids import craft_from_mmsi, partition_of
from lacuna_core.position import Activate, Domain, PositionBatch
from lacuna_core.units import MS_PER_H, NULL_I16, NULL_I32

from tests.contract.demo_fold import DemoFold
from tests.contract.fold_contract import InputRow, fold_property, messages

START_MS = 1_662_033_600_000


def sea_rows(crafts: int = 6, n: int = 60, seed: int = 1) -> list[InputRow]:
    """Positions of a few ships over two hours, a third of them heard by two stations in one second."""
    rng = random.Random(seed)
    table: dict[int, list[tuple[int, int, int, str]]] = {}
    for _ in range(n):
        craft = craft_from_mmsi(273_000_000 + rng.randrange(crafts))
        t_ms = START_MS + rng.randrange(2 * MS_PER_H)
        place = rng.randrange(4)
        table.setdefault(partition_of(craft), []).append((craft, t_ms, place, "a"))
        if rng.random() < 0.4:
            again_ms = t_ms // 1000 * 1000 + rng.randrange(1000)
            table[partition_of(craft)].append((craft, again_ms, place, rng.choice(["b", "c", "a|d"])))
    return [
        InputRow("positions", partition, position_batch(rows)) for partition, rows in sorted(table.items())
    ]


def position_batch(rows: list[tuple[int, int, int, str]]) -> PositionBatch:
    n = len(rows)
    zeros = np.zeros(n, np.int64)
    return PositionBatch.build(
        {
            "craft": np.array([r[0] for r in rows], np.uint64), "t_ms": [r[1] for r in rows],
            "lat_e7": np.array([r[2] for r in rows]) + 376_000_000, "lon_e7": zeros + 500_000_000,
            "speed_dkn": zeros, "course_ddeg": zeros, "heading_ddeg": zeros,
            "baro_altitude_ft": zeros + NULL_I32, "geo_altitude_ft": zeros + NULL_I32,
            "vertical_rate_fpm": zeros + NULL_I16, "flags": zeros, "craft_class": zeros,
            "source": "nmea", "receiver": [r[3] for r in rows],
        },
        domain=Domain.SEA,
    )  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_demo_fold_keeps_the_contract(seed: int) -> None:
    model = Activate("params", "0" * 32, "{}")
    found = fold_property(DemoFold, sea_rows(seed=seed), activations=[model], settle_ms=MS_PER_H, examples=30)
    assert max(found.values()) == 1
    assert len(messages(found, "facts")) > 10
    assert len(messages(found, "reception")) > 30
