"""Who was heard where: witnesses of a silence, and which receivers cover a place.

Rows say that a set of receivers heard a craft first at t in a 30-minute slot. *Witnesses* are the slots
of other craft heard near the last position of a silent one. *Coverage* unites the receivers of each craft
and slot once the slot is over: what share of slots near a place each set of receivers heard.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from lacuna_core.fact import Heard
from lacuna_core.fold import Snapshot
from lacuna_core.units import (
    E7_PER_DEG,
    MS_PER_DAY,
    MS_PER_MIN,
    Degrees,
    I64Array,
    NauticalMiles,
    TimeMs,
)
from lacuna_detection.receiver_sets import ReceiverSets
from lacuna_detection.row_log import RowLog
from lacuna_detection.text_table import read_json, write_json
from lacuna_kernels.nearby import rows_near

SLOT_MS = 30 * MS_PER_MIN
KEPT_MS = 10 * MS_PER_DAY
_MARGIN_MS = 2 * MS_PER_DAY
"""Kept beyond ``KEPT_MS``, so that the first look at a silence still finds all its history."""
_MOST_SETS = 64
_MANY_SETS = 50_000
"""Renumber the sets in use beyond so many; numbers decide nothing."""

Coverage = tuple[tuple[tuple[str, ...], int], ...]
"""Sets of receivers and how many craft-slots each heard, most first."""


@dataclass(frozen=True, slots=True)
class Place:
    """A point, in degrees."""

    lat_deg: Degrees
    lon_deg: Degrees


class HeardLog:
    """Craft-slots heard in the newest days of data time."""

    def __init__(self) -> None:
        columns = {"craft": "<u8", "lat_e7": "<i4", "lon_e7": "<i4", "receivers": "<i8"}
        self._rows = RowLog(columns)
        self._slots = RowLog(columns)
        self._sets = ReceiverSets()
        self._slots_done_ms = -(2**62)

    def take(self, heard: Heard, until_ms: TimeMs) -> None:
        """Add rows and unite the slots that are over.

        Parameters
        ----------
        heard : Heard
            Rows in order of time, all with t <= ``until_ms``.
        until_ms : int
            Watermark, Unix milliseconds UTC.
        """
        if len(heard):
            self._rows.append(
                {
                    "t_ms": heard.t_ms,
                    "craft": heard.craft,
                    "lat_e7": heard.lat_e7,
                    "lon_e7": heard.lon_e7,
                    "receivers": self._sets.parse(heard.strings)[heard.receiver],
                }
            )
        done_ms = until_ms // SLOT_MS * SLOT_MS
        if done_ms > self._slots_done_ms:
            self._unite(self._slots_done_ms, done_ms)
            self._slots_done_ms = done_ms

    def _unite(self, from_ms: TimeMs, to_ms: TimeMs) -> None:
        low, high = self._rows.between(from_ms - 1, to_ms - 1)
        if low == high:
            return
        t_ms, craft = self._rows.t_ms[low:high], self._rows.column("craft")[low:high]
        slot = t_ms // SLOT_MS
        order = np.lexsort((t_ms, craft, slot))
        changed = (np.diff(slot[order]) != 0) | (np.diff(craft[order]) != 0)
        starts = np.flatnonzero(np.concatenate([[True], changed]))
        sizes = np.diff(np.append(starts, len(order)))
        receivers = self._rows.column("receivers")[low:high][order]
        united = receivers[starts].copy()
        for step in range(1, int(sizes.max())):
            more = np.flatnonzero(sizes > step)
            united[more] = self._sets.union(united[more], receivers[starts[more] + step])
        first = order[starts]
        rows = {name: self._rows.column(name)[low:high][first] for name in ("craft", "lat_e7", "lon_e7")}
        self._slots.append({"t_ms": slot[first] * SLOT_MS, "receivers": united, **rows})

    def forget(self, until_ms: TimeMs) -> None:
        """Drop what nothing at or after the watermark will look at.

        Parameters
        ----------
        until_ms : int
            Watermark, Unix milliseconds UTC.
        """
        for log in (self._rows, self._slots):
            log.forget(until_ms - KEPT_MS - _MARGIN_MS)
        if len(self._sets.all()) > _MANY_SETS:
            self._renumber()

    def _renumber(self) -> None:
        used = np.unique(np.concatenate([log.column("receivers") for log in (self._rows, self._slots)]))
        fresh = ReceiverSets(tuple(self._sets.names(int(number)) for number in used))
        for log in (self._rows, self._slots):
            log.column("receivers")[:] = np.searchsorted(used, log.column("receivers"))
        self._sets = fresh

    def witnesses(
        self, craft: int, place: Place, radius_nm: NauticalMiles, start_ms: TimeMs, as_of_ms: TimeMs
    ) -> int:
        """Count the slots in which other craft were heard near a place during an interval.

        Parameters
        ----------
        craft : int
            Craft left out.
        place : Place
            Center.
        radius_nm : float
            Radius, nautical miles.
        start_ms, as_of_ms : int
            Rows with ``start < t <= as_of`` count, at most the last ``KEPT_MS``.

        Returns
        -------
        int
            Pairs of craft and 30-minute slot.
        """
        low, high = self._rows.between(max(start_ms, as_of_ms - KEPT_MS), as_of_ms)
        near = self._near(self._rows, low, high, place, radius_nm)
        keys = self._rows.column("craft")[near]
        others = keys != craft
        keys, slots = keys[others], self._rows.t_ms[near][others] // SLOT_MS
        order = np.lexsort((slots, keys))
        fresh = (np.diff(keys[order]) != 0) | (np.diff(slots[order]) != 0)
        return int(fresh.sum()) + min(1, len(keys))

    def anyone(self, start_ms: TimeMs, as_of_ms: TimeMs) -> bool:
        """Tell whether any craft anywhere was heard inside an interval.

        Parameters
        ----------
        start_ms, as_of_ms : int
            Rows with ``start < t < as_of`` count, at most the last ``KEPT_MS``.

        Returns
        -------
        bool
            True when one was.
        """
        low, high = self._rows.between(max(start_ms, as_of_ms - KEPT_MS), as_of_ms - 1)
        return high > low

    def coverage(self, place: Place, radius_nm: NauticalMiles, before_ms: TimeMs) -> Coverage:
        """Say which sets of receivers heard craft near a place in the past.

        Parameters
        ----------
        place : Place
            Center.
        radius_nm : float
            Radius, nautical miles.
        before_ms : int
            Slots that were over by then, at most ``KEPT_MS`` old.

        Returns
        -------
        tuple of (tuple of str, int)
            Sets of receivers and craft-slots, most first.
        """
        low, high = self._slots.between(before_ms - KEPT_MS, before_ms - SLOT_MS)
        near = self._near(self._slots, low, high, place, radius_nm)
        numbers, counts = np.unique(self._slots.column("receivers")[near], return_counts=True)
        tally = Counter({self._sets.names(int(s)): int(c) for s, c in zip(numbers, counts, strict=True)})
        return tuple(sorted(tally.items(), key=lambda item: (-item[1], item[0]))[:_MOST_SETS])

    def _near(self, log: RowLog, low: int, high: int, place: Place, radius_nm: NauticalMiles) -> I64Array:
        lat_e7, lon_e7 = log.column("lat_e7")[low:high], log.column("lon_e7")[low:high]
        found: I64Array = rows_near(lat_e7, lon_e7, place.lat_deg, place.lon_deg, radius_nm)
        return found + low

    def dump(self) -> Snapshot:
        """Write everything kept.

        Returns
        -------
        dict of str to numpy.ndarray
            Everything needed to go on.
        """
        return {
            **self._rows.dump("heard.rows"),
            **self._slots.dump("heard.slots"),
            "heard.sets": write_json(self._sets.all()),
            "heard.slots_done_ms": np.array([self._slots_done_ms], np.int64),
        }

    def load(self, snapshot: Snapshot) -> None:
        """Read into an empty log.

        Parameters
        ----------
        snapshot : dict of str to numpy.ndarray
            What ``dump`` wrote, among others.
        """
        self._rows.load(snapshot, "heard.rows")
        self._slots.load(snapshot, "heard.slots")
        self._sets = ReceiverSets(tuple(tuple(names) for names in read_json(snapshot["heard.sets"])))
        self._slots_done_ms = int(snapshot["heard.slots_done_ms"][0])


def place_of(lat_e7: int, lon_e7: int) -> Place:
    """Make a place of a fix.

    Parameters
    ----------
    lat_e7, lon_e7 : int
        Degrees times 1e7.

    Returns
    -------
    Place
        In degrees.
    """
    return Place(lat_e7 / E7_PER_DEG, lon_e7 / E7_PER_DEG)
