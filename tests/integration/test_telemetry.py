"""Traces and metrics over OTLP, as a collector gets them: whole chains, every name, a bounded end."""

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from lacuna_core.ports import Outgoing, Record, TopicPartition
from lacuna_core.topics import EVENTS, FACTS, POSITIONS, Topic
from lacuna_runtime.bus.kafka import KafkaBus
from lacuna_runtime.sections import KafkaSettings, TelemetrySettings
from lacuna_runtime.telemetry import names
from lacuna_runtime.telemetry.api import Telemetry
from lacuna_runtime.telemetry.names import MAX_LINKS, METRICS
from lacuna_runtime.telemetry.setup import start_telemetry
from lacuna_runtime.telemetry.watch import watch_loop
from tests.unit.runtime.telemetry.collector import Collector, attributes, collecting

END_S = 15.0


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as started:
        yield started


def started(collector: Collector, service: str = "detection", ratio: float = 1.0) -> Telemetry:
    settings = TelemetrySettings(
        exporter="otlp", endpoint=collector.endpoint, sample_ratio=ratio, interval_ms=200
    )
    return start_telemetry(settings, service, f"{service}-0")


@contextmanager
def telling(collector: Collector, service: str = "detection", ratio: float = 1.0) -> Iterator[Telemetry]:
    telemetry = started(collector, service, ratio)
    yield telemetry
    assert telemetry.shutdown(END_S)


def log(topic: str, out: Sequence[Outgoing]) -> list[Record]:
    """The records of a log that keeps headers."""
    assert all(o.topic == topic for o in out)
    return [Record(o.topic, o.partition, n, o.key, o.value, o.headers) for n, o in enumerate(out)]


def cycle(telemetry: Telemetry, stage: str, records: Sequence[Record], topic: str) -> list[Record]:
    """One cycle of a stage that publishes two records."""
    watch = watch_loop(telemetry, stage, lambda: 0)
    with watch.cycle(records):
        out = watch.marked([Outgoing(topic, p, b"", b"value") for p in range(2)])
        watch.published(out)
    return log(topic, out)


def links(span: Span) -> set[bytes]:
    return {link.span_id for link in span.links}


def test_one_trace_runs_from_the_way_in_through_every_stage(collector: Collector) -> None:
    """Three processes' worth of telemetry; nothing but record headers joins them."""
    with (
        telling(collector, "ingestion") as ingestion,
        telling(collector) as detection,
        telling(collector, "flight-correlation") as correlation,
    ):
        put = []
        for n in range(2):
            with ingestion.span(names.PUBLISH, f"positions.{n}"):
                put += [Outgoing(POSITIONS.name, n, b"", b"value", ingestion.inject())] * 3
        facts = cycle(detection, "facts", log(POSITIONS.name, put), FACTS.name)
        events = cycle(detection, "assess", facts, EVENTS.name)
        cycle(correlation, "link", events, EVENTS.name)
    first, second = collector.span("publish positions.0"), collector.span("publish positions.1")
    fold, assess, link = (collector.span(f"process {stage}") for stage in ("facts", "assess", "link"))
    # linked to both batches that it read, a child of the first
    assert links(fold) == {first.span_id, second.span_id}
    assert (links(assess), links(link)) == ({fold.span_id}, {assess.span_id})
    assert [s.parent_span_id for s in (fold, assess, link)] == [first.span_id, fold.span_id, assess.span_id]
    assert {s.trace_id for s in (first, fold, assess, link)} == {first.trace_id}
    assert second.trace_id != first.trace_id
    assert (first.kind, fold.kind) == (Span.SPAN_KIND_PRODUCER, Span.SPAN_KIND_CONSUMER)
    assert attributes(fold) == {
        "messaging.system": "kafka",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.consumer.group.name": "facts",
        "messaging.batch.message_count": 6,
    }
    told_by = [attributes(list(r.resource.attributes)) for t in collector.traces for r in t.resource_spans]
    assert {(t["service.namespace"], t["service.name"], t["service.instance.id"]) for t in told_by} == {
        ("lacuna", "ingestion", "ingestion-0"),
        ("lacuna", "detection", "detection-0"),
        ("lacuna", "flight-correlation", "flight-correlation-0"),
    }


def test_a_trace_goes_through_a_real_log(kafka: KafkaSettings, collector: Collector) -> None:
    """What the broker gives back of the headers is what the next stage is linked to."""
    topic = Topic(f"telemetry.{secrets.token_hex(4)}", 1, "nothing", None)
    bus = KafkaBus(kafka, "")
    bus.create([topic])
    with telling(collector, "ingestion") as ingestion, telling(collector) as detection:
        for n in range(3):
            with ingestion.span(names.PUBLISH, f"positions.{n}"), bus.cycle():
                headers = ingestion.inject()
                for delivery in bus.publish([Outgoing(topic.name, 0, b"", b"value", headers)] * 2):
                    delivery.result()
        reader = bus.subscribe(topic.name, [TopicPartition(topic.name, 0)])
        records: list[Record] = []
        until_s = time.monotonic() + END_S
        while len(records) < 6 and time.monotonic() < until_s:
            records += reader.poll(100, 1.0)
        cycle(detection, "facts", records, FACTS.name)
    bus.close()
    published = [collector.span(f"publish positions.{n}") for n in range(3)]
    fold = collector.span("process facts")
    assert links(fold) == {span.span_id for span in published}
    assert (fold.parent_span_id, fold.trace_id) == (published[0].span_id, published[0].trace_id)


