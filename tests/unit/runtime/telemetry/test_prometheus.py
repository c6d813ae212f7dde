"""A scrape: text that Prometheus reads, under the names of the table."""

from collections.abc import Iterator

import pytest
from prometheus_client import Metric as Family
from prometheus_client.parser import text_string_to_metric_families

from lacuna_runtime.sections import TelemetrySettings
from lacuna_runtime.telemetry import names
from lacuna_runtime.telemetry.api import Reading, Telemetry
from lacuna_runtime.telemetry.names import METRICS, Metric
from lacuna_runtime.telemetry.setup import start_telemetry


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    started = start_telemetry(TelemetrySettings(exporter="prometheus"), "detection", "detection-0")
    yield started
    assert started.shutdown(5.0)


def families(telemetry: Telemetry) -> dict[str, Family]:
    text = telemetry.scrape()
    assert text is not None
    return {family.name: family for family in text_string_to_metric_families(text.decode())}


def tell(telemetry: Telemetry, metric: Metric) -> None:
    values = {attribute.name: "x" for attribute in metric.attributes}
    if metric.kind == "counter":
        telemetry.count(metric, 3, values)
    elif metric.kind == "histogram":
        telemetry.observe(metric, 0.75, values)
    else:
        telemetry.gauge(metric, lambda: [(1.5, values)])


def test_every_metric_is_scraped_under_its_name(telemetry: Telemetry) -> None:
    for metric in METRICS:
        tell(telemetry, metric)
    found = families(telemetry)
    # target_info tells which process it is
    assert found.keys() - {"target_info"} == {m.name.removesuffix("_total") for m in METRICS}
    for metric in METRICS:
        family = found[metric.name.removesuffix("_total")]
        assert (family.type, family.documentation) == (metric.kind, metric.help)
        first = family.samples[0]
        assert {a.name for a in metric.attributes} == first.labels.keys() - {"le"}
        if metric.kind == "counter":
            assert (first.name, first.value) == (metric.name, 3)
        if metric.kind == "histogram":
            bounds = [float(s.labels["le"]) for s in family.samples if s.name.endswith("_bucket")]
            assert bounds == [*metric.buckets, float("inf")]


def test_counts_add_up_and_observations_fall_into_their_buckets(telemetry: Telemetry) -> None:
    facts, legs = {"stage": "facts"}, {"stage": "legs"}
    for amount in (1, 2, 3):
        telemetry.count(names.ROWS_IN, amount, facts)
    telemetry.count(names.ROWS_IN, 10, legs)
    for seconds in (0.02, 0.2, 0.2, 200.0):
        telemetry.observe(names.CYCLE_SECONDS, seconds, facts)
    found = families(telemetry)
    rows = {s.labels["stage"]: s.value for s in found["lacuna_rows"].samples}
    assert rows == {"facts": 6, "legs": 10}
    cycle = {(s.name, s.labels.get("le")): s.value for s in found["lacuna_cycle_seconds"].samples}
    assert cycle["lacuna_cycle_seconds_count", None] == 4
    assert cycle["lacuna_cycle_seconds_sum", None] == pytest.approx(200.42)
    assert [cycle["lacuna_cycle_seconds_bucket", le] for le in ("0.01", "0.025", "0.25", "60.0", "+Inf")] == [
        0, 1, 3, 3, 4,
    ]  # fmt: skip


def test_a_gauge_is_read_at_the_scrape_until_it_is_ended(
    telemetry: Telemetry, caplog: pytest.LogCaptureFixture
) -> None:
    pending = {0: 5}

    def broken() -> list[Reading]:
        raise RuntimeError("half built")

    stop = telemetry.gauge(
        names.PENDING_ROWS, lambda: [(v, {"stage": "facts", "partition": k}) for k, v in pending.items()]
    )
    stop_broken = telemetry.gauge(names.PENDING_ROWS, broken)
    telemetry.gauge(names.PENDING_ROWS, lambda: [(1, {"stage": "legs", "partition": 0})])

    def now() -> dict[tuple[str, str], float]:
        found = families(telemetry)["lacuna_pending_rows"].samples
        return {(s.labels["stage"], s.labels["partition"]): s.value for s in found}

    assert now() == {("facts", "0"): 5, ("legs", "0"): 1}
    # one that can't be read is named and silences nobody
    assert "lacuna_pending_rows could not be read" in caplog.text
    stop_broken()
    pending[0] = 7
    pending[3] = 9
    assert now() == {("facts", "0"): 7, ("facts", "3"): 9, ("legs", "0"): 1}
    # a task that went is gone from the scrape too
    stop()
    assert now() == {("legs", "0"): 1}


def test_there_are_no_spans_and_no_headers(telemetry: Telemetry) -> None:
    with telemetry.batch("facts", [(("traceparent", f"00-{'1' * 32}-{'2' * 16}-01".encode()),)]):
        assert telemetry.inject() == ()
