"""Snapshots come back whole or not at all."""

import numpy as np
import pytest

from lacuna_core.errors import CorruptState
from lacuna_core.ports import Outgoing, Record
from lacuna_runtime.loop.snapshot import (
    CHUNK_BYTES,
    Saved,
    read_snapshot,
    snapshot_records,
    whole_snapshots,
    write_snapshot,
)


def saved(number: int = 1, rows: int = 10) -> Saved:
    rng = np.random.default_rng(number)
    arrays = {
        "noise": rng.integers(0, 2**63, rows, dtype=np.uint64),
        "empty": np.empty((0, 3), np.float64),
        "scalar": np.array(2.5),
        "names": np.array(["a", "éé"]),
        "table": np.zeros(2, dtype=[("t", "<i8"), ("xy", "<f4", (2,))]),
    }
    return Saved(number, 4, {"offsets": [["positions", 0, number]], "watermark_ms": -1}, arrays)


def records(outgoing: list[Outgoing]) -> list[Record]:
    return [Record(o.topic, o.partition, i, o.key, o.value) for i, o in enumerate(outgoing)]


def test_every_array_comes_back_and_may_be_changed() -> None:
    found = read_snapshot(write_snapshot(saved()))
    assert (found.number, found.fold_version, found.header) == (1, 4, saved().header)
    assert found.arrays.keys() == saved().arrays.keys()
    for name, array in saved().arrays.items():
        assert found.arrays[name].dtype == array.dtype
        assert found.arrays[name].shape == array.shape
        assert np.array_equal(found.arrays[name], array)
    found.arrays["noise"][0] = 1


def test_objects_are_refused() -> None:
    with pytest.raises(TypeError, match="array bad"):
        write_snapshot(Saved(1, 1, {}, {"bad": np.array([object()])}))


@pytest.mark.parametrize("at", [0, 9, 30, -20, -1])
def test_damage_is_noticed(at: int) -> None:
    blob = bytearray(write_snapshot(saved()))
    blob[at] ^= 1
    with pytest.raises(CorruptState, match="damaged"):
        read_snapshot(bytes(blob))


def test_large_states_go_in_chunks_of_two_slots() -> None:
    first, second = (snapshot_records("facts", 3, saved(n, rows=300_000)) for n in (1, 2))
    assert len(first) > 2
    assert all(len(o.value) < 900 * 1024 and o.partition == 3 for o in first)
    assert {o.key for o in first}.isdisjoint({o.key for o in second})
    assert {o.key for o in first} == {o.key for o in snapshot_records("facts", 3, saved(3, rows=300_000))}
    found = whole_snapshots(records(first + second))
    assert [s.number for s in found] == [2, 1]
    assert np.array_equal(found[0].arrays["noise"], saved(2, rows=300_000).arrays["noise"])
    assert len(write_snapshot(saved(1, rows=300_000))) > 2 * CHUNK_BYTES


def test_a_damaged_newest_slot_leaves_the_older_one() -> None:
    first, second = snapshot_records("facts", 0, saved(1)), snapshot_records("facts", 0, saved(2))
    torn = [Outgoing(o.topic, o.partition, o.key, o.value[:-9] + b"\0" * 9) for o in second]
    assert [s.number for s in whole_snapshots(records(first + torn))] == [1]


def test_leftovers_of_a_longer_snapshot_are_not_taken_for_a_newer_one() -> None:
    long, short = snapshot_records("facts", 0, saved(1, rows=300_000)), snapshot_records("facts", 0, saved(3))
    assert [s.number for s in whole_snapshots(records(long + short))] == [3]


def test_half_a_snapshot_is_none() -> None:
    assert whole_snapshots(records(snapshot_records("facts", 0, saved(1, rows=300_000))[:-1])) == []
    assert whole_snapshots([Record("state.facts", 0, 0, b"A/0", b"short")]) == []
