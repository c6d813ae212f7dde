"""The assess fold: gives maritime events their ids, verdicts, terms and revisions.

Facts come in canonical order, those of pairs (from contacts) among them. Each is judged with what is
known at its ``as_of``: heard and health rows up to then, never later ones, although one call may hold
them already. Each becomes an event of its own kind; then the detectors of scope ``assess`` hear it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lacuna_core.canonical import canonical_json
from lacuna_core.digest import config_hash8
from lacuna_core.event import OPEN, Event
from lacuna_core.fact import Fact
from lacuna_core.flow import CONTACTS_IN, FACTS_IN, RECEPTION_IN, Input
from lacuna_core.fold import Outputs, Rows, Snapshot
from lacuna_core.place import Basin
from lacuna_core.position import RECEIVER_SEPARATOR, Activate, SourceHealth
from lacuna_core.revisions import RevisionState, number
from lacuna_core.topics import EVENTS, Topic
from lacuna_core.units import MS_PER_DAY, TimeMs
from lacuna_detection.anchorages import anchorages_of
from lacuna_detection.assess_detector import Said, World
from lacuna_detection.catalog import detectors
from lacuna_detection.detector import ASSESS, CRAFT, PAIR, fact_order
from lacuna_detection.diary import Diary
from lacuna_detection.params import overridden
from lacuna_detection.passing import pass_on
from lacuna_detection.receivers import ReceiverLog, ReceiverParams
from lacuna_detection.text_table import read_json, write_json
from lacuna_detection.void import Judgement, Silenced, VoidParams, judge
from lacuna_detection.witnesses import Coverage, HeardLog, place_of

GAP = "gap"
_FACT_KINDS_VERSION = 1


@dataclass(slots=True)
class AssessState:
    """Everything the fold remembers.

    Attributes
    ----------
    heard : HeardLog
        Who was heard where.
    receivers : ReceiverLog
        Which receivers were down when.
    diary : Diary
        What was said.
    coverage : dict
        Coverage of the place of each open gap, as known when it began.
    revisions : dict
        Last revision of events that may still change.
    parts : dict of str to Any
        States of the pair and assess detectors by kind.
    tidied_day : int
        Day of data time on which the diary was last tidied; nothing said depends on it.
    """

    heard: HeardLog = field(default_factory=HeardLog)
    receivers: ReceiverLog = field(default_factory=ReceiverLog)
    diary: Diary = field(default_factory=Diary)
    coverage: dict[tuple[int, int, int], Coverage] = field(default_factory=dict)
    revisions: RevisionState = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)
    tidied_day: int = 0


class AssessFold:
    """Logic of the stage ``assess``; one task over all partitions.

    Parameters
    ----------
    basins : tuple of Basin
        Basins watched; none is fine.
    params : mapping or None
        Numbers to override: by kind of detector, ``void`` or ``receivers``, then by field.
    disabled : frozenset of str
        Kinds of pair and assess detectors to leave out.
    """

    name: str = "assess"
    version: int = 1
    inputs: tuple[Input, ...] = (FACTS_IN, CONTACTS_IN, RECEPTION_IN)
    outputs: tuple[Topic, ...] = (EVENTS,)
    whole: bool = True

    def __init__(
        self,
        basins: tuple[Basin, ...],
        params: Mapping[str, Mapping[str, Any]] | None = None,
        disabled: frozenset[str] = frozenset(),
    ) -> None:
        self._basins = basins
        self._anchorages = anchorages_of(basins)
        self._world = World(basins, Diary())
        self._pair, self._assess = (
            tuple(d for d in detectors(scope) if d.kind not in disabled) for scope in (PAIR, ASSESS)
        )
        every = (*detectors(CRAFT), *self._pair, *self._assess)
        self._params: dict[str, Any] = {d.kind: overridden(d.Params(), d.kind, params) for d in every}
        self._void = overridden(VoidParams(), "void", params)
        self._receivers = overridden(ReceiverParams(), "receivers", params)
        versions = {d.kind: d.version for d in self._assess}
        self._models = {
            kind: self._model_version(kind, versions.get(kind, _FACT_KINDS_VERSION)) for kind in self._params
        }

    def _model_version(self, kind: str, version: int) -> str:
        settings = {
            "basins": [[b.basin_id, b.version] for b in sorted(self._basins, key=lambda b: b.basin_id)],
            "params": self._params[kind],
            "receivers": self._receivers,
            "void": self._void,
        }
        return f"{kind}/{version}+{config_hash8(canonical_json(settings))}"

    def initial(self, partition: int) -> AssessState:
        """Make the state before the first row.

        Parameters
        ----------
        partition : int
            Task number, 0.

        Returns
        -------
        AssessState
            The empty state.
        """
        return AssessState(parts={d.kind: d.initial() for d in (*self._pair, *self._assess)})

    def step(
        self, state: AssessState, rows: Rows, until_ms: int, activations: tuple[Activate, ...]
    ) -> tuple[AssessState, Outputs]:
        """Judge the next facts.

        Parameters
        ----------
        state : AssessState
            Changed in place.
        rows : Rows
            Facts, contacts, heard and health rows up to the watermark.
        until_ms : int
            Watermark, Unix milliseconds UTC.
        activations : tuple of Activate
            None is used here yet.

        Returns
        -------
        state : AssessState
            The same.
        outputs : Outputs
            Numbered events.
        """
        state.heard.take(rows.heard, until_ms)
        facts = list(rows.facts)
        for detector in self._pair:
            params = self._params[detector.kind]
            facts += detector.step(
                state.parts[detector.kind], rows.contacts, until_ms, params, self._anchorages
            )
        world = self._world.reading(state.diary)
        health = _HealthFeed(rows.health, state.receivers)
        events: list[Event] = []
        for fact in sorted(facts, key=fact_order):
            health.upto(fact.as_of_ms)
            events += self._assess_one(state, fact, world)
        health.upto(until_ms)
        state.heard.forget(until_ms)
        if until_ms // MS_PER_DAY > state.tidied_day:
            state.tidied_day = until_ms // MS_PER_DAY
            state.diary.forget(until_ms)
        return state, Outputs(events=tuple(number(state.revisions, events)))

    def _assess_one(self, state: AssessState, fact: Fact, world: World) -> list[Event]:
        judgement = self._judge(state, fact) if fact.kind == GAP else None
        detail = json.loads(fact.detail)
        event = pass_on(fact, detail, judgement, world, self._models.get(fact.kind, f"{fact.kind}/1"))
        said = Said(fact, detail, event, judgement)
        state.diary.note(event)
        events = [event]
        for detector in self._assess:
            kind = detector.kind
            found = detector.step(state.parts[kind], said, world, self._params[kind], self._models[kind])
            for one in found:
                state.diary.note(one)
            events += found
        return events

    def _judge(self, state: AssessState, fact: Fact) -> Judgement | None:
        if fact.start is None:
            return None
        place = place_of(fact.start.lat_e7, fact.start.lon_e7)
        key = (fact.crafts[0], fact.anchor_t_ms, fact.anchor_digest)
        coverage = state.coverage.get(key)
        if coverage is None:
            coverage = state.heard.coverage(place, self._void.coverage_radius_nm, fact.start_ms)
        if fact.status == OPEN:
            state.coverage[key] = coverage
        else:
            state.coverage.pop(key, None)
        asked = Silenced(
            craft=fact.crafts[0],
            place=place,
            receivers=tuple(sorted(set(fact.start.receiver.split(RECEIVER_SEPARATOR)))),
            start_ms=fact.start_ms,
            as_of_ms=fact.as_of_ms if fact.end_ms is None else fact.end_ms,
        )
        return judge(asked, coverage, state.heard, state.receivers, self._void, self._receivers)

    def dump(self, state: AssessState) -> Snapshot:
        """Write the state as arrays.

        Parameters
        ----------
        state : AssessState
            Any state.

        Returns
        -------
        dict of str to numpy.ndarray
            Everything needed to go on.
        """
        snapshot: Snapshot = {
            **state.heard.dump(),
            **state.receivers.dump(),
            **state.diary.dump(),
            "coverage": write_json([[list(key), cover] for key, cover in state.coverage.items()]),
            "revisions": write_json([[i, n, digest] for i, (n, digest) in state.revisions.items()]),
        }
        for detector in (*self._pair, *self._assess):
            part = detector.dump(state.parts[detector.kind])
            snapshot |= {f"part.{detector.kind}.{name}": array for name, array in part.items()}
        return snapshot

    def load(self, snapshot: Snapshot) -> AssessState:
        """Read a state.

        Parameters
        ----------
        snapshot : dict of str to numpy.ndarray
            What ``dump`` wrote.

        Returns
        -------
        AssessState
            The state.
        """
        state = AssessState()
        for log in (state.heard, state.receivers, state.diary):
            log.load(snapshot)
        for key, cover in read_json(snapshot["coverage"]):
            craft, anchor_ms, digest = (int(value) for value in key)
            state.coverage[craft, anchor_ms, digest] = tuple((tuple(names), count) for names, count in cover)
        state.revisions = {i: (n, digest) for i, n, digest in read_json(snapshot["revisions"])}
        for detector in (*self._pair, *self._assess):
            prefix = f"part.{detector.kind}."
            part = {k.removeprefix(prefix): v for k, v in snapshot.items() if k.startswith(prefix)}
            state.parts[detector.kind] = detector.load(part)
        return state


class _HealthFeed:
    """Hands health rows over as time goes on, so that no fact is judged with later ones."""

    def __init__(self, health: SourceHealth, receivers: ReceiverLog) -> None:
        self._health = health
        self._receivers = receivers
        self._next = 0

    def upto(self, t_ms: TimeMs) -> None:
        end = int(self._health.t_ms.searchsorted(t_ms, side="right"))
        if end > self._next:
            self._receivers.take(self._health.take(slice(self._next, end)))
            self._next = end
