"""Registered hypotheses: which two series, in which window, with which settings, under one hash.

A definition is fixed before it runs; its hash seeds the surrogates and is part of the event's identity. The
defaults can be replaced by an ``Activate`` record of kind ``hypotheses``:
``{"hypotheses": [{"name", "a": {"kind", ...}, "b": {...}, "start", "end", "unobserved": [[start, end]],
"params": {...}}]}``, times RFC 3339.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from lacuna_core.canonical import canonical_json
from lacuna_core.digest import text_digest
from lacuna_core.errors import ConfigError
from lacuna_core.event import CLOSED, OPEN, Event
from lacuna_core.timestamps import parse_time
from lacuna_flight_correlation.chance import observed_time
from lacuna_flight_correlation.coincidence import Coincidence, CoincidenceParams, analyze
from lacuna_flight_correlation.newest import latest
from lacuna_flight_correlation.series import (
    CALL,
    NEWS,
    TRIP,
    NewsItem,
    Point,
    Series,
    point,
    read_news,
    series_times,
)


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One definition.

    Attributes
    ----------
    name : str
        Lower snake case.
    a : Series
        What is to be explained.
    b : Series
        The candidate precursor.
    start_ms, end_ms : int or None
        Window; None for the first day of the data and for "as long as it goes on".
    unobserved : tuple of (int, int)
        Half-open intervals without observation.
    params : CoincidenceParams
        Settings of the analysis.
    """

    name: str
    a: Series
    b: Series
    start_ms: int | None = None
    end_ms: int | None = None
    unobserved: tuple[tuple[int, int], ...] = ()
    params: CoincidenceParams = field(default_factory=CoincidenceParams)

    def digest(self) -> int:
        """Hash of the definition.

        Returns
        -------
        int
            Unsigned 64 bits.
        """
        return text_digest(canonical_json(asdict(self)))


DEFAULTS = (
    Hypothesis("dark_port_calls_after_trips", Series(CALL), Series(TRIP)),
    Hypothesis("news_after_trips", Series(NEWS), Series(TRIP)),
    Hypothesis("news_after_dark_port_calls", Series(NEWS), Series(CALL)),
)


def _series(fields: dict[str, Any]) -> Series:
    if fields["kind"] not in (TRIP, CALL, NEWS):
        raise ValueError(f"kind {fields['kind']!r} is none of {TRIP}, {CALL}, {NEWS}")
    return Series(**{**fields, "types": tuple(fields.get("types", ()))})


def _params(fields: dict[str, Any]) -> CoincidenceParams:
    known = CoincidenceParams(**fields)
    return replace(known, grid_days=tuple(float(days) for days in known.grid_days))


def read_hypotheses(body: str) -> tuple[Hypothesis, ...]:
    """Read the body of an activation.

    Parameters
    ----------
    body : str
        JSON, see the module; ``""`` for the defaults.

    Returns
    -------
    tuple of Hypothesis
        In the order given.

    Raises
    ------
    ConfigError
        If a field is missing, unknown or unreadable.
    """
    if not body:
        return DEFAULTS
    try:
        return tuple(
            Hypothesis(
                name=str(entry["name"]),
                a=_series(entry["a"]),
                b=_series(entry["b"]),
                start_ms=parse_time(entry["start"]) if entry.get("start") else None,
                end_ms=parse_time(entry["end"]) if entry.get("end") else None,
                unobserved=tuple((parse_time(s), parse_time(e)) for s, e in entry.get("unobserved", ())),
                params=_params(entry.get("params", {})),
            )
            for entry in json.loads(body)["hypotheses"]
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"hypotheses: expected name, a, b with a known kind, {error!r}") from error


def run_hypothesis(
    hypothesis: Hypothesis, points: Iterable[Point], news: Sequence[NewsItem], start_ms: int, end_ms: int
) -> Coincidence | None:
    """Run one hypothesis on the points known.

    Parameters
    ----------
    hypothesis : Hypothesis
        The definition.
    points : iterable of Point
        Events.
    news : sequence of NewsItem
        The dated list.
    start_ms, end_ms : int
        Bounds of the data; the definition's own window is cut to them.

    Returns
    -------
    Coincidence or None
        None when no time was observed or both series are empty.
    """
    start_ms = start_ms if hypothesis.start_ms is None else hypothesis.start_ms
    end_ms = end_ms if hypothesis.end_ms is None else min(end_ms, hypothesis.end_ms)
    observed = observed_time(start_ms, end_ms, hypothesis.unobserved)
    known = list(points)
    a, b = series_times(hypothesis.a, known, news), series_times(hypothesis.b, known, news)
    if not observed or not (a or b):
        return None
    return analyze(a, b, observed, hypothesis.params, hypothesis.digest())


def correlate(
    events: Iterable[Event], news_body: str, hypothesis: Hypothesis, start_ms: int, end_ms: int
) -> Coincidence | None:
    """Run one hypothesis on stored events, at any time.

    Parameters
    ----------
    events : iterable of Event
        Revisions in any order.
    news_body : str
        Body of the news list, ``""`` for none.
    hypothesis : Hypothesis
        The definition.
    start_ms, end_ms : int
        Bounds of the data.

    Returns
    -------
    Coincidence or None
        As ``run_hypothesis``.
    """
    known = list(events)
    newest = latest(known, TRIP) + latest(known, CALL)
    points = [p for p in map(point, newest) if p is not None]
    return run_hypothesis(hypothesis, points, read_news(news_body), start_ms, end_ms)


def event_status(hypothesis: Hypothesis, until_ms: int) -> str:
    """Tell whether the window of a hypothesis is over.

    Parameters
    ----------
    hypothesis : Hypothesis
        The definition.
    until_ms : int
        Data time.

    Returns
    -------
    str
        ``closed`` when it is, else ``open``.
    """
    return CLOSED if hypothesis.end_ms is not None and hypothesis.end_ms <= until_ms else OPEN
