"""Port visit: a craft comes within 3 km of an anchorage point, stops or falls silent there, and leaves.

Rules of Global Fishing Watch's pipe-anchorages: entry at 3 km, exit beyond 4 km (``TrackParams``), stopped
from 0.2 kn down until 0.5 kn up, a silence of more than 4 h in port counts like a stop. Confidence 4 is
entry, exit and stop or silence; 3 one of entry and exit with one of those; 2 only one of those; 1 no stop
and no silence. Speeds are the reported ones, or implied by the step where none is reported. Anchorage
points are the ports and anchorages of the basin pack, not learned ones.

It opens at the entry (for a craft first seen in port: at its first stop or silence), is revised at its
first stop or silence, and closes at the first position beyond the exit radius. The anchor is the entry
row, or the first row for a craft first seen in port. The port is that of the nearest point at the first
stop, at the entry before. It says where a craft was, not that it loaded.

``detail`` is a JSON object:

===========================  ==========================================================================
``port_id``, ``group``       the port, and its group of ports that can't be told apart
``confidence``               1 to 4
``has_entry``, ``has_stop``  whether the entry was seen; whether a stop or silence was
``stopped_ms``, ``gap_ms``   time stopped, time in silences over 4 h (the one before an exit counts)
``last_in_port_ms``          time of the last position in port, null while open
``draught_entry_dm``,        as said by then, null if never; the second null while open
``draught_exit_dm``
``ship_type``                AIS ship and cargo type as said by then, null if never
``previous``                 null, or the last visit before of confidence 2 and more: ``port_id``,
                             ``group``, ``end_ms``, ``confidence``, ``anchor_t_ms``, ``anchor_digest`` (16
                             hexadecimal digits), ``event_id``
``voyage_max_excursion_nm``  largest distance from the previous port over the positions since its exit,
                             null without one
===========================  ==========================================================================
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from lacuna_core.canonical import canonical_json
from lacuna_core.digest import event_id
from lacuna_core.event import CLOSED, OPEN
from lacuna_core.fact import Fact
from lacuna_core.fold import Snapshot
from lacuna_core.units import M_PER_NM, MS_PER_H, NULL_TIME_MS, I64Array
from lacuna_detection.craft_index import grown
from lacuna_detection.fixes import FixColumns
from lacuna_detection.track_rows import TrackRows
from lacuna_kernels import visits

_U64 = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Params:
    """Thresholds.

    Attributes
    ----------
    stop_kn, restart_kn : float
        Stopped from the first down, no longer from the second up.
    silence_h : float
        A longer silence in port counts like a stop.
    min_previous_confidence : int
        Least confidence of the visit that a voyage starts from.
    """

    stop_kn: float = 0.2
    restart_kn: float = 0.5
    silence_h: float = 4.0
    min_previous_confidence: int = 2

    def rules(self) -> I64Array:
        """Thresholds for the kernel.

        Returns
        -------
        numpy.ndarray
            Shape (4,), int64.
        """
        silence_ms = round(self.silence_h * MS_PER_H)
        stop_dkn, restart_dkn = round(self.stop_kn * 10), round(self.restart_kn * 10)
        return np.array([stop_dkn, restart_dkn, silence_ms, self.min_previous_confidence], np.int64)


class State:
    """Columns by craft slot.

    Attributes
    ----------
    states : numpy.ndarray
        The kernel's state, shape (m, ``STATE_COLUMNS``), int64.
    anchors : FixColumns
        Anchor row of the present visit.
    draught_entry_dm : numpy.ndarray
        Draught as said at the anchor, int64.
    next_due_ms : int
        No silence in port falls due before.
    """

    def __init__(self) -> None:
        self.states = np.empty((0, visits.STATE_COLUMNS), np.int64)
        self.anchors = FixColumns()
        self.draught_entry_dm = np.empty(0, np.int64)
        self.next_due_ms = NULL_TIME_MS

    def grow(self, count: int) -> None:
        """Make room.

        Parameters
        ----------
        count : int
            Slots needed.
        """
        blank = np.zeros(visits.STATE_COLUMNS, np.int64)
        blank[visits.ANCHOR_ROW] = visits.FROM_STATE
        blank[visits.PREVIOUS_PORT] = visits.NONE
        self.states = grown(self.states, count, blank)
        self.draught_entry_dm = grown(self.draught_entry_dm, count, 0)
        self.anchors.grow(count)


Thresholds: TypeAlias = Params


class PortVisitDetector:
    """Follows every craft in and out of ports."""

    kind = "port_visit"
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
        """Take the next rows and the silences in port due up to the watermark.

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
        if not rows.anchorages.ports:
            return []
        rules = params.rules()
        facts: list[Fact] = []
        if len(rows):
            events = visits.follow_visits(
                (rows.slot, rows.batch.t_ms, rows.digest.view(np.int64), rows.speed_dkn),
                (rows.port, rows.in_port),
                (rows.batch.lat_e7, rows.batch.lon_e7),
                (rows.anchorages.port_lat_deg, rows.anchorages.port_lon_deg),
                state.states,
                rules,
            )
            facts.extend(_fact(state, rows, event) for event in events.tolist())
            first_due_ms = int(rows.batch.t_ms[0] + rules[visits.SILENCE_MS] + 1)
            state.next_due_ms = min(state.next_due_ms, first_due_ms)
        if until_ms >= state.next_due_ms:
            events, state.next_due_ms = visits.due_visits(state.states[: rows.count], rules, until_ms)
            facts.extend(_fact(state, rows, event) for event in events.tolist())
        _keep_anchors(state, rows)
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
        return {
            "states": state.states.copy(),
            "draught_entry_dm": state.draught_entry_dm.copy(),
            "next_due_ms": np.array([state.next_due_ms], np.int64),
        } | state.anchors.dump("anchor.", len(state.states))

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
        state.draught_entry_dm = np.array(snapshot["draught_entry_dm"], np.int64)
        state.next_due_ms = int(snapshot["next_due_ms"][0])
        state.anchors = FixColumns.load("anchor.", snapshot)
        return state


