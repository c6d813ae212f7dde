"""Telemetry on the OpenTelemetry SDK: over OTLP, or metrics for a Prometheus scrape."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from typing import Self

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from prometheus_client import CollectorRegistry, generate_latest

from lacuna_core.ports import Headers
from lacuna_runtime.sections import TelemetrySettings
from lacuna_runtime.telemetry import names
from lacuna_runtime.telemetry.api import NO_ATTRIBUTES, NO_SPAN, Attributes, Reading, Span
from lacuna_runtime.telemetry.instruments import Instruments
from lacuna_runtime.telemetry.names import MAX_LINKS, Metric, SpanName
from lacuna_runtime.telemetry.spans import SdkSpan, add_links, extract, first_context, inject, start_span

_LOG = logging.getLogger(__name__)
_SCOPE = "lacuna"


def resource(service: str, instance: str) -> Resource:
    """Say who tells.

    Parameters
    ----------
    service : str
        Dashed name of the service.
    instance : str
        Name of this replica.

    Returns
    -------
    Resource
        With what ``OTEL_RESOURCE_ATTRIBUTES`` adds.
    """
    return Resource.create(
        {
            "service.namespace": _SCOPE,
            "service.name": service,
            "service.instance.id": instance,
            "service.version": metadata.version("lacuna-runtime"),
        }
    )


class SdkTelemetry:
    """Telemetry that is on. The providers are its own: nothing global is set.

    Parameters
    ----------
    reader : MetricReader
        Sends or offers the metrics.
    told_by : Resource
        Who tells.
    log : str
        What keeps the log, as ``messaging.system`` names it.
    tracers : TracerProvider or None
        None makes no spans.
    registry : CollectorRegistry or None
        What a scrape reads.
    """

    def __init__(
        self,
        reader: MetricReader,
        told_by: Resource,
        log: str,
        tracers: TracerProvider | None = None,
        registry: CollectorRegistry | None = None,
    ) -> None:
        self._meters = MeterProvider([reader], resource=told_by, shutdown_on_exit=False)
        self._instruments = Instruments(self._meters.get_meter(_SCOPE))
        self._tracers = tracers
        self._tracer: trace.Tracer | None = tracers.get_tracer(_SCOPE) if tracers else None
        self._registry = registry
        self._process = {
            names.MESSAGING_SYSTEM.name: log,
            names.MESSAGING_OPERATION.name: "process",
            names.MESSAGING_TYPE.name: "process",
        }

    @classmethod
    def otlp(cls, settings: TelemetrySettings, told_by: Resource, log: str) -> Self:
        """Send spans and metrics over OTLP/HTTP.

        Parameters
        ----------
        settings : TelemetrySettings
            Endpoint, ratio, interval.
        told_by : Resource
            Who tells.
        log : str
            What keeps the log.

        Returns
        -------
        SdkTelemetry
            Started.
        """
        base = settings.endpoint.rstrip("/")
        tracers = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(settings.sample_ratio)),
            resource=told_by,
            shutdown_on_exit=False,
            span_limits=SpanLimits(max_links=MAX_LINKS),
        )
        tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{base}/v1/traces")))
        reader = PeriodicExportingMetricReader(
            OTLPMetricExporter(f"{base}/v1/metrics"), export_interval_millis=settings.interval_ms
        )
        return cls(reader, told_by, log, tracers)

    @classmethod
    def prometheus(cls, settings: TelemetrySettings, told_by: Resource, log: str) -> Self:
        """Offer metrics for a scrape; a scrape has no spans.

        Parameters
        ----------
        settings : TelemetrySettings
            Nothing of it is needed.
        told_by : Resource
            Who tells.
        log : str
            What keeps the log.

        Returns
        -------
        SdkTelemetry
            Started.
        """
        registry = CollectorRegistry(auto_describe=False)
        reader = PrometheusMetricReader(scope_info_enabled=False, registry=registry)
        return cls(reader, told_by, log, registry=registry)

    @property
    def on(self) -> bool:
        """True."""
        return True

    def batch(self, stage: str, links: Sequence[Headers]) -> Span:
        """Span the work on one batch of records.

        Parameters
        ----------
        stage : str
            Stage name.
        links : sequence of Headers
            Of the records, in order.

        Returns
        -------
        Span
            Started; a child of the first record's producer, linked to all.
        """
        if self._tracer is None:
            return NO_SPAN
        attributes: Attributes = {
            **self._process,
            names.MESSAGING_GROUP.name: stage,
            names.MESSAGING_COUNT.name: len(links),
        }
        span = start_span(self._tracer, names.PROCESS, stage, attributes, first_context(links))
        add_links(span, links)
        return SdkSpan(span)

    def span(
        self, name: SpanName, subject: str, attributes: Attributes = NO_ATTRIBUTES, *, parent: Headers = ()
    ) -> Span:
        """Span anything else.

        Parameters
        ----------
        name : SpanName
            Which kind.
        subject : str
            Stage or method.
        attributes : mapping
            By name.
        parent : Headers
            Trace context of a caller elsewhere.

        Returns
        -------
        Span
            Started.
        """
        if self._tracer is None:
            return NO_SPAN
        return SdkSpan(start_span(self._tracer, name, subject, attributes, extract(parent)))

    def inject(self) -> Headers:
        """Write down the current span.

        Returns
        -------
        Headers
            Empty without a span.
        """
        return inject() if self._tracer is not None else ()

    def count(self, metric: Metric, amount: float, attributes: Attributes = NO_ATTRIBUTES) -> None:
        """Add to a counter.

        Parameters
        ----------
        metric : Metric
            From ``METRICS``.
        amount : float
            Not negative.
        attributes : mapping
            By name.
        """
        self._instruments.counters[metric.name].add(amount, attributes)

    def observe(self, metric: Metric, value: float, attributes: Attributes = NO_ATTRIBUTES) -> None:
        """Take one value into a histogram.

        Parameters
        ----------
        metric : Metric
            From ``METRICS``.
        value : float
            In the metric's unit.
        attributes : mapping
            By name.
        """
        self._instruments.histograms[metric.name].record(value, attributes)

    def gauge(self, metric: Metric, read: Callable[[], Iterable[Reading]]) -> Callable[[], None]:
        """Have values read whenever metrics are sent or scraped.

        Parameters
        ----------
        metric : Metric
            From ``METRICS``.
        read : callable
            Called from another thread.

        Returns
        -------
        callable
            Ends it.
        """
        return self._instruments.read_with(metric, read)

    def scrape(self) -> bytes | None:
        """Write all metrics as Prometheus text.

        Returns
        -------
        bytes or None
            None where they are sent instead.
        """
        return generate_latest(self._registry) if self._registry is not None else None

    def shutdown(self, timeout_s: float) -> bool:
        """Send what is left and stop; spans and metrics at once, so that neither waits for the other.

        Parameters
        ----------
        timeout_s : float
            How long at most, seconds.

        Returns
        -------
        bool
            Whether everything was handed over, or given up by the exporter, in time.
        """
        until_s = time.monotonic() + timeout_s
        work = [lambda: self._meters.shutdown(timeout_millis=timeout_s * 1000)]
        if self._tracers is not None:
            work.append(self._tracers.shutdown)
        # the SDK's own time-outs add up to minutes when a collector hangs; a daemon thread can be left behind
        threads = [threading.Thread(target=part, name="telemetry-shutdown", daemon=True) for part in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, until_s - time.monotonic()))
        late = any(thread.is_alive() for thread in threads)
        if late:
            _LOG.warning(
                "telemetry: the collector took nothing within %.1f s; the rest is dropped", timeout_s
            )
        return not late
