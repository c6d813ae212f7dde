"""Runs a feed over a file and gathers what came out, checking the accounts on the way."""

import gzip
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lacuna_core.message import DeadLetter
from lacuna_core.position import IdentityBatch, PositionBatch, SourceHealth
from lacuna_ingestion.catalog import feed_for
from lacuna_ingestion.feed import Decoded


@dataclass(frozen=True)
class Fed:
    """All that a feed said."""

    feed: str
    positions: PositionBatch
    identities: IdentityBatch
    health: tuple[SourceHealth, ...]
    dead: tuple[DeadLetter, ...]
    messages: int
    published: int
    non_position: int

    def reasons(self) -> list[str]:
        return [letter.reason for letter in self.dead]


def check_accounts(parts: Iterable[Decoded]) -> None:
    """Every message is a position, a message without one, or a dead letter."""
    for part in parts:
        assert part.messages == part.published + part.non_position + len(part.dead)
        assert part.published == sum(len(batch) for batch in part.positions)
        for batch in part.positions:
            assert np.abs(batch.lat_e7.astype(np.int64)).max() <= 900_000_000
            assert np.abs(batch.lon_e7.astype(np.int64)).max() <= 1_800_000_000
            assert batch.t_ms.min() > 0


def feed_file(path: Path, format_name: str | None = None) -> Fed:
    """Decode a file with the feed that recognizes it."""
    feed = feed_for(path, format_name)
    parts = list(feed.read(path))
    check_accounts(parts)
    read = [part.bytes_read for part in parts]
    assert read == sorted(read)
    assert not read or read[-1] == path.stat().st_size
    return Fed(
        feed.name,
        PositionBatch.concat(b for p in parts for b in p.positions),
        IdentityBatch.concat(b for p in parts for b in p.identities),
        tuple(p.health for p in parts),
        tuple(d for p in parts for d in p.dead),
        sum(p.messages for p in parts),
        sum(p.published for p in parts),
        sum(p.non_position for p in parts),
    )


def feed_text(folder: Path, text: str, name: str = "input.txt", format_name: str | None = None) -> Fed:
    """Decode a text, written to a file first."""
    path = folder / name
    data = text.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return feed_file(path, format_name)
