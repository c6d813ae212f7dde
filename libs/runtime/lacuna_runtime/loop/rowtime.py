"""What a row is, how many there are, and the time that decides in which epoch each is taken."""

import numpy as np

from lacuna_core.columns import ColumnBatch
from lacuna_core.fact import CONTACT_DELAY_MS, Contacts, Heard
from lacuna_core.message import EventBatch, FactBatch
from lacuna_core.position import Domain, IdentityBatch, PositionBatch, SourceHealth
from lacuna_core.units import I64Array

MS_PER_S = 1_000
_KINDS: dict[tuple[type, int], str] = {
    (PositionBatch, Domain.SEA): "sea",
    (PositionBatch, Domain.AIR): "air",
    (IdentityBatch, Domain.SEA): "sea_identity",
    (IdentityBatch, Domain.AIR): "air_identity",
    (SourceHealth, 0): "health",
    (FactBatch, 0): "facts",
    (Contacts, 0): "contacts",
    (Heard, 0): "heard",
    (EventBatch, 0): "events",
}


def floor_watermark(t_ms: int, lateness_ms: int) -> int:
    """Watermark of a tick: the last millisecond of the last whole second that is over and can't get rows.

    Whole seconds, so that merging the repeats of one second never depends on where epochs are cut.

    Parameters
    ----------
    t_ms : int
        Time of the tick, Unix milliseconds UTC.
    lateness_ms : int
        Its lateness.

    Returns
    -------
    int
        Watermark, Unix milliseconds UTC: one below a multiple of 1,000.
    """
    return (t_ms - lateness_ms) // MS_PER_S * MS_PER_S - 1


def row_kind(message: ColumnBatch | FactBatch | EventBatch) -> str:
    """Name the rows of a message.

    Parameters
    ----------
    message : ColumnBatch or FactBatch or EventBatch
        Rows.

    Returns
    -------
    str
        Where a fold finds them in ``lacuna_core.fold.Rows``.
    """
    return _KINDS[type(message), int(getattr(message, "domain", 0))]


def row_count(message: object) -> int:
    """Count the rows of a message.

    Parameters
    ----------
    message : Message
        Any.

    Returns
    -------
    int
        1 for single messages.
    """
    if isinstance(message, FactBatch | EventBatch):
        return len(message.rows)
    return len(message) if isinstance(message, ColumnBatch) else 1


def row_times(message: ColumnBatch | FactBatch | EventBatch) -> I64Array:
    """Times by which rows are taken.

    A row's own, a fact's or event's ``as_of``, and for a contact the time at which it is known.

    Parameters
    ----------
    message : ColumnBatch or FactBatch or EventBatch
        Rows.

    Returns
    -------
    numpy.ndarray
        Shape (n,), int64, Unix milliseconds UTC.
    """
    if isinstance(message, FactBatch | EventBatch):
        return np.array([row.as_of_ms for row in message.rows], dtype=np.int64)
    t_ms: I64Array = message.t_ms  # type: ignore[attr-defined]  # every batch class has it
    # a contact is said, and taken, when no later fix can change it
    return t_ms + CONTACT_DELAY_MS if isinstance(message, Contacts) else t_ms


def pick(
    message: ColumnBatch | FactBatch | EventBatch, mask: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> ColumnBatch | FactBatch | EventBatch:
    """Select rows of a message.

    Parameters
    ----------
    message : ColumnBatch or FactBatch or EventBatch
        Rows.
    mask : numpy.ndarray
        Shape (n,), bool.

    Returns
    -------
    ColumnBatch or FactBatch or EventBatch
        The rows, in order.
    """
    if isinstance(message, FactBatch):
        return FactBatch(tuple(row for row, keep in zip(message.rows, mask, strict=True) if keep))
    if isinstance(message, EventBatch):
        return EventBatch(tuple(row for row, keep in zip(message.rows, mask, strict=True) if keep))
    return message.take(mask)
