"""The splitter kernel says what the row-by-row rules say, however its calls are cut."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_kernels import leg_state as col
from lacuna_kernels.fields import FieldGrid, build_field_grid
from lacuna_kernels.leg_state import REASONS, LegLimits, LegRows, NameRows, new_state
from lacuna_kernels.legs import overdue_legs, split_legs
from tests.reference.legs_oracle import LegsOracle, Row

LIMITS = LegLimits()
ELEVATION_FT = 600
MIN_MS = 60_000


def field_grid() -> FieldGrid:
    lat, lon = np.meshgrid(np.arange(40, 62) + 0.5, np.arange(25, 75) + 0.5)
    return build_field_grid(lat.ravel(), lon.ravel(), np.full(lat.size, float(ELEVATION_FT)))


FIELDS = field_grid()


def names_of(rows: list[Row]) -> NameRows:
    named = [r for r in rows if r.callsign]
    nothing = np.zeros(len(named), np.int64)
    return NameRows(
        np.array([r.craft for r in named], np.int64),
        np.array([r.t_ms for r in named], np.int64),
        np.array([sum(ord(c) << 8 * i for i, c in enumerate(r.callsign)) for r in named], np.int64),
        nothing,
        nothing,
    )


def columns_of(rows: list[Row]) -> LegRows:
    return LegRows(
        slot=np.array([r.craft for r in rows], np.int64),
        t_ms=np.array([r.t_ms for r in rows], np.int64),
        lat_e7=np.array([r.lat_e7 for r in rows], np.int32),
        lon_e7=np.array([r.lon_e7 for r in rows], np.int32),
        speed_dkn=np.array([65_535 if r.speed_dkn is None else r.speed_dkn for r in rows], np.uint16),
        course_ddeg=np.zeros(len(rows), np.uint16),
        altitude_ft=np.array([col.NONE if r.altitude_ft is None else r.altitude_ft for r in rows], np.int32),
        vertical_rate_fpm=np.zeros(len(rows), np.int16),
        flags=np.array([0x10 if r.flagged_ground else 0 for r in rows], np.uint16),
        digest=np.arange(len(rows), dtype=np.int64),
    )


def kernel_records(rows: list[Row], until_ms: int, cuts: list[int]) -> list[tuple[object, ...]]:
    state = new_state(3)
    found = []
    bounds = [0, *sorted(cuts), len(rows)]
    for low, high in pairwise(bounds):
        part = rows[low:high]
        found.append(split_legs(state, columns_of(part), names_of(part), FIELDS, LIMITS))
        if part:
            # up to the watermark just before the next row, as the loop would call it
            next_ms = rows[high].t_ms - 1 if high < len(rows) else until_ms
            found.append(overdue_legs(state, max(part[-1].t_ms, min(next_ms, until_ms)), LIMITS))
    records = np.concatenate(found)
    return sorted(
        (
            (
                int(r[col.AS_OF]), int(r[col.SLOT]), "closed" if r[col.RECORD] == col.CLOSED else "open",
                REASONS[r[col.CLOSE_REASON]], int(r[col.FIRST_T]), int(r[col.LAST_T]),
                REASONS[r[col.OPEN_REASON]], int(r[col.ROWS]), int(r[col.BRIDGED]), int(r[col.AMBIGUOUS]),
                int(r[col.REJECTED]), int(r[col.CALLSIGNS]),
            )
            for r in records
        ),
        key=repr,
    )  # fmt: skip


@st.composite
def streams(draw: st.DrawFn) -> list[Row]:
    """Up to three airframes that fly, stop, fall silent, change names and now and then jump."""
    seed = draw(st.integers(0, 2**32))
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for craft in range(3):
        t_ms, lat, lon, heading = int(rng.integers(0, MIN_MS)), 500_000_000, 450_000_000, 1.0
        ground, name = bool(rng.integers(2)), "A"
        for _ in range(int(rng.integers(5, 90))):
            step_min = float(rng.choice([0.3, 1, 1, 1, 2, 4, 6, 16, 25, 40, 70, 160, 160, 605]))
            t_ms += int(step_min * MIN_MS) + int(rng.integers(0, 999))
            if rng.random() < 0.25:
                ground = not ground
            if rng.random() < 0.1:
                name = "B" if name == "A" else "A"
            if rng.random() < 0.1:
                heading = -heading
            speed = float(rng.choice([0, 20])) if ground else float(rng.choice([90, 300, 450]))
            moved = speed * min(step_min, 120.0) / 60 / 60 * 1e7 * heading * float(rng.choice([0.2, 1.0]))
            lat = int(np.clip(lat + moved, 430_000_000, 590_000_000))
            jump = 30_000_000 if rng.random() < 0.05 else 0
            altitude = 700 if ground else int(rng.choice([900, 3_000, 9_000, 12_000, 33_000]))
            rows.append(
                Row(
                    craft, t_ms, lat + jump if lat < 500_000_000 else lat - jump, lon,
                    None if rng.random() < 0.1 else int(speed * 10),
                    None if rng.random() < 0.1 else altitude,
                    ground and rng.random() < 0.5,
                    name if rng.random() < 0.5 else "",
                )
            )  # fmt: skip
    return sorted(rows, key=lambda r: (r.t_ms, r.craft))


@settings(max_examples=150, derandomize=True, deadline=None)
@given(rows=streams(), cuts=st.lists(st.integers(0, 250), max_size=6), late_h=st.integers(0, 12))
def test_kernel_equals_the_rules_row_by_row(rows: list[Row], cuts: list[int], late_h: int) -> None:
    until_ms = rows[-1].t_ms + late_h * 60 * MIN_MS
    expected = LegsOracle(LIMITS, ELEVATION_FT).run(rows, until_ms)
    found = kernel_records(rows, until_ms, [c for c in cuts if c < len(rows)])
    assert found == expected


def test_streams_reach_every_reason() -> None:
    """The comparison above is worth something only if the streams use every rule."""
    seen: set[object] = set()

    @settings(max_examples=60, derandomize=True, deadline=None, database=None)
    @given(rows=streams())
    def collect(rows: list[Row]) -> None:
        for record in LegsOracle(LIMITS, ELEVATION_FT).run(rows, rows[-1].t_ms + 600 * MIN_MS):
            seen.update({record[3], record[6], f"bridged{min(1, int(str(record[8])))}"})
            seen.update(
                {f"ambiguous{min(1, int(str(record[9])))}", f"rejected{min(1, int(str(record[10])))}"}
            )

    collect()
    assert set(REASONS) | {"bridged1", "ambiguous1", "rejected1"} <= seen


@pytest.mark.parametrize("lon_deg", [179.99, -179.99])
def test_nearest_field_across_the_antimeridian(lon_deg: float) -> None:
    grid = build_field_grid(np.array([10.0]), np.array([-179.98]), np.array([2_000.0]))
    slow = Row(0, 0, 100_000_000, round(lon_deg * 1e7), 100, 2_500, False)
    state = new_state(1)
    split_legs(state, columns_of([slow]), names_of([]), grid, LIMITS)
    assert state[0, col.PHASE] == col.PARKED
