"""Pass one: text to a table of whole messages, every checksum verified.

A line is a comment, a blank, a sentence behind an optional tag block, a tag block alone or a ``$PGHP`` line
(both speak of the next sentence), another NMEA sentence (passed over), or a dead letter.
"""

import numpy as np

from lacuna_kernels.ais_assembly import bury, join, place
from lacuna_kernels.ais_bytes import I64, Bytes, Record, Records, checksum_holds, find
from lacuna_kernels.ais_envelope import gatehouse, tag_block, trailer
from lacuna_kernels.ais_layout import (
    ARENA_RESERVE,
    BAD_CHECKSUM,
    BAD_RECEIVE_TIME,
    DEAD_RESERVE,
    LINE_MAX,
    LINE_TOO_LONG,
    NO_GROUP,
    NOT_NMEA,
    NULL_TIME_MS,
    OK,
    OTHER_SENTENCE,
    PARTS_MAX,
)
from lacuna_kernels.ais_names import Names
from lacuna_kernels.ais_sentence import sentence, star_of
from lacuna_kernels.jit import lean_inline, lean_kernel

U = np.uint64


@lean_inline
def _carry(state: Records, t_ms: int, receiver: int, group: int) -> None:
    s = state[0]
    if t_ms != NULL_TIME_MS:
        s.carry_t_ms = t_ms
    if receiver != 0:
        s.carry_receiver = receiver
    if group != NO_GROUP:
        s.carry_group = group


@lean_inline
def _forget(state: Records) -> None:
    state[0].carry_t_ms = NULL_TIME_MS
    state[0].carry_receiver = 0
    state[0].carry_group = NO_GROUP


@lean_inline
def _dollar(buf: Bytes, at: int, stop: int, state: Records, names: Names) -> int:
    # A sentence that begins with a dollar sign: only $PGHP matters.
    ours = stop - at > 6 and buf[U(at + 1)] == 80 and buf[U(at + 2)] == 71
    if not (ours and buf[U(at + 3)] == 72 and buf[U(at + 4)] == 80 and buf[U(at + 5)] == 44):
        return OTHER_SENTENCE
    star = star_of(buf, at, stop)
    if star < 0 or not checksum_holds(buf, at + 1, star):
        return BAD_CHECKSUM
    t_ms, receiver = gatehouse(buf, at, star, names)
    if t_ms == NULL_TIME_MS:
        return BAD_RECEIVE_TIME
    _carry(state, t_ms, receiver, NO_GROUP)
    return OTHER_SENTENCE


@lean_inline
def _context(
    buf: Bytes, after: int, stop: int, state: Records, names: Names, told: tuple[int, int, int]
) -> tuple[int, int, int]:
    # Receive time, receiver and group of a sentence: its tag block, else its trailer, else the lines before.
    t_ms, receiver, group = told
    if after < stop:
        trailed = trailer(buf, after, stop, names)
        t_ms = trailed[0] if t_ms == NULL_TIME_MS else t_ms
        receiver = trailed[1] if receiver == 0 else receiver
    s = state[0]
    t_ms = s.carry_t_ms if t_ms == NULL_TIME_MS else t_ms
    receiver = s.carry_receiver if receiver == 0 else receiver
    group = s.carry_group if group == NO_GROUP else group
    return t_ms, receiver, group


@lean_inline
def _talker(buf: Bytes, at: int) -> int:
    return (I64(buf[U(at + 1)]) << 16) | (I64(buf[U(at + 2)]) << 8) | I64(buf[U(at + 5)])


@lean_inline
def _classify(buf: Bytes, at: int, stop: int, state: Records, names: Names) -> tuple[int, int, int, int, int]:
    # Verdict, where a sentence begins, and what its tag block tells. OK without a sentence never happens.
    t_ms, receiver, group = NULL_TIME_MS, 0, NO_GROUP
    first = buf[U(at)]
    if first == 92:
        closing = find(buf, at + 1, stop, 92)
        if closing < stop:
            t_ms, receiver, group = tag_block(buf, at + 1, closing, names)
            at = closing + 1
            while at < stop and buf[U(at)] == 32:
                at += 1
            if at == stop:
                _carry(state, t_ms, receiver, group)
                return OTHER_SENTENCE, at, t_ms, receiver, group
            first = buf[U(at)]
    if first == 36:
        verdict = _dollar(buf, at, stop, state, names)
        return verdict, at, t_ms, receiver, group
    if first != 33:
        at = find(buf, at, stop, 33)
    return (OK if at < stop else NOT_NMEA), at, t_ms, receiver, group


