"""The fold ``legs``: positions of aircraft in, the events ``leg`` and ``trip`` out.

One state row an airframe goes through the splitter kernel; what it says (a few records a leg) is placed,
strung into itineraries and told. Timers: a leg still open ends ten hours after its last row; an arrival that
no departure supports stands after eight and a half days. Both are found lazily but dated by their due time,
so nothing depends on where calls are cut.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from lacuna_core.canonical import canonical_json
from lacuna_core.digest import config_hash8
from lacuna_core.event import Event
from lacuna_core.flow import POSITIONS_IN, Input
from lacuna_core.fold import Outputs, Rows, Snapshot
from lacuna_core.place import Airport
from lacuna_core.position import Activate
from lacuna_core.revisions import RevisionState, number
from lacuna_core.topics import EVENTS, Topic
from lacuna_core.units import I64Array
from lacuna_flight_correlation.airport_posterior import AirportModel
from lacuna_flight_correlation.fleet import Fleet, leg_rows, name_rows
from lacuna_flight_correlation.itinerary import arrive, bracket
from lacuna_flight_correlation.leg_events import leg_event, trip_event
from lacuna_flight_correlation.leg_place import AirportParams, Place
from lacuna_flight_correlation.leg_record import Leg, read_record
from lacuna_flight_correlation.trip_record import Arrival, TripParams, due_ms, dump_arrival, load_arrival
from lacuna_flight_correlation.watchlist import Watched, read_watchlist
from lacuna_kernels import leg_state as col
from lacuna_kernels.fields import build_field_grid
from lacuna_kernels.leg_state import LegLimits
from lacuna_kernels.legs import overdue_legs, split_legs

_NEVER_MS = 2**62


@dataclass(frozen=True, slots=True)
class LegsParams:
    """Everything that may be set.

    Attributes
    ----------
    limits : LegLimits
        When a leg ends.
    airport : AirportParams
        Which airfield an end belongs to.
    trip : TripParams
        What a trip is.
    """

    limits: LegLimits = field(default_factory=LegLimits)
    airport: AirportParams = field(default_factory=AirportParams)
    trip: TripParams = field(default_factory=TripParams)


@dataclass(slots=True)
class LegsState:
    """State of one partition.

    Attributes
    ----------
    fleet : Fleet
        Airframes and their open legs.
    arrivals : dict of int to Arrival
        Last closed leg by craft.
    revisions : dict
        Numbers of events that may still change.
    watchlist : str
        Body of the list in force.
    next_due_ms : int
        Not later than the first timer of an arrival.
    """

    fleet: Fleet
    arrivals: dict[int, Arrival] = field(default_factory=dict)
    revisions: RevisionState = field(default_factory=dict)
    watchlist: str = ""
    next_due_ms: int = _NEVER_MS


class LegsFold:
    """Legs and trips of aircraft.

    Parameters
    ----------
    airports : sequence of Airport
        All airfields.
    groups : mapping of str to sequence of str
        ICAO codes by group name; holds every destination of ``params.trip``.
    params : LegsParams
        Settings.
    """

    name = "legs"
    version = 1
    inputs: tuple[Input, ...] = (POSITIONS_IN.only("air", "air_identity"),)
    outputs: tuple[Topic, ...] = (EVENTS,)
    whole = False

    def __init__(
        self,
        airports: Sequence[Airport],
        groups: Mapping[str, Sequence[str]],
        params: LegsParams | None = None,
    ) -> None:
        self.params = params or LegsParams()
        self.model = AirportModel(airports, groups, self.params.airport)
        self._fields = build_field_grid(self.model.lat_deg, self.model.lon_deg, self.model.elevation_ft)
        settings = {
            "limits": self.params.limits._asdict(),
            "airport": asdict(self.params.airport),
            "trip": asdict(self.params.trip),
            "groups": {name: sorted(codes) for name, codes in groups.items()},
        }
        digest = config_hash8(canonical_json(settings))
        self._leg_version, self._trip_version = f"leg/1+{digest}", f"trip/1+{digest}"
        missing = [name for name in self.params.trip.destinations if name not in self.model.groups]
        if missing:
            raise ValueError(f"destinations {missing} are no group of airports; groups: {sorted(groups)}")

    def initial(self, partition: int) -> LegsState:
        """Make the state before the first row.

        Parameters
        ----------
        partition : int
            Task number; airframes need no other.

        Returns
        -------
        LegsState
            Empty.
        """
        return LegsState(Fleet.empty())

    def step(
        self, state: LegsState, rows: Rows, until_ms: int, activations: tuple[Activate, ...]
    ) -> tuple[LegsState, Outputs]:
        """Take the next rows and all timers due up to the watermark.

        Parameters
        ----------
        state : LegsState
            Changed in place.
        rows : Rows
            Positions and identities of aircraft; others are ignored.
        until_ms : int
            Watermark.
        activations : tuple of Activate
            Those of kind ``watchlist`` count.

        Returns
        -------
        state : LegsState
            The same.
        outputs : Outputs
            Events ``leg`` and ``trip``.
        """
        for activation in activations:
            if activation.kind == "watchlist":
                read_watchlist(activation.body)  # a broken list stops here, by name
                state.watchlist = activation.body
        watched = read_watchlist(state.watchlist)
        events: list[Event] = []
        for leg in self._legs(state, rows, until_ms):
            events.extend(self._tell(state, leg, watched))
        events.extend(self._stand(state, until_ms, watched))
        events.sort(key=lambda e: (e.as_of_ms, e.event_id))
        return state, Outputs(events=tuple(number(state.revisions, events)))

    def _legs(self, state: LegsState, rows: Rows, until_ms: int) -> Iterator[Leg]:
        fleet, limits = state.fleet, self.params.limits
        fleet.enroll(np.concatenate([rows.air.craft, rows.air_identity.craft]))
        positions = leg_rows(fleet, rows.air, rows.air_digest)
        names = name_rows(fleet, rows.air_identity)
        said = split_legs(fleet.columns, positions, names, self._fields, limits)
        late = overdue_legs(fleet.columns, until_ms, limits)
        records: I64Array = np.concatenate([said, late])
        crafts = fleet.crafts[records[:, col.SLOT]]
        order = np.lexsort((np.arange(len(records)), crafts, records[:, col.AS_OF]))
        for k in order.tolist():
            yield read_record(records[k], int(crafts[k]))

    def _tell(self, state: LegsState, leg: Leg, watched: tuple[Watched, ...]) -> Iterator[Event]:
        entry = next((w for w in watched if w.holds(leg.craft, leg.last.t_ms)), None)
        departure = self.model.place(leg.first, arriving=False)
        if not leg.closed:
            yield leg_event(leg, departure, Place(), entry, self._leg_version)
            return
        arrival = self.model.place(leg.last, arriving=True)
        yield leg_event(leg, departure, arrival, entry, self._leg_version)
        before = state.arrivals.get(leg.craft)
        if before is not None and before.pending:
            if due_ms(before, self.params.trip) < leg.as_of_ms:
                before = replace(before, pending=False, as_of_ms=due_ms(before, self.params.trip))
            else:
                before = bracket(self.model, self.params.trip, before, departure, leg)
            yield from self._trip(before, watched)
        now = arrive(self.model, self.params.trip, before, departure, arrival, leg)
        trip = list(self._trip(now, watched))
        state.arrivals[leg.craft] = replace(now, told=bool(trip))
        if now.pending:
            state.next_due_ms = min(state.next_due_ms, due_ms(now, self.params.trip))
        yield from trip

    def _trip(self, arrival: Arrival, watched: tuple[Watched, ...]) -> Iterator[Event]:
        entry = next((w for w in watched if w.holds(arrival.craft, arrival.last[0])), None)
        event = trip_event(arrival, entry, self.params.trip, self._trip_version)
        if event is not None:
            yield event

    def _stand(self, state: LegsState, until_ms: int, watched: tuple[Watched, ...]) -> Iterator[Event]:
        """Let arrivals stand that no departure followed in time."""
        if state.next_due_ms > until_ms:
            return
        state.next_due_ms = _NEVER_MS
        for craft, arrival in sorted(state.arrivals.items()):
            due = due_ms(arrival, self.params.trip)
            if arrival.pending and due <= until_ms:
                final = replace(arrival, pending=False, as_of_ms=due)
                state.arrivals[craft] = final
                yield from self._trip(final, watched)
            elif arrival.pending:
                state.next_due_ms = min(state.next_due_ms, due)

    def dump(self, state: LegsState) -> Snapshot:
        """Write the state as arrays.

        Parameters
        ----------
        state : LegsState
            Any state.

        Returns
        -------
        dict of str to numpy.ndarray
            Columns, and the rest as JSON bytes.
        """
        memory = {
            "arrivals": [dump_arrival(a) for _, a in sorted(state.arrivals.items())],
            "revisions": [[key, *value] for key, value in sorted(state.revisions.items())],
            "watchlist": state.watchlist,
            "next_due_ms": state.next_due_ms,
        }
        return {
            "crafts": state.fleet.crafts,
            "columns": state.fleet.columns,
            "memory": np.frombuffer(canonical_json(memory).encode(), np.uint8),
        }

    def load(self, snapshot: Snapshot) -> LegsState:
        """Read a state.

        Parameters
        ----------
        snapshot : dict of str to numpy.ndarray
            What ``dump`` wrote.

        Returns
        -------
        LegsState
            The state.
        """
        memory = json.loads(snapshot["memory"].tobytes())
        arrivals = [load_arrival(fields) for fields in memory["arrivals"]]
        return LegsState(
            Fleet(snapshot["crafts"].astype(np.uint64), snapshot["columns"].astype(np.int64)),
            {a.craft: a for a in arrivals},
            {key: (last, digest) for key, last, digest in memory["revisions"]},
            memory["watchlist"],
            memory["next_due_ms"],
        )
