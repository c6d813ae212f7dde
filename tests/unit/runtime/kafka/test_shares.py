"""Whatever was fetched is handed out once, in order, and every partition gets its share."""

from hypothesis import given
from hypothesis import strategies as st

from lacuna_core.ports import Record, TopicPartition
from lacuna_runtime.bus.kafka.shares import Shares

PLACES = [TopicPartition("rows", p) for p in range(4)]


def record(at: TopicPartition, offset: int, size: int = 1) -> Record:
    return Record(at.topic, at.partition, offset, b"", bytes(size))


def filled(counts: list[int]) -> Shares:
    shares = Shares()
    shares.keep(PLACES)
    for at, count in zip(PLACES, counts, strict=True):
        shares.put(at, [record(at, i) for i in range(count)])
    return shares


@given(st.lists(st.integers(0, 30), min_size=4, max_size=4), st.integers(1, 40))
def test_all_is_handed_out_once_and_in_order(counts: list[int], most: int) -> None:
    shares = filled(counts)
    found: list[Record] = []
    while taken := shares.take(most, ()):
        assert len(taken) <= most
        found += taken
    for at, count in zip(PLACES, counts, strict=True):
        assert [r.offset for r in found if r.partition == at.partition] == list(range(count))
    assert shares.full(1) == set()


@given(st.integers(1, 20))
def test_a_small_number_starves_nobody(most: int) -> None:
    shares = filled([500, 1, 1, 1])
    seen = [r.partition for _ in range(8) for r in shares.take(most, ())]
    assert set(seen) == {0, 1, 2, 3}


def test_a_partition_never_gets_more_than_its_share() -> None:
    """The limit of records a cycle holds for one partition even when the others have nothing."""
    assert len(filled([100, 0, 0, 0]).take(40, ())) == 10


def test_paused_partitions_keep_what_waits() -> None:
    shares = filled([2, 2, 0, 0])
    assert {r.partition for r in shares.take(10, {PLACES[0]})} == {1}
    assert {r.partition for r in shares.take(10, ())} == {0}


def test_what_stays_keeps_its_records_and_what_goes_loses_them() -> None:
    shares = filled([2, 2, 0, 0])
    shares.keep(PLACES[1:])
    shares.put(PLACES[0], [record(PLACES[0], 9)])
    shares.keep(PLACES)
    assert [r.partition for r in shares.take(100, ())] == [1, 1]


def test_a_partition_is_full_by_bytes_until_it_is_read() -> None:
    shares = filled([0, 0, 0, 0])
    shares.put(PLACES[2], [record(PLACES[2], 0, 700), record(PLACES[2], 1, 400)])
    assert shares.full(1000) == {PLACES[2]}
    shares.take(4, ())
    assert shares.full(1000) == set()
    shares.put(PLACES[2], [record(PLACES[2], 2, 2000)])
    shares.drop(PLACES[2])
    assert shares.full(1) == set()
