"""What is encoded comes back; what is not whole is refused."""

import json
import struct
from typing import Any

import numpy as np
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.columns import ColumnBatch
from lacuna_core.errors import InvalidMessage
from lacuna_core.event import Alert
from lacuna_core.message import DeadLetter, Message
from lacuna_core.position import MAX_ROWS, Activate, Domain, PositionBatch, Tick
from lacuna_protos.v1 import envelope_pb2 as pb
from lacuna_runtime.codec import MAX_VALUE_BYTES, Origin, decode, encode
from tests.unit.runtime.samples import MESSAGES, U32, U64, ship_positions

GOLDEN_TICK = (
    "0801100420012880f8e08edf603080f8e08edf603a09696e67657374696f6e4807720d08071080f8"
    "e08edf6018e0a712910156bd8a1588ffe298"
)
ORIGINS = st.builds(Origin, stage=st.sampled_from(["", "facts", "ingestion"]), partition=U32, seq=U64)


@given(message=MESSAGES, origin=ORIGINS)
@settings(derandomize=True, max_examples=300, deadline=None)
def test_every_message_comes_back(message: Message, origin: Origin) -> None:
    again, found = decode(encode(message, origin))
    assert again == origin
    assert found == message
    assert type(found) is type(message)
    if isinstance(message, ColumnBatch):
        assert getattr(found, "domain", None) == getattr(message, "domain", None)


@given(message=MESSAGES, origin=ORIGINS, data=st.data())
@settings(derandomize=True, max_examples=1000, deadline=None)
def test_any_damage_is_refused_or_changes_nothing(message: Message, origin: Origin, data: Any) -> None:
    value = encode(message, origin)
    at = data.draw(st.integers(0, len(value) - 1))
    cut = data.draw(st.booleans())
    damaged = value[:at] if cut else value[:at] + bytes([value[at] ^ (1 << (at % 8))]) + value[at + 1 :]
    try:
        found = decode(damaged)
    except InvalidMessage:
        return  # refused in words; any other exception fails the test
    assert found == (origin, message)


@given(batch=ship_positions())
@settings(derandomize=True, max_examples=20, deadline=None)
def test_ships_leave_the_columns_of_aircraft_off_the_wire(batch: PositionBatch) -> None:
    envelope = pb.Envelope.FromString(encode(batch, Origin("a", 0, 0)))
    names = [column.name for column in envelope.columns]
    assert len(names) == 11
    assert not any("altitude" in name or "vertical" in name for name in names)


@pytest.fixture(scope="module")
def air() -> PositionBatch:
    values: dict[str, Any] = {c.name: np.arange(3) for c in PositionBatch.SCHEMA if not c.text}
    return PositionBatch.build({**values, "source": "x", "receiver": ["a", "b", "a"]}, domain=Domain.AIR)


def rehashed(batch: PositionBatch, change: Any) -> bytes:
    """Change an envelope and give it a right hash, as another writer with a mistake would."""
    envelope = pb.Envelope.FromString(encode(batch, Origin("s", 1, 2)))
    change(envelope)
    frame = struct.Struct("<I")

    def text(raw: bytes) -> bytes:
        return frame.pack(len(raw)) + raw

    body = b"lacuna.wire.1\0" + struct.pack(
        "<HBBIqqIQ", envelope.format & 0xFFFF, envelope.kind, envelope.domain, envelope.rows,
        envelope.t_min_ms, envelope.t_max_ms, envelope.origin_partition, envelope.seq,
    )  # fmt: skip
    body += text(envelope.origin_stage.encode()) + frame.pack(len(envelope.columns))
    for column in envelope.columns:
        body += text(column.name.encode()) + text(column.dtype.encode()) + text(column.data)
    body += frame.pack(len(envelope.strings)) + b"".join(text(s.encode()) for s in envelope.strings)
    envelope.xxh64 = xxhash.xxh64_intdigest(body + b"n")
    return envelope.SerializeToString()


def test_the_hash_is_the_one_that_the_proto_defines(air: PositionBatch) -> None:
    assert decode(rehashed(air, lambda e: None)) == (Origin("s", 1, 2), air)


def _drop_last_byte(e: pb.Envelope) -> None:
    e.columns[3].data = e.columns[3].data[:-1]