def test_a_batch_of_many_producers_is_linked_to_so_many_and_says_what_is_missing(
    collector: Collector,
) -> None:
    with telling(collector) as telemetry:
        headers = []
        for n in range(MAX_LINKS + 40):
            with telemetry.span(names.PUBLISH, f"positions.{n}"):
                headers.append(telemetry.inject())
        with telemetry.batch("facts", headers):
            pass
    span = collector.span("process facts")
    assert len(links(span)) == MAX_LINKS
    assert span.dropped_links_count > 0


@pytest.mark.parametrize(("ratio", "traced"), [(0.0, 0), (1.0, 40)])
def test_the_first_producer_decides_whether_a_batch_is_traced(
    collector: Collector, ratio: float, traced: int
) -> None:
    with telling(collector, "ingestion", ratio) as ingestion, telling(collector, ratio=0.5) as detection:
        for _ in range(40):
            with ingestion.span(names.PUBLISH, "positions"):
                headers = ingestion.inject()
            assert headers, "the decision not to trace travels too"
            with detection.batch("facts", [(), headers, headers]):
                pass
    assert sum(s.name == "process facts" for s in collector.spans) == traced


def test_a_cycle_that_fails_is_a_failed_span_and_tells_no_secrets(collector: Collector) -> None:
    with telling(collector) as telemetry:
        watch = watch_loop(telemetry, "facts", lambda: 0)

        def fail() -> None:
            with watch.cycle([]):
                raise RuntimeError("the password is swordfish")

        with pytest.raises(RuntimeError):
            fail()
    span = collector.span("process facts")
    assert (span.status.code, span.status.message) == (Status.STATUS_CODE_ERROR, "RuntimeError")
    assert attributes(span)["error.type"] == "RuntimeError"
    assert "swordfish" not in str(collector.traces)


def test_every_metric_arrives_under_its_name(collector: Collector) -> None:
    with telling(collector) as telemetry:
        for metric in METRICS:
            values = {a.name: "x" for a in metric.attributes}
            if metric.kind == "counter":
                telemetry.count(metric, 2, values)
            elif metric.kind == "histogram":
                telemetry.observe(metric, 0.4, values)
            else:
                telemetry.gauge(metric, lambda values=values: [(7.0, values)])  # type: ignore[misc]
        collector.wait(lambda: len(collector.metric_requests) >= 2)
    kinds = {"sum": "counter", "histogram": "histogram", "gauge": "gauge"}
    for metric in METRICS:
        told = collector.newest(metric.name)
        kind = told.WhichOneof("data")
        assert kind is not None
        assert (kinds[kind], told.unit, told.description) == (metric.kind, metric.unit, metric.help)
        point = getattr(told, kind).data_points[0]
        assert attributes(point).keys() == {a.name for a in metric.attributes}
    assert collector.newest(names.ROWS_IN.name).sum.data_points[0].as_int == 2
    assert list(collector.newest(names.EPOCH_ROWS.name).histogram.data_points[0].explicit_bounds) == list(
        names.EPOCH_ROWS.buckets
    )
    assert {m.name for m in collector.metrics} == {m.name for m in METRICS}


def test_the_end_sends_what_is_left(collector: Collector) -> None:
    settings = TelemetrySettings(
        exporter="otlp", endpoint=collector.endpoint, sample_ratio=1.0, interval_ms=3_600_000
    )
    telemetry = start_telemetry(settings, "detection", "detection-0")
    with telemetry.batch("facts", []):
        telemetry.count(names.ROWS_IN, 5, {"stage": "facts"})
    assert collector.spans == []
    assert telemetry.shutdown(END_S)
    assert [span.name for span in collector.spans] == ["process facts"]
    assert collector.newest(names.ROWS_IN.name).sum.data_points[0].as_int == 5


def test_a_collector_that_hangs_does_not_hold_the_end_up(
    collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    telemetry = started(collector)
    with telemetry.batch("facts", []):
        telemetry.count(names.ROWS_IN, 5, {"stage": "facts"})
    collector.hang.set()
    start_s = time.monotonic()
    assert not telemetry.shutdown(0.5)
    assert time.monotonic() - start_s < END_S
    assert "the collector took nothing within 0.5 s" in caplog.text


def test_a_collector_that_is_away_disturbs_nobody() -> None:
    with collecting() as gone:
        endpoint = gone.endpoint
    settings = TelemetrySettings(exporter="otlp", endpoint=endpoint, sample_ratio=1.0, interval_ms=100)
    telemetry = start_telemetry(settings, "detection", "detection-0")
    for _ in range(50):
        with telemetry.batch("facts", []):
            telemetry.count(names.ROWS_IN, 5, {"stage": "facts"})
    telemetry.shutdown(1.0)
