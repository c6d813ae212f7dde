"""Texts and small JSON values as arrays of bytes, for snapshots."""

import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from lacuna_core.units import U8Array


def write_json(value: Any) -> U8Array:
    """Write a JSON value as bytes.

    Parameters
    ----------
    value : Any
        Dictionaries, lists, str, int, float, bool, None.

    Returns
    -------
    numpy.ndarray
        Shape (n,), uint8: UTF-8.
    """
    return np.frombuffer(json.dumps(value, separators=(",", ":")).encode(), np.uint8).copy()


def read_json(array: U8Array) -> Any:
    """Read what ``write_json`` wrote.

    Parameters
    ----------
    array : numpy.ndarray
        Shape (n,), uint8.

    Returns
    -------
    Any
        The value.
    """
    return json.loads(array.tobytes())


def write_texts(texts: Iterable[str]) -> U8Array:
    """Write a list of texts.

    Parameters
    ----------
    texts : iterable of str
        In order.

    Returns
    -------
    numpy.ndarray
        Shape (n,), uint8.
    """
    return write_json(list(texts))


def read_texts(array: U8Array) -> tuple[str, ...]:
    """Read what ``write_texts`` wrote.

    Parameters
    ----------
    array : numpy.ndarray
        Shape (n,), uint8.

    Returns
    -------
    tuple of str
        In order.
    """
    return tuple(str(text) for text in read_json(array))
