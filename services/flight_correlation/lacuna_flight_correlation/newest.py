"""The newest revision of each event."""

from collections.abc import Iterable

from lacuna_core.event import RETRACTED, Event


def latest(events: Iterable[Event], kind: str) -> list[Event]:
    """Keep the newest revision of each event of a kind, without the retracted.

    Parameters
    ----------
    events : iterable of Event
        Revisions in any order.
    kind : str
        Event kind.

    Returns
    -------
    list of Event
        Sorted by event id.
    """
    newest: dict[str, Event] = {}
    for event in events:
        if event.kind != kind:
            continue
        known = newest.get(event.event_id)
        if known is None or (event.generation, event.revision) > (known.generation, known.revision):
            newest[event.event_id] = event
    return [event for _, event in sorted(newest.items()) if event.status != RETRACTED]
