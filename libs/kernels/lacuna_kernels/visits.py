"""Port visits: hysteresis of distance and speed, silences in port, the voyage before.

The rules are those of Global Fishing Watch's pipe-anchorages; the state of a craft is one row of int64.
"""

import numpy as np
import numpy.typing as npt

from lacuna_kernels.geodesy import M_PER_NM, distance_nm
from lacuna_kernels.jit import inline, kernel

UNSEEN, AT_SEA, MOVING, STOPPED = 0, 1, 2, 3
"""Modes; the last two are in port."""
OPEN_EVENT, CLOSED_EVENT = 0, 1

MODE, ANCHOR_ROW, ANCHOR_MS, ANCHOR_DIGEST, PORT, HAS_ENTRY, HAS_STOP, STOPPED_MS, GAP_MS = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
)
PREVIOUS_PORT, PREVIOUS_END_MS, PREVIOUS_CONFIDENCE, PREVIOUS_MS, PREVIOUS_DIGEST = 9, 10, 11, 12, 13
EXCURSION_M, LAST_MS, STATE_COLUMNS = 14, 15, 16
"""Columns of the state. ``ANCHOR_ROW`` is a row of this call or ``FROM_STATE``; digests are the bits of the
unsigned number; ``PREVIOUS_PORT`` is ``NONE`` before the first visit that counts."""
SLOT, ROW, CODE, AS_OF_MS, EVENT_HEAD = 0, 1, 2, 3, 4
"""First columns of an event; the state as it was then follows."""
FROM_STATE = -1
NONE = -1
NULL_SPEED_DKN = 65_535

STOP_DKN, RESTART_DKN, SILENCE_MS, COUNTS_FROM = 0, 1, 2, 3
"""Rules: speeds of stop and restart (0.1 kn), silence in port (ms), least confidence of the visit that a
voyage starts from."""


@inline
def confidence(state: npt.NDArray[np.int64], exited: bool) -> int:
    """Confidence of a visit: 2 for a stop or silence, one more each for entry and exit; 1 without a stop.

    Parameters
    ----------
    state : numpy.ndarray
        Shape (``STATE_COLUMNS``,), int64.
    exited : bool
        Whether the exit was seen.

    Returns
    -------
    int
        1 to 4.
    """
    if state[HAS_STOP] == 0:
        return 1
    sure: int = 2 + state[HAS_ENTRY] + (1 if exited else 0)
    return sure


@inline
def is_stopped(mode: int, speed_dkn: int, rules: npt.NDArray[np.int64]) -> bool:
    """Whether a craft in port is stopped, with hysteresis.

    Parameters
    ----------
    mode : int
        Mode before.
    speed_dkn : int
        Speed in 0.1 kn, ``NULL_SPEED_DKN`` for unknown (nothing changes then).
    rules : numpy.ndarray
        Shape (4,), int64.

    Returns
    -------
    bool
        Stopped now.
    """
    if speed_dkn == NULL_SPEED_DKN:
        return mode == STOPPED
    if speed_dkn <= rules[STOP_DKN]:
        return True
    return mode == STOPPED and speed_dkn < rules[RESTART_DKN]


