"""Alerts on the wire: CloudEvents JSON that any client can read, one a record.

The text is the alert's body with one extension attribute, ``lacunawire``, appended: format, origin, topic,
event id, generation, revision, kind, time and the xxh64 of the body, so that Lacuna's own readers get back
exactly what was published.
"""

import json

import xxhash

from lacuna_core.errors import InvalidMessage
from lacuna_core.event import Alert
from lacuna_runtime.codec.digest import values

_MARK = ',"lacunawire":'
_FORMAT = 1
Head = tuple[str, int, int]
"""Origin stage, origin partition and seq."""


def _hash(head: Head, alert: Alert) -> str:
    return f"{xxhash.xxh64_intdigest(values((_FORMAT, *head, alert))):016x}"


def write_alert(head: Head, alert: Alert) -> bytes:
    """Write an alert.

    Parameters
    ----------
    head : tuple
        Origin.
    alert : Alert
        Its body is a JSON object with at least one member.

    Returns
    -------
    bytes
        CloudEvents JSON.

    Raises
    ------
    InvalidMessage
        If the body is no such object.
    """
    try:
        members = json.loads(alert.body)
    except ValueError as error:
        raise InvalidMessage("not_cloudevents", f"body of {alert.event_id}: {error}") from error
    if not isinstance(members, dict) or not members or not alert.body.endswith("}"):
        raise InvalidMessage("not_cloudevents", f"body of {alert.event_id} is no JSON object with members")
    wire = [
        _FORMAT, *head, alert.topic, alert.event_id, alert.generation, alert.revision, alert.kind,
        alert.as_of_ms, _hash(head, alert),
    ]  # fmt: skip
    return (alert.body[:-1] + _MARK + json.dumps(json.dumps(wire)) + "}").encode()


def read_alert(value: bytes) -> tuple[Head, Alert]:
    """Read an alert.

    Parameters
    ----------
    value : bytes
        What ``write_alert`` wrote.

    Returns
    -------
    head : tuple
        Origin.
    alert : Alert
        The alert.

    Raises
    ------
    InvalidMessage
        If it is damaged or not Lacuna's.
    """
    try:
        text = value.decode()
        body, mark, tail = text.rpartition(_MARK)
        if not mark or not tail.endswith("}"):
            raise InvalidMessage("damaged", "no lacunawire attribute at the end of the alert")
        wire = json.loads(json.loads(tail[:-1]))
        known, stage, partition, seq, *rest, digest = wire
        alert = Alert(*(*rest, body + "}"))
    except (ValueError, TypeError) as error:
        raise InvalidMessage("damaged", f"alert: {error}") from error
    if known != _FORMAT:
        raise InvalidMessage("unknown_format", f"alert of format {known}; this build reads {_FORMAT}")
    head = (stage, partition, seq)
    try:
        right = _hash(head, alert)
    except (TypeError, ValueError) as error:
        raise InvalidMessage("damaged", f"alert: {error}") from error
    if digest != right:
        raise InvalidMessage("damaged", f"alert {alert.event_id} does not match its hash")
    return head, alert
