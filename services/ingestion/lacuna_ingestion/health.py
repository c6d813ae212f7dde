"""How much each receiver was heard to say, slot by slot: partial counts, and an archive's complete table."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from lacuna_core.position import Domain, SourceHealth
from lacuna_core.units import MS_PER_DAY, MS_PER_MIN, I64Array
from lacuna_ingestion.coded import Coded, joined_codes

SLOT_MS = 10 * MS_PER_MIN
"""Length of a slot, aligned to the epoch."""

MAX_SILENCE_MS = 31 * MS_PER_DAY
"""How long a receiver that fell silent is reported with zeros. One row with a broken clock must not make
millions of them; and who says nothing for a month is gone, not disturbed."""

MAX_ROWS = 50_000
"""Most rows of one batch here; keeps the string table within what its indices reach."""

_MOST_WAITING = 64
"""Partial counts that are summed at once."""
_KEY = ("domain_code", "source", "receiver")


def count_messages(domain: Domain, source: str, receiver: Coded, t_ms: I64Array) -> SourceHealth:
    """Count messages by receiver and slot; slots without any are left out.

    Parameters
    ----------
    domain : Domain
        Sea or air.
    source : str
        Name of the feed.
    receiver : Coded
        Shape (n,), who heard each message, ``""`` where the format does not say.
    t_ms : numpy.ndarray
        Shape (n,), int64, Unix milliseconds UTC.

    Returns
    -------
    SourceHealth
        Partial counts.
    """
    if not len(t_ms):
        return SourceHealth.empty()
    slot = t_ms // SLOT_MS
    first = slot.min()
    width = slot.max() - first + 1
    found, messages = np.unique(receiver.codes * width + (slot - first), return_counts=True)
    who, since = np.divmod(found, width)
    start_ms = (since + first) * SLOT_MS
    codes, strings = joined_codes(
        {"source": source, "receiver": Coded(who, receiver.table)}, np.arange(len(found))
    )
    return SourceHealth(
        t_ms=start_ms + SLOT_MS,
        start_ms=start_ms,
        messages=messages.astype(np.uint32),
        domain_code=np.full(len(found), int(domain), np.uint8),
        source=codes["source"],
        receiver=codes["receiver"],
        strings=strings,
    )


def _batch(frame: pl.DataFrame) -> SourceHealth:
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


def _frame(parts: list[SourceHealth]) -> pl.DataFrame:
    texts = {name: [text for part in parts for text in part.text(name)] for name in ("source", "receiver")}
    return pl.DataFrame(
        {
            "domain_code": np.concatenate([part.domain_code for part in parts]),
            **{name: pl.Series(column, dtype=pl.String) for name, column in texts.items()},
            "start_ms": np.concatenate([part.start_ms for part in parts]),
            "messages": np.concatenate([part.messages for part in parts]).astype(np.int64),
        }
    )


class HealthLedger:
    """Sums partial counts over an archive."""

    def __init__(self) -> None:
        self._sum = _frame([SourceHealth.empty()])
        self._waiting: list[SourceHealth] = []

    def add(self, partial: SourceHealth) -> None:
        """Add counts.

        Parameters
        ----------
        partial : SourceHealth
            Any slots, any order; the same slot may come again and again.
        """
        if len(partial):
            self._waiting.append(partial)
        if len(self._waiting) >= _MOST_WAITING:
            self._settle()

    def _settle(self) -> None:
        if self._waiting:
            joined = pl.concat([self._sum, _frame(self._waiting)])
            self._sum = joined.group_by(*_KEY, "start_ms").agg(pl.col("messages").sum())
        self._waiting = []

    def complete(self) -> Iterator[SourceHealth]:
        """Fill in the silent slots.

        Yields
        ------
        SourceHealth
            For each domain, source and receiver every slot from its own first one to the last one of the
            archive, zeros included, but none of a silence longer than ``MAX_SILENCE_MS`` beyond that; sorted
            by (time, domain, source, receiver); at most ``MAX_ROWS`` rows at a time.
        """
        self._settle()
        if not len(self._sum):
            return
        spans = self._spans()
        first, stop = spans["first"].to_numpy(), np.sort(spans["stop"].to_numpy())
        window_ms = max(1, MAX_ROWS // spans.select(_KEY).n_unique()) * SLOT_MS
        begin = int(first[0])
        while begin < stop[-1]:
            # where nobody is heard for long the next span is all that is left to begin at
            started = int(np.searchsorted(first, begin, side="right"))
            if started == int(np.searchsorted(stop, begin, side="right")):
                begin = int(first[started])
            yield from self._window(spans, begin, begin + window_ms)
            begin += window_ms

    def _spans(self) -> pl.DataFrame:
        """Find the stretches in which each receiver is reported, sorted by their beginnings."""
        last = int(self._sum["start_ms"].to_numpy().max())
        reach = pl.col("start_ms") + (SLOT_MS + MAX_SILENCE_MS)
        heard = self._sum.sort(*_KEY, "start_ms")
        begins = (pl.col("start_ms") > reach.shift(1).over(_KEY)).fill_null(True)
        return (
            heard.with_columns(begins.cum_sum().over(_KEY).alias("span"))
            .group_by(*_KEY, "span")
            .agg(
                pl.col("start_ms").min().alias("first"),
                pl.min_horizontal(reach.max(), pl.lit(last + SLOT_MS)).alias("stop"),
            )
            .sort("first", *_KEY)
        )

    def _window(self, spans: pl.DataFrame, begin: int, end: int) -> Iterator[SourceHealth]:
        """Yield the slots of a stretch of time."""
        slots = (
            spans.filter((pl.col("first") < end) & (pl.col("stop") > begin))
            .with_columns(
                pl.int_ranges(
                    pl.max_horizontal("first", pl.lit(begin)), pl.min_horizontal("stop", pl.lit(end)), SLOT_MS
                ).alias("start_ms")
            )
            .explode("start_ms")
        )
        full = slots.join(self._sum, on=[*_KEY, "start_ms"], how="left")
        full = full.with_columns(pl.col("messages").fill_null(0)).sort("start_ms", *_KEY)
        for at in range(0, len(full), MAX_ROWS):
            yield _batch(full[at : at + MAX_ROWS])
