"""How much each receiver was heard to say, slot by slot: partial counts, and an archive's complete table."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from lacuna_core.position import Domain, SourceHealth
from lacuna_core.units import MS_PER_MIN, I64Array

SLOT_MS = 10 * MS_PER_MIN
"""Length of a slot, aligned to the epoch."""

MAX_ROWS = 50_000
"""Most rows of one batch here; keeps the string table within what its indices reach."""

_MOST_WAITING = 64
"""Partial counts that are summed at once."""
_KEY = ("domain_code", "source", "receiver")


def count_messages(domain: Domain, source: str, receiver: pl.Series, t_ms: I64Array) -> SourceHealth:
    """Count messages by receiver and slot; slots without any are left out.

    Parameters
    ----------
    domain : Domain
        Sea or air.
    source : str
        Name of the feed.
    receiver : polars.Series
        Shape (n,), String, who heard each message, ``""`` where the format does not say.
    t_ms : numpy.ndarray
        Shape (n,), int64, Unix milliseconds UTC.

    Returns
    -------
    SourceHealth
        Partial counts.
    """
    frame = pl.DataFrame({"receiver": receiver, "start_ms": t_ms - t_ms % SLOT_MS})
    counts = frame.group_by("receiver", "start_ms").len("messages").sort("receiver", "start_ms")
    return _batch(
        counts.with_columns(
            domain_code=pl.lit(int(domain), pl.UInt8), source=pl.lit(source), messages=pl.col("messages")
        )
    )


def _batch(frame: pl.DataFrame) -> SourceHealth:
    if not len(frame):
        return SourceHealth.empty()
    start_ms = frame["start_ms"].to_numpy()
    return SourceHealth.build(
        {
            "t_ms": start_ms + SLOT_MS,
            "start_ms": start_ms,
            "messages": np.minimum(frame["messages"].to_numpy(), np.iinfo(np.uint32).max),
            "domain_code": frame["domain_code"].to_numpy(),
            "source": frame["source"].to_list(),
            "receiver": frame["receiver"].to_list(),
        }
    )


def _frame(health: SourceHealth) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "domain_code": health.domain_code,
            "source": pl.Series(health.text("source").tolist(), dtype=pl.String),
            "receiver": pl.Series(health.text("receiver").tolist(), dtype=pl.String),
            "start_ms": health.start_ms,
            "messages": health.messages.astype(np.int64),
        }
    )


class HealthLedger:
    """Sums partial counts over an archive."""

    def __init__(self) -> None:
        self._sum = _frame(SourceHealth.empty())
        self._waiting: list[pl.DataFrame] = []

    def add(self, partial: SourceHealth) -> None:
        """Add counts.

        Parameters
        ----------
        partial : SourceHealth
            Any slots, any order; the same slot may come again and again.
        """
        if len(partial):
            self._waiting.append(_frame(partial))
        if len(self._waiting) >= _MOST_WAITING:
            self._settle()

    def _settle(self) -> None:
        joined = pl.concat([self._sum, *self._waiting])
        self._sum = joined.group_by(*_KEY, "start_ms").agg(pl.col("messages").sum())
        self._waiting = []

    def complete(self) -> Iterator[SourceHealth]:
        """Fill in the silent slots.

        Yields
        ------
        SourceHealth
            For each domain, source and receiver every slot from its own first one to the last one of the
            archive, zeros included, sorted by (time, domain, source, receiver); at most ``MAX_ROWS`` rows at
            a time.
        """
        self._settle()
        if not len(self._sum):
            return
        first = self._sum.group_by(*_KEY).agg(pl.col("start_ms").min().alias("first")).sort("first", *_KEY)
        last = int(self._sum["start_ms"].to_numpy().max())
        window_ms = max(1, MAX_ROWS // len(first)) * SLOT_MS
        for begin in range(int(first["first"].to_numpy()[0]), last + SLOT_MS, window_ms):
            end = min(begin + window_ms, last + SLOT_MS)
            slots = (
                first.filter(pl.col("first") < end)
                .with_columns(
                    pl.int_ranges(pl.max_horizontal("first", pl.lit(begin)), end, SLOT_MS).alias("start_ms")
                )
                .explode("start_ms")
            )
            full = slots.join(self._sum, on=[*_KEY, "start_ms"], how="left").with_columns(
                pl.col("messages").fill_null(0)
            )
            full = full.sort("start_ms", *_KEY)
            for at in range(0, len(full), MAX_ROWS):
                yield _batch(full[at : at + MAX_ROWS])
