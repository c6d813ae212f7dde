"""The instruments of the SDK, one for each metric of the table."""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence

from opentelemetry.metrics import CallbackOptions, CallbackT, Counter, Histogram, Meter, Observation

from lacuna_runtime.telemetry.api import Reading
from lacuna_runtime.telemetry.names import METRICS, Metric

_LOG = logging.getLogger(__name__)
_Read = Callable[[], Iterable[Reading]]


class Instruments:
    """All instruments, by the name of their metric.

    Parameters
    ----------
    meter : Meter
        Where they are made.
    """

    def __init__(self, meter: Meter) -> None:
        self.counters: dict[str, Counter] = {}
        self.histograms: dict[str, Histogram] = {}
        self._readers: dict[str, tuple[_Read, ...]] = {}
        self._lock = threading.Lock()
        for metric in METRICS:
            self._make(meter, metric)

    def _make(self, meter: Meter, metric: Metric) -> None:
        if metric.kind == "counter":
            self.counters[metric.name] = meter.create_counter(metric.name, metric.unit, metric.help)
        elif metric.kind == "histogram":
            self.histograms[metric.name] = meter.create_histogram(
                metric.name, metric.unit, metric.help, explicit_bucket_boundaries_advisory=metric.buckets
            )
        else:
            self._readers[metric.name] = ()
            meter.create_observable_gauge(metric.name, [self._reading(metric)], metric.unit, metric.help)

    def _reading(self, metric: Metric) -> CallbackT:
        def observe(_: CallbackOptions) -> Sequence[Observation]:
            found: list[Observation] = []
            for read in self._readers[metric.name]:
                try:
                    found += [Observation(value, attributes) for value, attributes in read()]
                except Exception:  # noqa: BLE001 - whatever it is, it is logged and the others are read
                    _LOG.warning("telemetry: %s could not be read", metric.name, exc_info=True)
            return found

        return observe

    def read_with(self, metric: Metric, read: _Read) -> Callable[[], None]:
        """Read a gauge with one more callback.

        Parameters
        ----------
        metric : Metric
            A gauge.
        read : callable
            Gives its values.

        Returns
        -------
        callable
            Takes the callback away again.
        """
        with self._lock:
            self._readers[metric.name] += (read,)

        def stop() -> None:
            with self._lock:
                self._readers[metric.name] = tuple(r for r in self._readers[metric.name] if r is not read)

        return stop
