"""Text of AIS sentences to tables, block by block, with what must be remembered between blocks."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lacuna_core.message import DeadLetter
from lacuna_kernels import ais_layout as layout
from lacuna_kernels.ais_assembly import give_up_all
from lacuna_kernels.ais_fields import decode_fields
from lacuna_kernels.ais_names import Names, move_names, name_count, new_names
from lacuna_kernels.ais_scan import scan

Records = npt.NDArray[Any]
NMEA = "nmea"
DEAD_ROWS = 4_096
RECEIVERS_LIMIT = layout.NAME_CAPACITY - layout.BLOCK_ROWS - 1
"""Receivers known before a table is begun anew: one block can't fill what is left."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some messages in the order in which they were complete; views that the next block overwrites.

    Attributes
    ----------
    buf : numpy.ndarray
        Bytes that the tables point into, uint8.
    rows : numpy.ndarray
        Messages, shape (n,), dtype ``ais_layout.ROW``.
    fields : numpy.ndarray
        What was decoded of them, shape (n,), dtype ``ais_layout.FIELDS``.
    dead : numpy.ndarray
        What never became a message, dtype ``ais_layout.DEAD``.
    """

    buf: npt.NDArray[np.uint8]
    rows: Records
    fields: Records
    dead: Records

    def __len__(self) -> int:
        """Count the messages."""
        return len(self.rows)


class NmeaDecoder:
    """Decodes one file or one connection; unfinished messages live on from block to block."""

    def __init__(self) -> None:
        self.receivers: Names = new_names()
        self._state = np.zeros(1, layout.STATE)
        self._state["carry_t_ms"] = layout.NULL_TIME_MS
        self._state["carry_group"] = layout.NO_GROUP
        self._rows = np.zeros(layout.BLOCK_ROWS, layout.ROW)
        self._fields = np.zeros(layout.BLOCK_ROWS, layout.FIELDS)
        self._dead = np.zeros(DEAD_ROWS, layout.DEAD)
        self._slots = np.zeros(layout.SLOTS, layout.SLOT)
        self._parts = np.zeros(layout.SLOTS * layout.PARTS_MAX, layout.PART)
        self._store = np.zeros(len(self._parts) * layout.LINE_MAX, np.uint8)
        self._buf = np.empty(0, np.uint8)

    def _load(self, text: bytes) -> None:
        needed = len(text) + layout.PAD + layout.ARENA
        if len(self._buf) < needed:
            self._buf = np.empty(needed, np.uint8)
        self._buf[: len(text)] = np.frombuffer(text, np.uint8)
        self._buf[len(text) : len(text) + layout.PAD] = 0
        self._state["at"], self._state["limit"] = 0, len(text)

    def decode(self, text: bytes) -> Iterator[Block]:
        """Decode lines.

        Parameters
        ----------
        text : bytes
            Whole lines; only the last may lack its end.

        Yields
        ------
        Block
            At most ``ais_layout.BLOCK_ROWS`` messages.
        """
        self._load(text)
        state = self._state
        while state["at"][0] < len(text):
            state["arena"] = len(text) + layout.PAD
            waiting = (self._slots, self._parts, self._store)
            scan(self._buf, state, self._rows, self._dead, *waiting, self.receivers)
            count = int(state["rows"][0])
            decode_fields(self._buf, self._rows, count, self._fields)
            yield self._block()

    def finish(self) -> Iterator[Block]:
        """Give up what is unfinished, at the end of the file.

        Yields
        ------
        Block
            Dead letters only.
        """
        self._load(b"")
        while self._slots["used"][:-1].any():
            give_up_all(self._buf, self._state, self._dead, self._slots, self._parts, self._store)
            yield self._block()

    def renew_receivers(self) -> None:
        """Begin a new table of receivers if the present one is filling up; between blocks only."""
        if name_count(self.receivers) <= RECEIVERS_LIMIT:
            return
        fresh = new_names()
        for record, field in ((self._state, "carry_receiver"), (self._slots, "receiver")):
            numbers = record[field].astype(np.int64)
            move_names(self.receivers, fresh, numbers)
            record[field] = numbers
        self.receivers = fresh

    def _block(self) -> Block:
        rows, dead = int(self._state["rows"][0]), int(self._state["dead"][0])
        return Block(self._buf, self._rows[:rows], self._fields[:rows], self._dead[:dead])


def dead_lines(block: Block, path: Path) -> Iterator[DeadLetter]:
    """Letters of the lines that never became a message.

    Parameters
    ----------
    block : Block
        A block.
    path : Path
        The file, for the origin.

    Yields
    ------
    DeadLetter
        One a line.
    """
    for line, raw, length, reason in block.dead.tolist():
        name = layout.REASONS[reason]
        payload = block.buf[raw : raw + length].tobytes()
        yield DeadLetter(NMEA, f"{path}:{line}", name, EXPECTED[name], payload)


def dead_messages(block: Block, fate: npt.NDArray[np.uint8], path: Path) -> Iterator[DeadLetter]:
    """Letters of the messages that could not be used.

    Parameters
    ----------
    block : Block
        A block.
    fate : numpy.ndarray
        What became of its messages, shape (n,), uint8.
    path : Path
        The file, for the origin.

    Yields
    ------
    DeadLetter
        One a message, with all its lines.
    """
    for i in np.flatnonzero(fate < layout.PUBLISHED).tolist():
        row, fields = block.rows[i], block.fields[i]
        name = layout.REASONS[fate[i]]
        bits = 6 * int(row["length"]) - int(row["fill"])
        found = f"type {fields['kind']}, {bits} bits, mmsi {fields['mmsi']}; {EXPECTED[name]}"
        raw = int(row["raw"])
        payload = block.buf[raw : raw + int(row["raw_length"])].tobytes()
        yield DeadLetter(NMEA, f"{path}:{row['line']}", name, found, payload)


EXPECTED = {
    "not_nmea": "expected a sentence, a tag block or a comment that begins with #",
    "line_too_long": f"expected at most {layout.LINE_MAX} bytes a line",
    "bad_sentence": "expected !xxVDM,total,number,id,channel,payload,fill*hh",
    "bad_checksum": "the checksum behind * is not that of the sentence",
    "orphan_part": "the other parts of this multi-sentence message did not come",
    "duplicate_part": "this part of an unfinished message was there already",
    "empty_payload": "expected a payload",
    "bad_payload": "expected characters 0..W and `..w",
    "bad_length": "no length that this message type has",
    "unknown_type": "expected a message type 1..27",
    "invalid_mmsi": "expected an mmsi of 1..999999999",
    "invalid_position": "expected |lat| <= 90 and |lon| <= 180",
    "no_time": "nothing tells when this was received",
    "bad_receive_time": "expected a date and time in the $PGHP line",
}
"""What was expected, by reason."""
