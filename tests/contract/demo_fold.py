"""Small folds that use every part of the loop, to test the loop itself."""

from dataclasses import dataclass, field, replace

import numpy as np

from lacuna_core.canonical import canonical_json
from lacuna_core.event import Alert, Event, Term, event_from_fact
from lacuna_core.fact import CONTACT_DELAY_MS, Fact, Heard
from lacuna_core.flow import CONTACTS_IN, FACTS_IN, POSITIONS_IN, RECEPTION_IN, Input
from lacuna_core.fold import Outputs, Rows, Snapshot
from lacuna_core.position import Activate
from lacuna_core.topics import ALERTS_MARITIME, EVENTS, FACTS, RECEPTION, Topic
from lacuna_core.units import MS_PER_MIN, I64Array

SILENCE_MS = 10 * MS_PER_MIN


@dataclass
class DemoState:
    """Craft to (rows, last time); silences already told; the model in force."""

    craft: dict[int, list[int]] = field(default_factory=dict)
    model: str = ""


class DemoFold:
    """Counts the positions of each craft, tells each silence of ten minutes when it is due, and who heard."""

    name = "facts"
    version = 3
    inputs: tuple[Input, ...] = (POSITIONS_IN,)
    outputs: tuple[Topic, ...] = (FACTS, RECEPTION)
    whole = False

    def initial(self, partition: int) -> DemoState:
        return DemoState()

    def step(
        self, state: DemoState, rows: Rows, until_ms: int, activations: tuple[Activate, ...]
    ) -> tuple[DemoState, Outputs]:
        for activate in activations:
            state.model = activate.digest
        facts: list[Fact] = []
        sea = rows.sea
        for i in range(len(sea)):
            craft, t_ms, digest = int(sea.craft[i]), int(sea.t_ms[i]), int(rows.sea_digest[i])
            seen = state.craft.setdefault(craft, [0, t_ms, 0])
            self._silence(facts, craft, seen, t_ms - 1)
            seen[0], seen[1], seen[2] = seen[0] + 1, t_ms, 0
            if seen[0] % 3 == 0:
                detail = canonical_json({"rows": seen[0], "receiver": str(sea.text("receiver")[i])})
                facts.append(self._fact("third", craft, t_ms, digest, detail, state.model))
        for craft, seen in state.craft.items():
            self._silence(facts, craft, seen, until_ms)
        heard = Heard.build(
            {"t_ms": sea.t_ms, "craft": sea.craft, "lat_e7": sea.lat_e7, "lon_e7": sea.lon_e7,
             "receiver": sea.text("receiver")}
        )  # fmt: skip
        return state, Outputs(facts=tuple(facts), heard=heard)

    def _silence(self, facts: list[Fact], craft: int, seen: list[int], until_ms: int) -> None:
        due_ms = seen[1] + SILENCE_MS
        if due_ms <= until_ms and not seen[2]:
            seen[2] = 1
            facts.append(self._fact("silence", craft, due_ms, seen[0], "{}", ""))

    def _fact(self, kind: str, craft: int, t_ms: int, digest: int, detail: str, model: str) -> Fact:
        return Fact(kind, (craft,), t_ms, model or "open", t_ms, digest, t_ms, None, None, None, detail)

    def dump(self, state: DemoState) -> Snapshot:
        table = [[c, *seen] for c, seen in state.craft.items()]
        return {
            "craft": np.array(table, dtype=np.uint64).reshape(-1, 4),
            "model": np.frombuffer(state.model.encode(), dtype=np.uint8),
        }

    def load(self, snapshot: Snapshot) -> DemoState:
        craft = {int(c): [int(n), int(t), int(told)] for c, n, t, told in snapshot["craft"]}
        return DemoState(craft, snapshot["model"].tobytes().decode())


class ForgetfulFold(DemoFold):
    """Wrong on purpose: a restart loses the model and the counts."""

    def dump(self, state: DemoState) -> Snapshot:
        return super().dump(DemoState())


class CallCountingFold(DemoFold):
    """Wrong on purpose: what it says depends on how calls are cut."""

    def step(
        self, state: DemoState, rows: Rows, until_ms: int, activations: tuple[Activate, ...]
    ) -> tuple[DemoState, Outputs]:
        return state, Outputs(facts=(self._fact("call", 1, until_ms, len(rows.sea), "{}", ""),))


class TallyFold:
    """One task over three inputs: an event and an alert for each fact, with what was known by then."""

    name = "assess"
    version = 1
    inputs: tuple[Input, ...] = (FACTS_IN, RECEPTION_IN, CONTACTS_IN)
    outputs: tuple[Topic, ...] = (EVENTS, ALERTS_MARITIME)
    whole = True

    def initial(self, partition: int) -> list[int]:
        return [0, 0]

    def step(
        self, state: list[int], rows: Rows, until_ms: int, activations: tuple[Activate, ...]
    ) -> tuple[list[int], Outputs]:
        known_ms = rows.contacts.t_ms + CONTACT_DELAY_MS
        events = tuple(self._event(state, rows, known_ms, fact) for fact in rows.facts)
        alerts = tuple(
            Alert("alerts.maritime", e.event_id, 0, 1, e.kind, e.as_of_ms, canonical_json({"id": e.event_id}))
            for e in events
        )
        state = [state[0] + len(rows.heard), state[1] + len(rows.contacts)]
        return state, Outputs(events=events, alerts=alerts)

    def _event(self, state: list[int], rows: Rows, known_ms: I64Array, fact: Fact) -> Event:
        heard = state[0] + int(np.searchsorted(rows.heard.t_ms, fact.as_of_ms, side="right"))
        met = state[1] + int(np.searchsorted(known_ms, fact.as_of_ms, side="right"))
        terms = (Term("contacts", float(met), "1"), Term("heard", float(heard), "1"))
        said = event_from_fact(fact, kind="tally", model_version="tally/1", terms=terms)
        return replace(said, revision=1)

    def dump(self, state: list[int]) -> Snapshot:
        return {"counts": np.array(state, dtype=np.int64)}

    def load(self, snapshot: Snapshot) -> list[int]:
        return [int(n) for n in snapshot["counts"]]
