"""Numbering revisions: one id for life, a revision for each change, none for a repeat."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from lacuna_core.event import OPEN, Event

RevisionState = dict[str, tuple[int, str]]
"""Event id to (last revision, digest of its body), for events that may still change."""


def body_digest(event: Event) -> str:
    """Digest what an event says, without its number and time.

    Parameters
    ----------
    event : Event
        Any event.

    Returns
    -------
    str
        Hexadecimal blake2b-128.
    """
    return hashlib.blake2b(repr(event.body()).encode(), digest_size=16).hexdigest()


def number(state: RevisionState, events: Iterable[Event], *, forget_closed: bool = True) -> list[Event]:
    """Give events their revision numbers, dropping those whose body did not change.

    Parameters
    ----------
    state : dict
        Last revision and body digest by event id; updated in place.
    events : iterable of Event
        Unnumbered events in order of ``as_of_ms``.
    forget_closed : bool
        Drop an id from the state once its event is no longer open (nothing may revise it afterwards).

    Returns
    -------
    list of Event
        The numbered events, in the order given.
    """
    numbered = []
    for event in events:
        last, digest = state.get(event.event_id, (0, ""))
        new_digest = body_digest(event)
        if new_digest == digest:
            continue
        numbered.append(replace(event, revision=last + 1))
        if forget_closed and event.status != OPEN:
            state.pop(event.event_id, None)
        else:
            state[event.event_id] = (last + 1, new_digest)
    return numbered
