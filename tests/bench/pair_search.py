"""Pairs within 500 m in one time slice of a clustered fleet beside scipy's k-d tree on unit vectors."""

from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy
from scipy.spatial import cKDTree

from lacuna_kernels.geodesy import EARTH_RADIUS_M
from lacuna_kernels.proximity import find_pairs

CRAFTS = 200_000
RADIUS_M = 500.0


def clustered_fleet() -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Half of the craft around 500 harbors, half on the high seas."""
    rng = np.random.default_rng(3)
    home_lat, home_lon = rng.uniform(-60, 65, 500), rng.uniform(-180, 180, 500)
    home = rng.integers(0, 500, CRAFTS // 2)
    near_lat, near_lon = rng.normal(0, 0.05, (2, CRAFTS // 2))
    lat = np.concatenate([home_lat[home] + near_lat, rng.uniform(-70, 70, CRAFTS // 2)])
    lon = np.concatenate([home_lon[home] + near_lon, rng.uniform(-180, 180, CRAFTS // 2)])
    lon = (lon + 180) % 360 - 180
    return np.round(lat * 1e7).astype(np.int32), np.round(lon * 1e7).astype(np.int32)


def tree_pairs(lat_e7: npt.NDArray[np.int32], lon_e7: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    phi, lam = np.radians(lat_e7 * 1e-7), np.radians(lon_e7 * 1e-7)
    points = np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    chord = 2 * np.sin(RADIUS_M / EARTH_RADIUS_M / 2)
    found: npt.NDArray[np.int64] = cKDTree(points).query_pairs(chord, output_type="ndarray")
    return found


def run(rounds: int) -> dict[str, Any]:
    """Time both in turn; they must find the same pairs."""
    lat_e7, lon_e7 = clustered_fleet()
    slot = np.zeros(CRAFTS, np.int64)
    ours, _ = find_pairs(slot, lat_e7, lon_e7, RADIUS_M)
    peers = np.sort(tree_pairs(lat_e7, lon_e7), axis=1)
    assert len(ours) > 10_000
    assert np.array_equal(ours[np.lexsort(ours.T[::-1])], peers[np.lexsort(peers.T[::-1])])
    mine, theirs = [], []
    for _ in range(rounds):
        start = perf_counter()
        find_pairs(slot, lat_e7, lon_e7, RADIUS_M)
        mine.append(perf_counter() - start)
        start = perf_counter()
        tree_pairs(lat_e7, lon_e7)
        theirs.append(perf_counter() - start)
    value, peer = CRAFTS / median(mine), CRAFTS / median(theirs)
    return {
        "stage": "pair search", "unit": "vessels/s", "value": value,
        "peer": f"scipy {scipy.__version__} cKDTree", "peer_value": peer, "ratio": value / peer,
    }  # fmt: skip
