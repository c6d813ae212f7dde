"""Loitering: clock hours of slow progress, stitched while the track goes on."""

import numpy as np
import numpy.typing as npt

from lacuna_kernels.jit import inline, kernel

HOUR, STEP_MM, STEP_MS, HOUR_ROW, HOUR_END_ROW, PORT_ROWS = 0, 1, 2, 3, 4, 5
"""The hour being summed: its number (``NO_HOUR`` before the first row), millimeters and milliseconds of its
steps, its first and last row, whether any of its rows is in port."""
RUN_HOURS, RUN_MM, RUN_MS, RUN_ROW, RUN_END_ROW, SAID, LAST_MS, STATE_COLUMNS = 6, 7, 8, 9, 10, 11, 12, 13
"""The run of slow hours: how many, millimeters and milliseconds of their steps, first and last row, whether
it was said; and the time of the craft's last row. Rows are of this call or of an earlier one (negative)."""
SLOT, AS_OF_MS, CODE, EVENT_HEAD = 0, 1, 2, 3
OPEN_EVENT, CLOSED_EVENT = 0, 1
FROM_STATE, FROM_HOUR, FROM_LAST = -1, -2, -3
"""Where a row of an earlier call is kept: with the same column, as the first row of its hour, as the last
row of its craft."""
NO_HOUR = -(2**63)
MS_PER_H = 3_600_000
MAX_SPEED_M_PER_H, MIN_RUN_MS, SILENCE_MS = 0, 1, 2
"""Rules: speed below which an hour is slow (meters an hour), length from which a run is said (ms), silence
(ms)."""


