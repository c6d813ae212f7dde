"""Events and alerts: what Lacuna asserts, with its terms, evidence and revisions."""

from dataclasses import dataclass, replace

from lacuna_core.canonical import round9
from lacuna_core.digest import event_id
from lacuna_core.fact import Fact
from lacuna_core.ids import format_craft
from lacuna_core.timestamps import format_time
from lacuna_core.units import from_e7

OPEN, CLOSED, RETRACTED = "open", "closed", "retracted"
VOID = "void"
"""Verdict of a silence that the receivers explain or about which they can say nothing."""


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """One number that made a score or a verdict.

    Attributes
    ----------
    name : str
        What it is, lower snake case.
    value : float
        The number, rounded to nine significant digits when the event is made.
    unit : str
        Its unit: ``h``, ``nm``, ``kn``, ``m``, ``1`` for a count or a share.
    """

    name: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Event:
    """What a detector asserts. One id for life; what changes later is a revision.

    Attributes
    ----------
    event_id : str
        UUIDv8, see ``lacuna_core.digest.event_id``.
    kind : str
        Lower snake case, an open set.
    crafts : tuple of int
        Craft keys, sorted; empty for events about no single craft (correlation).
    generation : int
        0 live; a reprocess writes a higher one.
    revision : int
        From 1; 0 only before ``Revisions`` has numbered it.
    status : str
        ``open``, ``closed`` or ``retracted``.
    as_of_ms : int
        Data time of this revision.
    start_ms : int
        Start of the interval.
    end_ms : int or None
        Its end; None while open.
    start_lat_e7, start_lon_e7, end_lat_e7, end_lon_e7 : int or None
        Where, degrees times 1e7.
    place : str
        Port, airport or region id; ``""`` for none.
    verdict : str
        Verdict word of the kind (``void`` among them); ``""`` for none.
    probabilities : tuple of (str, float or None)
        Named probabilities sorted by name; None is "not calibrated, so not printed".
    terms : tuple of Term
        Sorted by name.
    evidence : tuple of str
        Row digests (16 hexadecimal digits) and ids of events that it rests on.
    detail : str
        Canonical JSON with a schema per kind beside its detector.
    model_version : str
        ``<kind>/<n>+<config_hash8>``.
    """

    event_id: str
    kind: str
    crafts: tuple[int, ...]
    generation: int
    revision: int
    status: str
    as_of_ms: int
    start_ms: int
    end_ms: int | None
    start_lat_e7: int | None
    start_lon_e7: int | None
    end_lat_e7: int | None
    end_lon_e7: int | None
    place: str = ""
    verdict: str = ""
    probabilities: tuple[tuple[str, float | None], ...] = ()
    terms: tuple[Term, ...] = ()
    evidence: tuple[str, ...] = ()
    detail: str = "{}"
    model_version: str = ""

    def body(self) -> "Event":
        """Blank what numbers a revision, so that equal bodies make no new one.

        Returns
        -------
        Event
            The event with ``revision`` and ``as_of_ms`` zero.
        """
        return replace(self, revision=0, as_of_ms=0)


def event_from_fact(
    fact: Fact,
    *,
    kind: str,
    model_version: str,
    verdict: str = "",
    place: str = "",
    probabilities: tuple[tuple[str, float | None], ...] = (),
    terms: tuple[Term, ...] = (),
    evidence: tuple[str, ...] = (),
    detail: str | None = None,
) -> Event:
    """Make the unnumbered event that rests on a fact: same craft, anchor, interval and ends.

    Parameters
    ----------
    fact : Fact
        The fact; its anchor is the event's.
    kind : str
        Event kind.
    model_version : str
        ``<kind>/<n>+<config_hash8>``.
    verdict : str
        Verdict word.
    place : str
        Port or region id.
    probabilities : tuple of (str, float or None)
        Named probabilities.
    terms : tuple of Term
        In any order.
    evidence : tuple of str
        More evidence than the two end rows.
    detail : str or None
        Canonical JSON; the fact's own when None.

    Returns
    -------
    Event
        Revision 0; ``Revisions`` numbers it.
    """
    ends = tuple(f"{fix.digest:016x}" for fix in (fact.start, fact.end) if fix is not None)
    return Event(
        event_id=event_id(kind, fact.crafts, fact.anchor_t_ms, fact.anchor_digest),
        kind=kind,
        crafts=fact.crafts,
        generation=0,
        revision=0,
        status=fact.status,
        as_of_ms=fact.as_of_ms,
        start_ms=fact.start_ms,
        end_ms=fact.end_ms,
        start_lat_e7=fact.start.lat_e7 if fact.start else None,
        start_lon_e7=fact.start.lon_e7 if fact.start else None,
        end_lat_e7=fact.end.lat_e7 if fact.end else None,
        end_lon_e7=fact.end.lon_e7 if fact.end else None,
        place=place,
        verdict=verdict,
        probabilities=tuple(sorted((n, None if p is None else round9(p)) for n, p in probabilities)),
        terms=tuple(sorted(Term(t.name, round9(t.value), t.unit) for t in terms)),
        evidence=tuple(dict.fromkeys(ends + evidence)),
        detail=fact.detail if detail is None else detail,
        model_version=model_version,
    )


def event_record(event: Event) -> dict[str, object]:
    """Write an event as people and files read it.

    Parameters
    ----------
    event : Event
        A numbered event.

    Returns
    -------
    dict
        Plain JSON values; times RFC 3339, positions in degrees; without ``detail``, which a writer of JSON
        embeds as the object that it is.
    """

    def degrees(value: int | None) -> float | None:
        return None if value is None else from_e7(value)

    return {
        "event_id": event.event_id,
        "kind": event.kind,
        "generation": event.generation,
        "revision": event.revision,
        "status": event.status,
        "craft": format_craft(event.crafts[0]) if event.crafts else None,
        "crafts": [format_craft(c) for c in event.crafts],
        "as_of": format_time(event.as_of_ms),
        "start": format_time(event.start_ms),
        "end": None if event.end_ms is None else format_time(event.end_ms),
        "start_lat": degrees(event.start_lat_e7),
        "start_lon": degrees(event.start_lon_e7),
        "end_lat": degrees(event.end_lat_e7),
        "end_lon": degrees(event.end_lon_e7),
        "place": event.place or None,
        "verdict": event.verdict or None,
        "probabilities": dict(event.probabilities),
        "terms": [{"name": t.name, "value": t.value, "unit": t.unit} for t in event.terms],
        "evidence": list(event.evidence),
        "model_version": event.model_version,
    }


@dataclass(frozen=True, slots=True)
class Alert:
    """One CloudEvents 1.0 message about one revision of an event.

    Attributes
    ----------
    topic : str
        ``alerts.maritime``, ``alerts.aviation`` or ``alerts.correlation``.
    event_id : str
        The event; the CloudEvents subject.
    generation, revision : int
        Which revision.
    kind : str
        Event kind.
    as_of_ms : int
        CloudEvents time.
    body : str
        The CloudEvents JSON.
    """

    topic: str
    event_id: str
    generation: int
    revision: int
    kind: str
    as_of_ms: int
    body: str
