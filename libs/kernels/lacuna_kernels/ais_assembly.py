"""Putting multi-sentence messages together, whatever order and mixture their parts come in.

A part belongs to an unfinished message of the same talker, total, sequence id and channel whose receiver and
``g:`` group do not contradict it; equal groups decide alone. A part that is there already and reads the
same is a duplicate; one that reads differently shows that the id was used again, and the old message is given
up. Unfinished messages are also given up after PATIENCE_SENTENCES or PATIENCE_MS and when SLOTS are full.
Parts are copied, so a message may begin in one buffer and end in another.
"""

import numpy as np

from lacuna_kernels.ais_bytes import Bytes, Record, Records
from lacuna_kernels.ais_layout import (
    DUPLICATE_PART,
    NO_GROUP,
    NULL_TIME_MS,
    ORPHAN_PART,
    PARTS_MAX,
    PATIENCE_MS,
    PATIENCE_SENTENCES,
)
from lacuna_kernels.jit import lean_inline, lean_kernel

U = np.uint64


@lean_inline
def bury(state: Records, dead: Records, reason: int, line: int, raw: int, raw_length: int) -> None:
    """Write a dead letter.

    Parameters
    ----------
    state, dead : numpy.ndarray
        Records of dtype STATE, shape (1,), and DEAD, shape (n,).
    reason : int
        Code.
    line : int
        1-based line.
    raw, raw_length : int
        Where the original bytes stand in the buffer.
    """
    letter = dead[state[0].dead]
    letter.line = line
    letter.raw = raw
    letter.raw_length = raw_length
    letter.reason = reason
    state[0].dead += 1


@lean_inline
def _to_arena(buf: Bytes, state: Records, source: Bytes, at: int, length: int) -> int:
    start: int = state[0].arena
    for k in range(length):
        buf[U(start + k)] = source[U(at + k)]
    state[0].arena = start + length
    return start


@lean_inline
def give_up(
    buf: Bytes, state: Records, dead: Records, slots: Records, parts: Records, store: Bytes, i: int
) -> None:
    """Turn the parts of an unfinished message into dead letters and free its slot.

    Parameters
    ----------
    buf : numpy.ndarray
        Buffer with the arena, shape (n,), uint8.
    state, dead, slots, parts : numpy.ndarray
        Records of dtype STATE, DEAD, SLOT and PART.
    store : numpy.ndarray
        Lines of the parts, shape (SLOTS * PARTS_MAX * LINE_MAX,), uint8.
    i : int
        The slot.
    """
    line_max = store.shape[0] // parts.shape[0]
    for k in range(slots[i].total):
        if (slots[i].mask >> k) & 1:
            j = i * PARTS_MAX + k
            raw = _to_arena(buf, state, store, j * line_max, parts[j].raw_length)
            bury(state, dead, ORPHAN_PART, parts[j].line, raw, parts[j].raw_length)
    slots[i].used = 0


@lean_kernel
def give_up_all(
    buf: Bytes, state: Records, dead: Records, slots: Records, parts: Records, store: Bytes
) -> None:
    """Give up unfinished messages, as many as there is room for, at the end of a file.

    Parameters
    ----------
    buf : numpy.ndarray
        Buffer with the arena, shape (n,), uint8.
    state, dead, slots, parts : numpy.ndarray
        Records of dtype STATE, DEAD, SLOT and PART.
    store : numpy.ndarray
        Lines of the parts, shape (SLOTS * PARTS_MAX * LINE_MAX,), uint8.
    """
    line_max = store.shape[0] // parts.shape[0]
    state[0].rows = 0
    state[0].dead = 0
    state[0].arena = 0
    for i in range(slots.shape[0]):
        room = state[0].arena + PARTS_MAX * line_max < buf.shape[0]
        if slots[i].used and room and state[0].dead + PARTS_MAX < dead.shape[0]:
            give_up(buf, state, dead, slots, parts, store, i)


@lean_inline
def _same(store: Bytes, part: Record, base: int, buf: Bytes, payload: int, length: int) -> bool:
    if part.length != length:
        return False
    k = 0
    while k < length and store[U(base + part.payload + k)] == buf[U(payload + k)]:
        k += 1
    return k == length


@lean_inline
def _fits(slot: Record, key: Record) -> bool:
    if slot.total != key.total or slot.talker != key.talker:
        return False
    if slot.group != NO_GROUP and key.group != NO_GROUP:
        grouped: bool = slot.group == key.group
        return grouped
    if slot.sequence != key.sequence or slot.channel != key.channel:
        return False
    near: bool = slot.receiver == key.receiver or slot.receiver == 0 or key.receiver == 0
    return near


@lean_inline
def _outdated(slot: Record, key: Record) -> bool:
    known = slot.t_ms != NULL_TIME_MS and key.t_ms != NULL_TIME_MS
    far: bool = known and abs(slot.t_ms - key.t_ms) > PATIENCE_MS
    return far