@inline
def emit(
    events: npt.NDArray[np.int64], e: int, head: tuple[int, int, int], state: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Append an event, widening the array when it is full.

    Parameters
    ----------
    events : numpy.ndarray
        Shape (capacity, ``EVENT_HEAD`` + ``STATE_COLUMNS``), int64.
    e : int
        Events so far.
    head : tuple of int
        Slot, as_of (ms), code.
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
    events[e, SLOT], events[e, AS_OF_MS], events[e, CODE] = head
    events[e, EVENT_HEAD:] = state
    return events


@inline
def begin_hour(state: npt.NDArray[np.int64], hour: int, row: int) -> None:
    """Start summing a clock hour.

    Parameters
    ----------
    state : numpy.ndarray
        Shape (``STATE_COLUMNS``,), int64; changed in place.
    hour : int
        Its number.
    row : int
        Its first row.
    """
    state[HOUR] = hour
    state[STEP_MM] = 0
    state[STEP_MS] = 0
    state[HOUR_ROW] = row
    state[PORT_ROWS] = 0


@inline
def finish_hour(state: npt.NDArray[np.int64], rules: npt.NDArray[np.int64]) -> bool:
    """Judge the hour that is over and, when it is slow, add it to the run.

    Parameters
    ----------
    state : numpy.ndarray
        Shape (``STATE_COLUMNS``,), int64; changed in place.
    rules : numpy.ndarray
        Shape (3,), int64.

    Returns
    -------
    bool
        Whether it was slow: some progress measured, on average below the limit, never in port.
    """
    slow: bool = (
        state[PORT_ROWS] == 0
        and state[STEP_MS] > 0
        and state[STEP_MM] * (MS_PER_H // 1000) < rules[MAX_SPEED_M_PER_H] * state[STEP_MS]
    )
    if slow:
        if state[RUN_HOURS] == 0:
            state[RUN_ROW] = state[HOUR_ROW] if state[HOUR_ROW] >= 0 else FROM_HOUR
            state[RUN_MM] = 0
            state[RUN_MS] = 0
        state[RUN_HOURS] += 1
        state[RUN_MM] += state[STEP_MM]
        state[RUN_MS] += state[STEP_MS]
        state[RUN_END_ROW] = state[HOUR_END_ROW]
    return slow


@inline
def settle(
    events: npt.NDArray[np.int64],
    e: int,
    state: npt.NDArray[np.int64],
    head: tuple[int, int],
    ends: bool,
    rules: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], int]:
    """Finish the hour; say a run that is long enough, close one that is over.

    Parameters
    ----------
    events : numpy.ndarray
        Shape (capacity, ``EVENT_HEAD`` + ``STATE_COLUMNS``), int64.
    e : int
        Events so far.
    state : numpy.ndarray
        Shape (``STATE_COLUMNS``,), int64; changed in place.
    head : tuple of int
        Slot and as_of (ms).
    ends : bool
        Whether the track ends here (silence), so that the run can't go on.
    rules : numpy.ndarray
        Shape (3,), int64.

    Returns
    -------
    events : numpy.ndarray
        The array that holds the events, int64.
    e : int
        Events now.
    """
    slow = finish_hour(state, rules)
    over = ends or not slow
    if state[SAID] == 0 and state[RUN_MS] >= rules[MIN_RUN_MS] and not over:
        events = emit(events, e, (head[0], head[1], OPEN_EVENT), state)
        state[SAID] = 1
        e += 1
    if over:
        if state[RUN_HOURS] > 0 and state[RUN_MS] >= rules[MIN_RUN_MS]:
            events = emit(events, e, (head[0], head[1], CLOSED_EVENT), state)
            e += 1
        state[RUN_HOURS] = 0
        state[SAID] = 0
    return events, e


@kernel
def follow_loitering(
    rows: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.bool_]],
    states: npt.NDArray[np.int64],
    rules: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    """Follow slow hours of many craft through interleaved rows.

    Parameters
    ----------
    rows : tuple of numpy.ndarray
        Craft slot (int64), time (int64, Unix ms), distance from the row before of the same craft (float64,
        nautical miles), whether in port (bool), each shape (n,).
    states : numpy.ndarray
        By slot, shape (m, ``STATE_COLUMNS``), int64; changed in place.
    rules : numpy.ndarray
        Shape (3,), int64; see ``MAX_SPEED_M_PER_H`` and its neighbors.

    Returns
    -------
    numpy.ndarray
        Events in order, shape (e, ``EVENT_HEAD`` + ``STATE_COLUMNS``), int64.
    """
    slots, t_ms, step_nm, in_port = rows
    events = np.empty((64, EVENT_HEAD + STATE_COLUMNS), np.int64)
    e = 0
    for i in range(slots.shape[0]):
        s, t = slots[i], t_ms[i]
        state = states[s]
        hour = t // MS_PER_H
        if state[HOUR] == NO_HOUR:
            begin_hour(state, hour, i)
            state[LAST_MS] = t
        elif t - state[LAST_MS] > rules[SILENCE_MS]:
            due_ms = state[LAST_MS] + rules[SILENCE_MS] + 1
            events, e = settle(events, e, state, (s, due_ms), True, rules)
            begin_hour(state, hour, i)
            state[LAST_MS] = t
        dt_ms = t - state[LAST_MS]
        step_mm = np.int64(np.floor(step_nm[i] * 1_852_000.0 + 0.5)) if dt_ms > 0 else np.int64(0)
        if hour != state[HOUR]:  # the step across the hour is shared by time
            before_ms = hour * MS_PER_H - state[LAST_MS]
            before_mm = step_mm * before_ms // dt_ms
            state[STEP_MS] += before_ms
            state[STEP_MM] += before_mm
            events, e = settle(events, e, state, (s, t), False, rules)
            begin_hour(state, hour, i)
            dt_ms -= before_ms
            step_mm -= before_mm
        state[STEP_MS] += dt_ms
        state[STEP_MM] += step_mm
        state[PORT_ROWS] |= 1 if in_port[i] else 0
        state[HOUR_END_ROW] = i
        state[LAST_MS] = t
    return events[:e].copy()


@kernel
def due_loitering(
    states: npt.NDArray[np.int64], rules: npt.NDArray[np.int64], until_ms: int
) -> tuple[npt.NDArray[np.int64], int]:
    """End the runs whose craft fell silent, as due at the watermark.

    Parameters
    ----------
    states : numpy.ndarray
        By slot, shape (m, ``STATE_COLUMNS``), int64; changed in place.
    rules : numpy.ndarray
        Shape (3,), int64.
    until_ms : int
        Watermark, Unix milliseconds UTC.

    Returns
    -------
    events : numpy.ndarray
        As of ``follow_loitering``, int64.
    next_due_ms : int
        Earliest time at which another can fall due; the largest int64 when none can.
    """
    events = np.empty((64, EVENT_HEAD + STATE_COLUMNS), np.int64)
    e = 0
    next_due_ms = 2**63 - 1
    for s in range(states.shape[0]):
        state = states[s]
        if state[HOUR] == NO_HOUR:
            continue
        due_ms = state[LAST_MS] + rules[SILENCE_MS] + 1
        if due_ms > until_ms:
            next_due_ms = min(next_due_ms, due_ms)
            continue
        events, e = settle(events, e, state, (s, due_ms), True, rules)
        state[HOUR] = NO_HOUR
    return events[:e].copy(), next_due_ms
