"""Ingesting files: choose a feed for each, decode, load the log in the order of time, keep the books."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lacuna_core.errors import InvalidInput, TimelineError
from lacuna_core.message import LedgerEntry
from lacuna_core.ports import Bus
from lacuna_core.position import Activate, IdentityBatch, PositionBatch, SourceHealth
from lacuna_ingestion.books import (
    FeedCounts,
    IngestSummary,
    Note,
    drop_note,
    find_note,
    fingerprint,
    is_loaded,
    write_note,
)
from lacuna_ingestion.catalog import feed_for, feed_named
from lacuna_ingestion.feed import Decoded, Feed
from lacuna_ingestion.health import HealthLedger
from lacuna_ingestion.letters import STAGE, DeadLetterWriter
from lacuna_runtime.archive import load_archive
from lacuna_runtime.loop.import_log import GROUP as LOADER_GROUP

__all__ = ["DECODE", "PUBLISH", "IngestSummary", "Progress", "choose_feeds", "ingest"]

DECODE, PUBLISH = "decode", "publish"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is.

    Attributes
    ----------
    step : str
        ``decode`` or ``publish``.
    done, total : int
        Bytes of the files while decoding, rows while publishing.
    messages : int
        Messages decoded so far.
    path : Path or None
        File being decoded.
    """

    step: str
    done: int
    total: int
    messages: int
    path: Path | None = None


def choose_feeds(
    paths: Sequence[Path], format_name: str | None
) -> tuple[list[tuple[Path, Feed]], tuple[tuple[Path, str], ...]]:
    """Find the files to read and the feed of each.

    Parameters
    ----------
    paths : sequence of Path
        Files, and folders whose files are taken in the order of their names.
    format_name : str or None
        Name of a feed; None to recognize each file. In folders only files recognized as such are read.

    Returns
    -------
    files : list of (Path, Feed)
        In order.
    skipped : tuple of (Path, str)
        Files of folders that no feed reads.

    Raises
    ------
    InvalidInput
        If a path can't be used, or a folder holds nothing to read.
    """
    if format_name is not None:
        feed_named(format_name)
    files: list[tuple[Path, Feed]] = []
    skipped: list[tuple[Path, str]] = []
    for path in paths:
        if not path.is_dir():
            files.append((path, feed_for(path, format_name)))
            continue
        found = 0
        for inner in _files_in(path):
            try:
                files.append((inner, _feed_inside(inner, format_name)))
                found += 1
            except InvalidInput as error:
                skipped.append((inner, str(error)))
        if not found:
            raise InvalidInput(f"{path}: holds no file of a known format")
    if not files:
        raise InvalidInput("no file to read: name at least one")
    return files, tuple(skipped)


def _feed_inside(path: Path, format_name: str | None) -> Feed:
    """Choose the feed of a file that was not named itself: only what is recognized is read."""
    feed = feed_for(path, None)
    if format_name not in (None, feed.name):
        raise InvalidInput(f"{path}: is {feed.name}, not {format_name}")
    return feed


def _files_in(folder: Path) -> list[Path]:
    try:
        inside = folder.rglob("*")
        return sorted(p for p in inside if p.is_file() and not p.name.startswith("."))
    except OSError as error:
        raise InvalidInput(f"{folder}: can't be listed ({error.strerror or error})") from error


class _Decoding:
    """The batches of an import as one stream; what is not a batch is booked on the way."""

    def __init__(
        self,
        files: Sequence[tuple[Path, Feed]],
        letters: DeadLetterWriter,
        progress: Callable[[Progress], None],
    ) -> None:
        self.summary = IngestSummary(
            {name: FeedCounts() for name in sorted({feed.name for _, feed in files})}
        )
        self._files = files
        self._letters = letters
        self._progress = progress
        self._health = HealthLedger()

    def batches(
        self, decoded_all: Callable[[IngestSummary], None]
    ) -> Iterator[PositionBatch | IdentityBatch | SourceHealth]:
        """Positions and identities as they come; the health of the receivers, complete, at the end."""
        for batch in self._all():
            if len(batch) and not isinstance(batch, SourceHealth):
                self.summary.span(int(batch.t_ms.min()), int(batch.t_ms.max()))
            yield batch
        decoded_all(self.summary)

    def _all(self) -> Iterator[PositionBatch | IdentityBatch | SourceHealth]:
        sizes = [path.stat().st_size for path, _ in self._files]
        total, before = sum(sizes), 0
        for (path, feed), size in zip(self._files, sizes, strict=True):
            counts = self.summary.feeds[feed.name]
            counts.files += 1
            for part in feed.read(path):
                self._book(part, counts)
                yield from part.positions
                yield from part.identities
                done = before + part.bytes_read
                self._progress(Progress(DECODE, done, total, self.summary.messages, path))
            before += size
        yield from self._health.complete()

    def _book(self, part: Decoded, counts: FeedCounts) -> None:
        counts.messages += part.messages
        counts.published += part.published
        counts.non_position += part.non_position
        counts.dead.update(letter.reason for letter in part.dead)
        self.summary.identities += sum(len(batch) for batch in part.identities)
        self._letters.write(part.dead)
        self._health.add(part.health)

    def publishing(self, step: str, done: int, total: int) -> None:
        """Pass the loader's progress on."""
        if step == PUBLISH:
            self._progress(Progress(PUBLISH, done, total, self.summary.messages))


class _Booked:
    """The note of one import: that of an earlier start, or written when everything is decoded."""

    def __init__(self, bus: Bus, key: str, note: Note | None) -> None:
        self._bus = bus
        self._key = key
        self.note = note

    def write(self, books: IngestSummary) -> None:
        self.note = self.note or write_note(self._bus, self._key, books)


def ingest(
    paths: Sequence[Path],
    *,
    format_name: str | None,
    bus: Bus,
    spill_dir: Path | None,
    lateness_ms: int,
    activations: Sequence[Activate],
    progress: Callable[[Progress], None],
) -> IngestSummary:
    """Put files into the log; what an earlier start of the same import did is not done again.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders.
    format_name : str or None
        Name of a feed; None to recognize each file.
    bus, lateness_ms, activations
        The log, its lateness, and the models in force from the first row on.
    spill_dir : Path or None
        Where what does not fit in memory is sorted; the system's folder for such when None.
    progress : callable
        Told how far it is.

    Returns
    -------
    IngestSummary
        The books.

    Raises
    ------
    InvalidInput
        If a file can't be used.
    TimelineError
        If the log is past the data.
    """
    files, skipped = choose_feeds(paths, format_name)
    key = fingerprint(files, activations, lateness_ms)
    note = find_note(bus, key)
    letters = DeadLetterWriter(bus)
    if note is not None and (is_loaded(bus, LOADER_GROUP, note) or letters.is_finished(note.ledger_offset)):
        summary = note.summary
    else:
        decoding = _Decoding(files, letters, progress)
        decoding.summary.skipped = skipped
        booked = _Booked(bus, key, note)
        load = partial(load_archive, lateness_ms=lateness_ms, activations=activations, spill_dir=spill_dir)
        try:
            loaded = load(decoding.batches(booked.write), bus, progress=decoding.publishing)
        except TimelineError:
            drop_note(bus, key)
            raise
        note, summary = booked.note, decoding.summary
        summary.records = loaded.records
    if note is not None and not letters.is_finished(note.ledger_offset):
        letters.finish(LedgerEntry(STAGE, 0, summary.t_max_ms or 0, summary.ledger_counts()))
    return summary
