"""The loop keeps G1 and G2 for a fold with timers, repeats, receivers and a model."""

import random
from typing import Any

import numpy as np
import pytest

from lacuna_core.fact import CONTACT_DELAY_MS, Contacts, Fact, Heard
from lacuna_core.ids import craft_from_mmsi, partition_of
from lacuna_core.message import FactBatch
from lacuna_core.position import Activate, Domain, PositionBatch
from lacuna_core.units import MS_PER_H, NULL_I16, NULL_I32
from tests.contract.demo_fold import CallCountingFold, DemoFold, ForgetfulFold, TallyFold
from tests.contract.fold_contract import InputRow, Schedule, fold_property, messages, run_fold

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


def later_rows(n: int = 40) -> list[InputRow]:
    """Facts, craft heard and contacts, as the folds before would publish them."""
    rng = random.Random(3)
    rows: list[InputRow] = []
    for i in range(n):
        craft = craft_from_mmsi(273_000_000 + rng.randrange(5))
        t_ms = START_MS + rng.randrange(2 * MS_PER_H)
        fact = Fact("gap", (craft,), t_ms, "open", t_ms, i, t_ms, None, None, None)
        heard = Heard.build({"t_ms": [t_ms], "craft": [craft], "lat_e7": [0], "lon_e7": [i], "receiver": "a"})
        slot: dict[str, Any] = {c.name: np.full(1, i, c.dtype) for c in Contacts.SCHEMA}
        slot |= {"t_ms": np.array([(t_ms - CONTACT_DELAY_MS) // 600_000 * 600_000])}
        rows.append(InputRow("facts", partition_of(craft), FactBatch((fact,))))
        rows.append(InputRow("reception", i % 16, heard))
        rows.append(InputRow("contacts", i % 16, Contacts(**slot)))
    return rows


def test_a_whole_fold_of_three_inputs_keeps_the_contract() -> None:
    found = fold_property(TallyFold, later_rows(), examples=8)
    assert max(found.values()) == 1
    assert len(messages(found, "events")) == 40
    assert len(messages(found, "alerts.maritime")) == 40


def test_the_harness_notices_what_depends_on_cuts() -> None:
    rows = sea_rows()
    assert run_fold(CallCountingFold, rows) != run_fold(
        CallCountingFold, rows, Schedule(ticks=8, poll_records=1)
    )


def test_the_harness_notices_what_a_restart_forgets() -> None:
    rows = sea_rows()
    schedule = Schedule(ticks=8, poll_records=2, restart_every=1, snapshot_rows=1)
    assert run_fold(ForgetfulFold, rows) != run_fold(ForgetfulFold, rows, schedule)
    assert run_fold(DemoFold, rows) == run_fold(DemoFold, rows, schedule)
