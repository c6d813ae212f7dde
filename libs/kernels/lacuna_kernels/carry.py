"""Carry known values forward: which earlier row each craft's present value of each field comes from."""

import numpy as np
import numpy.typing as npt

from lacuna_kernels.jit import kernel

FROM_STATE = -1


@kernel
def carry_forward(
    slots: npt.NDArray[np.int64], known: npt.NDArray[np.bool_], last_row: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """For each row and field, find the row of the same craft, this or before, that last knew the field.

    Parameters
    ----------
    slots : numpy.ndarray
        Craft slot of each row, shape (n,), int64, rows in order of time.
    known : numpy.ndarray
        Whether a row has a value of a field, shape (n, f), bool.
    last_row : numpy.ndarray
        Shape (m,), int64, all ``FROM_STATE``; on return the last row of each slot seen.

    Returns
    -------
    numpy.ndarray
        Row number or ``FROM_STATE``, shape (n, f), int64.
    """
    n, fields = known.shape
    source = np.empty((n, fields), np.int64)
    for i in range(n):
        before = last_row[slots[i]]
        last_row[slots[i]] = i
        for f in range(fields):
            if known[i, f]:
                source[i, f] = i
            else:
                source[i, f] = source[before, f] if before >= 0 else FROM_STATE
    return source
