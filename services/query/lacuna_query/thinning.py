"""Fewer points of a long track, by a rule that can be said in one sentence."""

import numpy as np

from lacuna_core.position import PositionBatch
from lacuna_core.query import Track


def thin(rows: PositionBatch, max_points: int) -> Track:
    """Keep the first position of each stretch of time, and the last one of all.

    Parameters
    ----------
    rows : PositionBatch
        Sorted by time.
    max_points : int
        Most positions to keep, at least 2.

    Returns
    -------
    Track
        All rows when they are few enough; else the shortest whole stride that keeps no more than asked.
    """
    total = len(rows)
    if total <= max_points:
        return Track(rows, total, 0)
    since_ms = rows.t_ms - rows.t_ms[0]
    stride_ms = int(since_ms[-1]) // (max_points - 1) + 1
    stretch = since_ms // stride_ms
    keep = np.concatenate([[True], stretch[1:] != stretch[:-1]])
    keep[-1] = True
    return Track(rows.take(keep), total, stride_ms)
