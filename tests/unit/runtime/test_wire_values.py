"""What the hash of an envelope covers, against the plain reading of ``envelope.proto``."""

import struct
from dataclasses import fields, is_dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from lacuna_core.message import EventBatch, FactBatch, Message
from lacuna_runtime.codec import Origin, encode, split, split_written
from lacuna_runtime.codec.digest import listed, values
from tests.unit.runtime.samples import EVENTS, FACTS, MESSAGES

HERE = Origin("facts", 3, 17)


class Level(IntEnum):
    HIGH = 7


def plain(value: Any) -> bytes:
    if value is None:
        return b"n"
    if isinstance(value, float):
        return struct.pack("<cd", b"f", value)
    if isinstance(value, str | bytes):
        raw = value.encode() if isinstance(value, str) else value
        return struct.pack("<cI", b"s" if isinstance(value, str) else b"b", len(raw)) + raw
    if is_dataclass(value):
        value = tuple(getattr(value, field.name) for field in fields(value))
    if isinstance(value, tuple):
        return struct.pack("<cI", b"l", len(value)) + b"".join(map(plain, value))
    return struct.pack("<cQ", b"i", int(value) % 2**64)


@given(FACTS, EVENTS)
@settings(derandomize=True, max_examples=50)
def test_rows_are_written_field_by_field(fact: Any, event: Any) -> None:
    assert values((fact, event)) == plain((fact, event))
    assert listed([values(fact), values(event)]) == values((fact, event))


def test_numbers_count_by_what_they_are() -> None:
    mixed = (True, Level.HIGH, np.int64(-1), np.uint64(2**64 - 1), np.float64(0.5), -1, 2**64 - 1, b"", ("",))
    assert values(mixed) == plain(mixed)


@pytest.mark.parametrize("odd", [[1], {}, {1}, 1j, object()])
def test_other_types_are_refused(odd: object) -> None:
    with pytest.raises(TypeError):
        values((odd,))


@given(MESSAGES)
@settings(derandomize=True, max_examples=50)
def test_values_written_while_cutting_spare_writing_them_again(message: Message) -> None:
    parts = list(split_written(message))
    assert [part for part, _ in parts] == list(split(message))
    for part, body in parts:
        assert (body is not None) == isinstance(part, FactBatch | EventBatch)
        assert encode(part, HERE, body) == encode(part, HERE)
