"""Trace context through headers: what goes out comes in again, and nonsense is no context."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from lacuna_core.ports import Headers
from lacuna_runtime.telemetry import names
from lacuna_runtime.telemetry.names import MAX_LINKS
from lacuna_runtime.telemetry.spans import SdkSpan, add_links, extract, inject, start_span

TRACER = TracerProvider(
    sampler=ALWAYS_ON, span_limits=SpanLimits(max_links=MAX_LINKS), shutdown_on_exit=False
).get_tracer("test")


def header(trace_id: int, span_id: int, flags: int = 1) -> Headers:
    return (("traceparent", f"00-{trace_id:032x}-{span_id:016x}-{flags:02x}".encode()),)


@given(st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.sampled_from([0, 1]))
def test_a_context_comes_in_as_it_went_out(trace_id: int, span_id: int, flags: int) -> None:
    context = extract((("other", b"\xff"), *header(trace_id, span_id, flags)))
    assert context is not None
    found = trace.get_current_span(context).get_span_context()
    assert (found.trace_id, found.span_id, found.trace_flags) == (trace_id, span_id, flags)
    assert found.is_remote
    with trace.use_span(trace.NonRecordingSpan(found)):
        assert inject() == header(trace_id, span_id, flags)


@given(st.lists(st.tuples(st.sampled_from(["traceparent", "tracestate", "x"]), st.binary(max_size=80))))
def test_nonsense_is_no_context(pairs: list[tuple[str, bytes]]) -> None:
    assert extract(tuple(pairs)) is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "00",
        f"ff-{'1' * 32}-{'2' * 16}-01",
        f"00-{'0' * 32}-{'2' * 16}-01",
        f"00-{'1' * 32}-{'0' * 16}-01",
    ],
)
def test_what_the_standard_refuses_is_refused(value: str) -> None:
    assert extract((("traceparent", value.encode()),)) is None


def test_each_producer_is_linked_once_and_only_where_it_is_traced() -> None:
    span = start_span(TRACER, names.PROCESS, "facts", {})
    add_links(span, [header(1, 5), (), header(1, 5), header(2, 6, flags=0), header(3, 7)])
    links = [(link.context.trace_id, link.context.span_id) for link in span.links]  # type: ignore[attr-defined]
    assert links == [(1, 5), (3, 7)]


def test_links_end_at_the_limit_and_the_span_says_so() -> None:
    span = start_span(TRACER, names.PROCESS, "facts", {})
    add_links(span, [header(1, n + 1) for n in range(3 * MAX_LINKS)])
    assert len(span.links) == MAX_LINKS  # type: ignore[attr-defined]
    assert span.dropped_links > 0  # type: ignore[attr-defined]


def test_a_span_ends_once_and_tells_what_ended_it() -> None:
    span = start_span(TRACER, names.FLUSH, "projector", {})
    told = SdkSpan(span)

    def fail() -> None:
        with told:
            assert trace.get_current_span() is span
            raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        fail()
    told.end()
    assert trace.get_current_span() is not span
    assert span.attributes["error.type"] == "ValueError"  # type: ignore[attr-defined]
    # the text of an error may hold what is nobody's business
    assert "on purpose" not in span.to_json()  # type: ignore[attr-defined]
