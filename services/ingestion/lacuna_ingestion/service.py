"""Ingesting files: choose a feed for each, decode, load the log in the order of time, keep the books."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lacuna_core.errors import InvalidInput
from lacuna_core.message import LedgerEntry
from lacuna_core.ports import Bus
from lacuna_core.position import Activate, IdentityBatch, PositionBatch, SourceHealth
from lacuna_runtime.archive import load_archive

from lacuna_ingestion.catalog import feed_for
from lacuna_ingestion.feed import Decoded, Feed
from lacuna_ingestion.health import HealthLedger
from lacuna_ingestion.letters import STAGE, DeadLetterWriter

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
        Identity rows loaded.
    records : int
        Records appended to ``positions``.
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


def choose_feeds(
    paths: Sequence[Path], format_name: str | None
) -> tuple[list[tuple[Path, Feed]], tuple[tuple[Path, str], ...]]:
    """Find the files to read and the feed of each.

    Parameters
    ----------
    paths : sequence of Path
        Files, and folders whose files are taken in the order of their names.
    format_name : str or None
        Name of a feed; None to recognize each file.

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
    files: list[tuple[Path, Feed]] = []
    skipped: list[tuple[Path, str]] = []
    for path in paths:
        if not path.is_dir():
            files.append((path, feed_for(path, format_name)))
            continue
        found = 0
        for inner in _files_in(path):
            try:
                files.append((inner, feed_for(inner, format_name)))
                found += 1
            except InvalidInput as error:
                skipped.append((inner, str(error)))
        if not found:
            raise InvalidInput(f"{path}: holds no file of a known format")
    if not files:
        raise InvalidInput("no file to read: name at least one")
    return files, tuple(skipped)


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

    def batches(self) -> Iterator[PositionBatch | IdentityBatch | SourceHealth]:
        """Positions and identities as they come; the health of the receivers, complete, at the end."""
        sizes = [path.stat().st_size for path, _ in self._files]
        for i, (path, feed) in enumerate(self._files):
            counts = self.summary.feeds[feed.name]
            counts.files += 1
            for part in feed.read(path):
                self._book(part, counts)
                yield from part.positions
                yield from part.identities
                done = sum(sizes[:i]) + part.bytes_read
                self._progress(Progress(DECODE, done, sum(sizes), self.summary.messages, path))
        yield from self._health.complete()

    def _book(self, part: Decoded, counts: FeedCounts) -> None:
        counts.messages += part.messages
        counts.published += part.published
        counts.non_position += part.non_position
        counts.dead.update(letter.reason for letter in part.dead)
        self._letters.write(part.dead)
        self._health.add(part.health)

    def publishing(self, step: str, done: int, total: int) -> None:
        """Pass the loader's progress on."""
        if step == PUBLISH:
            self._progress(Progress(PUBLISH, done, total, self.summary.messages))


def ingest(
    paths: Sequence[Path],
    *,
    format_name: str | None,
    bus: Bus,
    spill_dir: Path,
    lateness_ms: int,
    activations: Sequence[Activate],
    progress: Callable[[Progress], None],
) -> IngestSummary:
    """Put files into the log.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders.
    format_name : str or None
        Name of a feed; None to recognize each file.
    bus : Bus
        The log.
    spill_dir : Path
        Where what does not fit in memory is sorted.
    lateness_ms : int
        Lateness of the log.
    activations : sequence of Activate
        Models in force from the first row on.
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
    letters = DeadLetterWriter(bus)
    decoding = _Decoding(files, letters, progress)
    loaded = load_archive(
        decoding.batches(),
        bus,
        lateness_ms=lateness_ms,
        activations=activations,
        spill_dir=spill_dir,
        progress=decoding.publishing,
    )
    summary = decoding.summary
    summary.skipped = skipped
    summary.identities = loaded.identities
    summary.records = loaded.records
    summary.t_min_ms, summary.t_max_ms = loaded.t_min_ms, loaded.t_max_ms
    letters.finish(LedgerEntry(STAGE, 0, loaded.t_max_ms or 0, summary.ledger_counts()))
    return summary
