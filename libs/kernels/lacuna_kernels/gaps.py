"""Silences: batch scan over sorted tracks, and keyed streaming with thresholds as timers."""

import numpy as np
import numpy.typing as npt

from lacuna_kernels.jit import inline, kernel

NULL_TIME_MS = -(2**63)
NULL_SPEED_DKN = 65_535
MS_PER_H = 3_600_000

RING_HOURS = 16
"""Clock hours of the ring that counts positions; a power of two, so that a place is a mask away."""
WINDOW_HOURS = 12
"""Clock hours over which they are summed before a silence."""
SPEED_BINS = 64
"""Bins of 0.5 kn from 3 kn up; the last one takes all above 34.5 kn."""
BIN_DKN = 5
FIRST_BIN_DKN = 30

SLOT, ROW, LEVEL, POSITIONS, SAMPLES, CRUISE, P99, EVENT_COLUMNS = 0, 1, 2, 3, 4, 5, 6, 7
"""Columns of an event: craft slot; row that ended the silence, or that follows the threshold, or ``NO_ROW``
for a timer; number of the threshold, or the count of thresholds for "closed"; positions in the 12 clock
hours up to the last one; speed samples; median and 99th percentile of speed in 0.01 kn (bin middles),
``NULL_SPEED_DKN`` for none."""
NO_ROW = -1
_BLOCK = 512


@kernel
def scan_gaps(
    craft: npt.NDArray[np.uint64], t_ms: npt.NDArray[np.int64], threshold_ms: int
) -> npt.NDArray[np.int64]:
    """Find the silences in rows sorted by craft and time.

    Parameters
    ----------
    craft : numpy.ndarray
        Shape (n,), uint64, equal keys together.
    t_ms : numpy.ndarray
        Shape (n,), int64, Unix milliseconds UTC, not decreasing within a craft.
    threshold_ms : int
        A silence is strictly longer, milliseconds.

    Returns
    -------
    numpy.ndarray
        Row numbers of the positions that end a silence, shape (k,), int64; it began one row before.

    Examples
    --------
    >>> scan_gaps(np.array([1, 1, 2], np.uint64), np.array([0, 11, 99], np.int64), 10)
    array([1])
    """
    n = craft.shape[0]
    found = np.empty(2 * _BLOCK, np.int64)
    k = 0
    for start in range(1, n, _BLOCK):
        stop = min(n, start + _BLOCK)
        if k + _BLOCK > found.shape[0]:
            wider = np.empty(2 * found.shape[0], np.int64)
            wider[:k] = found[:k]
            found = wider
        # slices spare the checks of negative indices, storing every row and counting some spares the branch
        before_ms, after_ms = t_ms[start - 1 : stop - 1], t_ms[start:stop]
        left, right = craft[start - 1 : stop - 1], craft[start:stop]
        for m in range(stop - start):
            found[k] = start + m
            k += (after_ms[m] - before_ms[m] > threshold_ms) & (left[m] == right[m])
    return found[:k].copy()


@inline
def count_position(ring: npt.NDArray[np.uint16], newest_hour: int, hour: int) -> None:
    """Count a position into the ring of one craft.

    Parameters
    ----------
    ring : numpy.ndarray
        Shape (``RING_HOURS``,), uint16, by clock hour modulo its length; changed in place.
    newest_hour : int
        Clock hour of the previous position.
    hour : int
        Clock hour of this one, not smaller.
    """
    if hour != newest_hour:
        if hour - newest_hour >= RING_HOURS:
            ring[:] = 0
        else:
            for h in range(newest_hour + 1, hour + 1):
                ring[h & (RING_HOURS - 1)] = 0
    if ring[hour & (RING_HOURS - 1)] < 65_535:
        ring[hour & (RING_HOURS - 1)] += np.uint16(1)