@lean_inline
def _line(
    buf: Bytes, begin: int, stop: int, state: Records, row: Record, dead: Records,
    tables: tuple[Records, Records, Bytes, Names],
) -> bool:  # fmt: skip
    # True when the line completed a message, whose row is then written.
    slots, parts, store, names = tables
    line = state[0].line + 1
    if stop - begin > LINE_MAX:
        bury(state, dead, LINE_TOO_LONG, line, begin, stop - begin)
        return False
    verdict, at, t_ms, receiver, group = _classify(buf, begin, stop, state, names)
    if verdict == OK:
        verdict, star, total, number, sequence, channel, payload, size = sentence(buf, at, stop)
        if verdict == OK:
            t_ms, receiver, group = _context(buf, star + 3, stop, state, names, (t_ms, receiver, group))
        if verdict != OTHER_SENTENCE:
            _forget(state)
            state[0].sentences += 1
    if verdict != OK:
        if verdict != OTHER_SENTENCE:
            bury(state, dead, verdict, line, begin, stop - begin)
        return False
    if total == 1:
        row.t_ms = t_ms
        row.receiver = receiver
        row.fill = size & 7
        row.payload = payload
        row.length = size >> 3
        row.raw = begin
        row.raw_length = stop - begin
        row.line = line
        return True
    key = slots[slots.shape[0] - 1]
    key.total, key.sequence, key.channel, key.talker = total, sequence, channel, _talker(buf, at)
    key.receiver, key.group, key.t_ms, key.t_part = receiver, group, t_ms, PARTS_MAX
    key.mask, key.fill, key.seen = 0, size & 7, state[0].sentences
    coming = parts[(slots.shape[0] - 1) * PARTS_MAX]
    coming.line, coming.raw, coming.raw_length = line, begin, stop - begin
    coming.payload, coming.length = payload - begin, size >> 3
    i = place(buf, state, dead, slots, parts, store, number)
    if i < 0:
        return False
    row.line = line
    join(buf, state, row, slots, parts, store, i)
    return True


@lean_kernel
def scan(
    buf: Bytes,
    state: Records,
    rows: Records,
    dead: Records,
    slots: Records,
    parts: Records,
    store: Bytes,
    names: Names,
) -> None:
    """Read lines until the text ends or a table is full.

    Parameters
    ----------
    buf : numpy.ndarray
        Text up to ``state.limit``, PAD bytes, and the arena; shape (n,), uint8.
    state : numpy.ndarray
        Shape (1,), dtype STATE: where to go on; afterwards how far it came and how many rows and dead letters
        there are.
    rows, dead : numpy.ndarray
        Tables to fill, dtype ROW and DEAD.
    slots, parts : numpy.ndarray
        Unfinished messages, dtype SLOT, shape (SLOTS,), and PART, shape (SLOTS * PARTS_MAX,).
    store : numpy.ndarray
        Lines of their parts, shape (SLOTS * PARTS_MAX * LINE_MAX,), uint8.
    names : numpy.ndarray
        Table of receivers, dtype NAME.
    """
    s = state[0]
    limit = s.limit
    arena_end = buf.shape[0] - ARENA_RESERVE
    dead_end = dead.shape[0] - DEAD_RESERVE
    at = s.at
    n = 0
    s.dead = 0
    while at < limit and n < rows.shape[0] and s.dead < dead_end and s.arena < arena_end:
        end = find(buf, at, limit, 10)
        stop = end
        while stop > at and (buf[U(stop - 1)] == 13 or buf[U(stop - 1)] == 32):
            stop -= 1
        while at < stop and (buf[U(at)] == 32 or buf[U(at)] == 9):
            at += 1
        wanted = at < stop and buf[U(at)] != 35
        if wanted and _line(buf, at, stop, state, rows[n], dead, (slots, parts, store, names)):
            n += 1
        if end < limit:
            s.line += 1
        at = end + 1
    s.at = at
    s.rows = n
