"""Positions as the feeds give them hold the same gaps as the reference computed from the files themselves."""

from pathlib import Path

import numpy as np
import pytest

from lacuna_core.ids import craft_number
from lacuna_core.position import PositionBatch
from lacuna_core.units import MS_PER_H
from tests.gap_reference import REFERENCE, TABLES, Gap, reference_gaps, table_files
from tests.real_data import real_data
from tests.unit.ingestion.feeding import feed_file


def _gaps(positions: PositionBatch) -> list[Gap]:
    """Steps of more than an hour between positions of one vessel in order of time, in plain numpy."""
    order = np.lexsort((positions.t_ms, positions.craft))
    craft, t_ms = positions.craft[order], positions.t_ms[order]
    at = np.flatnonzero((craft[1:] == craft[:-1]) & (t_ms[1:] - t_ms[:-1] > MS_PER_H))
    return sorted((craft_number(int(craft[i])), int(t_ms[i]), int(t_ms[i + 1])) for i in at)


@pytest.mark.real
@pytest.mark.parametrize("table", TABLES)
def test_the_same_gaps_over_an_hour(table: str, tmp_path: Path) -> None:
    want = reference_gaps(real_data(REFERENCE))[table]
    fed = [feed_file(path) for path in table_files(table, tmp_path)]
    assert [f.reasons() for f in fed if f.dead] == []
    found = _gaps(PositionBatch.concat(f.positions for f in fed))
    assert [vessel for vessel, _, _ in found] == [vessel for vessel, _, _ in want]
    ends = np.array(found)[:, 1:] - np.array(want)[:, 1:]
    assert np.abs(ends).max() <= 2_000


@pytest.mark.real
def test_no_table_of_the_reference_is_left_out() -> None:
    assert set(reference_gaps(real_data(REFERENCE))) == set(TABLES)


def test_the_scan_of_this_test_finds_a_gap() -> None:
    times = [0, 3_600_000, 7_200_001]
    empty = {c.name: np.zeros(len(times), c.dtype) for c in PositionBatch.SCHEMA if not c.text}
    batch = PositionBatch.build({**empty, "t_ms": times, "source": "x", "receiver": ""})
    assert _gaps(batch) == [(0, 3_600_000, 7_200_001)]
