"""The event ``correlation``: what a registered hypothesis came to, one event a definition, revised monthly.

Anchor = hash of the definition and declared start of its window. ``verdict`` is the decision word, ``place``
the name of the hypothesis; ``evidence`` names the events joined. ``detail``: definition, definition_hash,
result {decision, headline, grid, controls, p_family, counts, observed share, seed, warnings}.
"""

from dataclasses import asdict
from typing import Any

from lacuna_core.canonical import canonical_json, round9
from lacuna_core.digest import config_hash8, event_id
from lacuna_core.event import Event, Term
from lacuna_flight_correlation.coincidence import Coincidence
from lacuna_flight_correlation.hypotheses import Hypothesis, event_status


def _terms(result: Coincidence) -> tuple[Term, ...]:
    cell = result.headline
    numbers: dict[str, tuple[float | None, str]] = {
        "expected": (cell.expected, "1"),
        "lift": (cell.lift, "1"),
        "n_a": (float(result.n_a), "1"),
        "n_b": (float(result.n_b), "1"),
        "observed": (float(cell.observed), "1"),
        "observed_share": (result.observed_share, "1"),
        "p": (cell.p, "1"),
        "p_family": (result.p_family, "1"),
        "p_min": (cell.p_min, "1"),
        "window_d": (cell.window_days, "d"),
    }
    return tuple(
        Term(name, round9(value), unit)
        for name, (value, unit) in sorted(numbers.items())
        if value is not None
    )


def correlation_event(
    hypothesis: Hypothesis, result: Coincidence, start_ms: int, as_of_ms: int, evidence: tuple[str, ...]
) -> Event:
    """Say what a hypothesis came to.

    Parameters
    ----------
    hypothesis : Hypothesis
        The definition.
    result : Coincidence
        Its result.
    start_ms : int
        Start of the window.
    as_of_ms : int
        End of the window so far.
    evidence : tuple of str
        Ids of the events that were joined.

    Returns
    -------
    Event
        Unnumbered; anchor = hash of the definition and declared start of its window.
    """
    digest = hypothesis.digest()
    detail: dict[str, Any] = {
        "definition": asdict(hypothesis),
        "definition_hash": f"{digest:016x}",
        "result": asdict(result),
    }
    detail["result"]["seed"] = f"{result.seed:016x}"
    return Event(
        event_id=event_id("correlation", (), hypothesis.start_ms or 0, digest),
        kind="correlation",
        crafts=(),
        generation=0,
        revision=0,
        status=event_status(hypothesis, as_of_ms),
        as_of_ms=as_of_ms,
        start_ms=start_ms,
        end_ms=as_of_ms if hypothesis.end_ms is None else min(as_of_ms, hypothesis.end_ms),
        start_lat_e7=None,
        start_lon_e7=None,
        end_lat_e7=None,
        end_lon_e7=None,
        place=hypothesis.name,
        verdict=result.decision,
        terms=_terms(result),
        evidence=evidence,
        detail=canonical_json(detail),
        model_version=f"correlation/1+{config_hash8(canonical_json(asdict(hypothesis.params)))}",
    )
