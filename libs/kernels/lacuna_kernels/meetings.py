"""Runs of contacts of pairs: how many slots, how near, how slow, and when a run is over."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from lacuna_kernels.jit import inline, kernel

Whole: TypeAlias = int | np.signedinteger[Any]

COUNT, SAID, MIN_DISTANCE_M, FIRST_MS, FIRST_LAT, FIRST_LON, LAST_MS, LAST_LAT, LAST_LON = (
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
SUM_LAT, SUM_LON, STATE_COLUMNS = 9, 10, 11
"""Columns of the state of a pair: slots in contact (0: no run), whether the run was said, smallest distance
(m), first and last contact (Unix ms, degrees times 1e7), sums of the offsets from the first one."""
PAIR, AS_OF_MS, CODE, MEDIAN_DKN, EVENT_HEAD = 0, 1, 2, 3, 4
OPEN_EVENT, CLOSED_EVENT, RETRACTED_EVENT = 0, 1, 2
SPEED_BINS = 64
"""Bins of 0.1 kn; the last one takes all from 6.3 kn up."""
NULL_SPEED_DKN = 65_535
MIN_SLOTS, PAUSE_MS, DELAY_MS, MAX_MEDIAN_DKN = 0, 1, 2, 3
"""Rules: slots from which a run is said, pause that ends it (ms), time from a slot to its being known (ms),
median speed that it must stay below (0.1 kn)."""
HALF_TURN_E7 = 1_800_000_000
FULL_TURN_E7 = 3_600_000_000


@inline
def median_dkn(histogram: npt.NDArray[np.uint32]) -> int:
    """Lower median of a speed histogram.

    Parameters
    ----------
    histogram : numpy.ndarray
        Shape (``SPEED_BINS``,), uint32.

    Returns
    -------
    int
        0.1 kn, ``NULL_SPEED_DKN`` without any speed.
    """
    total = 0
    for b in range(SPEED_BINS):
        total += histogram[b]
    seen = 0
    for b in range(SPEED_BINS):
        seen += histogram[b]
        if total > 0 and 2 * seen >= total:
            return b
    return NULL_SPEED_DKN


@inline
def add_contact(
    state: npt.NDArray[np.int64],
    histogram: npt.NDArray[np.uint32],
    contact: tuple[Whole, Whole, Whole, Whole],
    speeds_dkn: tuple[Whole, Whole],
) -> None:
    """Take a contact into the run of its pair.

    Parameters
    ----------
    state : numpy.ndarray
        Shape (``STATE_COLUMNS``,), int64; changed in place.
    histogram : numpy.ndarray
        Shape (``SPEED_BINS``,), uint32; changed in place.
    contact : tuple of int
        Time (ms), latitude, longitude (degrees times 1e7), distance (m).
    speeds_dkn : tuple of int
        Speeds of the two craft, 0.1 kn, ``NULL_SPEED_DKN`` for none.
    """
    t_ms, lat_e7, lon_e7, distance_m = contact
    if state[COUNT] == 0:
        state[FIRST_MS], state[FIRST_LAT], state[FIRST_LON] = t_ms, lat_e7, lon_e7
        state[SUM_LAT], state[SUM_LON], state[MIN_DISTANCE_M] = 0, 0, distance_m
        histogram[:] = 0
    state[COUNT] += 1
    state[LAST_MS], state[LAST_LAT], state[LAST_LON] = t_ms, lat_e7, lon_e7
    state[SUM_LAT] += lat_e7 - state[FIRST_LAT]
    state[SUM_LON] += (lon_e7 - state[FIRST_LON] + HALF_TURN_E7) % FULL_TURN_E7 - HALF_TURN_E7
    state[MIN_DISTANCE_M] = min(state[MIN_DISTANCE_M], distance_m)
    for speed_dkn in speeds_dkn:
        if speed_dkn != NULL_SPEED_DKN:
            histogram[min(speed_dkn, SPEED_BINS - 1)] += np.uint32(1)


@inline
def finish(
    events: npt.NDArray[np.int64],
    e: int,
    pair: int,
    state: npt.NDArray[np.int64],
    histogram: npt.NDArray[np.uint32],
    rules: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], int]:
    """End a run; if it was said, close it, or take it back when its median speed no longer fits.

    Parameters
    ----------
    events : numpy.ndarray
        Shape (capacity, ``EVENT_HEAD`` + ``STATE_COLUMNS``), int64.
    e : int
        Events so far.
    pair : int
        Slot of the pair.
    state : numpy.ndarray
        Shape (``STATE_COLUMNS``,), int64; changed in place.
    histogram : numpy.ndarray
        Shape (``SPEED_BINS``,), uint32.
    rules : numpy.ndarray
        Shape (4,), int64.

    Returns
    -------
    events : numpy.ndarray
        The array that holds the events, int64.
    e : int
        Events now.
    """
    if state[SAID] == 1:
        median = median_dkn(histogram)
        code = CLOSED_EVENT if median < rules[MAX_MEDIAN_DKN] else RETRACTED_EVENT
        as_of_ms = state[LAST_MS] + rules[PAUSE_MS] + rules[DELAY_MS]
        events = append(events, e, (pair, as_of_ms, code, median), state)
        e += 1
    state[COUNT] = 0
    state[SAID] = 0
    return events, e


@inline
def append(
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
        Pair, as_of (ms), code, median speed (0.1 kn).
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
    events[e, PAIR], events[e, AS_OF_MS], events[e, CODE], events[e, MEDIAN_DKN] = head
    events[e, EVENT_HEAD:] = state
    return events


@kernel
def follow_meetings(
    pair: npt.NDArray[np.int64],
    t_ms: npt.NDArray[np.int64],
    where: tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.uint16]],
    speeds_dkn: tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16]],
    states: npt.NDArray[np.int64],
    histograms: npt.NDArray[np.uint32],
    rules: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    """Follow the runs of many pairs through contacts in order of time.

    Parameters
    ----------
    pair : numpy.ndarray
        Slot of the pair of each contact, shape (n,), int64.
    t_ms : numpy.ndarray
        Start of its time slot, shape (n,), int64, Unix milliseconds UTC, not decreasing.
    where : tuple of numpy.ndarray
        Latitude, longitude (int32, degrees times 1e7) and distance (uint16, meters), shape (n,).
    speeds_dkn : tuple of numpy.ndarray
        Speeds of the two craft, shape (n,), uint16, 0.1 kn, ``NULL_SPEED_DKN`` for none.
    states : numpy.ndarray
        By pair, shape (m, ``STATE_COLUMNS``), int64; changed in place.
    histograms : numpy.ndarray
        Speeds of the present run by pair, shape (m, ``SPEED_BINS``), uint32; changed in place.
    rules : numpy.ndarray
        Shape (4,), int64; see ``MIN_SLOTS`` and its neighbors.

    Returns
    -------
    numpy.ndarray
        Events in order of the contacts, shape (e, ``EVENT_HEAD`` + ``STATE_COLUMNS``), int64.
    """
    events = np.empty((64, EVENT_HEAD + STATE_COLUMNS), np.int64)
    e = 0
    for i in range(pair.shape[0]):
        p = pair[i]
        state, histogram = states[p], histograms[p]
        if state[COUNT] > 0 and t_ms[i] - state[LAST_MS] >= rules[PAUSE_MS]:
            events, e = finish(events, e, p, state, histogram, rules)
        contact = (t_ms[i], np.int64(where[0][i]), np.int64(where[1][i]), np.int64(where[2][i]))
        add_contact(state, histogram, contact, (np.int64(speeds_dkn[0][i]), np.int64(speeds_dkn[1][i])))
        if state[SAID] == 0 and state[COUNT] >= rules[MIN_SLOTS]:
            median = median_dkn(histogram)
            if median < rules[MAX_MEDIAN_DKN]:
                state[SAID] = 1
                events = append(events, e, (p, t_ms[i] + rules[DELAY_MS], OPEN_EVENT, median), state)
                e += 1
    return events[:e].copy()


@kernel
def due_meetings(
    states: npt.NDArray[np.int64],
    histograms: npt.NDArray[np.uint32],
    rules: npt.NDArray[np.int64],
    until_ms: int,
) -> npt.NDArray[np.int64]:
    """End the runs whose pause is over at the watermark.

    Parameters
    ----------
    states : numpy.ndarray
        By pair, shape (m, ``STATE_COLUMNS``), int64; changed in place.
    histograms : numpy.ndarray
        Shape (m, ``SPEED_BINS``), uint32.
    rules : numpy.ndarray
        Shape (4,), int64.
    until_ms : int
        Watermark, Unix milliseconds UTC.

    Returns
    -------
    numpy.ndarray
        As of ``follow_meetings``, int64.
    """
    events = np.empty((64, EVENT_HEAD + STATE_COLUMNS), np.int64)
    e = 0
    for p in range(states.shape[0]):
        state = states[p]
        if state[COUNT] > 0 and state[LAST_MS] + rules[PAUSE_MS] + rules[DELAY_MS] <= until_ms:
            events, e = finish(events, e, p, state, histograms[p], rules)
    return events[:e].copy()