@lean_inline
def _search(state: Records, slots: Records, key: Record, bit: int) -> tuple[int, int, int]:
    # The slot that wants this part, else one that has it; the first slot that waited too long; a free one.
    while state[0].high > 0 and not slots[state[0].high - 1].used:
        state[0].high -= 1
    wants, has, tired = -1, -1, -1
    for i in range(state[0].high):
        slot = slots[i]
        if not slot.used:
            continue
        if key.seen - slot.seen > PATIENCE_SENTENCES:
            if tired < 0 or slot.seen < slots[tired].seen:
                tired = i
        elif _fits(slot, key):
            if _outdated(slot, key):
                tired = i
            elif slot.mask & bit:
                has = i if has < 0 or slot.seen > slots[has].seen else has
            elif wants < 0 or slot.seen > slots[wants].seen:
                wants = i
    return wants, has, tired


@lean_inline
def _free_slot(state: Records, slots: Records) -> tuple[int, bool]:
    oldest = 0
    for i in range(slots.shape[0] - 1):
        if not slots[i].used:
            state[0].high = max(state[0].high, i + 1)
            return i, True
        if slots[i].seen < slots[oldest].seen:
            oldest = i
    return oldest, False


@lean_inline
def _keep(slot: Record, key: Record, part: Record, coming: Record, k: int) -> None:
    slot.used = 1
    slot.mask |= 1 << k
    slot.seen = key.seen
    if slot.receiver == 0:
        slot.receiver = key.receiver
    if slot.group == NO_GROUP:
        slot.group = key.group
    if key.t_ms != NULL_TIME_MS and (slot.t_ms == NULL_TIME_MS or k <= slot.t_part):
        slot.t_ms = key.t_ms
        slot.t_part = k
    if k == slot.total - 1:
        slot.fill = key.fill
    part.line = coming.line
    part.raw_length = coming.raw_length
    part.payload = coming.payload
    part.length = coming.length


@lean_inline
def place(
    buf: Bytes, state: Records, dead: Records, slots: Records, parts: Records, store: Bytes, number: int
) -> int:
    """Take the incoming part, which the last slot and its first part describe.

    Parameters
    ----------
    buf : numpy.ndarray
        Buffer with the arena, shape (n,), uint8.
    state, dead, slots, parts : numpy.ndarray
        Records of dtype STATE, DEAD, SLOT and PART.
    store : numpy.ndarray
        Lines of the parts, shape (SLOTS * PARTS_MAX * LINE_MAX,), uint8.
    number : int
        Part number from 1.

    Returns
    -------
    int
        The slot of the message that is now complete, else -1.
    """
    key = slots[slots.shape[0] - 1]
    coming = parts[(slots.shape[0] - 1) * PARTS_MAX]
    line_max = store.shape[0] // parts.shape[0]
    k = number - 1
    i, has, tired = _search(state, slots, key, 1 << k)
    if tired >= 0:
        give_up(buf, state, dead, slots, parts, store, tired)
    if i < 0 and has >= 0:
        j = has * PARTS_MAX + k
        if _same(store, parts[j], j * line_max, buf, coming.raw + coming.payload, coming.length):
            bury(state, dead, DUPLICATE_PART, coming.line, coming.raw, coming.raw_length)
            return -1
        give_up(buf, state, dead, slots, parts, store, has)
    if i < 0:
        i, free = _free_slot(state, slots)
        if not free:
            give_up(buf, state, dead, slots, parts, store, i)
        slots[i] = key
    j = i * PARTS_MAX + k
    _keep(slots[i], key, parts[j], coming, k)
    for b in range(coming.raw_length):
        store[U(j * line_max + b)] = buf[U(coming.raw + b)]
    return i if slots[i].mask == (1 << slots[i].total) - 1 else -1


@lean_inline
def join(
    buf: Bytes, state: Records, row: Record, slots: Records, parts: Records, store: Bytes, i: int
) -> None:
    """Write the row of a complete message, put its payload and its lines together, and free its slot.

    Parameters
    ----------
    buf : numpy.ndarray
        Buffer with the arena, shape (n,), uint8.
    state, row, slots, parts : numpy.ndarray
        Records of dtype STATE, ROW (one record), SLOT and PART.
    store : numpy.ndarray
        Lines of the parts, shape (SLOTS * PARTS_MAX * LINE_MAX,), uint8.
    i : int
        The slot.
    """
    line_max = store.shape[0] // parts.shape[0]
    slot = slots[i]
    row.t_ms = slot.t_ms
    row.receiver = slot.receiver
    row.fill = slot.fill
    row.payload = state[0].arena
    for k in range(slot.total):
        j = i * PARTS_MAX + k
        _to_arena(buf, state, store, j * line_max + parts[j].payload, parts[j].length)
    row.length = state[0].arena - row.payload
    row.raw = state[0].arena
    for k in range(slot.total):
        j = i * PARTS_MAX + k
        _to_arena(buf, state, store, j * line_max, parts[j].raw_length)
        buf[U(state[0].arena)] = 10
        state[0].arena += 1
    row.raw_length = state[0].arena - 1 - row.raw
    slot.used = 0
