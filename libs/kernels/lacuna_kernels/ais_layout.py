"""Record layouts and codes that the AIS kernels share; one record array is one pointer in a hot loop."""

import numpy as np

NULL_TIME_MS = -(2**63)
"""A sentence whose receive time nobody told."""
NULL_I32 = -(2**31)
NULL_U16 = 65_535
NO_GROUP = -1
LINE_MAX = 1024
"""Longest line in bytes that is read as a sentence (NMEA 0183 asks for 82 and feeds do not keep to it)."""
SLOTS = 128
"""Unfinished multi-sentence messages kept at once; the oldest makes room."""
PARTS_MAX = 9
PATIENCE_SENTENCES = 20_000
"""An unfinished message is given up after so many later sentences of any kind."""
PATIENCE_MS = 60_000
"""Parts whose receive times differ by more belong to two messages that reused an id."""
PAD = 64
"""Bytes behind the text that may be read (never used) by eight-byte loads."""
ARENA = 1 << 20
"""Bytes behind the padding where multi-sentence payloads and their original lines are put together."""
ARENA_RESERVE = 4 * PARTS_MAX * 2 * LINE_MAX
"""Most that one line can add to the arena: a message, a time-out, an eviction and a reused id."""
DEAD_RESERVE = 3 * PARTS_MAX + 1
"""Most dead letters that one line can cause."""
BLOCK_ROWS = 16_384
"""Messages handled per call, so that all tables of a call stay in the second-level cache."""

STATE = np.dtype(
    [
        ("at", "<i8"),  # next byte to read
        ("limit", "<i8"),  # end of the text in the buffer
        ("line", "<i8"),  # line ends passed since the file began
        ("sentences", "<i8"),  # sentences of multi-sentence messages and others, for time-outs
        ("rows", "<i8"),  # filled rows of this call
        ("dead", "<i8"),  # dead letters of this call
        ("arena", "<i8"),  # next free byte of the arena
        ("high", "<i8"),  # slots above are free
        ("carry_t_ms", "<i8"),  # what a $PGHP line or a lone tag block says of the next sentence
        ("carry_group", "<i8"),
        ("carry_receiver", "<i8"),
    ],
    align=True,
)
ROW = np.dtype(
    [
        ("t_ms", "<i8"),  # receive time, NULL_TIME_MS for none
        ("line", "<i8"),  # 1-based line of the last sentence
        ("payload", "<i4"),  # where the armored payload stands in the buffer
        ("length", "<i4"),  # its characters
        ("raw", "<i4"),  # where the original line or lines stand
        ("raw_length", "<i4"),
        ("receiver", "<i4"),  # name number
        ("fill", "<i4"),  # fill bits
    ],
    align=True,
)
"""One complete message that passed its checksums, single or put together."""
DEAD = np.dtype([("line", "<i8"), ("raw", "<i4"), ("raw_length", "<i4"), ("reason", "<i4")], align=True)
SLOT = np.dtype(
    [
        ("used", "<i4"),
        ("total", "<i4"),
        ("sequence", "<i4"),
        ("channel", "<i4"),
        ("talker", "<i4"),
        ("mask", "<i4"),  # bit per part that is there
        ("receiver", "<i4"),
        ("fill", "<i4"),
        ("group", "<i8"),
        ("t_ms", "<i8"),  # of the lowest part that has one
        ("t_part", "<i8"),
        ("seen", "<i8"),  # sentence count when the newest part came
    ],
    align=True,
)
PART = np.dtype(
    [("line", "<i8"), ("raw", "<i4"), ("raw_length", "<i4"), ("payload", "<i4"), ("length", "<i4")],
    align=True,
)
"""One part: its line, and its payload counted from the beginning of that line.

The parts of the last slot are never stored: the first of them describes the part that is coming in, as the
last slot describes its message.
"""
NAME = np.dtype(
    [
        ("w0", "<u8"),
        ("w1", "<u8"),
        ("w2", "<u8"),
        ("w3", "<u8"),
        ("w4", "<u8"),
        ("head", "<i4"),
        ("next", "<i4"),
    ]
)
"""One text of less than NAME_BYTES bytes and two links of a hash table.

Number 0 is no text and ends a chain; its ``next`` counts the texts, so that a table of zeros is empty.
"""
NAME_BYTES = 40
NAME_CAPACITY = 65_536
"""Names a table can hold; indices of batches are 16-bit."""
FIELDS = np.dtype(
    [
        ("mmsi", "<u4"),
        ("lon", "<i4"),  # 1/10,000 minute, NULL_I32 for not available
        ("lat", "<i4"),
        ("speed", "<u2"),  # 0.1 kn, NULL_U16 for not available
        ("course", "<u2"),  # 0.1 degree
        ("heading", "<u2"),  # degrees
        ("altitude", "<u2"),  # meters
        ("rot", "<i2"),  # ROTais, -128 for not available
        ("kind", "u1"),  # message type
        ("verdict", "u1"),  # 0 or a reason
        ("status", "u1"),  # navigational status, 15 undefined
        ("second", "u1"),  # UTC second as sent, 60 for not available
        ("accurate", "u1"),
        ("raim", "u1"),
        ("part", "u1"),  # of type 24
    ],
    align=True,
)
"""One message in units of the standard, "not available" made null, impossible values kept."""
STATIC = np.dtype(
    [
        ("row", "<i8"),
        ("imo", "<u4"),
        ("name", "<i4"),
        ("callsign", "<i4"),
        ("destination", "<i4"),
        ("to_bow_m", "<u2"),
        ("to_stern_m", "<u2"),
        ("to_port_m", "<u2"),
        ("to_starboard_m", "<u2"),
        ("ship_type", "u1"),
        ("draught_dm", "u1"),
    ],
    align=True,
)
"""Static and voyage data of one message, 0 for not available; texts are name numbers."""

REASONS = (
    "", "not_nmea", "line_too_long", "bad_sentence", "bad_checksum", "orphan_part", "duplicate_part",
    "empty_payload", "bad_payload", "bad_length", "unknown_type", "invalid_mmsi", "invalid_position",
    "no_time", "bad_receive_time",
)  # fmt: skip
"""Reasons of dead letters by code."""
(
    OK, NOT_NMEA, LINE_TOO_LONG, BAD_SENTENCE, BAD_CHECKSUM, ORPHAN_PART, DUPLICATE_PART, EMPTY_PAYLOAD,
    BAD_PAYLOAD, BAD_LENGTH, UNKNOWN_TYPE, INVALID_MMSI, INVALID_POSITION, NO_TIME, BAD_RECEIVE_TIME,
) = range(15)  # fmt: skip
PUBLISHED = 100
NON_POSITION = 101
"""What became of a message that is not dead."""
OTHER_SENTENCE = 102
"""A sentence that carries no AIS message: own position, alarms, queries."""
