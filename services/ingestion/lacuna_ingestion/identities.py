"""From identity columns to batches, a repeat of the same in a row left out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from lacuna_core.position import IdentityBatch
from lacuna_core.units import NULL_U16, BoolArray, I64Array, U64Array
from lacuna_ingestion.coded import Coded, joined_codes, mapped
from lacuna_ingestion.rows import FeedRows, Identity
from lacuna_ingestion.scale import quantize
from lacuna_ingestion.validity import MAX_TEXT_CHARS

MAX_IDENTITY_ROWS = 8_192
"""With six text columns the string table stays below the 65,536 that its indices reach."""

_NUMERIC_IDENTITY: dict[str, tuple[type[np.unsignedinteger[Any]], int]] = {
    "imo": (np.uint32, 0), "ship_type": (np.uint8, 0), "to_bow_m": (np.uint16, 0),
    "to_stern_m": (np.uint16, 0), "to_port_m": (np.uint16, 0), "to_starboard_m": (np.uint16, 0),
    "draught_dm": (np.uint8, 0), "squawk": (np.uint16, NULL_U16),
}  # fmt: skip
_TEXT_IDENTITY = ("name", "callsign", "destination", "registration", "type_code")
_WORD_BITS = 64


def _numeric_identity(identity: Identity, n: int) -> dict[str, npt.NDArray[Any]]:
    """Quantize the columns that are there, in the order in which they sort."""
    columns = {}
    for name, (dtype, null) in _NUMERIC_IDENTITY.items():
        values = identity.numeric.get(name)
        if values is None:
            continue
        if values.dtype.kind != "f":
            values = np.where(values == null, np.nan, values.astype(np.float64))
        columns[name] = quantize(values, n, 1.0, dtype, null)
    return columns


def _fitting(text: str) -> str:
    return text if len(text) <= MAX_TEXT_CHARS else ""


def identities(rows: FeedRows, usable: BoolArray) -> tuple[IdentityBatch, ...]:
    """Batches of what craft said of themselves, a repeat of the same in a row left out."""
    given = rows.identity
    numeric = _numeric_identity(given, len(rows))
    text = {name: mapped(given.text[name], _fitting) for name in _TEXT_IDENTITY if name in given.text}
    says = np.zeros(len(rows), np.bool_)
    for name, column in numeric.items():
        says |= column != _NUMERIC_IDENTITY[name][1]
    for words in text.values():
        says |= words.codes >= (words.table[:1] == ("",))
    keep = np.flatnonzero(usable & says)
    if not len(keep):
        return ()
    content = _packed([*(c[keep] for c in numeric.values()), *(w.codes[keep] for w in text.values())])
    order = _sorted_order(_packed([rows.craft[keep], rows.times.t_ms[keep]]), content)
    keep = keep[order]
    changed = np.ones(len(keep), np.bool_)
    changed[1:] = rows.craft[keep[1:]] != rows.craft[keep[:-1]]
    for word in content:
        changed[1:] |= word[order[1:]] != word[order[:-1]]
    keep = keep[changed]
    return tuple(
        _identity_batch(rows, numeric, text, keep[at : at + MAX_IDENTITY_ROWS])
        for at in range(0, len(keep), MAX_IDENTITY_ROWS)
    )


def _packed(columns: Sequence[npt.NDArray[Any]]) -> list[U64Array]:
    """Pack columns into few words that compare as the columns do, one after the other."""
    words: list[U64Array] = []
    free = 0
    for column in columns:
        low = column.min()
        bits = (int(column.max()) - int(low)).bit_length()
        if not bits:
            continue
        above = (column - low).astype(np.uint64)
        if bits <= free:
            words[-1] = (words[-1] << np.uint64(bits)) | above
            free -= bits
        else:
            words.append(above)
            free = _WORD_BITS - bits
    return words


def _sorted_order(key: Sequence[U64Array], content: Sequence[U64Array]) -> I64Array:
    """Order by craft and time; the content decides only where these are the same."""
    if not key:
        return np.lexsort(content[::-1]) if content else np.zeros(1, np.int64)
    order: I64Array = np.lexsort(key[::-1])
    same = np.ones(len(order) - 1, np.bool_)
    for word in key:
        same &= word[order[1:]] == word[order[:-1]]
    if content and same.any():
        tied = np.zeros(len(order), np.bool_)
        tied[1:] |= same
        tied[:-1] |= same
        group = order[tied]
        order[tied] = group[np.lexsort([word[group] for word in (*content[::-1], *key[::-1])])]
    return order


def _identity_batch(
    rows: FeedRows, numeric: dict[str, npt.NDArray[Any]], text: dict[str, Coded], keep: I64Array
) -> IdentityBatch:
    said: dict[str, Coded | str] = {name: text.get(name, "") for name in _TEXT_IDENTITY}
    codes, strings = joined_codes({**said, "source": rows.source}, keep)
    numbers: dict[str, Any] = {
        name: numeric[name][keep] if name in numeric else np.full(len(keep), null, dtype)
        for name, (dtype, null) in _NUMERIC_IDENTITY.items()
    }
    columns: dict[str, Any] = {**numbers, **codes}
    return IdentityBatch(
        craft=rows.craft[keep], t_ms=rows.times.t_ms[keep], **columns, strings=strings,
        domain=rows.domain,
    )  # fmt: skip
