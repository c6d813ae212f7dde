"""The envelope: messages to values and back.

Values are the protobuf ``Envelope`` of ``envelope.proto``; those of ``alerts.*`` are CloudEvents JSON. The
column data is copied once each way and never converted.
"""

import struct
from typing import NamedTuple

from google.protobuf.message import DecodeError

from lacuna_core.columns import ColumnBatch
from lacuna_core.errors import InvalidMessage
from lacuna_core.event import Alert
from lacuna_core.message import DeadLetter, EventBatch, FactBatch, LedgerEntry, Message
from lacuna_core.position import Activate, Tick
from lacuna_protos.v1 import envelope_pb2 as pb
from lacuna_runtime.codec.alerts import read_alert, write_alert
from lacuna_runtime.codec.columns import KINDS, column_data, is_batch_kind, read_columns, write_columns
from lacuna_runtime.codec.digest import envelope_hash, values
from lacuna_runtime.codec.rows import (
    read_activate,
    read_dead_letter,
    read_event,
    read_fact,
    read_ledger,
    read_tick,
    write_control,
    write_event,
    write_fact,
)

FORMAT = 1
MAX_VALUE_BYTES = 1 << 20
"""Most bytes of one value."""
_NOTHING = values(None)
_ALERT_START = b"{"


class Origin(NamedTuple):
    """Who published a record.

    Attributes
    ----------
    stage : str
        Stage name.
    partition : int
        Its task.
    seq : int
        Number of the record's first row in the stream that this origin writes to this partition of the topic
        for this kind (and domain). Rows, not records, are numbered, so that a stage that publishes the same
        rows again in other batches gives each row the number that it had.
    """

    stage: str
    partition: int
    seq: int


def encode(message: Message, origin: Origin, body: bytes | None = None) -> bytes:
    """Write a message.

    Parameters
    ----------
    message : Message
        Batches of 1 to ``MAX_ROWS`` rows (see ``lacuna_runtime.codec.split``), or a single message.
    origin : Origin
        Who publishes it.
    body : bytes or None
        Rows as values, from ``split_written``; written here when None.

    Returns
    -------
    bytes
        The value.

    Raises
    ------
    InvalidMessage
        If it can't be written: no rows, too many, text that is no Unicode, or more than ``MAX_VALUE_BYTES``.
    """
    try:
        value = _encode(message, origin, body)
    except UnicodeEncodeError as error:
        raise InvalidMessage("bad_text", f"{error.object!r} can't be written as UTF-8") from error
    if len(value) > MAX_VALUE_BYTES:
        raise InvalidMessage("oversized", f"{len(value)} bytes; at most {MAX_VALUE_BYTES}")
    return value


def _encode(message: Message, origin: Origin, body: bytes | None) -> bytes:
    if isinstance(message, Alert):
        return write_alert((origin.stage, origin.partition, origin.seq), message)
    if isinstance(message, ColumnBatch):
        return _encode_columns(message, origin)
    return _encode_rows(message, origin, body)


def _encode_columns(batch: ColumnBatch, origin: Origin) -> bytes:
    kind = KINDS[type(batch)]
    written = write_columns(kind, batch)
    domain = int(getattr(batch, "domain", 0))
    t_ms = batch.t_ms  # type: ignore[attr-defined]  # every batch class has it
    t_min_ms, t_max_ms = int(t_ms.min()), int(t_ms.max())
    header = (FORMAT, kind, domain, len(batch), t_min_ms, t_max_ms, origin.partition, origin.seq)
    frames = [(frame, data) for _, _, frame, data in written]
    envelope = pb.Envelope(
        format=FORMAT,
        kind=kind,  # type: ignore[arg-type]  # an int of the enum
        domain=domain,  # type: ignore[arg-type]  # an int of the enum
        rows=len(batch),
        t_min_ms=t_min_ms,
        t_max_ms=t_max_ms,
        origin_stage=origin.stage,
        origin_partition=origin.partition,
        seq=origin.seq,
        strings=batch.strings,
        xxh64=envelope_hash(header, origin.stage, frames, batch.strings, _NOTHING),
    )
    add = envelope.columns.add
    for name, dtype, _, data in written:
        add(name=name, dtype=dtype, data=data)
    return envelope.SerializeToString()


def _times(message: object) -> tuple[int, int]:
    if isinstance(message, FactBatch | EventBatch):
        times = [int(row.as_of_ms) for row in message.rows]
        return min(times), max(times)
    if isinstance(message, Tick | LedgerEntry):
        return message.t_ms, message.t_ms
    return 0, 0


