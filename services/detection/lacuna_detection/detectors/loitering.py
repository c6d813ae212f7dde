"""Loitering: clock hours of mean implied speed under 2 kn, one after the other for at least 4 h, at sea.

Hourly buckets of implied speed as Global Fishing Watch's loitering; reported from 4 h (the duration of its
RFMO product); the distance-from-shore filter is off, for in a closed sea everything is near a shore. An
hour with a position in port (``TrackParams``) is not slow. A step across an hour's edge is shared between
the two hours by time. A silence of more than one hour ends the run. It says that a craft hardly moved, not
why.

It opens at the first position after the hour that completed 4 h, and closes at the first position after an
hour that was not slow, or one millisecond after the hour of silence. The anchor is the first row of the
first slow hour; the end is the last row of the last slow hour.

``detail`` is a JSON object: ``hours`` (time in slow hours), ``mean_speed_kn`` (over them), ``distance_nm``
(sum of the steps in them), ``slow_hours`` (how many clock hours).
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from lacuna_core.canonical import canonical_json
from lacuna_core.event import CLOSED, OPEN
from lacuna_core.fact import Fact, Fix
from lacuna_core.fold import Snapshot
from lacuna_core.units import M_PER_NM, MS_PER_H, NULL_TIME_MS, I64Array
from lacuna_detection.craft_index import grown
from lacuna_detection.fixes import FixColumns
from lacuna_detection.track_rows import TrackRows
from lacuna_kernels import loiter

_MM_PER_NM = 1_000 * M_PER_NM
_STORES = ("hour", "run", "run_end")


@dataclass(frozen=True, slots=True)
class Params:
    """Thresholds.

    Attributes
    ----------
    max_mean_speed_kn : float
        An hour is slow below this mean implied speed.
    min_run_h : float
        Runs of slow hours are reported from this length.
    silence_h : float
        A longer silence ends a run.
    """

    max_mean_speed_kn: float = 2.0
    min_run_h: float = 4.0
    silence_h: float = 1.0

    def rules(self) -> I64Array:
        """Thresholds for the kernel.

        Returns
        -------
        numpy.ndarray
            Shape (3,), int64.
        """
        speed_m_per_h = round(self.max_mean_speed_kn * M_PER_NM)
        return np.array(
            [speed_m_per_h, round(self.min_run_h * MS_PER_H), round(self.silence_h * MS_PER_H)], np.int64
        )


class State:
    """Columns by craft slot.

    Attributes
    ----------
    states : numpy.ndarray
        The kernel's state, shape (m, ``STATE_COLUMNS``), int64.
    stores : dict of str to FixColumns
        First row of the present hour, first and last row of the present run.
    next_due_ms : int
        No silence falls due before.
    """

    def __init__(self) -> None:
        self.states = np.empty((0, loiter.STATE_COLUMNS), np.int64)
        self.stores = {name: FixColumns() for name in _STORES}
        self.next_due_ms = NULL_TIME_MS

    def grow(self, count: int) -> None:
        """Make room.

        Parameters
        ----------
        count : int
            Slots needed.
        """
        blank = np.zeros(loiter.STATE_COLUMNS, np.int64)
        blank[loiter.HOUR] = loiter.NO_HOUR
        blank[[loiter.HOUR_ROW, loiter.HOUR_END_ROW, loiter.RUN_ROW, loiter.RUN_END_ROW]] = loiter.FROM_STATE
        self.states = grown(self.states, count, blank)
        for store in self.stores.values():
            store.grow(count)


Thresholds: TypeAlias = Params


class LoiteringDetector:
    """Follows slow hours of every craft."""

    kind = "loitering"
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
        """Take the next rows and the silences due up to the watermark.

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
            Openings and closings.
        """
        state.grow(rows.count)
        rules = params.rules()
        facts: list[Fact] = []
        if len(rows):
            events = loiter.follow_loitering(
                (rows.slot, rows.batch.t_ms, rows.step_nm, rows.in_port), state.states, rules
            )
            facts.extend(_fact(state, rows, event) for event in events.tolist())
            first_due_ms = int(rows.batch.t_ms[0] + rules[loiter.SILENCE_MS] + 1)
            state.next_due_ms = min(state.next_due_ms, first_due_ms)
        if until_ms >= state.next_due_ms:
            events, state.next_due_ms = loiter.due_loitering(state.states[: rows.count], rules, until_ms)
            facts.extend(_fact(state, rows, event) for event in events.tolist())
        _keep_rows(state, rows)
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
        snapshot: Snapshot = {
            "states": state.states.copy(),
            "next_due_ms": np.array([state.next_due_ms], np.int64),
        }
        for name, store in state.stores.items():
            snapshot |= store.dump(f"{name}.", len(state.states))
        return snapshot

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
        state.states = np.array(snapshot["states"], np.int64)
        state.next_due_ms = int(snapshot["next_due_ms"][0])
        state.stores = {name: FixColumns.load(f"{name}.", snapshot) for name in _STORES}
        return state


def _keep_rows(state: State, rows: TrackRows) -> None:
    """Keep the rows that the state points at, before their batch is gone."""
    states = state.states[: rows.count]
    stores = state.stores
    sources = {
        loiter.RUN_ROW: ("run", loiter.FROM_HOUR, stores["hour"]),
        loiter.RUN_END_ROW: ("run_end", loiter.FROM_LAST, rows.last),
        loiter.HOUR_ROW: ("hour", loiter.FROM_HOUR, stores["hour"]),
    }
    for column, (name, elsewhere, source) in sources.items():
        held = states[:, column].copy()
        slots = np.flatnonzero(held >= 0)
        stores[name].keep(slots, rows.batch, rows.digest, held[slots])
        stores[name].copy(np.flatnonzero(held == elsewhere), source)
        states[held != loiter.FROM_STATE, column] = loiter.FROM_STATE
    states[:, loiter.HOUR_END_ROW] = loiter.FROM_LAST


def _end(state: State, rows: TrackRows, slot: int, row: int) -> Fix:
    if row >= 0:
        return rows.fix(row)
    return rows.last.fix(slot) if row == loiter.FROM_LAST else state.stores["run_end"].fix(slot)


def _start(state: State, rows: TrackRows, slot: int, row: int) -> Fix:
    if row >= 0:
        return rows.fix(row)
    return state.stores["hour" if row == loiter.FROM_HOUR else "run"].fix(slot)


def _fact(state: State, rows: TrackRows, event: list[int]) -> Fact:
    slot, as_of_ms = event[loiter.SLOT], event[loiter.AS_OF_MS]
    run = event[loiter.EVENT_HEAD :]
    closed = event[loiter.CODE] == loiter.CLOSED_EVENT
    start = _start(state, rows, slot, run[loiter.RUN_ROW])
    end = _end(state, rows, slot, run[loiter.RUN_END_ROW]) if closed else None
    hours = run[loiter.RUN_MS] / MS_PER_H
    distance_nm = run[loiter.RUN_MM] / _MM_PER_NM
    detail = {
        "hours": hours,
        "mean_speed_kn": distance_nm / hours,
        "distance_nm": distance_nm,
        "slow_hours": run[loiter.RUN_HOURS],
    }
    return Fact(
        kind="loitering",
        crafts=(rows.craft(slot),),
        as_of_ms=as_of_ms,
        status=CLOSED if closed else OPEN,
        anchor_t_ms=start.t_ms,
        anchor_digest=start.digest,
        start=start,
        end=end,
        start_ms=start.t_ms,
        end_ms=end.t_ms if end else None,
        detail=canonical_json(detail),
    )


DETECTOR = LoiteringDetector()