@inline
def count_speed(histogram: npt.NDArray[np.uint16], speed_dkn: int) -> None:
    """Count a speed of 3 kn or more into the histogram of one craft; a full bin halves them all.

    Parameters
    ----------
    histogram : numpy.ndarray
        Shape (``SPEED_BINS``,), uint16; changed in place.
    speed_dkn : int
        Speed in 0.1 kn, ``NULL_SPEED_DKN`` for none.
    """
    if speed_dkn < FIRST_BIN_DKN or speed_dkn == NULL_SPEED_DKN:
        return
    b = min((speed_dkn - FIRST_BIN_DKN) // BIN_DKN, SPEED_BINS - 1)
    if histogram[b] == 65_535:
        for j in range(SPEED_BINS):
            histogram[j] //= np.uint16(2)
    histogram[b] += np.uint16(1)


@inline
def describe(
    event: npt.NDArray[np.int64],
    ring: npt.NDArray[np.uint16],
    newest_hour: int,
    histogram: npt.NDArray[np.uint16],
) -> None:
    """Write the positions before a silence and the speed statistics into an event.

    Parameters
    ----------
    event : numpy.ndarray
        Shape (``EVENT_COLUMNS``,), int64; changed in place.
    ring : numpy.ndarray
        Shape (``RING_HOURS``,), uint16.
    newest_hour : int
        Clock hour of the last position.
    histogram : numpy.ndarray
        Shape (``SPEED_BINS``,), uint16.
    """
    positions = 0
    for h in range(newest_hour - WINDOW_HOURS + 1, newest_hour + 1):
        positions += ring[h & (RING_HOURS - 1)]
    samples = 0
    for b in range(SPEED_BINS):
        samples += histogram[b]
    event[POSITIONS] = positions
    event[SAMPLES] = samples
    event[CRUISE] = NULL_SPEED_DKN
    event[P99] = NULL_SPEED_DKN
    seen = 0
    for b in range(SPEED_BINS):
        seen += histogram[b]
        middle = 10 * (FIRST_BIN_DKN + b * BIN_DKN) + 10 * BIN_DKN // 2
        if event[CRUISE] == NULL_SPEED_DKN and 2 * seen >= samples and samples > 0:
            event[CRUISE] = middle
        if event[P99] == NULL_SPEED_DKN and 100 * seen >= 99 * samples and samples > 0:
            event[P99] = middle


@kernel
def follow_silences(
    slots: npt.NDArray[np.int64],
    t_ms: npt.NDArray[np.int64],
    speed_dkn: npt.NDArray[np.uint16],
    last_ms: npt.NDArray[np.int64],
    level: npt.NDArray[np.int64],
    counts: tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16]],
    thresholds_ms: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    """Follow the silences of many craft through interleaved rows.

    A threshold is passed one millisecond after it; one passed at the very time of the next row is left
    out, the closing says it.

    Parameters
    ----------
    slots : numpy.ndarray
        Craft slot of each row, shape (n,), int64.
    t_ms : numpy.ndarray
        Shape (n,), int64, Unix milliseconds UTC, not decreasing.
    speed_dkn : numpy.ndarray
        Reported speed, shape (n,), uint16, 0.1 kn, ``NULL_SPEED_DKN`` for none.
    last_ms : numpy.ndarray
        Last time by slot, shape (m,), int64, ``NULL_TIME_MS`` for none; changed in place.
    level : numpy.ndarray
        Thresholds passed in the present silence by slot, shape (m,), int64; changed in place.
    counts : tuple of numpy.ndarray
        Rings, shape (m, ``RING_HOURS``), uint16, and speed histograms, shape (m, ``SPEED_BINS``), uint16;
        changed in place.
    thresholds_ms : numpy.ndarray
        Ascending, shape (k,), int64, milliseconds.

    Returns
    -------
    numpy.ndarray
        Events in order, shape (e, ``EVENT_COLUMNS``), int64.
    """
    ring, histogram = counts
    events = np.empty((256, EVENT_COLUMNS), np.int64)
    e = 0
    for i in range(slots.shape[0]):
        s = slots[i]
        t = t_ms[i]
        hour = t // MS_PER_H
        if last_ms[s] == NULL_TIME_MS:
            last_ms[s] = t
        elif t - last_ms[s] > thresholds_ms[0]:
            if e + thresholds_ms.shape[0] + 1 > events.shape[0]:
                wider = np.empty((2 * events.shape[0], EVENT_COLUMNS), np.int64)
                wider[:e] = events[:e]
                events = wider
            while level[s] < thresholds_ms.shape[0] and last_ms[s] + thresholds_ms[level[s]] + 1 < t:
                events[e, SLOT], events[e, ROW], events[e, LEVEL] = s, i, level[s]
                describe(events[e], ring[s], last_ms[s] // MS_PER_H, histogram[s])
                level[s] += 1
                e += 1
            events[e, SLOT], events[e, ROW], events[e, LEVEL] = s, i, thresholds_ms.shape[0]
            describe(events[e], ring[s], last_ms[s] // MS_PER_H, histogram[s])
            level[s] = 0
            e += 1
        count_position(ring[s], last_ms[s] // MS_PER_H, hour)
        count_speed(histogram[s], speed_dkn[i])
        last_ms[s] = t
    return events[:e].copy()


@kernel
def due_silences(
    last_ms: npt.NDArray[np.int64],
    level: npt.NDArray[np.int64],
    counts: tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16]],
    thresholds_ms: npt.NDArray[np.int64],
    until_ms: int,
) -> tuple[npt.NDArray[np.int64], int]:
    """Pass the thresholds that are due at the watermark.

    Parameters
    ----------
    last_ms : numpy.ndarray
        Last time by slot, shape (m,), int64, ``NULL_TIME_MS`` for none.
    level : numpy.ndarray
        Thresholds passed in the present silence, shape (m,), int64; changed in place.
    counts : tuple of numpy.ndarray
        Rings and histograms as in ``follow_silences``, shapes (m, ...), uint16.
    thresholds_ms : numpy.ndarray
        Ascending, shape (k,), int64, milliseconds.
    until_ms : int
        Watermark, Unix milliseconds UTC.

    Returns
    -------
    events : numpy.ndarray
        By slot, then threshold; ``ROW`` is ``NO_ROW``; shape (e, ``EVENT_COLUMNS``), int64.
    next_due_ms : int
        Earliest time at which another threshold can fall due; the largest int64 when none can.
    """
    ring, histogram = counts
    events = np.empty((256, EVENT_COLUMNS), np.int64)
    e = 0
    next_due_ms = 2**63 - 1
    for s in range(last_ms.shape[0]):
        if last_ms[s] == NULL_TIME_MS:
            continue
        while level[s] < thresholds_ms.shape[0]:
            due_ms = last_ms[s] + thresholds_ms[level[s]] + 1
            if due_ms > until_ms:
                next_due_ms = min(next_due_ms, due_ms)
                break
            if e == events.shape[0]:
                wider = np.empty((2 * e, EVENT_COLUMNS), np.int64)
                wider[:e] = events
                events = wider
            events[e, SLOT], events[e, ROW], events[e, LEVEL] = s, NO_ROW, level[s]
            describe(events[e], ring[s], last_ms[s] // MS_PER_H, histogram[s])
            level[s] += 1
            e += 1
    return events[:e].copy(), next_due_ms
