"""The pending buffer: rows that arrived before their epoch was over; part of a stage's state."""

import struct
from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np

from lacuna_core.columns import ColumnBatch
from lacuna_core.event import Event
from lacuna_core.fact import Contacts, Fact, Heard
from lacuna_core.fold import Rows
from lacuna_core.message import EventBatch, FactBatch
from lacuna_core.position import Domain, IdentityBatch, PositionBatch, SourceHealth
from lacuna_core.units import U8Array
from lacuna_runtime.codec import Origin, decode, encode, split
from lacuna_runtime.loop.merge import MAX_STRINGS, canonical_batch, canonical_positions
from lacuna_runtime.loop.rowtime import MS_PER_S, pick, row_times

RowMessage: TypeAlias = ColumnBatch | FactBatch | EventBatch
MAX_STEP_ROWS = 1 << 20
"""Most rows handed to one call of a fold, unless one second holds more."""
_LENGTH = struct.Struct("<I")
_NOWHERE = Origin("", 0, 0)


def _key(message: RowMessage) -> tuple[type, int]:
    return type(message), int(getattr(message, "domain", 0))


class Pending:
    """Rows waiting, in the batches in which they came."""

    def __init__(self) -> None:
        self._parts: dict[tuple[type, int], list[RowMessage]] = {}
        self.rows = 0

    def add(self, message: RowMessage) -> None:
        """Keep rows.

        Parameters
        ----------
        message : ColumnBatch or FactBatch or EventBatch
            Any rows that no call has taken.
        """
        count = len(row_times(message))
        if count:
            self._parts.setdefault(_key(message), []).append(message)
            self.rows += count

    def bound(self, after_ms: int, until_ms: int) -> int:
        """Find the furthest watermark up to which rows fit one call.

        Parameters
        ----------
        after_ms : int
            Last watermark.
        until_ms : int
            Watermark to reach.

        Returns
        -------
        int
            ``until_ms``, or an earlier end of a whole second.
        """
        while not self._fits(until_ms):
            first_ms = min(int(row_times(m).min()) for part in self._parts.values() for m in part)
            half = (max(first_ms, after_ms) + until_ms) // 2
            nearer = half // MS_PER_S * MS_PER_S + MS_PER_S - 1
            if nearer >= until_ms:
                break
            until_ms = nearer
        return until_ms

    def _fits(self, until_ms: int) -> bool:
        rows = 0
        for part in self._parts.values():
            strings: set[str] = set()
            for message in part:
                due = int(np.count_nonzero(row_times(message) <= until_ms))
                rows += due
                if due and isinstance(message, ColumnBatch):
                    strings.update(message.strings)
            if rows > MAX_STEP_ROWS or len(strings) > MAX_STRINGS:
                return False
        return True

    def take(self, until_ms: int) -> tuple[Rows, int, int]:
        """Take all rows up to a watermark, in canonical order.

        Parameters
        ----------
        until_ms : int
            Watermark, Unix milliseconds UTC.

        Returns
        -------
        rows : Rows
            What the fold sees.
        accepted : int
            How many rows those are.
        merged : int
            How many were repeats.
        """
        taken: dict[tuple[type, int], list[Any]] = {}
        for key in list(self._parts):
            due, kept = [], []
            for message in self._parts[key]:
                now = row_times(message) <= until_ms
                if now.all():
                    due.append(message)
                elif now.any():
                    due.append(pick(message, now))
                    kept.append(pick(message, ~now))
                else:
                    kept.append(message)
            taken[key] = due
            self._parts[key] = kept
        rows, accepted, merged = _canonical(taken)
        self.rows -= accepted + merged
        return rows, accepted, merged

    def dump(self) -> U8Array:
        """Write the buffer, to be part of a snapshot.

        Returns
        -------
        numpy.ndarray
            Encoded messages, each after its length as u32; uint8.
        """
        return pack(message for part in self._parts.values() for message in part)

    def load(self, packed: U8Array) -> None:
        """Read what ``dump`` wrote.

        Parameters
        ----------
        packed : numpy.ndarray
            uint8.
        """
        for message in unpack(packed):
            self.add(message)


