"""One id for life, a revision for each change, none for a repeat."""

from dataclasses import replace

from lacuna_core.event import CLOSED, OPEN, RETRACTED, Event, Term
from lacuna_core.revisions import RevisionState, body_digest, number

GAP = Event("id", "gap", (1,), 0, 0, OPEN, 100, 10, None, None, None, None, None)


def test_changes_are_numbered_and_repeats_dropped() -> None:
    state: RevisionState = {}
    longer = replace(GAP, as_of_ms=200, terms=(Term("duration", 6.0, "h"),))
    said = [GAP, replace(GAP, as_of_ms=150), longer, replace(longer, status=CLOSED, as_of_ms=300, end_ms=300)]
    numbered = number(state, said)
    assert [(e.revision, e.as_of_ms) for e in numbered] == [(1, 100), (2, 200), (3, 300)]
    assert state == {}


def test_numbers_go_on_over_calls() -> None:
    state: RevisionState = {}
    assert [e.revision for e in number(state, [GAP])] == [1]
    assert number(state, [replace(GAP, as_of_ms=160)]) == []
    assert [e.revision for e in number(state, [replace(GAP, verdict="void")])] == [2]


def test_closed_events_are_kept_when_asked() -> None:
    state: RevisionState = {}
    closed = replace(GAP, status=CLOSED)
    assert len(number(state, [closed], forget_closed=False)) == 1
    assert number(state, [closed], forget_closed=False) == []
    retracted = number(state, [replace(GAP, status=RETRACTED)], forget_closed=False)
    assert [e.revision for e in retracted] == [2]


def test_a_body_is_blind_to_number_and_time() -> None:
    assert body_digest(GAP) == body_digest(replace(GAP, revision=7, as_of_ms=999))
    assert body_digest(GAP) != body_digest(replace(GAP, generation=1))
