"""The contacts fold: which craft were within 500 m of each other in each 10-minute slot.

One task over all partitions. Tracks are put on a 10-minute grid by interpolation between fixes less than an
hour apart; a grid time is judged one hour later, when no fix that could still touch it is outstanding.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lacuna_core.fact import CONTACT_DELAY_MS, CONTACT_SLOT_MS, Contacts
from lacuna_core.flow import POSITIONS_IN, Input
from lacuna_core.fold import Outputs, Rows, Snapshot
from lacuna_core.position import Activate
from lacuna_core.topics import CONTACTS, Topic
from lacuna_core.units import NULL_TIME_MS, F64Array, I32Array, I64Array
from lacuna_detection.craft_index import CraftIndex, grown
from lacuna_detection.params import ContactParams, overridden
from lacuna_kernels.proximity import MAX_SLOTS, find_pairs
from lacuna_kernels.slots import between_points, resample


@dataclass(slots=True, eq=False)
class ContactsState:
    """State of the fold.

    Attributes
    ----------
    index : CraftIndex
        Slots of craft.
    last_ms : numpy.ndarray
        Time of the last fix by craft slot, int64.
    last_fixes : numpy.ndarray
        Latitude, longitude (degrees times 1e7) and speed (0.1 kn) by craft slot, shape (m, 3), int32.
    pending_keys : list of numpy.ndarray
        Grid time and craft slot of points not yet judged, shape (k, 2), int64.
    pending_points : list of numpy.ndarray
        Their latitude, longitude and speed, shape (k, 3), int32.
    """

    index: CraftIndex
    last_ms: I64Array
    last_fixes: I32Array
    pending_keys: list[I64Array]
    pending_points: list[I32Array]


class ContactsFold:
    """The fold that finds pairs.

    Parameters
    ----------
    params : mapping or None
        Overrides of numbers under ``contacts``.
    """

    name = "contacts"
    version = 1
    inputs: tuple[Input, ...] = (POSITIONS_IN.only("sea"),)
    outputs: tuple[Topic, ...] = (CONTACTS,)
    whole = True

    def __init__(self, params: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self._params = overridden(ContactParams(), "contacts", params)

    def initial(self, partition: int) -> ContactsState:
        """Make the state before the first row.

        Parameters
        ----------
        partition : int
            Always 0.

        Returns
        -------
        ContactsState
            The empty state.
        """
        return ContactsState(CraftIndex(), np.empty(0, np.int64), np.empty((0, 3), np.int32), [], [])

    def step(
        self, state: ContactsState, rows: Rows, until_ms: int, activations: tuple[Activate, ...]
    ) -> tuple[ContactsState, Outputs]:
        """Take the next rows and judge the grid times that are complete at the watermark.

        Parameters
        ----------
        state : ContactsState
            Changed in place.
        rows : Rows
            Sea positions count; the rest is ignored.
        until_ms : int
            Watermark, Unix milliseconds UTC.
        activations : tuple of Activate
            None concerns this fold.

        Returns
        -------
        state : ContactsState
            The new state.
        outputs : Outputs
            Contacts sorted by (slot, craft_a, craft_b).
        """
        sea = rows.sea
        if len(sea):
            slot = state.index.slots_of(sea.craft)
            state.last_ms = grown(state.last_ms, state.index.count, NULL_TIME_MS)
            state.last_fixes = grown(state.last_fixes, state.index.count, 0)
            fixes = np.column_stack((sea.lat_e7, sea.lon_e7, sea.speed_dkn.astype(np.int32)))
            keys, points = resample(
                slot, sea.t_ms, fixes, state.last_ms, state.last_fixes, CONTACT_SLOT_MS, CONTACT_DELAY_MS
            )
            if len(keys):
                state.pending_keys.append(keys)
                state.pending_points.append(points)
        contacts = self._judge(state, until_ms - CONTACT_DELAY_MS)
        return state, Outputs(contacts=contacts if len(contacts) else None)

    def _judge(self, state: ContactsState, upto_ms: int) -> Contacts:
        """Find the pairs of all grid times up to a moment and forget their points."""
        if not any(int(keys[:, 0].min()) <= upto_ms for keys in state.pending_keys):
            return Contacts.empty()
        keys, points = np.concatenate(state.pending_keys), np.concatenate(state.pending_points)
        ready = keys[:, 0] <= upto_ms
        later_keys, later_points = keys[~ready], points[~ready]
        state.pending_keys = [later_keys] if len(later_keys) else []
        state.pending_points = [later_points] if len(later_keys) else []
        keys, points = keys[ready], points[ready]
        t_ms, rank = np.unique(keys[:, 0], return_inverse=True)
        found = []
        for first in range(0, len(t_ms), MAX_SLOTS):
            chosen = np.flatnonzero((rank >= first) & (rank < first + MAX_SLOTS))
            lat_e7 = np.ascontiguousarray(points[chosen, 0])
            lon_e7 = np.ascontiguousarray(points[chosen, 1])
            pairs, distance_m = find_pairs(rank[chosen] - first, lat_e7, lon_e7, self._params.radius_m)
            found.append(_contacts(state.index, keys[chosen], points[chosen], pairs, distance_m))
        return Contacts.concat(found)

    def dump(self, state: ContactsState) -> Snapshot:
        """Write the state as arrays.

        Parameters
        ----------
        state : ContactsState
            Any state.

        Returns
        -------
        dict of str to numpy.ndarray
            The columns.
        """
        count = state.index.count
        return {
            "crafts": state.index.dump(),
            "last_ms": state.last_ms[:count].copy(),
            "last_fixes": state.last_fixes[:count].copy(),
            "pending_keys": np.concatenate([np.empty((0, 2), np.int64), *state.pending_keys]),
            "pending_points": np.concatenate([np.empty((0, 3), np.int32), *state.pending_points]),
        }

    def load(self, snapshot: Snapshot) -> ContactsState:
        """Read a state.

        Parameters
        ----------
        snapshot : dict of str to numpy.ndarray
            What ``dump`` wrote.

        Returns
        -------
        ContactsState
            The state.
        """
        keys = np.array(snapshot["pending_keys"], np.int64).reshape(-1, 2)
        points = np.array(snapshot["pending_points"], np.int32).reshape(-1, 3)
        return ContactsState(
            index=CraftIndex.load(snapshot["crafts"]),
            last_ms=np.array(snapshot["last_ms"], np.int64),
            last_fixes=np.array(snapshot["last_fixes"], np.int32).reshape(-1, 3),
            pending_keys=[keys] if len(keys) else [],
            pending_points=[points] if len(keys) else [],
        )


def _contacts(
    index: CraftIndex,
    keys: I64Array,
    points: I32Array,
    pairs: I64Array,
    distance_m: F64Array,
) -> Contacts:
    """Write pairs as rows, the smaller craft first, in canonical order."""
    crafts = index.crafts[keys[:, 1]]
    swap = crafts[pairs[:, 0]] > crafts[pairs[:, 1]]
    a: npt.NDArray[np.int64] = np.where(swap, pairs[:, 1], pairs[:, 0])
    b: npt.NDArray[np.int64] = np.where(swap, pairs[:, 0], pairs[:, 1])
    order = np.lexsort((crafts[b], crafts[a], keys[a, 0]))
    a, b = a[order], b[order]
    lat_e7, lon_e7 = between_points(points[a], points[b])
    return Contacts(
        t_ms=keys[a, 0],
        craft_a=crafts[a],
        craft_b=crafts[b],
        distance_m=np.floor(distance_m[order] + 0.5).astype(np.uint16),
        lat_e7=lat_e7,
        lon_e7=lon_e7,
        speed_a_dkn=points[a, 2].astype(np.uint16),
        speed_b_dkn=points[b, 2].astype(np.uint16),
    )
