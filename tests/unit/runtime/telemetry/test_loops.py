"""Stages and sinks on a log tell about their work, and say the same whether they tell or not."""

from collections.abc import Iterator, Sequence

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from prometheus_client.parser import text_string_to_metric_families

from lacuna_core.clock import ManualClock
from lacuna_core.flow import FACTS_IN, Input
from lacuna_core.message import Message
from lacuna_core.ports import Bus, Outgoing, Record, TopicPartition
from lacuna_core.topics import DEADLETTERS, FACTS, LEDGER, POSITIONS, RECEPTION, TOPICS
from lacuna_core.units import MS_PER_H
from lacuna_runtime.archive import load_archive
from lacuna_runtime.bus.sqlite import MEMORY, SqliteBus
from lacuna_runtime.codec import decode
from lacuna_runtime.sections import TelemetrySettings
from lacuna_runtime.sink_loop import SinkLoop
from lacuna_runtime.stage import Stage, StageLimits, run_until_idle
from lacuna_runtime.telemetry.api import OFF, Telemetry
from lacuna_runtime.telemetry.setup import start_telemetry
from tests.contract.demo_fold import DemoFold
from tests.unit.runtime.sea import T0, positions
from tests.unit.runtime.telemetry.collector import Collector, attributes, collecting
from tests.unit.runtime.telemetry.keeping import KeepingBus

ROWS = 140
ANY_LIMITS = StageLimits(poll_records=2)


class Shelf:
    """Keeps what it is given."""

    name = "shelf"
    inputs: tuple[Input, ...] = (FACTS_IN,)

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def accept(self, message: Message, record: Record) -> None:
        self.messages.append(message)

    def due(self) -> bool:
        return False

    def flush(self) -> None:
        pass


@pytest.fixture
def bus() -> Iterator[SqliteBus]:
    opened = SqliteBus(MEMORY)
    crafts = [(1 << 56) + i % 7 for i in range(ROWS)]
    load_archive([positions([T0 + i * MS_PER_H // 4 for i in range(ROWS)], craft=crafts)], opened)
    yield opened
    opened.close()


def played(bus: Bus, telemetry: Telemetry) -> Shelf:
    shelf = Shelf()
    stage = Stage(DemoFold(), bus, limits=ANY_LIMITS, clock=ManualClock(T0), telemetry=telemetry)
    sink = SinkLoop(shelf, bus, telemetry=telemetry)
    run_until_idle([stage, sink])
    stage.close()
    sink.close()
    return shelf


def records(bus: Bus, *topics: str) -> Sequence[Record]:
    at = [TopicPartition(topic, p) for topic in topics for p in range(TOPICS[topic].partitions)]
    return bus.subscribe("look", at).poll(100_000, 0.0)


def scraped(telemetry: Telemetry) -> dict[tuple[str, str], float]:
    """Value by name and stage, buckets left out, partitions added up."""
    text = telemetry.scrape()
    assert text is not None
    found: dict[tuple[str, str], float] = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            if "stage" in sample.labels and "le" not in sample.labels:
                key = sample.name, sample.labels["stage"]
                found[key] = found.get(key, 0.0) + sample.value
    return found


def test_the_log_holds_the_same_whether_anyone_is_told(bus: SqliteBus) -> None:
    silent = SqliteBus(MEMORY)
    crafts = [(1 << 56) + i % 7 for i in range(ROWS)]
    load_archive([positions([T0 + i * MS_PER_H // 4 for i in range(ROWS)], craft=crafts)], silent)
    played(silent, OFF)
    with collecting() as collector:
        telemetry = told_to(collector)
        played(KeepingBus(bus), telemetry)
        assert telemetry.shutdown(15.0)
    topics = (FACTS.name, RECEPTION.name)
    assert [r.value for r in records(bus, *topics)] == [r.value for r in records(silent, *topics)]
    silent.close()


def told_to(collector: Collector) -> Telemetry:
    settings = TelemetrySettings(exporter="otlp", endpoint=collector.endpoint, sample_ratio=1.0)
    return start_telemetry(settings, "detection", "detection-0")


def test_spans_follow_the_records_from_stage_to_sink(bus: SqliteBus) -> None:
    keeping = KeepingBus(bus)
    with collecting() as collector:
        telemetry = told_to(collector)
        played(keeping, telemetry)
        assert telemetry.shutdown(15.0)
    stage = {s.span_id: s for s in collector.spans if s.name == "process facts"}
    sink = [s for s in collector.spans if s.name == "process shelf"]
    assert len(stage) > 1
    published = {
        header.split("-")[2]
        for (at, _), headers in keeping.headers.items()
        if at.topic == FACTS.name
        for name, value in headers
        if (header := value.decode()) and name == "traceparent"
    }
    assert published <= {span_id.hex() for span_id in stage}
    linked = {link.span_id.hex() for s in sink for link in s.links}
    assert linked == published
    for span in sink:
        assert stage[span.parent_span_id].trace_id == span.trace_id
    polled = sum(int(str(attributes(s)["messaging.batch.message_count"])) for s in sink)
    assert polled == len(records(bus, FACTS.name))
    restored = [s for s in collector.spans if s.name == "restore facts"]
    assert {attributes(s)["partition"] for s in restored} == set(range(16))
    flushed = [s for s in collector.spans if s.name == "flush shelf"]
    assert {s.kind for s in restored + flushed} == {Span.SPAN_KIND_INTERNAL}


def test_counts_are_those_of_the_log(bus: SqliteBus) -> None:
    telemetry = start_telemetry(TelemetrySettings(exporter="prometheus"), "detection", "detection-0")
    bus.publish([Outgoing(POSITIONS.name, 3, b"", b"no envelope")])
    shelf = Shelf()
    clock = ManualClock(T0)
    stage = Stage(DemoFold(), bus, limits=ANY_LIMITS, clock=clock, telemetry=telemetry)
    sink = SinkLoop(shelf, bus, telemetry=telemetry)
    run_until_idle([stage, sink])
    found = scraped(telemetry)
    assert found["lacuna_records_total", "facts"] == len(records(bus, POSITIONS.name))
    assert found["lacuna_rows_total", "facts"] == found["lacuna_epoch_rows_sum", "facts"] == ROWS
    assert found["lacuna_deadletter_total", "facts"] == 1
    out = records(bus, FACTS.name, RECEPTION.name, DEADLETTERS.name, LEDGER.name)
    assert found["lacuna_published_total", "facts"] == sum(decode(r.value)[0].stage == "facts" for r in out)
    assert found["lacuna_records_total", "shelf"] == len(records(bus, FACTS.name)) == len(shelf.messages)
    assert found["lacuna_owned_tasks", "facts"] == 16
    assert found["lacuna_restore_seconds_count", "facts"] == 16
    saved = records(bus, "state.facts")
    assert found["lacuna_snapshot_bytes_sum", "facts"] == sum(len(r.value) for r in saved)
    assert found["lacuna_pending_rows", "facts"] == 0
    # the last tick of every partition is the end of the data and the lateness; so far is it, sixteen times
    lag = found["lacuna_tick_lag_seconds", "facts"]
    clock.advance(1_000)
    assert scraped(telemetry)["lacuna_tick_lag_seconds", "facts"] == pytest.approx(lag + 16)
    stage.close()
    sink.close()
    # what is closed has no tasks and no lag
    left = {name for name, _ in scraped(telemetry)}
    assert not left & {"lacuna_owned_tasks", "lacuna_pending_rows", "lacuna_tick_lag_seconds"}
    assert telemetry.shutdown(5.0)
