"""Ships on straight courses over the middle of the sea, as columns."""

import numpy as np

from lacuna_core.ids import Scheme
from lacuna_core.position import Domain, PositionBatch
from lacuna_core.units import NULL_I16, NULL_I32, NULL_U16

START_MS = 1_661_990_400_000
SEED = 20_220_901


def fleet(ships: int, minutes: int, *, first_ship: int = 0) -> PositionBatch:
    """A report a minute of each ship, in order of time; speed and course as jittery as transmitted ones."""
    draw = np.random.default_rng(SEED + first_ship)
    n = ships * minutes
    minute = np.repeat(np.arange(minutes), ships)
    ship = np.tile(np.arange(ships), minutes)
    t_ms = START_MS + 60_000 * minute + 1_000 * np.tile(draw.integers(0, 60, ships), minutes)
    course_deg = draw.uniform(0, 360, ships)[ship]
    speed_kn = draw.uniform(4.0, 12.0, ships)[ship]
    along_deg = speed_kn * (t_ms - START_MS) / 3_600_000 / 60.0
    lat_deg = draw.uniform(38.5, 43.5, ships)[ship] + along_deg * np.cos(np.radians(course_deg))
    lon_deg = draw.uniform(50.0, 52.0, ships)[ship] + along_deg * np.sin(np.radians(course_deg))
    # a transmitted position is a ten-thousandth of a minute
    grain = 600_000 / 1e7
    values = {
        "craft": (np.uint64(Scheme.MMSI) << np.uint64(56))
        + (273_000_000 + first_ship + ship).astype(np.uint64),
        "t_ms": t_ms,
        "lat_e7": np.rint(np.rint(lat_deg * 1e7 * grain) / grain),
        "lon_e7": np.rint(np.rint(lon_deg * 1e7 * grain) / grain),
        "speed_dkn": np.clip(np.rint(speed_kn * 10 + draw.normal(0, 1, n)), 0, 1000),
        "course_ddeg": np.rint(course_deg * 10 + draw.normal(0, 5, n)) % 3600,
        "heading_ddeg": np.rint(course_deg + draw.normal(0, 1, n)) % 360 * 10,
        "baro_altitude_ft": np.full(n, NULL_I32),
        "geo_altitude_ft": np.full(n, NULL_I32),
        "vertical_rate_fpm": np.full(n, NULL_I16),
        "flags": np.zeros(n),
        "craft_class": np.ones(n),
        "source": "nmea",
        "receiver": "ST01",
    }
    assert NULL_U16 == 65_535
    order = np.argsort(t_ms, kind="stable")
    batch = PositionBatch.build(values, domain=Domain.SEA)
    return batch.take(order)