def _encode_rows(
    message: FactBatch | EventBatch | Tick | Activate | DeadLetter | LedgerEntry,
    origin: Origin,
    body: bytes | None,
) -> bytes:
    envelope = pb.Envelope(format=FORMAT, rows=1, origin_stage=origin.stage)
    envelope.origin_partition = origin.partition
    envelope.seq = origin.seq
    if isinstance(message, FactBatch | EventBatch):
        if not message.rows:
            raise InvalidMessage("bad_row_count", "no rows")
        envelope.rows = len(message.rows)
        body = body or values(message.rows)
    else:
        body = values(message)
    envelope.t_min_ms, envelope.t_max_ms = _times(message)
    if isinstance(message, FactBatch):
        envelope.kind = pb.KIND_FACTS
        envelope.facts.extend(write_fact(row) for row in message.rows)
    elif isinstance(message, EventBatch):
        envelope.kind = pb.KIND_EVENTS
        envelope.events.extend(write_event(row) for row in message.rows)
    else:
        name, envelope.kind = _CONTROL[type(message)]
        getattr(envelope, name).CopyFrom(write_control(message))
    envelope.xxh64 = envelope_hash(_header(envelope), origin.stage, (), (), body)
    return envelope.SerializeToString()


_CONTROL = {
    Tick: ("tick", pb.KIND_TICK),
    Activate: ("activate", pb.KIND_ACTIVATE),
    DeadLetter: ("dead_letter", pb.KIND_DEAD_LETTER),
    LedgerEntry: ("ledger", pb.KIND_LEDGER),
}


def _header(envelope: pb.Envelope) -> tuple[int, int, int, int, int, int, int, int]:
    return (
        envelope.format, envelope.kind, envelope.domain, envelope.rows, envelope.t_min_ms,
        envelope.t_max_ms, envelope.origin_partition, envelope.seq,
    )  # fmt: skip


def decode(value: bytes) -> tuple[Origin, Message]:
    """Read a message.

    Parameters
    ----------
    value : bytes
        A record's value.

    Returns
    -------
    origin : Origin
        Who published it.
    message : Message
        The message; arrays are read-only.

    Raises
    ------
    InvalidMessage
        If it is truncated, oversized, damaged, of an unknown format or kind, or inconsistent.
    """
    if len(value) > MAX_VALUE_BYTES:
        raise InvalidMessage("oversized", f"{len(value)} bytes; at most {MAX_VALUE_BYTES}")
    if value[:1] == _ALERT_START:
        head, alert = read_alert(value)
        return Origin(*head), alert
    try:
        envelope = pb.Envelope.FromString(value)
    except DecodeError as error:
        raise InvalidMessage("damaged", "not a whole protobuf envelope") from error
    if envelope.format != FORMAT:
        raise InvalidMessage("unknown_format", f"{envelope.format}; this build reads {FORMAT}")
    kind, stage = envelope.kind, envelope.origin_stage
    strings = tuple(envelope.strings)
    data = column_data(kind, envelope.columns)
    message = None if is_batch_kind(kind) else _read_rows(envelope)
    body = _NOTHING if message is None else values(_body(message))
    try:
        right = envelope_hash(_header(envelope), stage, list(data.values()), strings, body)
    except struct.error as error:
        raise InvalidMessage("damaged", f"header: {error}") from error
    if right != envelope.xxh64:
        raise InvalidMessage("damaged", "the content does not match its hash")
    if message is None:
        message = read_columns(kind, envelope.domain, envelope.rows, data, strings)  # type: ignore[assignment]
    assert message is not None
    return Origin(stage, envelope.origin_partition, envelope.seq), message


def _body(message: Message) -> object:
    return message.rows if isinstance(message, FactBatch | EventBatch) else message


def _read_rows(envelope: pb.Envelope) -> Message:
    kind = envelope.kind
    if kind == pb.KIND_FACTS:
        return FactBatch(tuple(read_fact(row) for row in envelope.facts))
    if kind == pb.KIND_EVENTS:
        return EventBatch(tuple(read_event(row) for row in envelope.events))
    if kind == pb.KIND_TICK:
        return read_tick(envelope.tick)
    if kind == pb.KIND_ACTIVATE:
        return read_activate(envelope.activate)
    if kind == pb.KIND_DEAD_LETTER:
        return read_dead_letter(envelope.dead_letter)
    if kind == pb.KIND_LEDGER:
        return read_ledger(envelope.ledger)
    raise InvalidMessage("unknown_kind", str(kind))
