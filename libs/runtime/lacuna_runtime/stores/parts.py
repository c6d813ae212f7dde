"""Parts of a track or of an identity history: put together when read, named when they are damaged."""

from collections.abc import Sequence

import numpy as np

from lacuna_core.errors import CorruptState, InvalidInput
from lacuna_core.ids import Scheme, craft_scheme, format_craft
from lacuna_core.position import Domain, IdentityBatch, PositionBatch
from lacuna_core.timestamps import format_time
from lacuna_core.units import MS_PER_DAY
from lacuna_runtime.stores import chunk
from lacuna_runtime.stores.merge import canonical, changes_only, unite_witnesses

_MAX_STRINGS = 65_535
"""Most strings that the 16-bit text columns of one batch can number."""
MAX_PARTS = 12
"""Parts of one craft and bucket from which they are joined, so that a read stays one seek."""


def decode_part(kind: type[chunk.B], craft: int, bucket: int, body: bytes) -> chunk.B:
    """Read a chunk.

    Parameters
    ----------
    kind : type
        ``PositionBatch`` or ``IdentityBatch``.
    craft : int
        Whose rows they are.
    bucket : int
        Day of a track, month of identities, since 1970.
    body : bytes
        The chunk.

    Returns
    -------
    PositionBatch or IdentityBatch
        Its rows.

    Raises
    ------
    CorruptState
        If the chunk is damaged; names the craft and the bucket.
    """
    try:
        return chunk.decode(kind, craft, body)
    except CorruptState as error:
        if kind is PositionBatch:
            when = f"track of {format_craft(craft)} on {format_time(bucket * MS_PER_DAY)[:10]}"
        else:
            when = f"identities of {format_craft(craft)} in {1970 + bucket // 12}-{bucket % 12 + 1:02d}"
        raise CorruptState(f"{when}: {error}") from error


def joinable(parts: Sequence[PositionBatch] | Sequence[IdentityBatch]) -> bool:
    """Tell whether parts fit into one batch.

    Parameters
    ----------
    parts : sequence of PositionBatch or of IdentityBatch
        Any.

    Returns
    -------
    bool
        False when they have more strings than a batch can number.
    """
    return len(set().union(*(part.strings for part in parts))) <= _MAX_STRINGS


def _domain_of(craft: int) -> Domain:
    return Domain.SEA if craft_scheme(craft) is Scheme.MMSI else Domain.AIR


def track_of(craft: int, parts: Sequence[PositionBatch], start_ms: int, end_ms: int) -> PositionBatch:
    """Put a track together.

    Parameters
    ----------
    craft : int
        Whose it is.
    parts : sequence of PositionBatch
        Its rows, each part in canonical order; they may overlap.
    start_ms, end_ms : int
        Half-open interval, Unix milliseconds UTC.

    Returns
    -------
    PositionBatch
        Sorted by time; a transmission heard by several receivers is one row with their names joined.

    Raises
    ------
    InvalidInput
        If the interval holds more receiver names than one batch can number.
    """
    cut = []
    for rows in parts:
        at, to = np.searchsorted(rows.t_ms, (start_ms, end_ms))
        cut.append(rows.take(slice(int(at), int(to))))
    if not any(len(p) for p in cut):
        return PositionBatch.empty(domain=_domain_of(craft))
    if not joinable(cut):
        raise InvalidInput(
            f"track of {format_craft(craft)} has more than {_MAX_STRINGS} receiver names in this"
            " interval, expected a shorter one"
        )
    return unite_witnesses(canonical(PositionBatch.concat(cut))).compact()


def identities_of(craft: int, newest_first: Sequence[tuple[int, bytes]]) -> IdentityBatch:
    """Put an identity history together, as changes.

    Parameters
    ----------
    craft : int
        Whose it is.
    newest_first : sequence of (int, bytes)
        Months and chunks.

    Returns
    -------
    IdentityBatch
        Sorted by time; rows that say nothing new are left out. A number that thousands use may have more
        names than one batch can hold: then the newest that fit.
    """
    parts: list[IdentityBatch] = []
    strings: set[str] = set()
    for month, body in newest_first:
        part = decode_part(IdentityBatch, craft, month, body)
        strings.update(part.strings)
        if len(strings) > _MAX_STRINGS:
            break
        parts.append(part)
    if not parts:
        return IdentityBatch.empty(domain=_domain_of(craft))
    return changes_only(canonical(IdentityBatch.concat(parts))).compact()
