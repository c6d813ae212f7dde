"""Alerts: which revisions of which events are worth a message, as CloudEvents 1.0 JSON.

An alert goes out when an event first meets its rule and whenever its status or verdict changes afterwards, a
retraction included: who was told must be told again.
"""

import json
from collections.abc import Callable

import orjson

from lacuna_core.event import CLOSED, OPEN, RETRACTED, VOID, Alert, Event, event_record
from lacuna_core.timestamps import format_time
from lacuna_core.topics import ALERTS_AVIATION, ALERTS_CORRELATION, ALERTS_MARITIME
from lacuna_core.units import MS_PER_H

SOURCE = "/lacuna/flight-correlation"
GAP_ALERT_H = 30.0

AlertMemory = dict[str, str]
"""Status and verdict last told, by id of events that may still change."""


def _long_silence(event: Event) -> bool:
    end_ms = event.as_of_ms if event.end_ms is None else event.end_ms
    return event.verdict != VOID and end_ms - event.start_ms >= GAP_ALERT_H * MS_PER_H


def _not_void(event: Event) -> bool:
    return event.verdict != VOID


def _watchlisted(event: Event) -> bool:
    return bool(json.loads(event.detail).get("watchlisted"))


def _always(event: Event) -> bool:
    return True


RULES: dict[str, tuple[str, str, Callable[[Event], bool]]] = {
    "gap": (ALERTS_MARITIME.name, "maritime", _long_silence),
    "dark_port_call": (ALERTS_MARITIME.name, "maritime", _not_void),
    "encounter": (ALERTS_MARITIME.name, "maritime", _always),
    "round_trip_no_call": (ALERTS_MARITIME.name, "maritime", _always),
    "trip": (ALERTS_AVIATION.name, "aviation", _watchlisted),
    "correlation": (ALERTS_CORRELATION.name, "correlation", _always),
}
"""Topic, domain and rule by event kind; other kinds never alert."""


def cloud_event(event: Event, domain: str) -> str:
    """Write one revision of an event as a CloudEvents message.

    Parameters
    ----------
    event : Event
        A numbered event.
    domain : str
        ``maritime``, ``aviation`` or ``correlation``.

    Returns
    -------
    str
        JSON with sorted keys.
    """
    message = {
        "specversion": "1.0",
        "id": f"{event.event_id}.{event.generation}.{event.revision}",
        "source": SOURCE,
        "type": f"lacuna.{domain}.{event.kind}.{event.status}",
        "subject": event.event_id,
        "time": format_time(event.as_of_ms),
        "datacontenttype": "application/json",
        "data": {**event_record(event), "detail": json.loads(event.detail)},
    }
    return orjson.dumps(message, option=orjson.OPT_SORT_KEYS).decode()


def alert_for(memory: AlertMemory, event: Event) -> Alert | None:
    """Decide whether a revision is told.

    Parameters
    ----------
    memory : dict
        What was told; updated in place.
    event : Event
        A numbered event, each revision once and in order.

    Returns
    -------
    Alert or None
        The message.
    """
    if event.kind not in RULES or event.status not in (OPEN, CLOSED, RETRACTED):
        return None
    topic, domain, rule = RULES[event.kind]
    told = memory.get(event.event_id)
    now = f"{event.status}|{event.verdict}"
    meets = event.status != RETRACTED and rule(event)
    if told == now or (told is None and not meets):
        return None
    if event.status == OPEN:
        memory[event.event_id] = now
    else:
        memory.pop(event.event_id, None)
    return Alert(
        topic=topic,
        event_id=event.event_id,
        generation=event.generation,
        revision=event.revision,
        kind=event.kind,
        as_of_ms=event.as_of_ms,
        body=cloud_event(event, domain),
    )
