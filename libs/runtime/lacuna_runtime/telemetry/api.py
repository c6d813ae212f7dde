"""What a loop or a server may tell, and the telemetry that is off: it does nothing and keeps nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from types import MappingProxyType, TracebackType
from typing import Final, Protocol, Self, TypeAlias

from lacuna_core.ports import Headers
from lacuna_runtime.telemetry.names import Metric, SpanName

Attributes: TypeAlias = Mapping[str, str | int | float | bool]
"""By ``Attribute.name``."""
Reading: TypeAlias = tuple[float, Attributes]
"""Value of a gauge and what it belongs to."""
NO_ATTRIBUTES: Final[Attributes] = MappingProxyType({})


class Span(Protocol):
    """Something that takes time; in a ``with`` it is current inside, and ended behind it."""

    def note(self, attributes: Attributes) -> None:
        """Add what became known on the way.

        Parameters
        ----------
        attributes : mapping
            By name.
        """
        ...

    def current(self) -> AbstractContextManager[object]:
        """Make it the parent of what starts meanwhile, in this thread, without ending it.

        Returns
        -------
        context manager
            For as long as it is to be current.
        """
        ...

    def end(self, error: BaseException | str | None = None) -> None:
        """End it; a second end is ignored.

        Parameters
        ----------
        error : BaseException or str or None
            What went wrong, or its short name.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Telemetry(Protocol):
    """Where a process tells about itself; safe for any number of threads."""

    @property
    def on(self) -> bool:
        """Whether anything is told; whoever would have to work for what it tells asks first."""
        ...

    def batch(self, stage: str, links: Sequence[Headers]) -> Span:
        """Span the work on one batch of records.

        The producer of the first record that tells one is the parent, so whether a batch is traced is decided
        where it enters and followed along the way, and the share stays what was set. Every producer that is
        traced is linked, each once, up to ``MAX_LINKS``.

        Parameters
        ----------
        stage : str
            Stage name.
        links : sequence of Headers
            Of the records, in order.

        Returns
        -------
        Span
            Started.
        """
        ...

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
            Trace context of a caller elsewhere; the current span is the parent when empty.

        Returns
        -------
        Span
            Started.
        """
        ...

    def inject(self) -> Headers:
        """Write down the current span, for what is sent from inside it.

        Returns
        -------
        Headers
            ``traceparent``, and ``tracestate`` where there is one; empty without a span.
        """
        ...

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
        ...

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
        ...

    def gauge(self, metric: Metric, read: Callable[[], Iterable[Reading]]) -> Callable[[], None]:
        """Have values read whenever metrics are sent or scraped.

        Parameters
        ----------
        metric : Metric
            From ``METRICS``.
        read : callable
            Called from another thread; must be quick.

        Returns
        -------
        callable
            Ends it.
        """
        ...

    def scrape(self) -> bytes | None:
        """Write all metrics as Prometheus text.

        Returns
        -------
        bytes or None
            None where they are not offered that way.
        """
        ...

    def shutdown(self, timeout_s: float) -> bool:
        """Send what is left and stop.

        Parameters
        ----------
        timeout_s : float
            How long at most, seconds.

        Returns
        -------
        bool
            Whether everything was handed over in time.
        """
        ...


class NoSpan:
    """A span that nobody asked for."""

    __slots__ = ()

    def note(self, attributes: Attributes) -> None:
        """Do nothing."""

    def current(self) -> AbstractContextManager[object]:
        """Do nothing; return itself."""
        return self

    def end(self, error: BaseException | str | None = None) -> None:
        """Do nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


NO_SPAN: Final = NoSpan()


def _nothing() -> None:
    """End a gauge that never was."""


class NoTelemetry:
    """Telemetry that is off."""

    __slots__ = ()
    on: Final = False

    def batch(self, stage: str, links: Sequence[Headers]) -> Span:
        """Return the span that does nothing."""
        return NO_SPAN

    def span(
        self, name: SpanName, subject: str, attributes: Attributes = NO_ATTRIBUTES, *, parent: Headers = ()
    ) -> Span:
        """Return the span that does nothing."""
        return NO_SPAN

    def inject(self) -> Headers:
        """Return no headers."""
        return ()

    def count(self, metric: Metric, amount: float, attributes: Attributes = NO_ATTRIBUTES) -> None:
        """Do nothing."""

    def observe(self, metric: Metric, value: float, attributes: Attributes = NO_ATTRIBUTES) -> None:
        """Do nothing."""

    def gauge(self, metric: Metric, read: Callable[[], Iterable[Reading]]) -> Callable[[], None]:
        """Do nothing; never call ``read``."""
        return _nothing

    def scrape(self) -> bytes | None:
        """Return nothing."""
        return None

    def shutdown(self, timeout_s: float) -> bool:
        """Be done at once."""
        return True


OFF: Final = NoTelemetry()
"""The one telemetry that is off."""
