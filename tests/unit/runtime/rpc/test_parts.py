"""Cutting lists: nothing is lost, and no part is larger than it may be."""

from hypothesis import given
from hypothesis import strategies as st

from lacuna_protos.v1 import query_service_pb2 as pb
from lacuna_runtime.rpc.parts import cut


@given(sizes=st.lists(st.integers(0, 300), max_size=40), most=st.integers(1, 500))
def test_parts_are_the_list_in_order(sizes: list[int], most: int) -> None:
    items = [pb.StoredEvent(event_id=str(n), body=b"x" * size) for n, size in enumerate(sizes)]
    parts = list(cut(items, most))
    assert [item for part in parts for item in part] == items
    assert all(len(part) == 1 or sum(i.ByteSize() for i in part) <= most for part in parts if part)
    assert len(parts) == 1 or all(parts)
    assert parts
