"""Where outputs go, and that they may not go back in time."""

from typing import Any

import numpy as np
import pytest

from lacuna_core.event import Alert, Event
from lacuna_core.fact import CONTACT_DELAY_MS, Contacts, Fact, Heard
from lacuna_core.flow import CONTACTS_IN, EVENTS_IN, FACTS_IN, RECEPTION_IN, Input
from lacuna_core.fold import Outputs
from lacuna_core.ids import partition_of
from lacuna_core.message import EventBatch, FactBatch
from lacuna_core.topics import ALERTS_MARITIME, CONTACTS, EVENTS, FACTS, RECEPTION
from lacuna_runtime.loop.route import MisplacedOutput, route, ticked_partitions
from tests.unit.runtime.sea import health


def fact(craft: int, as_of_ms: int) -> Fact:
    return Fact("gap", (craft, craft + 1), as_of_ms, "open", as_of_ms, 1, as_of_ms, None, None, None)


def event(crafts: tuple[int, ...], as_of_ms: int, event_id: str = "e") -> Event:
    return Event(event_id, "gap", crafts, 0, 1, "open", as_of_ms, 0, None, None, None, None, None)


def contacts(t_ms: int, craft: int) -> Contacts:
    columns: dict[str, Any] = {c.name: np.zeros(1, c.dtype) for c in Contacts.SCHEMA}
    columns |= {"t_ms": np.array([t_ms]), "craft_a": np.array([craft], np.uint64)}
    return Contacts(**columns)


def heard(t_ms: int) -> Heard:
    return Heard.build({"t_ms": [t_ms], "craft": [1], "lat_e7": [0], "lon_e7": [0], "receiver": "a"})


def test_everything_has_its_place_and_order() -> None:
    outputs = Outputs(
        facts=(fact(9, 20), fact(9, 10), fact(5, 20)),
        contacts=contacts(15 - CONTACT_DELAY_MS, 77),
        heard=heard(12),
        health=health(13, 5),
        events=(event((9,), 20), event((), 15), event((9,), 11)),
        alerts=(Alert("alerts.maritime", "e", 0, 1, "gap", 20, "{}"),),
    )
    found = list(route("x", outputs, 9, 20))
    by_topic = {topic: [(p, m) for t, p, m in found if t == topic] for topic, _, _ in found}
    for partition, batch in by_topic["facts"]:
        assert isinstance(batch, FactBatch)
        assert {partition_of(row.crafts[0]) for row in batch.rows} == {partition}
        assert [row.as_of_ms for row in batch.rows] == sorted(row.as_of_ms for row in batch.rows)
    assert sum(len(b.rows) for _, b in by_topic["events"] if isinstance(b, EventBatch)) == 3
    assert by_topic["contacts"][0][0] == partition_of(77)
    assert {type(m).__name__ for _, m in by_topic["reception"]} == {"Heard", "SourceHealth"}
    assert [p for p, m in by_topic["reception"] if type(m).__name__ == "SourceHealth"] == [0]
    assert len(by_topic["alerts.maritime"]) == 1


@pytest.mark.parametrize(
    "outputs",
    [
        Outputs(facts=(fact(1, 9),)), Outputs(facts=(fact(1, 21),)), Outputs(events=(event((1,), 9),)),
        Outputs(heard=heard(21)), Outputs(health=health(9, 1)),
        Outputs(contacts=contacts(9 - CONTACT_DELAY_MS, 1)), Outputs(contacts=contacts(10, 1)),
    ],
)  # fmt: skip
def test_a_time_outside_the_call_is_refused(outputs: Outputs) -> None:
    with pytest.raises(MisplacedOutput, match="stage assess"):
        list(route("assess", outputs, 9, 20))


@pytest.mark.parametrize("spec", [FACTS_IN, RECEPTION_IN, CONTACTS_IN, EVENTS_IN])
def test_ticks_reach_exactly_those_who_wait_for_them(spec: Input) -> None:
    """What ``flow`` says that a reader waits for is what the loop ticks."""
    for producer in spec.producers:
        whole = producer.tasks == 1
        ticked = {
            (partition, task)
            for task in range(producer.tasks)
            for topic, partition in ticked_partitions([spec.topic], task, whole=whole)
            if topic == spec.topic.name
        }
        awaited = {(p, task) for p in range(spec.topic.partitions) for _, task in producer.origins(p)}
        assert ticked == awaited


def test_alerts_are_not_ticked() -> None:
    found = ticked_partitions([FACTS, RECEPTION, CONTACTS, EVENTS, ALERTS_MARITIME], 3, whole=False)
    assert {topic for topic, _ in found} == {"facts", "reception", "contacts", "events"}
    assert [(t, p) for t, p in found if t == "facts"] == [("facts", 3)]
