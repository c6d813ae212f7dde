"""Gap: a silence of strictly more than one hour between two consecutive positions of a craft.

Pairing rule of Global Fishing Watch's pipe-gaps (consecutive positions, strict threshold), reported from
1 h (MarineTraffic's out-of-range rule) so that every longer profile is a filter. It opens one millisecond
after the first threshold, is revised one millisecond after each of the others (6 h Skylight and pipe-gaps'
pipeline, 12 h the published product, 24 h, 30 h Lloyd's List Intelligence) and closed by the next position,
at that position's time; a threshold passed at that very millisecond is left to the closing. It says that
nothing was heard, not that a transponder was off.

``detail`` is a JSON object:

============================  =========================================================================
``hours``                     length; while open, the threshold passed
``distance_nm``               great circle between the ends, null while open
``implied_speed_kn``          that over the length, null while open
``class``                     ``A``, ``B`` or ``unknown``, of the last position before
``cruise_kn``, ``p99_kn``     median and 99th percentile of the craft's own speeds of 3 kn and more, to
                              0.5 kn, as of the last position before; null under 20 such positions
``positions_12h``             positions in the 12 clock hours up to the last one before
``receiver``                  receivers of the last position before
``ship_type``, ``imo``,       as last said by the time of the fact; null (``""`` for texts) if never
``length_m``, ``name``,
``destination``
``draught_start_dm``          draught as said up to the opening
``draught_end_dm``            draught said between the opening and the fact; null if none was
============================  =========================================================================
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from lacuna_core.canonical import canonical_json
from lacuna_core.event import CLOSED, OPEN
from lacuna_core.fact import Fact, Fix
from lacuna_core.fold import Snapshot
from lacuna_core.position import CraftClass
from lacuna_core.units import MS_PER_H, NULL_TIME_MS, I64Array
from lacuna_detection.craft_index import grown
from lacuna_detection.track_rows import TrackRows
from lacuna_kernels import gaps

_CLASS = {CraftClass.CLASS_A: "A", CraftClass.CLASS_B: "B"}


@dataclass(frozen=True, slots=True)
class Params:
    """Thresholds.

    Attributes
    ----------
    thresholds_h : tuple of float
        Ascending; the first opens the gap, each of the others revises it.
    min_speed_samples : int
        Fewer speeds than this give no cruise speed.
    """

    thresholds_h: tuple[float, ...] = (1.0, 6.0, 12.0, 24.0, 30.0)
    min_speed_samples: int = 20

    def thresholds_ms(self) -> I64Array:
        """Thresholds for the kernel.

        Returns
        -------
        numpy.ndarray
            Shape (k,), int64, milliseconds.
        """
        return np.array([round(h * MS_PER_H) for h in self.thresholds_h], np.int64)


class State:
    """Columns by craft slot.

    Attributes
    ----------
    last_ms, level, draught_start_dm : numpy.ndarray
        Last time heard, thresholds passed since, draught at the opening; int64.
    ring, histogram : numpy.ndarray
        Positions by clock hour, speeds by bin; uint16.
    next_due_ms : int
        No threshold falls due before.
    """

    def __init__(self) -> None:
        self.last_ms = np.empty(0, np.int64)
        self.level = np.empty(0, np.int64)
        self.draught_start_dm = np.empty(0, np.int64)
        self.ring = np.empty((0, gaps.RING_HOURS), np.uint16)
        self.histogram = np.empty((0, gaps.SPEED_BINS), np.uint16)
        self.next_due_ms = NULL_TIME_MS

    def grow(self, count: int) -> None:
        """Make room.

        Parameters
        ----------
        count : int
            Slots needed.
        """
        self.last_ms = grown(self.last_ms, count, NULL_TIME_MS)
        self.level = grown(self.level, count, 0)
        self.draught_start_dm = grown(self.draught_start_dm, count, 0)
        self.ring = grown(self.ring, count, 0)
        self.histogram = grown(self.histogram, count, 0)


_SAVED = ("last_ms", "level", "draught_start_dm", "ring", "histogram")


Thresholds: TypeAlias = Params


class GapDetector:
    """Follows the silence of every craft."""

    kind = "gap"
    scope = "craft"
    Params = Params

    def initial(self) -> State:
        """Make the state before the first row.

        Returns
        -------
        State
            No craft.
        """
        return State()

    def step(self, state: State, rows: TrackRows, until_ms: int, params: Thresholds) -> list[Fact]:
        """Take the next rows and the thresholds due up to the watermark.

        Parameters
        ----------
        state : State
            Changed in place.
        rows : TrackRows
            Rows in canonical order, shape (n,).
        until_ms : int
            Watermark, Unix milliseconds UTC.
        params : Thresholds
            Thresholds.

        Returns
        -------
        list of Fact
            Openings, revisions, closings.
        """
        state.grow(rows.count)
        thresholds_ms = params.thresholds_ms()
        facts: list[Fact] = []
        counts = (state.ring, state.histogram)
        if len(rows):
            events = gaps.follow_silences(
                rows.slot,
                rows.batch.t_ms,
                rows.batch.speed_dkn,
                state.last_ms,
                state.level,
                counts,
                thresholds_ms,
            )
            facts.extend(_fact(state, rows, event, params) for event in events.tolist())
            first_due_ms = int(rows.batch.t_ms[0] + thresholds_ms[0] + 1)
            state.next_due_ms = min(state.next_due_ms, first_due_ms)
        if until_ms >= state.next_due_ms:
            events, state.next_due_ms = gaps.due_silences(
                state.last_ms[: rows.count], state.level, counts, thresholds_ms, until_ms
            )
            facts.extend(_fact(state, rows, event, params) for event in events.tolist())
        return facts

    def dump(self, state: State) -> Snapshot:
        """Write the state as arrays.

        Parameters
        ----------
        state : State
            Any state.

        Returns
        -------
        dict of str to numpy.ndarray
            The columns.
        """
        columns: Snapshot = {name: getattr(state, name).copy() for name in _SAVED}
        return columns | {"next_due_ms": np.array([state.next_due_ms], np.int64)}

    def load(self, snapshot: Snapshot) -> State:
        """Read a state.

        Parameters
        ----------
        snapshot : dict of str to numpy.ndarray
            What ``dump`` wrote.

        Returns
        -------
        State
            The state.
        """
        state = State()
        for name in _SAVED:
            setattr(state, name, np.array(snapshot[name], getattr(state, name).dtype))
        state.next_due_ms = int(snapshot["next_due_ms"][0])
        return state


def _fact(state: State, rows: TrackRows, event: list[int], params: Thresholds) -> Fact:
    slot, row, level = event[gaps.SLOT], event[gaps.ROW], event[gaps.LEVEL]
    closed = level == len(params.thresholds_h)
    start = rows.fix_before(row, slot) if row >= 0 else rows.last_fix(slot)
    end = rows.fix(row) if closed else None
    opened_ms = start.t_ms + round(params.thresholds_h[0] * MS_PER_H) + 1
    as_of_ms = end.t_ms if end else start.t_ms + round(params.thresholds_h[level] * MS_PER_H) + 1
    if level == 0 or as_of_ms == opened_ms:
        state.draught_start_dm[slot] = rows.identity.at(slot, opened_ms).draught_dm
    return Fact(
        kind="gap",
        crafts=(rows.craft(slot),),
        as_of_ms=as_of_ms,
        status=CLOSED if closed else OPEN,
        anchor_t_ms=start.t_ms,
        anchor_digest=start.digest,
        start=start,
        end=end,
        start_ms=start.t_ms,
        end_ms=end.t_ms if end else None,
        detail=canonical_json(_detail(state, rows, event, params, start, end, opened_ms, as_of_ms)),
    )


def _detail(
    state: State,
    rows: TrackRows,
    event: list[int],
    params: Thresholds,
    start: Fix,
    end: Fix | None,
    opened_ms: int,
    as_of_ms: int,
) -> dict[str, Any]:
    slot, row = event[gaps.SLOT], event[gaps.ROW]
    said = rows.identity.at(slot, as_of_ms)
    hours = (end.t_ms - start.t_ms) / MS_PER_H if end else params.thresholds_h[event[gaps.LEVEL]]
    distance_nm = float(rows.step_nm[row]) if end else None
    enough = event[gaps.SAMPLES] >= params.min_speed_samples
    return {
        "hours": float(hours),
        "distance_nm": distance_nm,
        "implied_speed_kn": None if distance_nm is None else distance_nm / hours,
        "class": _CLASS.get(CraftClass(rows.class_before(row, slot)), "unknown"),
        "cruise_kn": event[gaps.CRUISE] / 100 if enough else None,
        "p99_kn": event[gaps.P99] / 100 if enough else None,
        "positions_12h": event[gaps.POSITIONS],
        "receiver": start.receiver,
        "ship_type": said.ship_type or None,
        "imo": said.imo or None,
        "length_m": said.length_m or None,
        "name": said.name,
        "destination": said.destination,
        "draught_start_dm": int(state.draught_start_dm[slot]) or None,
        "draught_end_dm": (said.draught_dm or None) if said.draught_ms > opened_ms else None,
    }


DETECTOR = GapDetector()
