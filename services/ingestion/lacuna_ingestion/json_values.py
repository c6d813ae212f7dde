"""Single JSON values: recognized, parsed, written.

The bare words ``NaN`` and ``Infinity``, which some writers leave where a number is missing, are read as null.
"""

import re
from typing import Any

import orjson

BLANK = b" \t\r\n"
BOM = b"\xef\xbb\xbf"
_NAN = re.compile(rb"(?:NaN|-?Infinity)(?=\s*[,}\]])")
_NAN_WORDS = tuple(
    (before + b"NaN" + after, before + b"null" + after) for before in (b": ", b":") for after in (b",", b"}")
)
"""The usual spellings, replaced at the speed of memory before the careful way is tried."""
_AFTER = (b":", b",", b"[", b" ", b"\t", b"\n", b"\r")


def starts_with_array(beginning: bytes) -> bool:
    """Tell an array from lines and documents.

    Parameters
    ----------
    beginning : bytes
        The beginning of a file.

    Returns
    -------
    bool
        True when its first character is a bracket.
    """
    return beginning.removeprefix(BOM).lstrip(BLANK)[:1] == b"["


def looks_like_json(beginning: bytes) -> bool:
    """Tell whether a file may be JSON.

    Parameters
    ----------
    beginning : bytes
        The beginning of a file.

    Returns
    -------
    bool
        True when its first character is a bracket or a brace.
    """
    return beginning.removeprefix(BOM).lstrip(BLANK)[:1] in (b"[", b"{")


def as_bytes(value: Any) -> bytes:
    """Write a part of a document as JSON, for dead letters.

    Parameters
    ----------
    value : Any
        Parsed JSON.

    Returns
    -------
    bytes
        Compact JSON, sorted members.
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def parse_json(data: bytes) -> Any:
    """Parse JSON in which numbers may be the bare words NaN and Infinity.

    Parameters
    ----------
    data : bytes
        One value.

    Returns
    -------
    Any
        The value, null for such words.

    Raises
    ------
    ValueError
        If it is no JSON.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        if b"NaN" not in data and b"Infinity" not in data:
            raise
        for word, null in _NAN_WORDS:
            data = data.replace(word, null)
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            return orjson.loads(_NAN.sub(lambda m: _null_word(data, m), data))


def _null_word(data: bytes, word: re.Match[bytes]) -> bytes:
    before = data[word.start() - 1 : word.start()]
    return b"null" if before in _AFTER else word.group()