def pack(messages: Iterable[RowMessage]) -> U8Array:
    """Write messages one behind the other.

    Parameters
    ----------
    messages : iterable of ColumnBatch or FactBatch or EventBatch
        Any number of rows.

    Returns
    -------
    numpy.ndarray
        uint8.
    """
    pieces: list[bytes] = []
    for message in messages:
        for part in split(message):  # type: ignore[arg-type]  # row messages are messages
            value = encode(part, _NOWHERE)
            pieces += (_LENGTH.pack(len(value)), value)
    return np.frombuffer(b"".join(pieces), dtype=np.uint8)


def unpack(packed: U8Array) -> list[RowMessage]:
    """Read what ``pack`` wrote.

    Parameters
    ----------
    packed : numpy.ndarray
        uint8.

    Returns
    -------
    list of ColumnBatch or FactBatch or EventBatch
        The messages in order.
    """
    raw, at = packed.tobytes(), 0
    messages: list[RowMessage] = []
    while at < len(raw):
        (length,) = _LENGTH.unpack_from(raw, at)
        at += _LENGTH.size
        messages.append(decode(raw[at : at + length])[1])  # type: ignore[arg-type]  # only rows are packed
        at += length
    return messages


def _fact_key(fact: Fact) -> tuple[Any, ...]:
    return fact.as_of_ms, fact.crafts, fact.kind, fact.anchor_t_ms, fact.anchor_digest


def _event_key(event: Event) -> tuple[Any, ...]:
    return event.as_of_ms, event.event_id, event.revision


def _canonical(taken: dict[tuple[type, int], list[Any]]) -> tuple[Rows, int, int]:
    sea, sea_digest, merged_sea = canonical_positions(
        PositionBatch.concat(taken.get((PositionBatch, Domain.SEA), ()), domain=Domain.SEA)
    )
    air, air_digest, merged_air = canonical_positions(
        PositionBatch.concat(taken.get((PositionBatch, Domain.AIR), ()), domain=Domain.AIR)
    )
    sea_said, merged_sea_said = canonical_batch(
        IdentityBatch.concat(taken.get((IdentityBatch, Domain.SEA), ()), domain=Domain.SEA), ("t_ms", "craft")
    )
    air_said, merged_air_said = canonical_batch(
        IdentityBatch.concat(taken.get((IdentityBatch, Domain.AIR), ()), domain=Domain.AIR), ("t_ms", "craft")
    )
    # health is broadcast to every partition, so a stage that reads several sees each row several times
    health, merged_health = canonical_batch(
        SourceHealth.concat(taken.get((SourceHealth, 0), ())), ("t_ms", "source", "receiver")
    )
    contacts, merged_contacts = canonical_batch(
        Contacts.concat(taken.get((Contacts, 0), ())), ("t_ms", "craft_a", "craft_b")
    )
    heard, merged_heard = canonical_batch(
        Heard.concat(taken.get((Heard, 0), ())), ("t_ms", "craft", "receiver")
    )
    facts = [fact for batch in taken.get((FactBatch, 0), ()) for fact in batch.rows]
    events = [event for batch in taken.get((EventBatch, 0), ()) for event in batch.rows]
    rows = Rows(
        sea=sea, air=air, sea_digest=sea_digest, air_digest=air_digest, sea_identity=sea_said,
        air_identity=air_said, health=health, facts=tuple(sorted(facts, key=_fact_key)), contacts=contacts,
        heard=heard, events=tuple(sorted(events, key=_event_key)),
    )  # fmt: skip
    accepted = len(facts) + len(events)
    accepted += sum(map(len, (sea, air, sea_said, air_said, health, contacts, heard)))
    merged = merged_sea + merged_air + merged_sea_said + merged_air_said
    return rows, accepted, merged + merged_health + merged_contacts + merged_heard
