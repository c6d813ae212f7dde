"""What was said of each craft in the newest days of data time: what one event may ask about others."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from lacuna_core.event import RETRACTED, Event
from lacuna_core.fold import Snapshot
from lacuna_core.units import MS_PER_DAY, TimeMs
from lacuna_detection.text_table import read_json, write_json

KEPT_MS = 60 * MS_PER_DAY


@dataclass(frozen=True, slots=True)
class Entry:
    """The newest revision of one event, in short.

    Attributes
    ----------
    event_id, kind, status, place, verdict : str
        As of the event.
    start_ms, as_of_ms : int
        The same.
    end_ms : int or None
        The same.
    """

    event_id: str
    kind: str
    status: str
    place: str
    verdict: str
    start_ms: TimeMs
    end_ms: TimeMs | None
    as_of_ms: TimeMs


class Diary:
    """Entries by craft and event."""

    def __init__(self) -> None:
        self._entries: dict[int, dict[str, Entry]] = {}

    def note(self, event: Event) -> None:
        """Take down an event, in place of its earlier revision.

        Parameters
        ----------
        event : Event
            Any event of one craft or a pair.
        """
        entry = Entry(
            event_id=event.event_id,
            kind=event.kind,
            status=event.status,
            place=event.place,
            verdict=event.verdict,
            start_ms=event.start_ms,
            end_ms=event.end_ms,
            as_of_ms=event.as_of_ms,
        )
        for craft in event.crafts:
            own = self._entries.setdefault(craft, {})
            own.pop(event.event_id, None)
            if event.status != RETRACTED:
                own[event.event_id] = entry

    def during(
        self, craft: int, kinds: Iterable[str], start_ms: TimeMs, end_ms: TimeMs, as_of_ms: TimeMs
    ) -> tuple[Entry, ...]:
        """Find what was said of a craft about an interval.

        Parameters
        ----------
        craft : int
            The craft.
        kinds : iterable of str
            Kinds asked for.
        start_ms, end_ms : int
            Events that overlap it, Unix milliseconds UTC.
        as_of_ms : int
            Now; what was said more than ``KEPT_MS`` before is forgotten.

        Returns
        -------
        tuple of Entry
            In order of start and event id.
        """
        wanted = frozenset(kinds)
        found = [
            e
            for e in self._entries.get(craft, {}).values()
            if e.kind in wanted
            and e.start_ms < end_ms
            and (e.end_ms is None or e.end_ms > start_ms)
            and e.as_of_ms >= as_of_ms - KEPT_MS
        ]
        return tuple(sorted(found, key=lambda e: (e.start_ms, e.event_id)))

    def forget(self, until_ms: TimeMs) -> None:
        """Drop what nothing after the watermark can ask for.

        Parameters
        ----------
        until_ms : int
            Watermark, Unix milliseconds UTC.
        """
        oldest_ms = until_ms - KEPT_MS
        for craft in list(self._entries):
            own = self._entries[craft]
            for event_id in [i for i, e in own.items() if e.as_of_ms < oldest_ms]:
                del own[event_id]
            if not own:
                del self._entries[craft]

    def dump(self) -> Snapshot:
        """Write the entries.

        Returns
        -------
        dict of str to numpy.ndarray
            Everything needed to go on.
        """
        entries = [[craft, [asdict(e) for e in own.values()]] for craft, own in self._entries.items()]
        return {"diary": write_json(entries)}

    def load(self, snapshot: Snapshot) -> None:
        """Read entries into an empty diary.

        Parameters
        ----------
        snapshot : dict of str to numpy.ndarray
            What ``dump`` wrote, among others.
        """
        for craft, own in read_json(snapshot["diary"]):
            self._entries[int(craft)] = {e["event_id"]: Entry(**e) for e in own}