@inline
def emit(
    events: npt.NDArray[np.int64], e: int, head: tuple[int, int, int, int], state: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Append an event, widening the array when it is full.

    Parameters
    ----------
    events : numpy.ndarray
        Shape (capacity, ``EVENT_HEAD`` + ``STATE_COLUMNS``), int64.
    e : int
        Events so far.
    head : tuple of int
        Slot, row, code, as_of (ms).
    state : numpy.ndarray
        Shape (``STATE_COLUMNS``,), int64.

    Returns
    -------
    numpy.ndarray
        The array that holds the event, int64.
    """
    if e == events.shape[0]:
        wider = np.empty((2 * e, events.shape[1]), np.int64)
        wider[:e] = events
        events = wider
    events[e, SLOT], events[e, ROW], events[e, CODE], events[e, AS_OF_MS] = head
    events[e, EVENT_HEAD:] = state
    return events


@inline
def enter(state: npt.NDArray[np.int64], row: int, t_ms: int, digest: int, port: int, has_entry: bool) -> None:
    """Begin a visit in the state of a craft.

    Parameters
    ----------
    state : numpy.ndarray
        Shape (``STATE_COLUMNS``,), int64; changed in place.
    row : int
        Row that entered.
    t_ms : int
        Its time, Unix milliseconds UTC.
    digest : int
        Bits of its digest.
    port : int
        Port.
    has_entry : bool
        Whether the craft was seen at sea before.
    """
    state[MODE] = MOVING
    state[ANCHOR_ROW] = row
    state[ANCHOR_MS] = t_ms
    state[ANCHOR_DIGEST] = digest
    state[PORT] = port
    state[HAS_ENTRY] = 1 if has_entry else 0
    state[STOPPED_MS] = 0
    state[GAP_MS] = 0
    state[HAS_STOP] = 0


@inline
def leave(state: npt.NDArray[np.int64], t_ms: int, counts_from: int) -> None:
    """End a visit; one of enough confidence becomes the start of the voyage.

    Parameters
    ----------
    state : numpy.ndarray
        Shape (``STATE_COLUMNS``,), int64; changed in place.
    t_ms : int
        Time of the exit, Unix milliseconds UTC.
    counts_from : int
        Least confidence.
    """
    state[MODE] = AT_SEA
    sure = confidence(state, True)
    if sure >= counts_from:
        state[PREVIOUS_PORT] = state[PORT]
        state[PREVIOUS_END_MS] = t_ms
        state[PREVIOUS_CONFIDENCE] = sure
        state[PREVIOUS_MS] = state[ANCHOR_MS]
        state[PREVIOUS_DIGEST] = state[ANCHOR_DIGEST]
        state[EXCURSION_M] = 0


@kernel
def follow_visits(
    rows: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.uint16]],
    near: tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]],
    where: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]],
    ports: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
    states: npt.NDArray[np.int64],
    rules: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    """Follow the visits of many craft through interleaved rows.

    Parameters
    ----------
    rows : tuple of numpy.ndarray
        Craft slot (int64), time (int64, Unix ms), bits of the digest (int64), speed (uint16, 0.1 kn,
        ``NULL_SPEED_DKN`` for none) of each row, each shape (n,).
    near : tuple of numpy.ndarray
        Port of the nearest anchorage (int64, ``NONE`` where far), and whether in port (bool); shape (n,).
    where : tuple of numpy.ndarray
        Latitude and longitude of each row, shape (n,), int32, degrees times 1e7.
    ports : tuple of numpy.ndarray
        Latitude and longitude of the ports, shape (p,), float64, degrees.
    states : numpy.ndarray
        By slot, shape (m, ``STATE_COLUMNS``), int64; changed in place.
    rules : numpy.ndarray
        Shape (4,), int64; see ``STOP_DKN`` and its neighbors.

    Returns
    -------
    numpy.ndarray
        Events in order, shape (e, ``EVENT_HEAD`` + ``STATE_COLUMNS``), int64.
    """
    slots, t_ms, digests, speed_dkn = rows
    events = np.empty((256, EVENT_HEAD + STATE_COLUMNS), np.int64)
    e = 0
    for i in range(slots.shape[0]):
        s, t, port, inside = slots[i], t_ms[i], near[0][i], near[1][i]
        state = states[s]
        mode = state[MODE]
        was_in = mode in (MOVING, STOPPED)
        dt_ms = t - state[LAST_MS]
        if was_in and dt_ms > rules[SILENCE_MS]:
            due_ms = state[LAST_MS] + rules[SILENCE_MS] + 1
            if state[HAS_STOP] == 0:
                state[HAS_STOP] = 1
                if due_ms < t or inside:  # otherwise the closing at the same time says it
                    events = emit(events, e, (s, i, OPEN_EVENT, due_ms), state)
                    e += 1
            state[GAP_MS] += dt_ms
        elif mode == STOPPED:
            state[STOPPED_MS] += dt_ms
        state[LAST_MS] = t
        if state[PREVIOUS_PORT] != NONE and not was_in:
            home = state[PREVIOUS_PORT]
            away_nm = distance_nm(where[0][i] * 1e-7, where[1][i] * 1e-7, ports[0][home], ports[1][home])
            state[EXCURSION_M] = max(state[EXCURSION_M], np.int64(np.floor(away_nm * M_PER_NM + 0.5)))
        if not inside:
            if was_in:
                events = emit(events, e, (s, i, CLOSED_EVENT, t), state)
                leave(state, t, rules[COUNTS_FROM])
                e += 1
            state[MODE] = AT_SEA
            continue
        if not was_in:
            enter(state, i, t, digests[i], port, mode == AT_SEA)
        stopped = is_stopped(mode, speed_dkn[i], rules)
        evident = stopped and state[HAS_STOP] == 0
        if evident:
            state[HAS_STOP], state[PORT] = 1, port
        state[MODE] = STOPPED if stopped else MOVING
        if evident or (not was_in and mode == AT_SEA):
            events = emit(events, e, (s, i, OPEN_EVENT, t), state)
            e += 1
    return events[:e].copy()


@kernel
def due_visits(
    states: npt.NDArray[np.int64], rules: npt.NDArray[np.int64], until_ms: int
) -> tuple[npt.NDArray[np.int64], int]:
    """Note the silences in port that are due at the watermark.

    Parameters
    ----------
    states : numpy.ndarray
        By slot, shape (m, ``STATE_COLUMNS``), int64; changed in place.
    rules : numpy.ndarray
        Shape (4,), int64.
    until_ms : int
        Watermark, Unix milliseconds UTC.

    Returns
    -------
    events : numpy.ndarray
        As of ``follow_visits`` with row ``FROM_STATE``; int64.
    next_due_ms : int
        Earliest time at which another can fall due; the largest int64 when none can.
    """
    events = np.empty((64, EVENT_HEAD + STATE_COLUMNS), np.int64)
    e = 0
    next_due_ms = 2**63 - 1
    for s in range(states.shape[0]):
        state = states[s]
        if (state[MODE] != MOVING and state[MODE] != STOPPED) or state[HAS_STOP] == 1:
            continue
        due_ms = state[LAST_MS] + rules[SILENCE_MS] + 1
        if due_ms > until_ms:
            next_due_ms = min(next_due_ms, due_ms)
            continue
        state[HAS_STOP] = 1
        events = emit(events, e, (s, FROM_STATE, OPEN_EVENT, due_ms), state)
        e += 1
    return events[:e].copy(), next_due_ms
