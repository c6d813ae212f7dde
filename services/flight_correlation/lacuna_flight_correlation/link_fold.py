"""The fold ``link``: joins trips, dark port calls and a dated news list, and tells subscribers.

At the end of each calendar month of data time every registered hypothesis is tested on what is known then.
Beside that every event that meets a rule of ``alerts`` becomes a message.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

import numpy as np

from lacuna_core.canonical import canonical_json
from lacuna_core.event import Alert, Event
from lacuna_core.flow import EVENTS_IN, Input
from lacuna_core.fold import Outputs, Rows, Snapshot
from lacuna_core.position import Activate
from lacuna_core.revisions import RevisionState, number
from lacuna_core.topics import ALERTS_AVIATION, ALERTS_CORRELATION, ALERTS_MARITIME, EVENTS, Topic
from lacuna_core.units import MS_PER_DAY, MS_PER_S
from lacuna_flight_correlation.alerts import AlertMemory, alert_for
from lacuna_flight_correlation.correlation_event import correlation_event
from lacuna_flight_correlation.hypotheses import (
    DEFAULTS,
    Hypothesis,
    read_hypotheses,
    run_hypothesis,
)
from lacuna_flight_correlation.series import Point, point, read_news


@dataclass(frozen=True, slots=True)
class LinkParams:
    """Settings.

    Attributes
    ----------
    hypotheses : tuple of Hypothesis
        In force until an activation replaces them.
    """

    hypotheses: tuple[Hypothesis, ...] = DEFAULTS


@dataclass(slots=True)
class LinkState:
    """State of the one task.

    Attributes
    ----------
    points : dict of str to Point
        Trips and calls that stand, by event id.
    news, hypotheses : str
        Bodies in force, ``""`` for none.
    first_ms : int or None
        Start of the earliest event seen.
    month_end_ms : int or None
        Next end of a month; None before the first event.
    told : dict
        Memory of the alerts.
    revisions : dict
        Numbers of the correlation events.
    """

    points: dict[str, Point] = field(default_factory=dict)
    news: str = ""
    hypotheses: str = ""
    first_ms: int | None = None
    month_end_ms: int | None = None
    told: AlertMemory = field(default_factory=dict)
    revisions: RevisionState = field(default_factory=dict)


def month_end_ms(t_ms: int) -> int:
    """First moment of the next calendar month.

    Parameters
    ----------
    t_ms : int
        Unix milliseconds UTC.

    Returns
    -------
    int
        Unix milliseconds UTC, later than ``t_ms``.
    """
    moment = datetime.fromtimestamp(t_ms // MS_PER_S, UTC)
    year, month = (moment.year + 1, 1) if moment.month == 12 else (moment.year, moment.month + 1)
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp()) * MS_PER_S


class LinkFold:
    """Correlations and alerts.

    Parameters
    ----------
    params : LinkParams
        Settings.
    """

    name = "link"
    version = 1
    inputs: tuple[Input, ...] = (EVENTS_IN,)
    outputs: tuple[Topic, ...] = (EVENTS, ALERTS_MARITIME, ALERTS_AVIATION, ALERTS_CORRELATION)
    whole = True

    def __init__(self, params: LinkParams | None = None) -> None:
        self.params = params or LinkParams()

    def initial(self, partition: int) -> LinkState:
        """Make the state before the first event.

        Parameters
        ----------
        partition : int
            0.

        Returns
        -------
        LinkState
            Empty.
        """
        return LinkState()

    def step(
        self, state: LinkState, rows: Rows, until_ms: int, activations: tuple[Activate, ...]
    ) -> tuple[LinkState, Outputs]:
        """Take the next events and the ends of months up to the watermark.

        Parameters
        ----------
        state : LinkState
            Changed in place.
        rows : Rows
            Its events.
        until_ms : int
            Watermark.
        activations : tuple of Activate
            Those of kinds ``news`` and ``hypotheses`` count.

        Returns
        -------
        state : LinkState
            The same.
        outputs : Outputs
            Correlation events and alerts.
        """
        for activation in activations:
            if activation.kind == "news":
                read_news(activation.body)  # a broken list stops here, by name
                state.news = activation.body
            elif activation.kind == "hypotheses":
                read_hypotheses(activation.body)
                state.hypotheses = activation.body
        events: list[Event] = []
        alerts: list[Alert] = []
        for event in rows.events:
            if event.kind == "correlation":
                continue  # our own
            self._months(state, event.as_of_ms - 1, events, alerts)
            self._take(state, event)
            alerts.extend(self._tell(state, event))
        self._months(state, until_ms, events, alerts)
        return state, Outputs(events=tuple(events), alerts=tuple(alerts))

    def _tell(self, state: LinkState, event: Event) -> Iterator[Alert]:
        alert = alert_for(state.told, event)
        if alert is not None:
            yield alert

    def _take(self, state: LinkState, event: Event) -> None:
        known = point(event)
        if known is not None:
            state.points[event.event_id] = known
        else:
            state.points.pop(event.event_id, None)
        state.first_ms = event.start_ms if state.first_ms is None else min(state.first_ms, event.start_ms)
        if state.month_end_ms is None:
            state.month_end_ms = month_end_ms(event.as_of_ms)

    def _months(self, state: LinkState, until_ms: int, events: list[Event], alerts: list[Alert]) -> None:
        while state.month_end_ms is not None and state.month_end_ms <= until_ms:
            due_ms = state.month_end_ms
            state.month_end_ms = month_end_ms(due_ms)
            fresh = number(state.revisions, self._correlations(state, due_ms))
            events.extend(fresh)
            for event in fresh:
                alerts.extend(self._tell(state, event))

    def _correlations(self, state: LinkState, due_ms: int) -> Iterator[Event]:
        news = read_news(state.news)
        day_ms = (state.first_ms or 0) // MS_PER_DAY * MS_PER_DAY
        registered = read_hypotheses(state.hypotheses) if state.hypotheses else self.params.hypotheses
        for hypothesis in registered:
            kinds = {hypothesis.a.kind, hypothesis.b.kind}
            points = [p for _, p in sorted(state.points.items()) if p.kind in kinds]
            over = hypothesis.end_ms is not None and month_end_ms(hypothesis.end_ms - 1) < due_ms
            result = None if over else run_hypothesis(hypothesis, points, news, day_ms, due_ms)
            if result is not None:
                start_ms = day_ms if hypothesis.start_ms is None else hypothesis.start_ms
                yield correlation_event(
                    hypothesis, result, start_ms, due_ms, tuple(p.event_id for p in points)
                )

    def dump(self, state: LinkState) -> Snapshot:
        """Write the state as arrays.

        Parameters
        ----------
        state : LinkState
            Any state.

        Returns
        -------
        dict of str to numpy.ndarray
            JSON bytes.
        """
        memory = {
            "points": [asdict(p) for _, p in sorted(state.points.items())],
            "news": state.news,
            "hypotheses": state.hypotheses,
            "first_ms": state.first_ms,
            "month_end_ms": state.month_end_ms,
            "told": sorted(state.told.items()),
            "revisions": [[key, *value] for key, value in sorted(state.revisions.items())],
        }
        return {"memory": np.frombuffer(canonical_json(memory).encode(), np.uint8)}

    def load(self, snapshot: Snapshot) -> LinkState:
        """Read a state.

        Parameters
        ----------
        snapshot : dict of str to numpy.ndarray
            What ``dump`` wrote.

        Returns
        -------
        LinkState
            The state.
        """
        memory = json.loads(snapshot["memory"].tobytes())
        points = [
            Point(
                p["event_id"], p["kind"], p["t_ms"], tuple((n, s) for n, s in p["shares"]), p["watchlisted"]
            )
            for p in memory["points"]
        ]
        return LinkState(
            {p.event_id: p for p in points},
            memory["news"],
            memory["hypotheses"],
            memory["first_ms"],
            memory["month_end_ms"],
            dict(memory["told"]),
            {key: (last, digest) for key, last, digest in memory["revisions"]},
        )
