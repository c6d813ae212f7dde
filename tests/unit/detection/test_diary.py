"""The diary: newest revision only, by overlap, forgotten by data time."""

from dataclasses import replace

from lacuna_core.event import Event, event_from_fact
from lacuna_detection.diary import KEPT_MS, Diary
from tests.unit.detection.assess_rows import OTHERS, SHIP, at_ms, fix, gap


def _event(from_h: float, to_h: float, **changes: object) -> Event:
    event = event_from_fact(gap(fix(from_h), fix(to_h)), kind="gap", model_version="gap/1")
    return replace(event, **changes)  # type: ignore[arg-type]


def _ids(diary: Diary, from_h: float, to_h: float, as_of_h: float = 100) -> list[str]:
    found = diary.during(SHIP, ["gap"], at_ms(from_h), at_ms(to_h), at_ms(as_of_h))
    return [e.event_id for e in found]


def test_events_are_found_by_overlap_and_kind() -> None:
    diary, event = Diary(), _event(10, 20)
    diary.note(event)
    assert _ids(diary, 19, 30) == _ids(diary, 0, 11) == _ids(diary, 12, 13) == [event.event_id]
    assert _ids(diary, 20, 30) == _ids(diary, 0, 10) == []
    assert diary.during(SHIP, ["encounter"], at_ms(0), at_ms(30), at_ms(30)) == ()
    assert diary.during(OTHERS[0], ["gap"], at_ms(0), at_ms(30), at_ms(30)) == ()


def test_a_later_revision_replaces_and_a_retraction_removes() -> None:
    diary, event = Diary(), _event(10, 20)
    diary.note(replace(event, status="open", end_ms=None, verdict=""))
    diary.note(replace(event, verdict="void"))
    found = diary.during(SHIP, ["gap"], at_ms(0), at_ms(30), at_ms(30))
    assert [(e.verdict, e.status) for e in found] == [("void", "closed")]
    diary.note(replace(event, status="retracted"))
    assert _ids(diary, 0, 30) == []


def test_forgetting_changes_no_answer() -> None:
    diary, kept = Diary(), Diary()
    hours = KEPT_MS / 3_600_000
    for k in range(20):
        event = _event(100 * k, 100 * k + 10)
        diary.note(event)
        kept.note(event)
        diary.forget(event.as_of_ms)
        asked = (0, 2000, 100 * k + 10)
        assert _ids(diary, *asked) == _ids(kept, *asked)
    assert len(_ids(diary, 0, 2000, 1910)) == sum(100 * k + 10 >= 1910 - hours for k in range(20))


def test_a_snapshot_goes_on_where_it_stood() -> None:
    diary, again = Diary(), Diary()
    diary.note(_event(10, 20))
    again.load(diary.dump())
    assert _ids(again, 0, 30) == _ids(diary, 0, 30) != []
