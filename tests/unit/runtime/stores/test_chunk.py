"""Chunks: small, the same for the same rows, and never read when damaged."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.errors import CorruptState
from lacuna_core.position import IdentityBatch, PositionBatch
from lacuna_core.units import MS_PER_DAY
from lacuna_ingestion.feeds.gfw_json import FEED
from lacuna_runtime.stores import chunk
from lacuna_runtime.stores.merge import canonical
from tests.contract.store_samples import SHIP, T0_MS, as_rows, identities, positions
from tests.real_data import real_data


def under_way(n: int = 2_048) -> PositionBatch:
    """A class A ship under way: a report about every 10 s on the AIS grid, some noise in everything."""
    rng = np.random.default_rng(3)
    t_ms = T0_MS + np.cumsum(rng.choice([9_000, 10_000, 10_000, 10_000, 11_000], n))
    heading = 45.0 + np.cumsum(rng.normal(0, 0.1, n))
    speed_kn = 12.0 + 0.3 * np.sin(np.arange(n) / 200) + rng.normal(0, 0.05, n)
    step = speed_kn / 360 * 10_000 / 60 * 60 / 10
    lat = 24_000_000 + np.cumsum(step * np.cos(np.radians(heading))) + rng.normal(0, 4, n)
    lon = 30_000_000 + np.cumsum(step * np.sin(np.radians(heading))) + rng.normal(0, 4, n)
    return positions(
        t_ms.tolist(),
        lat_e7=(100 * np.round(lat).astype(np.int64) + 3) // 6,
        lon_e7=(100 * np.round(lon).astype(np.int64) + 3) // 6,
        speed_dkn=np.round(speed_kn * 10),
        course_ddeg=np.round((heading + rng.normal(0, 0.4, n)) * 10),
        heading_ddeg=np.round(heading) * 10,
        receiver=rng.choice(["baku", "aktau"], n, p=[0.9, 0.1]),
    )


def one(batch: chunk.B) -> chunk.Chunk:
    """The only chunk of a batch."""
    (only,) = chunk.encode(batch, np.zeros(len(batch), np.int64))
    return only


def test_a_regular_track_takes_at_most_eight_bytes_a_position() -> None:
    batch = under_way()
    made = one(batch)
    assert len(made.body) / len(batch) <= 8.0
    assert as_rows(chunk.decode(PositionBatch, SHIP, made.body)) == as_rows(batch)


def test_identities_are_chunks_too() -> None:
    batch = identities([T0_MS, T0_MS + 1], name=["VOLGA", "ВОЛГА 5"], imo=[9074729, 0], draught_dm=[36, 37])
    assert as_rows(chunk.decode(IdentityBatch, SHIP, one(batch).body)) == as_rows(batch)


def test_equal_rows_give_equal_chunks_whatever_their_order_and_strings() -> None:
    batch = under_way(100)
    shuffled = batch.take(np.random.default_rng(5).permutation(100))
    others = PositionBatch.concat([shuffled, positions([T0_MS], receiver="aaa")])
    again = canonical(others.take(others.text("receiver") != "aaa"))
    assert one(canonical(batch)).digest == one(again).digest
    assert one(canonical(batch)).body == one(again).body


def test_rows_are_cut_at_days_and_at_the_most_rows() -> None:
    batch = positions([T0_MS + i * MS_PER_DAY // 4 for i in range(10)])
    made = list(chunk.encode(batch, chunk.day_of(batch.t_ms), max_rows=3))
    assert [c.rows for c in made] == [3, 1, 3, 1, 2]
    assert [c.bucket - made[0].bucket for c in made] == [0, 0, 1, 1, 2]
    assert all(c.start_ms // MS_PER_DAY == c.end_ms // MS_PER_DAY == c.bucket for c in made)


def test_months_are_those_of_the_calendar() -> None:
    times = np.array([0, -1, 31 * MS_PER_DAY, T0_MS - 1, T0_MS], np.int64)
    assert chunk.month_of(times).tolist() == [0, -1, 1, 52 * 12 + 7, 52 * 12 + 8]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_any_flipped_bit_is_noticed(at: int, bit: int) -> None:
    body = bytearray(one(under_way(50)).body)
    body[at % len(body)] ^= 1 << bit
    with pytest.raises(CorruptState):
        chunk.decode(PositionBatch, SHIP, bytes(body))


@pytest.mark.parametrize("keep", [0, 5, 20, -1])
def test_a_cut_chunk_is_noticed(keep: int) -> None:
    with pytest.raises(CorruptState):
        chunk.decode(PositionBatch, SHIP, one(under_way(50)).body[:keep])


def test_a_chunk_of_another_kind_is_not_read_as_positions() -> None:
    with pytest.raises(CorruptState, match="columns"):
        chunk.decode(PositionBatch, SHIP, one(identities([T0_MS])).body)


@pytest.mark.real
def test_real_tracks_are_lossless_and_small() -> None:
    folder = real_data("positions/gfw_segments")
    rows = stored_bytes = 0
    for path in sorted(folder.glob("*.json*")):
        batch = canonical(PositionBatch.concat([p for d in FEED.read(path) for p in d.positions]))
        made = list(chunk.encode(batch, chunk.day_of(batch.t_ms)))
        back = PositionBatch.concat([chunk.decode(PositionBatch, c.craft, c.body) for c in made])
        assert back == batch
        rows += sum(c.rows for c in made if c.rows >= 200)
        stored_bytes += sum(len(c.body) for c in made if c.rows >= 200)
    assert rows > 10_000
    assert stored_bytes / rows <= 8.0


def test_a_longer_run_of_even_rows_is_another_chunk() -> None:
    """A moored ship with an even clock: its packed columns are the same bytes for any number of rows."""
    rows = positions([T0_MS + i * 10_000 for i in range(100)])
    assert len({one(rows.take(slice(0, n))).digest for n in range(1, 101)}) == 100
