"""What follows from the rows of a batch: the newest position and the identity of each craft in it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from lacuna_core.ids import Scheme, craft_number, craft_scheme, mmsi_mid
from lacuna_core.position import IdentityBatch, PositionBatch
from lacuna_core.units import I64Array
from lacuna_runtime.stores.merge import given_fields

LAST_COLUMNS = (
    "t_ms", "lat_e7", "lon_e7", "speed_dkn", "course_ddeg", "heading_ddeg",
    "baro_altitude_ft", "geo_altitude_ft", "vertical_rate_fpm", "flags", "craft_class",
)  # fmt: skip
"""Columns of the newest position, in the order in which it is kept."""
Heard: TypeAlias = dict[str, tuple[Any, int]]
"""Identity fields by name: the value and when it was heard, Unix milliseconds UTC."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the positions of one craft in a batch reach.

    Attributes
    ----------
    craft : int
        Craft key.
    first_ms, last_ms : int
        Times of the first and the newest position.
    newest : str
        The newest position as JSON; of several at one time the greatest text, so that the order of arrival
        does not matter.
    """

    craft: int
    first_ms: int
    last_ms: int
    newest: str


def mid_of(craft: int) -> int | None:
    """Maritime identification digits of a craft.

    Parameters
    ----------
    craft : int
        Craft key.

    Returns
    -------
    int or None
        Three digits; None for aircraft and for numbers without any.
    """
    return mmsi_mid(craft_number(craft)) if craft_scheme(craft) is Scheme.MMSI else None


def _craft_runs(batch: PositionBatch | IdentityBatch) -> tuple[I64Array, I64Array]:
    starts = np.flatnonzero(np.concatenate([[True], batch.craft[1:] != batch.craft[:-1]]))
    return starts, np.append(starts[1:], len(batch)).astype(np.int64)


def _newest_texts(batch: PositionBatch, starts: I64Array, ends: I64Array) -> list[str]:
    last = ends - 1
    tied = np.flatnonzero((last > starts) & (batch.t_ms[last] == batch.t_ms[last - 1])).tolist()

    def texts(rows: I64Array) -> list[str]:
        columns = [getattr(batch, name)[rows].tolist() for name in LAST_COLUMNS]
        return [json.dumps(row) for row in zip(*columns, strict=True)]

    newest = texts(last)
    for run in tied:
        own = np.arange(starts[run], ends[run])
        newest[run] = max(texts(own[batch.t_ms[own] == batch.t_ms[last[run]]]))
    return newest


def reaches(batch: PositionBatch) -> list[Reach]:
    """Tell how far the positions of each craft reach.

    Parameters
    ----------
    batch : PositionBatch
        In canonical order, not empty.

    Returns
    -------
    list of Reach
        One a craft, ascending.
    """
    starts, ends = _craft_runs(batch)
    crafts, newest = batch.craft[starts].tolist(), _newest_texts(batch, starts, ends)
    firsts, lasts = batch.t_ms[starts].tolist(), batch.t_ms[ends - 1].tolist()
    return [Reach(*values) for values in zip(crafts, firsts, lasts, newest, strict=True)]


def newer(known: tuple[Any, int] | None, found: tuple[Any, int]) -> bool:
    """Tell whether a value replaces another: heard later, or at the same time and greater.

    Parameters
    ----------
    known : tuple or None
        Value and time that are known.
    found : tuple
        Value and time that were found.

    Returns
    -------
    bool
        True when the found one stays.
    """
    return known is None or (found[1], found[0]) > (known[1], known[0])


def last_heard(batch: IdentityBatch) -> Iterator[tuple[int, Heard]]:
    """Give each identity field of each craft as last heard in a batch.

    Parameters
    ----------
    batch : IdentityBatch
        In canonical order, not empty.

    Yields
    ------
    tuple of int and Heard
        A craft and its fields, ascending by craft; fields that were not given are left out.
    """
    given = given_fields(batch)
    texts = {c.name for c in batch.SCHEMA if c.text}
    rows = np.arange(len(batch))
    last = {name: np.maximum.accumulate(np.where(mask, rows, -1)).tolist() for name, mask in given.items()}
    values = {name: (batch.text(name) if name in texts else getattr(batch, name)).tolist() for name in given}
    times = batch.t_ms.tolist()
    starts, ends = (edge.tolist() for edge in _craft_runs(batch))
    for start, end in zip(starts, ends, strict=True):
        heard: Heard = {}
        for name, rows_before in last.items():
            row = newest_row = rows_before[end - 1]
            # Among rows of one time the last in canonical order need not hold the greatest value.
            while row >= start and times[row] == times[newest_row]:
                found = (values[name][row], times[row])
                if given[name][row] and newer(heard.get(name), found):
                    heard[name] = found
                row -= 1
        yield int(batch.craft[start]), heard
