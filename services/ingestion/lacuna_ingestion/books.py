"""The books of an import: its counts, and the note in the log by which it is known when started again.

The note is written when everything is decoded and nothing is loaded yet. So an import that was killed later
is found by its fingerprint: loaded to the end, or to be loaded on.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lacuna_core.canonical import canonical_json
from lacuna_core.ports import Bus, Outgoing, TopicPartition
from lacuna_core.position import Activate
from lacuna_core.topics import LEDGER, POSITIONS, state_topic
from lacuna_ingestion.feed import Feed
from lacuna_runtime.loop.look import read_range

_NOTES = state_topic("ingestion")
_AT = TopicPartition(_NOTES.name, 0)
_POSITIONS_AT = TopicPartition(POSITIONS.name, 0)
_LEDGER_AT = TopicPartition(LEDGER.name, 0)
_BLOCK_BYTES = 1 << 20


@dataclass(slots=True)
class FeedCounts:
    """The books of one feed, in messages; ``messages == published + non_position + sum(dead.values())``.

    Attributes
    ----------
    files : int
        Files read.
    messages : int
        Messages seen.
    published : int
        Messages that became a position.
    non_position : int
        Messages understood that carry none.
    dead : Counter of str
        Dead letters by reason.
    """

    files: int = 0
    messages: int = 0
    published: int = 0
    non_position: int = 0
    dead: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class IngestSummary:
    """What an import found.

    Attributes
    ----------
    feeds : dict of str to FeedCounts
        By name of feed, sorted.
    skipped : tuple of (Path, str)
        Files of given folders that no feed reads, and why.
    identities : int
        Identity rows.
    records : int
        Records appended to ``positions``; fewer than the import has where an earlier start left some.
    t_min_ms, t_max_ms : int or None
        Span of the data, Unix milliseconds UTC; None when there was nothing to load.
    """

    feeds: dict[str, FeedCounts] = field(default_factory=dict)
    skipped: tuple[tuple[Path, str], ...] = ()
    identities: int = 0
    records: int = 0
    t_min_ms: int | None = None
    t_max_ms: int | None = None

    @property
    def messages(self) -> int:
        """Messages seen."""
        return sum(counts.messages for counts in self.feeds.values())

    @property
    def published(self) -> int:
        """Messages that became a position."""
        return sum(counts.published for counts in self.feeds.values())

    @property
    def non_position(self) -> int:
        """Messages understood that carry no position."""
        return sum(counts.non_position for counts in self.feeds.values())

    @property
    def dead(self) -> dict[str, int]:
        """Dead letters by reason, sorted."""
        total: Counter[str] = Counter()
        for counts in self.feeds.values():
            total.update(counts.dead)
        return dict(sorted(total.items()))

    def ledger_counts(self) -> tuple[tuple[str, int], ...]:
        """Counts as the ledger has them.

        Returns
        -------
        tuple of (str, int)
            ``in = published + non_position + dead + spooled``; an archive is never spooled.
        """
        counts = {
            "in": self.messages,
            "published": self.published,
            "non_position": self.non_position,
            "dead": sum(self.dead.values()),
            "spooled": 0,
        }
        return tuple(sorted(counts.items()))

    def span(self, t_min_ms: int, t_max_ms: int) -> None:
        """Widen the span of the data.

        Parameters
        ----------
        t_min_ms, t_max_ms : int
            Times of more rows, Unix milliseconds UTC.
        """
        self.t_min_ms = t_min_ms if self.t_min_ms is None else min(self.t_min_ms, t_min_ms)
        self.t_max_ms = t_max_ms if self.t_max_ms is None else max(self.t_max_ms, t_max_ms)


def fingerprint(files: Sequence[tuple[Path, Feed]], activations: Sequence[Activate], lateness_ms: int) -> str:
    """Tell one import from another by what would be loaded.

    Parameters
    ----------
    files : sequence of (Path, Feed)
        Files and their feeds, in order.
    activations : sequence of Activate
        Models in force.
    lateness_ms : int
        Lateness of the log.

    Returns
    -------
    str
        Hexadecimal blake2b-128 of the contents of the files, the names of the feeds and the rest.
    """
    total = hashlib.blake2b(digest_size=16)
    for path, feed in files:
        one = hashlib.blake2b(digest_size=16)
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                one.update(block)
        total.update(canonical_json([feed.name, str(path), one.hexdigest()]).encode())
    total.update(canonical_json([lateness_ms, [(a.kind, a.digest) for a in activations]]).encode())
    return total.hexdigest()


@dataclass(frozen=True, slots=True)
class Note:
    """What the log says of an import that was started before.

    Attributes
    ----------
    summary : IngestSummary
        Its books.
    positions_offset, ledger_offset : int
        Ends of partition 0 of ``positions`` and of ``ledger`` before anything was loaded.
    """

    summary: IngestSummary
    positions_offset: int
    ledger_offset: int


def find_note(bus: Bus, key: str) -> Note | None:
    """Look for an import in the log.

    Parameters
    ----------
    bus : Bus
        The log.
    key : str
        Its fingerprint.

    Returns
    -------
    Note or None
        None when it never came as far as being decoded.
    """
    bus.create([_NOTES, LEDGER, POSITIONS])
    end = bus.end_offsets([_AT])[_AT]
    start = bus.start_offsets([_AT])[_AT]
    note = None
    for record in read_range(bus, _AT, start, end):
        if record.key == key.encode():
            note = _read(json.loads(record.value)) if record.value else None
    return note


def write_note(bus: Bus, key: str, summary: IngestSummary) -> Note:
    """Note in the log that an import is about to be loaded.

    Parameters
    ----------
    bus : Bus
        The log.
    key : str
        Its fingerprint.
    summary : IngestSummary
        Its books.

    Returns
    -------
    Note
        As ``find_note`` will find it.
    """
    ends = bus.end_offsets([_POSITIONS_AT, _LEDGER_AT])
    body = {
        "feeds": {
            name: [c.files, c.messages, c.published, c.non_position, dict(c.dead)]
            for name, c in summary.feeds.items()
        },
        "skipped": [[str(path), why] for path, why in summary.skipped],
        "identities": summary.identities,
        "span": [summary.t_min_ms, summary.t_max_ms],
        "offsets": [ends[_POSITIONS_AT], ends[_LEDGER_AT]],
    }
    _put(bus, key, canonical_json(body).encode())
    return _read(body)


def drop_note(bus: Bus, key: str) -> None:
    """Forget an import that the log refused.

    Parameters
    ----------
    bus : Bus
        The log.
    key : str
        Its fingerprint.
    """
    _put(bus, key, b"")


def _put(bus: Bus, key: str, value: bytes) -> None:
    with bus.cycle():
        for delivery in bus.publish([Outgoing(_AT.topic, _AT.partition, key.encode(), value)]):
            delivery.result()


def _read(body: dict[str, Any]) -> Note:
    feeds = {
        name: FeedCounts(files, messages, published, non_position, Counter(dead))
        for name, (files, messages, published, non_position, dead) in body["feeds"].items()
    }
    skipped = tuple((Path(path), why) for path, why in body["skipped"])
    summary = IngestSummary(feeds, skipped, body["identities"], 0, *body["span"])
    return Note(summary, *body["offsets"])


def is_loaded(bus: Bus, group: str, note: Note) -> bool:
    """Tell whether an import is in ``positions`` to its last row.

    Parameters
    ----------
    bus : Bus
        The log.
    group : str
        Group under which the archive loader commits the end of what it loaded.
    note : Note
        The import.

    Returns
    -------
    bool
        True when the loader committed an end beyond the one of the note.
    """
    reader = bus.subscribe(group, [_POSITIONS_AT])
    committed = reader.committed().get(_POSITIONS_AT, 0)
    reader.close()
    return committed > note.positions_offset
