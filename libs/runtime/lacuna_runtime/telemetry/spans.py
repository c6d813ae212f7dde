"""Spans on the OpenTelemetry SDK: started, linked, carried in headers, ended once."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final, Self

from opentelemetry import trace
from opentelemetry.context import Context, get_current
from opentelemetry.propagators.textmap import Getter
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from lacuna_core.ports import Headers
from lacuna_runtime.telemetry import names
from lacuna_runtime.telemetry.api import Attributes
from lacuna_runtime.telemetry.names import MAX_LINKS, SpanName

_KINDS = {
    "internal": trace.SpanKind.INTERNAL,
    "consumer": trace.SpanKind.CONSUMER,
    "producer": trace.SpanKind.PRODUCER,
    "server": trace.SpanKind.SERVER,
    "client": trace.SpanKind.CLIENT,
}
_W3C: Final = TraceContextTextMapPropagator()


class _HeaderGetter(Getter[Headers]):
    def get(self, carrier: Headers, key: str) -> list[str] | None:
        # a header that is no text is no trace context either; the parser refuses what comes of it
        return [value.decode("ascii", "replace") for name, value in carrier if name == key] or None

    def keys(self, carrier: Headers) -> list[str]:
        return [name for name, _ in carrier]


_GETTER: Final = _HeaderGetter()


def extract(headers: Headers) -> Context | None:
    """Read the trace context of headers.

    Parameters
    ----------
    headers : Headers
        Of a record or a call; anything else in them is passed over.

    Returns
    -------
    Context or None
        None where there is none that can be read.
    """
    if not headers:
        return None
    context = _W3C.extract(headers, Context(), _GETTER)
    return context if trace.get_current_span(context).get_span_context().is_valid else None


def inject() -> Headers:
    """Write the current span as headers.

    Returns
    -------
    Headers
        Empty without a span.
    """
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return tuple((name, value.encode("ascii")) for name, value in carrier.items())


class SdkSpan:
    """A span of the SDK.

    Parameters
    ----------
    span : opentelemetry.trace.Span
        Started.
    """

    __slots__ = ("_ended", "_scope", "_span")

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        self._scope: AbstractContextManager[object] | None = None
        self._ended = False

    def note(self, attributes: Attributes) -> None:
        """Add attributes.

        Parameters
        ----------
        attributes : mapping
            By name.
        """
        self._span.set_attributes(dict(attributes))

    def current(self) -> AbstractContextManager[object]:
        """Make it current without ending it.

        Returns
        -------
        context manager
            For as long as it is to be current.
        """
        return trace.use_span(
            self._span, end_on_exit=False, record_exception=False, set_status_on_exception=False
        )

    def end(self, error: BaseException | str | None = None) -> None:
        """End it, once.

        Parameters
        ----------
        error : BaseException or str or None
            What went wrong, or its short name.
        """
        if self._ended:
            return
        self._ended = True
        if error is not None:
            name = error if isinstance(error, str) else type(error).__name__
            self._span.set_attribute(names.ERROR_TYPE.name, name)
            self._span.set_status(trace.Status(trace.StatusCode.ERROR, name))
        self._span.end()

    def __enter__(self) -> Self:
        self._scope = self.current()
        self._scope.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace_: TracebackType | None
    ) -> None:
        if self._scope is not None:
            self._scope.__exit__(None, None, None)
            self._scope = None
        self.end(error)


def start_span(
    tracer: trace.Tracer,
    name: SpanName,
    subject: str,
    attributes: Attributes,
    parent: Context | None = None,
) -> trace.Span:
    """Start a span.

    Parameters
    ----------
    tracer : opentelemetry.trace.Tracer
        Where.
    name : SpanName
        Which kind.
    subject : str
        Stage or method.
    attributes : mapping
        By name.
    parent : Context or None
        The current one when None.

    Returns
    -------
    opentelemetry.trace.Span
        Not yet current.
    """
    return tracer.start_span(
        name.template.format(subject),
        context=get_current() if parent is None else parent,
        kind=_KINDS[name.kind],
        attributes=dict(attributes),
    )


def first_context(links: Iterable[Headers]) -> Context | None:
    """Find the first trace context.

    Parameters
    ----------
    links : iterable of Headers
        Of the records, in order.

    Returns
    -------
    Context or None
        None when no record has one.
    """
    for headers in links:
        if headers and (context := extract(headers)) is not None:
            return context
    return None


def add_links(span: trace.Span, links: Sequence[Headers]) -> None:
    """Link a span to each producer once, where both are kept: a link to what nobody kept leads nowhere.

    Parameters
    ----------
    span : opentelemetry.trace.Span
        Started.
    links : sequence of Headers
        Of the records.
    """
    if not span.is_recording():
        return
    added = 0
    # most records of a batch share their producer's span, so equal headers are read once
    for headers in dict.fromkeys(links):
        context = extract(headers)
        if context is None:
            continue
        producer = trace.get_current_span(context).get_span_context()
        if not producer.trace_flags.sampled:
            continue
        span.add_link(producer)
        added += 1
        # one more than are kept, so that the span says that something is missing
        if added > MAX_LINKS:
            return
