"""From identity columns to batches, a repeat of the same in a row left out."""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from lacuna_core.position import IdentityBatch
from lacuna_core.units import NULL_U16, BoolArray

from lacuna_ingestion.parse import none_column, texts
from lacuna_ingestion.rows import FeedRows, Identity
from lacuna_ingestion.scale import quantize, text_codes
from lacuna_ingestion.validity import MAX_TEXT_CHARS

MAX_IDENTITY_ROWS = 8_192
"""With six text columns the string table stays below the 65,536 that its indices reach."""

_NUMERIC_IDENTITY: dict[str, tuple[type[np.unsignedinteger[Any]], int]] = {
    "imo": (np.uint32, 0), "ship_type": (np.uint8, 0), "to_bow_m": (np.uint16, 0),
    "to_stern_m": (np.uint16, 0), "to_port_m": (np.uint16, 0), "to_starboard_m": (np.uint16, 0),
    "draught_dm": (np.uint8, 0), "squawk": (np.uint16, NULL_U16),
}  # fmt: skip
_TEXT_IDENTITY = ("name", "callsign", "destination", "registration", "type_code")


def _numeric_identity(identity: Identity, n: int) -> dict[str, npt.NDArray[Any]]:
    columns = {}
    for name, (dtype, null) in _NUMERIC_IDENTITY.items():
        values = identity.numeric.get(name)
        if values is not None and values.dtype.kind != "f":
            values = np.where(values == null, np.nan, values.astype(np.float64))
        columns[name] = quantize(values, n, 1.0, dtype, null)
    return columns


def identities(rows: FeedRows, usable: BoolArray) -> tuple[IdentityBatch, ...]:
    """Batches of what craft said of themselves, a repeat of the same in a row left out."""
    given = rows.identity
    if not given.numeric and not given.text:
        return ()
    n = len(rows)
    numeric = _numeric_identity(given, n)
    text = {name: texts(given.text[name]) if name in given.text else None for name in _TEXT_IDENTITY}
    says = np.zeros(n, np.bool_)
    for name, column in numeric.items():
        says |= column != _NUMERIC_IDENTITY[name][1]
    for words in text.values():
        if words is not None:
            says |= (
                ((words.str.len_chars() > 0) & (words.str.len_chars() <= MAX_TEXT_CHARS))
                .fill_null(False)
                .to_numpy()
            )
    keep = usable & says
    if not keep.any():
        return ()
    frame = pl.DataFrame(
        {
            "craft": rows.craft,
            "t_ms": rows.times.t_ms,
            **numeric,
            **{k: none_column(n) if w is None else w for k, w in text.items()},
        }
    ).filter(pl.Series(keep))
    content = [*_NUMERIC_IDENTITY, *_TEXT_IDENTITY]
    limit = (pl.col(k).str.len_chars() <= MAX_TEXT_CHARS for k in _TEXT_IDENTITY)
    frame = frame.with_columns(
        pl.when(fits).then(pl.col(k)).otherwise(pl.lit("")).fill_null("").alias(k)
        for k, fits in zip(_TEXT_IDENTITY, limit, strict=True)
    ).sort("craft", "t_ms", *content)
    changed = pl.any_horizontal(pl.col(k) != pl.col(k).shift(1) for k in ("craft", *content))
    frame = frame.filter(changed.fill_null(True))
    return tuple(
        _identity_batch(frame[at : at + MAX_IDENTITY_ROWS], rows)
        for at in range(0, len(frame), MAX_IDENTITY_ROWS)
    )


def _identity_batch(frame: pl.DataFrame, rows: FeedRows) -> IdentityBatch:
    columns: dict[str, pl.Series | str] = {k: frame[k] for k in _TEXT_IDENTITY}
    codes, strings = text_codes({**columns, "source": rows.source}, len(frame))
    plain: dict[str, npt.NDArray[Any]] = {
        k: frame[k].to_numpy() for k in ("craft", "t_ms", *_NUMERIC_IDENTITY)
    }
    columns_by_name: dict[str, Any] = {**plain, **codes}
    return IdentityBatch(**columns_by_name, strings=strings, domain=rows.domain)
