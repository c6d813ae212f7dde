"""Row digests one row at a time, by hashlib."""

from collections.abc import Mapping
from typing import Any

import numpy.typing as npt

from lacuna_core.digest import row_digest

FIELDS = (
    "craft", "t_ms", "lat_e7", "lon_e7", "speed_dkn", "course_ddeg", "heading_ddeg", "baro_altitude_ft",
    "geo_altitude_ft", "vertical_rate_fpm", "flags", "craft_class",
)  # fmt: skip


def row_digests(columns: Mapping[str, npt.NDArray[Any]]) -> list[int]:
    rows = zip(*(columns[name].tolist() for name in FIELDS), strict=True)
    return [row_digest(*row) for row in rows]
