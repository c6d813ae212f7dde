"""Events as the JSON that is served: written once, read back without loss."""

import math
from typing import Any

import orjson

from lacuna_core.canonical import canonical_json
from lacuna_core.errors import CorruptState, InvalidMessage
from lacuna_core.event import Alert, Event, Term, event_record
from lacuna_core.ids import parse_craft
from lacuna_core.timestamps import parse_time
from lacuna_core.units import E7_PER_DEG


def encode_event(event: Event) -> bytes:
    """Write an event.

    Parameters
    ----------
    event : Event
        A numbered event.

    Returns
    -------
    bytes
        The object of ``event_record`` with ``detail`` as an object, UTF-8.

    Raises
    ------
    InvalidMessage
        If its detail is no JSON object or one of its numbers is not finite.
    """
    numbers = [t.value for t in event.terms] + [p for _, p in event.probabilities if p is not None]
    if not all(math.isfinite(n) for n in numbers):
        raise InvalidMessage("event_number", f"event {event.event_id} holds a number that is not finite")
    try:
        detail = orjson.loads(event.detail)
        record = event_record(event)
    except (ValueError, OverflowError) as error:
        raise InvalidMessage("event_body", f"event {event.event_id}: {error}") from error
    if not isinstance(detail, dict):
        raise InvalidMessage("event_detail", f"event {event.event_id}: detail is no JSON object")
    return orjson.dumps({**record, "detail": orjson.Fragment(event.detail)})


def check_alert(alert: Alert) -> None:
    """Refuse an alert that could not be served.

    Parameters
    ----------
    alert : Alert
        Any alert.

    Raises
    ------
    InvalidMessage
        If its body is no JSON object.
    """
    try:
        body = orjson.loads(alert.body)
    except ValueError as error:
        raise InvalidMessage("alert_body", f"alert of event {alert.event_id}: {error}") from error
    if not isinstance(body, dict):
        raise InvalidMessage("alert_body", f"alert of event {alert.event_id}: body is no JSON object")


def _e7(degrees: float | None) -> int | None:
    return None if degrees is None else round(degrees * E7_PER_DEG)


def decode_event(body: bytes) -> Event:
    """Read an event.

    Parameters
    ----------
    body : bytes
        What ``encode_event`` wrote.

    Returns
    -------
    Event
        The event as it was.

    Raises
    ------
    CorruptState
        If the body is damaged.
    """
    try:
        record: dict[str, Any] = orjson.loads(body)
        return Event(
            event_id=record["event_id"],
            kind=record["kind"],
            crafts=tuple(parse_craft(c) for c in record["crafts"]),
            generation=record["generation"],
            revision=record["revision"],
            status=record["status"],
            as_of_ms=parse_time(record["as_of"]),
            start_ms=parse_time(record["start"]),
            end_ms=None if record["end"] is None else parse_time(record["end"]),
            start_lat_e7=_e7(record["start_lat"]),
            start_lon_e7=_e7(record["start_lon"]),
            end_lat_e7=_e7(record["end_lat"]),
            end_lon_e7=_e7(record["end_lon"]),
            place=record["place"] or "",
            verdict=record["verdict"] or "",
            probabilities=tuple(record["probabilities"].items()),
            terms=tuple(Term(t["name"], t["value"], t["unit"]) for t in record["terms"]),
            evidence=tuple(record["evidence"]),
            detail=canonical_json(record["detail"]),
            model_version=record["model_version"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptState(f"event of {len(body)} bytes can't be read: {error!r}") from error
