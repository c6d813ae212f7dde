"""Event-coincidence counts of two series, and of circular shifts of one of them within observed time.

Times are sorted int64 ms. A precursor coincidence is an event of a with an event of b in the window before
it, ``0 <= t_a - lag - t_b <= D``; a trigger coincidence is an event of b with an event of a in the window
after it.
"""

import numpy as np
import numpy.typing as npt

from lacuna_kernels.jit import inline, kernel


@inline
def _matched(at: npt.NDArray[np.int64], other: npt.NDArray[np.int64], low_ms: int, high_ms: int) -> int:
    """Count events that have another one between low and high after them; one sweep of both series."""
    count = 0
    j = 0
    for i in range(at.shape[0]):
        while j < other.shape[0] and other[j] < at[i] + low_ms:
            j += 1
        if j < other.shape[0] and other[j] <= at[i] + high_ms:
            count += 1
    return count


@kernel
def coincidence_counts(
    a_ms: npt.NDArray[np.int64], b_ms: npt.NDArray[np.int64], windows_ms: npt.NDArray[np.int64], lag_ms: int
) -> npt.NDArray[np.int64]:
    """Count precursor and trigger coincidences for several windows.

    Parameters
    ----------
    a_ms, b_ms : numpy.ndarray
        Event times, sorted, shape (n,) and (m,), int64, ms.
    windows_ms : numpy.ndarray
        Windows D, shape (w,), int64, ms.
    lag_ms : int
        Lag between b and a, ms; negative puts b after a.

    Returns
    -------
    numpy.ndarray
        Shape (w, 2), int64: precursor (of n) and trigger (of m) coincidences.

    Examples
    --------
    >>> day = 86_400_000
    >>> a, b = np.array([10 * day, 20 * day]), np.array([9 * day])
    >>> coincidence_counts(a, b, np.array([day]), 0).tolist()
    [[1, 1]]
    """
    out = np.empty((windows_ms.shape[0], 2), np.int64)
    for w in range(windows_ms.shape[0]):
        out[w, 0] = _matched(a_ms, b_ms, -lag_ms - windows_ms[w], -lag_ms)
        out[w, 1] = _matched(b_ms, a_ms, lag_ms, lag_ms + windows_ms[w])
    return out


@inline
def _rotate(
    clock_ms: npt.NDArray[np.int64],
    shift_ms: int,
    segments_ms: npt.NDArray[np.int64],
    out: npt.NDArray[np.int64],
) -> None:
    """Shift times on the observed clock, wrapping, and read them as calendar times in order."""
    last = segments_ms.shape[0] - 1
    total_ms = segments_ms[last, 0]
    n = clock_ms.shape[0]
    first = 0
    while first < n and clock_ms[first] + shift_ms < total_ms:
        first += 1
    piece = 0
    for k in range(n):
        source = (first + k) % n
        moved_ms = clock_ms[source] + shift_ms
        if source >= first:
            moved_ms -= total_ms
        while piece + 1 < last and segments_ms[piece + 1, 0] <= moved_ms:
            piece += 1
        out[k] = segments_ms[piece, 1] + moved_ms - segments_ms[piece, 0]


@kernel
def shifted_counts(
    a_ms: npt.NDArray[np.int64],
    b_clock_ms: npt.NDArray[np.int64],
    segments_ms: npt.NDArray[np.int64],
    shifts_ms: npt.NDArray[np.int64],
    windows_ms: npt.NDArray[np.int64],
    lag_ms: int,
) -> npt.NDArray[np.int64]:
    """Count coincidences after circular shifts of series b within observed time.

    Parameters
    ----------
    a_ms : numpy.ndarray
        Times of series a, sorted, shape (n,), int64, ms.
    b_clock_ms : numpy.ndarray
        Times of series b on the observed clock (0 at the start, standing still while unobserved), sorted,
        shape (m,), int64, ms.
    segments_ms : numpy.ndarray
        Observed intervals, shape (s + 1, 2), int64, ms: clock and calendar time at which each begins; the
        last row holds the length of the observed clock.
    shifts_ms : numpy.ndarray
        Offsets, shape (r,), int64, 0 <= shift < observed length, ms.
    windows_ms : numpy.ndarray
        Windows D, shape (w,), int64, ms.
    lag_ms : int
        Lag, ms.

    Returns
    -------
    numpy.ndarray
        Shape (r, w, 2), int64: precursor and trigger coincidences of each shift.
    """
    out = np.empty((shifts_ms.shape[0], windows_ms.shape[0], 2), np.int64)
    moved = np.empty(b_clock_ms.shape[0], np.int64)
    for r in range(shifts_ms.shape[0]):
        _rotate(b_clock_ms, shifts_ms[r], segments_ms, moved)
        for w in range(windows_ms.shape[0]):
            out[r, w, 0] = _matched(a_ms, moved, -lag_ms - windows_ms[w], -lag_ms)
            out[r, w, 1] = _matched(moved, a_ms, lag_ms, lag_ms + windows_ms[w])
    return out
