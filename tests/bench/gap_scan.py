"""Batch gap scan beside polars on a frame that is sorted already (its fastest form)."""

from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from lacuna_kernels.gaps import scan_gaps

CRAFTS, ROWS_EACH = 10_000, 500
THRESHOLD_MS = 6 * 3_600_000


def sorted_rows() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    rng = np.random.default_rng(1)
    steps = rng.exponential(20 * 60_000, (CRAFTS, ROWS_EACH))
    steps[rng.random(steps.shape) < 0.002] += THRESHOLD_MS
    times = np.cumsum(steps, axis=1).astype(np.int64)
    craft = np.repeat(np.arange(CRAFTS, dtype=np.uint64) + (1 << 56), ROWS_EACH)
    return craft, times.ravel()


def polars_gaps(frame: pl.DataFrame) -> npt.NDArray[np.int64]:
    silent = pl.col("t") - pl.col("t").shift(1) > THRESHOLD_MS
    same = pl.col("craft") == pl.col("craft").shift(1)
    found = frame.lazy().select((silent & same).arg_true()).collect().to_series()
    return found.to_numpy().astype(np.int64)


def run(rounds: int) -> dict[str, Any]:
    """Time both in turn; they must find the same rows."""
    craft, times = sorted_rows()
    frame = pl.DataFrame({"craft": craft, "t": times})
    ours = scan_gaps(craft, times, THRESHOLD_MS)
    assert len(ours) > 1_000
    assert np.array_equal(ours, polars_gaps(frame))
    mine, theirs = [], []
    for _ in range(rounds):
        start = perf_counter()
        scan_gaps(craft, times, THRESHOLD_MS)
        mine.append(perf_counter() - start)
        start = perf_counter()
        polars_gaps(frame)
        theirs.append(perf_counter() - start)
    value, peer = len(craft) / median(mine), len(craft) / median(theirs)
    return {
        "stage": "gap scan", "unit": "positions/s", "value": value,
        "peer": f"polars {pl.__version__} shift", "peer_value": peer, "ratio": value / peer,
    }  # fmt: skip
