"""AIS codes that some feeds write as words: ship types and navigational statuses (ITU-R M.1371-5)."""

import numpy as np
import polars as pl

from lacuna_core.units import F64Array
from lacuna_ingestion.coded import Coded, coded
from lacuna_ingestion.parse import texts

_SHIP_TYPE_BY_WORD = {
    "wing in ground": 20, "wig": 20, "fishing": 30, "towing": 31, "towing long/wide": 32,
    "towing: length exceeds 200m or breadth exceeds 25m": 32, "dredging": 33,
    "dredging or underwater ops": 33, "diving": 34, "diving ops": 34, "military": 35, "military ops": 35,
    "sailing": 36, "pleasure": 37, "pleasure craft": 37, "hsc": 40, "high speed craft": 40, "pilot": 50,
    "pilot vessel": 50, "sar": 51, "search and rescue vessel": 51, "tug": 52, "port tender": 53,
    "anti-pollution": 54, "anti-pollution equipment": 54, "law enforcement": 55, "spare 1": 56,
    "spare 2": 57, "medical": 58, "medical transport": 58, "not party to conflict": 59,
    "noncombatant ship according to rr resolution no. 18": 59, "passenger": 60, "cargo": 70, "tanker": 80,
    "other": 90, "other type": 90,
}  # fmt: skip
_WITH_CARGO = (20, 40, 60, 70, 80, 90)
"""Ship types whose second digit is the hazard of the cargo."""
_SECOND_DIGIT_BY_WORD = {
    "hazardous category a": 1, "hazardous category b": 2, "hazardous category c": 3,
    "hazardous category d": 4, "category x": 1, "category y": 2, "category z": 3, "category os": 4,
    "no additional information": 9,
}  # fmt: skip
_NAV_STATUS_BY_WORD = {
    "under way using engine": 0, "at anchor": 1, "not under command": 2, "restricted maneuverability": 3,
    "restricted manoeuverability": 3, "constrained by her draught": 4, "constrained by draught": 4,
    "moored": 5, "aground": 6, "engaged in fishing": 7, "under way sailing": 8,
    "reserved for future amendment [hsc]": 9, "reserved for future amendment [wig]": 10,
    "power-driven vessel towing astern": 11, "power-driven vessel towing astern (regional use)": 11,
    "power-driven vessel pushing ahead or towing alongside": 12,
    "power-driven vessel pushing ahead or towing alongside (regional use)": 12,
    "reserved for future use": 13, "ais-sart is active": 14, "ais-sart": 14,
}  # fmt: skip


def _mapped(words: pl.Series, codes: dict[str, int]) -> pl.Series:
    """Look words up; numbers stand for themselves."""
    known = words.replace_strict(codes, default=None, return_dtype=pl.Float64)
    return known.fill_null(words.cast(pl.Float64, strict=False))


def ship_type_codes(column: pl.Series, cargo: pl.Series | None = None) -> F64Array:
    """Read ship types given as numbers or words.

    Parameters
    ----------
    column : polars.Series
        ``70``, ``70.0``, ``Cargo`` or ``Cargo, Hazardous category A``.
    cargo : polars.Series or None
        Where a format keeps the hazard of the cargo apart: ``Category X``.

    Returns
    -------
    numpy.ndarray
        Shape (n,), float64, AIS codes 1 to 255, NaN for none and for unknown words.
    """
    words = coded(column)
    if cargo is None:
        return _ship_types(_table(words), None)[words.codes]
    goods = coded(cargo)
    pairs, place = np.unique(words.codes * len(goods.table) + goods.codes, return_inverse=True)
    kinds, hazards = np.divmod(pairs, max(len(goods.table), 1))
    return _ship_types(_table(words).gather(kinds), _table(goods).gather(hazards))[place]


def _table(words: Coded) -> pl.Series:
    return pl.Series(words.table, dtype=pl.String)


def _ship_types(column: pl.Series, cargo: pl.Series | None) -> F64Array:
    words = texts(column).str.to_lowercase()
    kind = _mapped(
        words.str.split_exact(",", 1).struct.field("field_0").str.strip_chars(), _SHIP_TYPE_BY_WORD
    )
    detail = words.str.splitn(",", 2).struct.field("field_1").str.strip_chars()
    if cargo is not None:
        given = texts(cargo).str.to_lowercase().str.extract(r"^(category \w+|no additional information)")
        detail = detail.fill_null(given)
    digit = detail.replace_strict(_SECOND_DIGIT_BY_WORD, default=0, return_dtype=pl.Float64).fill_null(0)
    code = kind.fill_null(np.nan).to_numpy()
    code = np.where(np.isin(code, _WITH_CARGO), code + digit.to_numpy(), code)
    return np.where((code >= 1) & (code <= 255), code, np.nan)


def nav_status_codes(column: pl.Series) -> F64Array:
    """Read navigational statuses given as numbers or words.

    Parameters
    ----------
    column : polars.Series
        ``5``, ``5.0`` or ``Moored``.

    Returns
    -------
    numpy.ndarray
        Shape (n,), float64, 0 to 15, NaN for none and for unknown words.
    """
    given = coded(column)
    words = texts(_table(given)).str.to_lowercase()
    codes: F64Array = _mapped(words, _NAV_STATUS_BY_WORD).fill_null(np.nan).to_numpy()
    return codes[given.codes]


def imo_numbers(column: pl.Series) -> F64Array:
    """Read IMO numbers as transmitted.

    Parameters
    ----------
    column : polars.Series
        ``9074729``, ``IMO9074729`` or words for none.

    Returns
    -------
    numpy.ndarray
        Shape (n,), float64, NaN for none and for what is no number.
    """
    given = coded(column)
    digits = texts(_table(given)).str.strip_prefix("IMO").str.strip_chars().cast(pl.Float64, strict=False)
    values = digits.fill_null(np.nan).to_numpy()
    return np.where((values >= 1) & (values < 2.0**30), values, np.nan)[given.codes]
