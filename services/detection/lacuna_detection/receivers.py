"""Which receivers were down when: health rows as a table of receivers by 10-minute slots.

A receiver can be said to be *down* only when it is *regular*: once heard, it seldom falls silent from one
slot to the next. A shore station that hears ships around the clock is regular, and stays so through a
long outage, which is one fall; a satellite that comes and goes with its passes, or a station with one
ship a day, is not, and its silence says nothing.
"""

from dataclasses import dataclass

import numpy as np

from lacuna_core.fold import Snapshot
from lacuna_core.position import Domain, SourceHealth
from lacuna_core.units import MS_PER_DAY, MS_PER_H, MS_PER_MIN, BoolArray, F64Array, I64Array, TimeMs, U8Array
from lacuna_detection.text_table import read_texts, write_texts

SLOT_MS = 10 * MS_PER_MIN
KEPT_SLOTS = 45 * MS_PER_DAY // SLOT_MS
_UNKNOWN, _SILENT, _HEARD = 0, 1, 2


@dataclass(frozen=True, slots=True)
class ReceiverParams:
    """When a receiver counts as regular.

    Attributes
    ----------
    min_heard_slots : int
        Heard in at least so many slots.
    max_fall_share : float
        Falls from heard to silent over slots heard.
    history_h : float
        How far before the silence the record is looked at.
    """

    min_heard_slots: int = 36
    max_fall_share: float = 0.05
    history_h: float = 240.0


@dataclass(frozen=True, slots=True, eq=False)
class SlotStates:
    """State of some receivers in each slot of an interval.

    Attributes
    ----------
    weight : numpy.ndarray
        Share of each slot that lies in the interval, shape (s,), float64.
    known : numpy.ndarray
        Whether any receiver reported in the slot, shape (s,), bool.
    down : numpy.ndarray
        Whether each receiver was regular and silent, shape (r, s), bool.
    """

    weight: F64Array
    known: BoolArray
    down: BoolArray


class ReceiverLog:
    """Health of all receivers of the sea in the newest ``KEPT_SLOTS`` slots."""

    def __init__(self) -> None:
        self._row: dict[str, int] = {}
        self._first_slot = 0
        self._states: U8Array = np.zeros((0, 0), np.uint8)

    def take(self, health: SourceHealth) -> None:
        """Add health rows; equal receivers of several sources are one.

        Parameters
        ----------
        health : SourceHealth
            Rows in order of time.
        """
        rows = health.take(health.domain_code == int(Domain.SEA))
        if not len(rows):
            return
        names = rows.text("receiver")
        for name in sorted(set(names.tolist()) - set(self._row)):
            self._row[name] = len(self._row)
        slots = (rows.t_ms - 1) // SLOT_MS
        self._fit(int(slots.min()), int(slots.max()))
        at_row = np.array([self._row[name] for name in names.tolist()], np.int64)
        at_slot = slots - self._first_slot
        inside = at_slot >= 0
        state = np.where(rows.messages > 0, _HEARD, _SILENT).astype(np.uint8)
        np.maximum.at(self._states, (at_row[inside], at_slot[inside]), state[inside])

    def _fit(self, low: int, high: int) -> None:
        """Make room up to a slot, forgetting the oldest where the table grows too long."""
        if not self._states.size:
            self._first_slot = low
        if high + 1 - self._first_slot > 2 * KEPT_SLOTS:
            first_slot = high + 1 - KEPT_SLOTS
            self._states = self._states[:, first_slot - self._first_slot :].copy()
            self._first_slot = first_slot
        n_rows, n_slots = self._states.shape
        wanted = high + 1 - self._first_slot
        if wanted > n_slots or len(self._row) > n_rows:
            rows = n_rows if len(self._row) <= n_rows else max(2 * n_rows, len(self._row))
            grown = np.zeros((rows, n_slots if wanted <= n_slots else wanted + n_slots // 4 + 144), np.uint8)
            grown[:n_rows, :n_slots] = self._states
            self._states = grown

    def states(
        self, names: tuple[str, ...], start_ms: TimeMs, as_of_ms: TimeMs, params: ReceiverParams
    ) -> SlotStates:
        """State of receivers in the whole slots of an interval, as far as they are over at ``as_of_ms``.

        Parameters
        ----------
        names : tuple of str
            Receivers; one never heard of is never down.
        start_ms : int
            Start of the interval, Unix milliseconds UTC.
        as_of_ms : int
            Its end.
        params : ReceiverParams
            When a receiver is regular.

        Returns
        -------
        SlotStates
            One column a slot.
        """
        last = as_of_ms // SLOT_MS  # the slot that is not over
        first = max(start_ms // SLOT_MS, last - KEPT_SLOTS)
        count = max(0, last - first)
        window = self._window(slice(None), first, count)
        known: BoolArray = np.any(window > _UNKNOWN, axis=0)
        down = np.zeros((len(names), count), np.bool_)
        rows = np.array([self._row.get(name, -1) for name in names], np.int64)
        silent = known & (window[rows] != _HEARD) if len(window) else down
        asked = np.flatnonzero((rows >= 0) & silent.any(axis=1))
        if len(asked):
            # Never further back than what is surely kept: where calls are cut must not matter.
            past_first = max(first - round(params.history_h * MS_PER_H / SLOT_MS), last - KEPT_SLOTS)
            past = self._window(rows[asked], past_first, last - past_first)
            regular = asked[_are_regular(past, params)]
            down[regular] = silent[regular]
        weight = np.ones(count, np.float64)
        if count and first * SLOT_MS < start_ms:
            weight[0] = 1 - (start_ms - first * SLOT_MS) / SLOT_MS
        return SlotStates(weight, known, down)

    def _window(self, rows: I64Array | slice, first: int, count: int) -> U8Array:
        """States of some receivers in slots that may lie outside the table."""
        held = self._states[: len(self._row)][rows]
        low = max(first, self._first_slot)
        high = min(first + count, self._first_slot + held.shape[1])
        out = np.zeros((held.shape[0], max(0, count)), np.uint8)
        if low < high:
            out[:, low - first : high - first] = held[:, low - self._first_slot : high - self._first_slot]
        return out

    def dump(self) -> Snapshot:
        """Write the table.

        Returns
        -------
        dict of str to numpy.ndarray
            Everything needed to go on.
        """
        return {
            "receivers.names": write_texts(sorted(self._row, key=self._row.__getitem__)),
            "receivers.first_slot": np.array([self._first_slot], np.int64),
            "receivers.states": self._states[: len(self._row)].copy(),
        }

    def load(self, snapshot: Snapshot) -> None:
        """Read a table into an empty log.

        Parameters
        ----------
        snapshot : dict of str to numpy.ndarray
            What ``dump`` wrote, among others.
        """
        self._row = {name: i for i, name in enumerate(read_texts(snapshot["receivers.names"]))}
        self._first_slot = int(snapshot["receivers.first_slot"][0])
        self._states = snapshot["receivers.states"].copy()


def _are_regular(states: U8Array, params: ReceiverParams) -> BoolArray:
    heard = states == _HEARD
    count = heard.sum(axis=1)
    falls = (heard[:, :-1] & (states[:, 1:] == _SILENT)).sum(axis=1)
    regular: BoolArray = (count >= params.min_heard_slots) & (falls <= params.max_fall_share * count)
    return regular