def _rename(e: pb.Envelope) -> None:
    e.columns[0].name = "mmsi"


def _retype(e: pb.Envelope) -> None:
    e.columns[0].dtype = "<i8"


def _point_outside(e: pb.Envelope) -> None:
    e.columns[13].data = b"\xff\x00" * 3


def _drop_column(e: pb.Envelope) -> None:
    del e.columns[0]


def _set(name: str, value: int) -> Any:
    return lambda e: setattr(e, name, value)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_drop_last_byte, "wrong_length"),
        (_rename, "unknown_column"),
        (_retype, "unknown_dtype"),
        (_point_outside, "bad_string_index"),
        (_drop_column, "missing_column"),
        (_set("rows", 0), "bad_row_count"),
        (_set("rows", MAX_ROWS + 1), "bad_row_count"),
        (_set("domain", 7), "unknown_domain"),
        (_set("format", 2), "unknown_format"),
        (_set("kind", 99), "unknown_column"),
    ],
)
def test_a_value_that_is_whole_but_wrong_is_refused(air: PositionBatch, change: Any, reason: str) -> None:
    with pytest.raises(InvalidMessage) as refused:
        decode(rehashed(air, change))
    assert refused.value.reason == reason


def test_oversized_values_are_refused_both_ways() -> None:
    letter = DeadLetter("nmea", "file:1", "bad_checksum", "", b"x" * MAX_VALUE_BYTES)
    with pytest.raises(InvalidMessage, match="oversized"):
        encode(letter, Origin("ingestion", 0, 0))
    with pytest.raises(InvalidMessage, match="oversized"):
        decode(b"\x08" * (MAX_VALUE_BYTES + 1))


@pytest.mark.parametrize("rows", [0, MAX_ROWS + 1])
def test_a_batch_of_no_or_too_many_rows_is_not_written(rows: int) -> None:
    values: dict[str, Any] = {c.name: np.zeros(rows) for c in PositionBatch.SCHEMA if not c.text}
    batch = PositionBatch.build({**values, "source": "x", "receiver": "y"}, domain=Domain.SEA)
    with pytest.raises(InvalidMessage, match="bad_row_count"):
        encode(batch, Origin("ingestion", 0, 0))


def test_an_alert_is_json_that_any_client_reads() -> None:
    alert = Alert("alerts.maritime", "8d3c", 0, 2, "gap", 5, '{"specversion":"1.0","id":"8d3c.0.2"}')
    members = json.loads(encode(alert, Origin("link", 0, 9)))
    assert members["specversion"] == "1.0"
    assert members["id"] == "8d3c.0.2"


@pytest.mark.parametrize("body", ["", "[]", "{}", "{", '{"a":1} '])
def test_an_alert_without_an_object_is_not_written(body: str) -> None:
    with pytest.raises(InvalidMessage, match="not_cloudevents"):
        encode(Alert("alerts.maritime", "x", 0, 1, "gap", 5, body), Origin("link", 0, 0))


@pytest.mark.parametrize("value", [b"", b"{}", b'{"a":1}', b"not protobuf", b"\x00\x01"])
def test_foreign_values_are_refused(value: bytes) -> None:
    with pytest.raises(InvalidMessage):
        decode(value)


def test_arrays_are_views_of_the_value(air: PositionBatch) -> None:
    _, found = decode(encode(air, Origin("s", 0, 0)))
    assert isinstance(found, PositionBatch)
    assert not found.craft.flags.owndata
    assert not found.craft.flags.writeable


def test_a_tick_keeps_its_golden_bytes() -> None:
    value = encode(Tick(7, 1_662_033_600_000, 300_000), Origin("ingestion", 0, 7))
    assert value.hex() == GOLDEN_TICK


@pytest.mark.parametrize(
    "message",
    [
        Activate("params", "\ud800", ""),
        Alert("alerts.maritime", "\ud800", 0, 1, "gap", 5, '{"id":"x"}'),
        PositionBatch.build(
            {c.name: "\udcff" if c.text else np.zeros(1) for c in PositionBatch.SCHEMA}, domain=Domain.AIR
        ),
    ],
)
def test_text_that_is_no_unicode_is_not_written(message: Message) -> None:
    with pytest.raises(InvalidMessage, match="bad_text"):
        encode(message, Origin("ingestion", 0, 0))
