"""Identity as of any moment: the last value said of each field, whatever calls the rows came in."""

import random
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.ids import craft_from_mmsi
from lacuna_detection.identity import IdentityColumns
from tests.unit.detection.voyages import START_MS, Says, identities


@settings(max_examples=60, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_each_field_is_the_last_one_said(seed: int) -> None:
    rng = random.Random(seed)
    words = sorted(
        (
            Says(rng.randrange(50), rng.randrange(3), rng.choice(["", "A", "B"]), rng.choice([0, 40, 50]))
            for _ in range(rng.randrange(25))
        ),
        key=lambda w: (w.hours, w.craft),
    )
    columns = IdentityColumns()
    edges = sorted(rng.sample(range(50), 3))
    for first, last in zip([0, *edges], [*edges, 50], strict=True):
        part = [w for w in words if first <= w.hours < last]
        columns.begin(np.array([w.craft for w in part], np.int64), identities(named(part)), 3)
        for _ in range(5):
            hours, slot = rng.uniform(first, last), rng.randrange(3)
            t_ms = START_MS + round(hours * 3_600_000)
            seen = columns.at(slot, t_ms)
            said = [w for w in words if w.craft == slot and w.t_ms <= t_ms]
            assert seen.name == latest(said, "name", "")
            assert seen.draught_dm == latest(said, "draught_dm", 0)
            assert seen.draught_ms == max((w.t_ms for w in said if w.draught_dm), default=-(2**63))
        columns.commit()
        columns = IdentityColumns.load(columns.dump(3))


def named(words: list[Says]) -> list[Says]:
    """The same words by craft keys instead of slots."""
    return [Says(w.hours, craft_from_mmsi(200_000_000 + w.craft), w.name, w.draught_dm) for w in words]


def latest(words: list[Says], field: str, default: Any) -> Any:
    return next((getattr(w, field) for w in reversed(words) if getattr(w, field)), default)
