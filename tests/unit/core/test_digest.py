"""Identities that last: golden values, and what they do and don't depend on."""

import uuid

from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.digest import ROW_BYTES, config_hash8, event_id, row_digest, text_digest

ROW = (
    72057594311051392,
    1662033600000,
    376000000,
    502000000,
    101,
    1800,
    65535,
    -(2**31),
    -(2**31),
    -32768,
    15,
    1,
)


def test_digests_are_fixed_forever() -> None:
    assert ROW_BYTES == 43
    assert f"{row_digest(*ROW):016x}" == "def37433b68069bf"
    assert event_id("gap", [1, 2], 5, 6) == "52238888-68d4-868b-8b47-1e0ddc8f5e5b"
    assert text_digest("lacuna") == 2382212405294890926
    assert config_hash8("{}") == "d905e156"


def test_every_field_counts() -> None:
    found = {row_digest(*ROW)}
    for i in range(len(ROW)):
        changed = list(ROW)
        changed[i] = ROW[i] + 1 if ROW[i] != 65535 else 0
        found.add(row_digest(*changed))
    assert len(found) == len(ROW) + 1


@given(crafts=st.lists(st.integers(0, 2**64 - 1), max_size=4), seed=st.randoms())
@settings(derandomize=True, max_examples=50, deadline=None)
def test_an_event_id_is_a_uuid8_of_unordered_craft(crafts: list[int], seed: object) -> None:
    found = uuid.UUID(event_id("encounter", crafts, -1, 2**64 - 1))
    assert found.version == 8
    assert found.variant == uuid.RFC_4122
    assert str(found) == event_id("encounter", sorted(crafts, reverse=True), -1, 2**64 - 1)


def test_what_an_event_is_makes_its_id() -> None:
    ids = {
        event_id("gap", [1], 5, 6), event_id("gaps", [1], 5, 6), event_id("gap", [2], 5, 6),
        event_id("gap", [1], 6, 6), event_id("gap", [1], 5, 7), event_id("gap", [], 5, 6),
    }  # fmt: skip
    assert len(ids) == 6