def _keep_anchors(state: State, rows: TrackRows) -> None:
    """Keep the anchor rows of visits that go on, before their batch is gone."""
    anchor_row = state.states[: rows.count, visits.ANCHOR_ROW]
    slots = np.flatnonzero(anchor_row >= 0)
    held = anchor_row[slots].copy()
    state.anchors.keep(slots, rows.batch, rows.digest, held)
    for slot, t_ms in zip(slots.tolist(), rows.batch.t_ms[held].tolist(), strict=True):
        state.draught_entry_dm[slot] = rows.identity.at(slot, t_ms).draught_dm
    state.states[slots, visits.ANCHOR_ROW] = visits.FROM_STATE


def _fact(state: State, rows: TrackRows, event: list[int]) -> Fact:
    slot, row, as_of_ms = event[visits.SLOT], event[visits.ROW], event[visits.AS_OF_MS]
    visit = event[visits.EVENT_HEAD :]
    anchor_row = visit[visits.ANCHOR_ROW]
    start = rows.fix(anchor_row) if anchor_row >= 0 else state.anchors.fix(slot)
    closed = event[visits.CODE] == visits.CLOSED_EVENT
    end = rows.fix(row) if closed else None
    if anchor_row >= 0:
        draught_entry_dm = rows.identity.at(slot, start.t_ms).draught_dm
    else:
        draught_entry_dm = int(state.draught_entry_dm[slot])
    craft = rows.craft(slot)
    port = rows.anchorages.ports[visit[visits.PORT]]
    draught_exit_dm = rows.identity.at(slot, as_of_ms).draught_dm if closed else 0
    detail: dict[str, Any] = {
        "port_id": port.port_id,
        "group": port.group,
        "confidence": _confidence(visit, closed),
        "has_entry": bool(visit[visits.HAS_ENTRY]),
        "has_stop": bool(visit[visits.HAS_STOP]),
        "stopped_ms": visit[visits.STOPPED_MS],
        "gap_ms": visit[visits.GAP_MS],
        "last_in_port_ms": rows.fix_before(row, slot).t_ms if closed else None,
        "draught_entry_dm": draught_entry_dm or None,
        "draught_exit_dm": draught_exit_dm or None,
        "ship_type": rows.identity.at(slot, as_of_ms).ship_type or None,
    }
    return Fact(
        kind="port_visit",
        crafts=(craft,),
        as_of_ms=as_of_ms,
        status=CLOSED if closed else OPEN,
        anchor_t_ms=start.t_ms,
        anchor_digest=start.digest,
        start=start,
        end=end,
        start_ms=start.t_ms,
        end_ms=end.t_ms if end else None,
        detail=canonical_json(detail | _voyage(rows, craft, visit)),
    )


def _confidence(visit: list[int], closed: bool) -> int:
    if not visit[visits.HAS_STOP]:
        return 1
    return 2 + visit[visits.HAS_ENTRY] + int(closed)


def _voyage(rows: TrackRows, craft: int, visit: list[int]) -> dict[str, Any]:
    index = visit[visits.PREVIOUS_PORT]
    if index == visits.NONE:
        return {"previous": None, "voyage_max_excursion_nm": None}
    port = rows.anchorages.ports[index]
    digest = visit[visits.PREVIOUS_DIGEST] & _U64
    previous = {
        "port_id": port.port_id,
        "group": port.group,
        "end_ms": visit[visits.PREVIOUS_END_MS],
        "confidence": visit[visits.PREVIOUS_CONFIDENCE],
        "anchor_t_ms": visit[visits.PREVIOUS_MS],
        "anchor_digest": f"{digest:016x}",
        "event_id": event_id("port_visit", (craft,), visit[visits.PREVIOUS_MS], digest),
    }
    return {"previous": previous, "voyage_max_excursion_nm": visit[visits.EXCURSION_M] / M_PER_NM}


DETECTOR = PortVisitDetector()
