"""Canonical JSON and the rounding that makes floats the same bytes everywhere."""

import json
import math
from dataclasses import asdict, is_dataclass
from typing import Any


def round9(value: float) -> float:
    """Round to nine significant digits, the precision that is encoded.

    Parameters
    ----------
    value : float
        Any finite number.

    Returns
    -------
    float
        The rounded number; negative zero becomes zero.

    Examples
    --------
    >>> round9(1 / 3)
    0.333333333
    """
    return float(f"{value:.9g}") + 0.0


def _plain(value: Any) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, int | str):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} can't be written: JSON has no such number")
        return round9(value)
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical_json(value: Any) -> str:
    """Write JSON with sorted keys, no blanks, and floats of nine significant digits.

    Parameters
    ----------
    value : Any
        Dictionaries, lists, tuples, dataclasses, str, int, float, bool, None; numpy scalars are refused.

    Returns
    -------
    str
        The text; equal values give equal text.

    Raises
    ------
    ValueError
        For NaN and infinities.
    TypeError
        For anything else.

    Examples
    --------
    >>> canonical_json({"b": 1.0, "a": [None, True]})
    '{"a":[null,true],"b":1.0}'
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
