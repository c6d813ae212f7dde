"""The facts fold: silences, visits, loitering of each craft, and who was heard in which half hour.

One task a partition. It numbers craft, links each position to the one before, finds the nearest anchorage,
and hands the rows to every ``craft`` detector of the catalog; kernels walk the rows, Python is spent on
facts only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lacuna_core.fact import Fact, Heard
from lacuna_core.flow import POSITIONS_IN, Input
from lacuna_core.fold import Outputs, Rows, Snapshot
from lacuna_core.place import Basin
from lacuna_core.position import Activate, PositionBatch
from lacuna_core.topics import FACTS, RECEPTION, Topic
from lacuna_core.units import MS_PER_MIN, NULL_TIME_MS, BoolArray, I64Array
from lacuna_detection.anchorages import anchorages_of
from lacuna_detection.catalog import detectors
from lacuna_detection.craft_index import CraftIndex, grown
from lacuna_detection.detector import CRAFT, CraftDetector, fact_order
from lacuna_detection.fixes import FixColumns
from lacuna_detection.identity import IdentityColumns
from lacuna_detection.params import TrackParams, overridden
from lacuna_detection.track_rows import TrackRows
from lacuna_kernels.nearest import inside_with_hysteresis, nearest_points
from lacuna_kernels.slots import first_in_slot
from lacuna_kernels.tracks import FROM_STATE, link, speeds_dkn


@dataclass(slots=True, eq=False)
class FactsState:
    """State of one partition.

    Attributes
    ----------
    partition : int
        Which one.
    index : CraftIndex
        Slots of craft.
    last : FixColumns
        Last fix by slot.
    identity : IdentityColumns
        What craft last said of themselves.
    inside : numpy.ndarray
        Whether in port by slot, bool.
    heard_slot : numpy.ndarray
        Number of the last half hour heard by slot, int64.
    detectors : dict of str to Any
        States of the detectors by kind.
    """

    partition: int
    index: CraftIndex
    last: FixColumns
    identity: IdentityColumns
    inside: BoolArray
    heard_slot: I64Array
    detectors: dict[str, Any]


class FactsFold:
    """The fold of craft-scope detectors.

    Parameters
    ----------
    basins : tuple of Basin
        Where the ports are.
    params : mapping or None
        Overrides of numbers: by detector kind or ``track``, then by field.
    disabled : frozenset of str
        Kinds to leave out.
    """

    name = "facts"
    version = 1
    inputs: tuple[Input, ...] = (POSITIONS_IN.only("sea", "sea_identity", "health"),)
    outputs: tuple[Topic, ...] = (FACTS, RECEPTION)
    whole = False

    def __init__(
        self,
        basins: tuple[Basin, ...],
        params: Mapping[str, Mapping[str, Any]] | None = None,
        disabled: frozenset[str] = frozenset(),
    ) -> None:
        self._anchorages = anchorages_of(basins)
        self._track = overridden(TrackParams(), "track", params)
        found: tuple[CraftDetector, ...] = tuple(d for d in detectors(CRAFT) if d.kind not in disabled)
        self._detectors = tuple((d, overridden(d.Params(), d.kind, params)) for d in found)

    def initial(self, partition: int) -> FactsState:
        """Make the state before the first row.

        Parameters
        ----------
        partition : int
            Partition; the first one passes source health on.

        Returns
        -------
        FactsState
            The empty state.
        """
        return FactsState(
            partition=partition,
            index=CraftIndex(),
            last=FixColumns(),
            identity=IdentityColumns(),
            inside=np.empty(0, np.bool_),
            heard_slot=np.empty(0, np.int64),
            detectors={d.kind: d.initial() for d, _ in self._detectors},
        )

    def step(
        self, state: FactsState, rows: Rows, until_ms: int, activations: tuple[Activate, ...]
    ) -> tuple[FactsState, Outputs]:
        """Take the next rows and all timers due up to the watermark.

        Parameters
        ----------
        state : FactsState
            Changed in place.
        rows : Rows
            Sea positions, sea identities and source health count; the rest is ignored.
        until_ms : int
            Watermark, Unix milliseconds UTC.
        activations : tuple of Activate
            None concerns this fold.

        Returns
        -------
        state : FactsState
            The new state.
        outputs : Outputs
            Facts, craft heard, and source health from partition 0.
        """
        tracks = self._track_rows(state, rows)
        facts: list[Fact] = []
        for detector, params in self._detectors:
            facts.extend(detector.step(state.detectors[detector.kind], tracks, until_ms, params))
        facts.sort(key=fact_order)
        heard = self._heard(state, tracks)
        _commit(state, tracks)
        health = rows.health if state.partition == 0 and len(rows.health) else None
        return state, Outputs(facts=tuple(facts), heard=heard if len(heard) else None, health=health)

    def _track_rows(self, state: FactsState, rows: Rows) -> TrackRows:
        batch = rows.sea
        slot = state.index.slots_of(batch.craft)
        identity_slot = state.index.slots_of(rows.sea_identity.craft)
        count = state.index.count
        state.last.grow(count)
        state.inside = grown(state.inside, count, False)
        state.heard_slot = grown(state.heard_slot, count, NULL_TIME_MS)
        state.identity.begin(identity_slot, rows.sea_identity, count)
        last_row = np.full(count, FROM_STATE, np.int64)
        known = state.last.columns
        previous, dt_ms, step_nm = link(
            slot,
            batch.t_ms,
            batch.lat_e7,
            batch.lon_e7,
            (known["t_ms"], known["lat_e7"], known["lon_e7"]),
            last_row,
        )
        points = self._anchorages
        exit_m, entry_m = self._track.port_exit_m, self._track.port_entry_m
        point, port_m = nearest_points(batch.lat_e7, batch.lon_e7, points.lat_deg, points.lon_deg, exit_m)
        return TrackRows(
            batch=batch,
            digest=rows.sea_digest,
            slot=slot,
            previous=previous,
            dt_ms=dt_ms,
            step_nm=step_nm,
            speed_dkn=speeds_dkn(batch.speed_dkn, dt_ms, step_nm),
            port=points.port[point] if len(points.port) else point,
            in_port=inside_with_hysteresis(slot, port_m, state.inside, entry_m, exit_m),
            crafts=state.index.crafts,
            count=count,
            last=state.last,
            last_row=last_row,
            identity=state.identity,
            anchorages=points,
        )

    def _heard(self, state: FactsState, tracks: TrackRows) -> Heard:
        width_ms = round(self._track.heard_slot_min * MS_PER_MIN)
        batch: PositionBatch = tracks.batch
        first = first_in_slot(tracks.slot, batch.t_ms, state.heard_slot, width_ms)
        return Heard(
            t_ms=batch.t_ms[first],
            craft=batch.craft[first],
            lat_e7=batch.lat_e7[first],
            lon_e7=batch.lon_e7[first],
            receiver=batch.receiver[first],
            strings=batch.strings,
        ).compact()

    def dump(self, state: FactsState) -> Snapshot:
        """Write the state as arrays.

        Parameters
        ----------
        state : FactsState
            Any state.

        Returns
        -------
        dict of str to numpy.ndarray
            Columns by name; those of a detector start with its kind and a dot.
        """
        count = state.index.count
        snapshot: Snapshot = {
            "partition": np.array([state.partition], np.int64),
            "crafts": state.index.dump(),
            "inside": state.inside[:count].copy(),
            "heard_slot": state.heard_slot[:count].copy(),
        }
        snapshot |= state.last.dump("last.", count) | state.identity.dump(count)
        for detector, _ in self._detectors:
            columns = detector.dump(state.detectors[detector.kind])
            snapshot |= {f"{detector.kind}.{name}": array for name, array in columns.items()}
        return snapshot

    def load(self, snapshot: Snapshot) -> FactsState:
        """Read a state.

        Parameters
        ----------
        snapshot : dict of str to numpy.ndarray
            What ``dump`` wrote.

        Returns
        -------
        FactsState
            The state.
        """
        states = {}
        for detector, _ in self._detectors:
            prefix = f"{detector.kind}."
            own = {n.removeprefix(prefix): a for n, a in snapshot.items() if n.startswith(prefix)}
            states[detector.kind] = detector.load(own) if own else detector.initial()
        return FactsState(
            partition=int(snapshot["partition"][0]),
            index=CraftIndex.load(snapshot["crafts"]),
            last=FixColumns.load("last.", snapshot),
            identity=IdentityColumns.load(snapshot),
            inside=np.array(snapshot["inside"], np.bool_),
            heard_slot=np.array(snapshot["heard_slot"], np.int64),
            detectors=states,
        )


def _commit(state: FactsState, tracks: TrackRows) -> None:
    """Take the last rows and the identities of the call into the state."""
    slots = np.flatnonzero(tracks.last_row >= 0)
    state.last.keep(slots, tracks.batch, tracks.digest, tracks.last_row[slots])
    state.identity.commit()
