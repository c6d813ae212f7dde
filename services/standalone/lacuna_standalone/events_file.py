"""``--events``: every revision of every event, one JSON object a line, in an order that only data decides."""

from collections.abc import Iterable
from pathlib import Path

import orjson

from lacuna_core.errors import InvalidInput
from lacuna_core.event import Event, event_record


def event_line(event: Event) -> bytes:
    """Write an event as one line of NDJSON.

    Parameters
    ----------
    event : Event
        A numbered event.

    Returns
    -------
    bytes
        The line with its newline; ``detail`` is an object.
    """
    record = event_record(event)
    record["detail"] = orjson.loads(event.detail)
    return orjson.dumps(record) + b"\n"


def write_events(path: Path, events: Iterable[Event]) -> int:
    """Write events to a file, sorted by (as_of, event id, generation, revision).

    Parameters
    ----------
    path : Path
        Where to; replaced as a whole.
    events : iterable of Event
        All revisions, any order.

    Returns
    -------
    int
        Lines written.

    Raises
    ------
    InvalidInput
        If the file can't be written.
    """
    ordered = sorted(events, key=lambda e: (e.as_of_ms, e.event_id, e.generation, e.revision))
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as out:
            out.writelines(event_line(event) for event in ordered)
        partial.replace(path)
    except OSError as error:
        raise InvalidInput(f"--events {path}: {error.strerror}") from error
    return len(ordered)
