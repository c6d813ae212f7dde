"""Encounter: two craft within 500 m of each other for at least two hours of slots, slow, away from ports.

Rules and defaults of Global Fishing Watch (pipe-encounters): 10-minute slots within ``radius_m``, at least
``min_contact_h`` of them, pauses under ``max_pause_h`` merged, median speed under ``max_median_speed_kn``,
contacts nearer than ``port_distance_m`` to an anchorage left out (switch ``exclude_near_port`` off where a
basin's transfers happen in its roads). It says that two transponders were near and slow; it does not say
that cargo moved.

A contact counts at the slot's start plus ``CONTACT_DELAY_MS``, when the contacts fold can know it; that is
the ``as_of`` of what it causes. A run opens when the rules are first met and ends ``max_pause_h`` after
its last contact (plus that delay): closed, or retracted when its median speed is no longer below the limit.

How to drive it (the assess fold does)::

    state = DETECTOR.initial()
    facts = DETECTOR.step(state, rows.contacts, until_ms, DETECTOR.Params(), anchorages)  # changes state
    snapshot = DETECTOR.dump(state)
    state = DETECTOR.load(snapshot)

with ``anchorages = lacuna_detection.anchorages.anchorages_of(basins)``. ``detail`` is a JSON object:

``slots``, ``contact_h``             count of slots in contact, and their time
``median_speed_kn``                  of both craft over those slots
``min_distance_m``                   smallest distance
``mean_lat_deg``, ``mean_lon_deg``   mean of the midpoints
``nearest_port``,                    port id and distance of the nearest anchorage point, null beyond 60 nm
``port_distance_nm``                 or without ports
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from lacuna_core.canonical import canonical_json
from lacuna_core.digest import text_digest
from lacuna_core.event import CLOSED, OPEN, RETRACTED
from lacuna_core.fact import CONTACT_DELAY_MS, CONTACT_SLOT_MS, Contacts, Fact, Fix
from lacuna_core.fold import Snapshot
from lacuna_core.ids import format_craft
from lacuna_core.units import E7_PER_DEG, M_PER_NM, MS_PER_H, NULL_U16, I64Array
from lacuna_detection.anchorages import Anchorages
from lacuna_detection.craft_index import CraftIndex, grown
from lacuna_detection.detector import fact_order
from lacuna_kernels import meetings
from lacuna_kernels.nearest import NONE, nearest_points

_STATUS = {meetings.OPEN_EVENT: OPEN, meetings.CLOSED_EVENT: CLOSED, meetings.RETRACTED_EVENT: RETRACTED}
_NAMED_WITHIN_NM = 60.0
_SPARE_PAIRS = 1_024


@dataclass(frozen=True, slots=True)
class Params:
    """Thresholds.

    Attributes
    ----------
    min_contact_h : float
        Time in contact, counted in slots, from which a run is an encounter.
    max_pause_h : float
        Contacts less than this apart belong to one run.
    max_median_speed_kn : float
        The median speed of both craft in the slots in contact must be below.
    exclude_near_port : bool
        Whether contacts near an anchorage are left out.
    port_distance_m : float
        Nearer than this is near.
    """

    min_contact_h: float = 2.0
    max_pause_h: float = 4.0
    max_median_speed_kn: float = 2.0
    exclude_near_port: bool = True
    port_distance_m: float = 10_000.0

    def rules(self) -> I64Array:
        """Thresholds for the kernel.

        Returns
        -------
        numpy.ndarray
            Shape (4,), int64.
        """
        min_slots = -(-round(self.min_contact_h * MS_PER_H) // CONTACT_SLOT_MS)
        pause_ms, median_dkn = round(self.max_pause_h * MS_PER_H), round(self.max_median_speed_kn * 10)
        return np.array([min_slots, pause_ms, CONTACT_DELAY_MS, median_dkn], np.int64)


class State:
    """Runs of pairs.

    Attributes
    ----------
    crafts, pairs : CraftIndex
        Numbers of craft; slots of pairs, whose key is the two numbers packed.
    states, histograms : numpy.ndarray
        The kernel's state by pair, int64, and its speeds, uint32.
    """

    def __init__(self) -> None:
        self.crafts = CraftIndex()
        self.pairs = CraftIndex()
        self.states = np.zeros((0, meetings.STATE_COLUMNS), np.int64)
        self.histograms = np.zeros((0, meetings.SPEED_BINS), np.uint32)

    def slots_of(self, contacts: Contacts) -> I64Array:
        """Find the pair slots of contacts, making room for new ones.

        Parameters
        ----------
        contacts : Contacts
            Rows, shape (n,).

        Returns
        -------
        numpy.ndarray
            Shape (n,), int64.
        """
        a, b = self.crafts.slots_of(contacts.craft_a), self.crafts.slots_of(contacts.craft_b)
        slots = self.pairs.slots_of(((a << 32) | b).astype(np.uint64))
        self.states = grown(self.states, self.pairs.count, 0)
        self.histograms = grown(self.histograms, self.pairs.count, 0)
        return slots

    def pair(self, slot: int) -> tuple[int, int]:
        """Craft of a pair.

        Parameters
        ----------
        slot : int
            Pair slot.

        Returns
        -------
        tuple of int
            Craft keys, the smaller first.
        """
        key = int(self.pairs.crafts[slot])
        return int(self.crafts.crafts[key >> 32]), int(self.crafts.crafts[key & 0xFFFFFFFF])

    def forget(self) -> None:
        """Drop pairs without a run once they are the greater part."""
        active = np.flatnonzero(self.states[: self.pairs.count, meetings.COUNT] > 0)
        if self.pairs.count <= 2 * len(active) + _SPARE_PAIRS:
            return
        self.pairs = CraftIndex.load(self.pairs.crafts[active])
        self.states, self.histograms = self.states[active], self.histograms[active]


Thresholds: TypeAlias = Params


class EncounterDetector:
    """Follows every pair in contact."""

    kind = "encounter"
    scope = "pair"
    Params = Params

    def initial(self) -> State:
        """Make the state before the first contact.

        Returns
        -------
        State
            No pair.
        """
        return State()

    def step(
        self, state: State, contacts: Contacts, until_ms: int, params: Thresholds, anchorages: Anchorages
    ) -> list[Fact]:
        """Take the next contacts and end the runs that are over at the watermark.

        Parameters
        ----------
        state : State
            Changed in place.
        contacts : Contacts
            Sorted by (t, craft_a, craft_b), shape (n,).
        until_ms : int
            Watermark, Unix milliseconds UTC.
        params : Thresholds
            Thresholds.
        anchorages : Anchorages
            Where meetings are ordinary, and what names the places.

        Returns
        -------
        list of Fact
            Sorted by (as_of, crafts, kind, anchor time, anchor digest).
        """
        if params.exclude_near_port and len(contacts) and len(anchorages.port):
            point, _ = nearest_points(
                contacts.lat_e7,
                contacts.lon_e7,
                anchorages.lat_deg,
                anchorages.lon_deg,
                params.port_distance_m,
            )
            contacts = contacts.take(point == NONE)
        rules = params.rules()
        found: list[list[int]] = []
        if len(contacts):
            pair = state.slots_of(contacts)
            where = (contacts.lat_e7, contacts.lon_e7, contacts.distance_m)
            speeds = (contacts.speed_a_dkn, contacts.speed_b_dkn)
            found += meetings.follow_meetings(
                pair, contacts.t_ms, where, speeds, state.states, state.histograms, rules
            ).tolist()
        count = state.pairs.count
        found += meetings.due_meetings(state.states[:count], state.histograms, rules, until_ms).tolist()
        facts = sorted((_fact(state, event, anchorages) for event in found), key=fact_order)
        state.forget()
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
        count = state.pairs.count
        return {
            "crafts": state.crafts.dump(),
            "pairs": state.pairs.dump(),
            "states": state.states[:count].copy(),
            "histograms": state.histograms[:count].copy(),
        }

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
        state.crafts = CraftIndex.load(snapshot["crafts"])
        state.pairs = CraftIndex.load(snapshot["pairs"])
        state.states = np.array(snapshot["states"], np.int64).reshape(-1, meetings.STATE_COLUMNS)
        state.histograms = np.array(snapshot["histograms"], np.uint32).reshape(-1, meetings.SPEED_BINS)
        return state


def _fix(crafts: tuple[int, int], t_ms: int, lat_e7: int, lon_e7: int) -> Fix:
    """Write a contact as evidence: the midpoint, and a digest of who and when, for there is no one row."""
    digest = text_digest(f"{format_craft(crafts[0])}|{format_craft(crafts[1])}|{t_ms}")
    return Fix(t_ms, lat_e7, lon_e7, NULL_U16, NULL_U16, digest, "")


def _fact(state: State, event: list[int], anchorages: Anchorages) -> Fact:
    crafts = state.pair(event[meetings.PAIR])
    run = event[meetings.EVENT_HEAD :]
    start = _fix(crafts, run[meetings.FIRST_MS], run[meetings.FIRST_LAT], run[meetings.FIRST_LON])
    ended = event[meetings.CODE] != meetings.OPEN_EVENT
    end = (
        _fix(crafts, run[meetings.LAST_MS], run[meetings.LAST_LAT], run[meetings.LAST_LON]) if ended else None
    )
    slots, median_dkn = run[meetings.COUNT], event[meetings.MEDIAN_DKN]
    lat_e7 = run[meetings.FIRST_LAT] + round(run[meetings.SUM_LAT] / slots)
    lon_e7 = run[meetings.FIRST_LON] + round(run[meetings.SUM_LON] / slots)
    lon_e7 = (lon_e7 + meetings.HALF_TURN_E7) % meetings.FULL_TURN_E7 - meetings.HALF_TURN_E7
    port, distance_nm = _nearest(lat_e7, lon_e7, anchorages)
    detail = {
        "slots": slots,
        "contact_h": slots * CONTACT_SLOT_MS / MS_PER_H,
        "median_speed_kn": None if median_dkn == NULL_U16 else median_dkn / 10,
        "min_distance_m": run[meetings.MIN_DISTANCE_M],
        "mean_lat_deg": lat_e7 / E7_PER_DEG,
        "mean_lon_deg": lon_e7 / E7_PER_DEG,
        "nearest_port": port,
        "port_distance_nm": distance_nm,
    }
    return Fact(
        kind="encounter",
        crafts=crafts,
        as_of_ms=event[meetings.AS_OF_MS],
        status=_STATUS[event[meetings.CODE]],
        anchor_t_ms=start.t_ms,
        anchor_digest=start.digest,
        start=start,
        end=end,
        start_ms=start.t_ms,
        end_ms=end.t_ms if end else None,
        detail=canonical_json(detail),
    )


def _nearest(lat_e7: int, lon_e7: int, anchorages: Anchorages) -> tuple[str | None, float | None]:
    point, distance_m = nearest_points(
        np.array([lat_e7], np.int32),
        np.array([lon_e7], np.int32),
        anchorages.lat_deg,
        anchorages.lon_deg,
        _NAMED_WITHIN_NM * M_PER_NM,
    )
    if point[0] == NONE:
        return None, None
    return anchorages.ports[anchorages.port[point[0]]].port_id, float(distance_m[0]) / M_PER_NM


DETECTOR = EncounterDetector()
