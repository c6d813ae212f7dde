"""Ledger, dead letters and watermark: whether anything was lost, and how far the data reaches."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import ClassVar

from lacuna_core.ids import PARTITIONS
from lacuna_core.message import DeadLetter, LedgerEntry
from lacuna_core.position import Domain, SourceHealth
from lacuna_core.profile import Account
from lacuna_core.units import MS_PER_DAY
from lacuna_runtime.stores.accounting import letter_digest, newest_messages
from lacuna_runtime.stores.cassandra.alerts import ALERT_DAYS
from lacuna_runtime.stores.cassandra.connection import Connection
from lacuna_runtime.stores.cassandra.event_plan import EVENT_DAYS
from lacuna_runtime.stores.cassandra.families import AMOUNT, AMOUNTS, Family
from lacuna_runtime.stores.cassandra.statement import Call, Statement

_BUCKETS = 64
"""Shares into which the dead letters of one source and reason are cut."""
_BATCH = 100
"""Dead letters of one partition written by one request."""
_US_PER_MS = 1_000
_LEDGER, _SOURCE, _WATERMARK = "ledger", "source", "watermark"
_PUT_LEDGER = Statement("INSERT INTO ledger (stage, partition, day, t_ms, counts) VALUES (?, ?, ?, ?, ?)")
_PUT_NEWEST = Statement(
    "INSERT INTO newest (family, name, partition, t_ms, body) VALUES (?, ?, ?, ?, ?) USING TIMESTAMP ?"
)
_PUT_LETTER = Statement("INSERT INTO dead_letter (source, reason, bucket, digest) VALUES (?, ?, ?, ?)")
_NEWEST = Statement("SELECT name, partition, t_ms, body FROM newest WHERE family = ?")
_TRACKS = Statement("SELECT sum(chunks), sum(positions), max(newest_ms) FROM track_tally WHERE shard = ?")
_CRAFTS = Statement("SELECT sum(crafts) FROM craft_block WHERE domain = ?")
_LETTERS = Family(
    "dead_letter",
    Statement("SELECT count(*) FROM dead_letter WHERE source = ? AND reason = ? AND bucket = ?"),
)


def _newest(family: str, name: str, partition: int, t_ms: int, body: str = "") -> Call:
    """Note a time that only moves forward: it is its own timestamp."""
    return Call(_PUT_NEWEST, (family, name, partition, t_ms, body, t_ms * _US_PER_MS))


class Accounts:
    """What accounts for the data, in Cassandra.

    Parameters
    ----------
    db : Connection
        Where.
    """

    STATEMENTS: ClassVar[tuple[Statement, ...]] = (
        _PUT_LEDGER, _PUT_NEWEST, _PUT_LETTER, _NEWEST, _TRACKS, _CRAFTS, *_LETTERS.STATEMENTS,
    )  # fmt: skip

    def __init__(self, db: Connection) -> None:
        self._db = db

    def put_ledger(self, entries: Sequence[LedgerEntry]) -> None:
        """Upsert by (stage, partition, time).

        Parameters
        ----------
        entries : sequence of LedgerEntry
            Any order.
        """

        def calls() -> Iterator[Call]:
            for e in entries:
                counts = json.dumps(e.counts)
                yield Call(_PUT_LEDGER, (e.stage, e.partition, e.t_ms // MS_PER_DAY, e.t_ms, counts))
            newest = {(e.stage, e.partition): e for e in sorted(entries, key=lambda e: e.t_ms)}
            for e in newest.values():
                yield _newest(_LEDGER, e.stage, e.partition, e.t_ms, json.dumps(e.counts))

        self._db.write(calls())

    def put_dead_letters(self, letters: Sequence[DeadLetter]) -> None:
        """Count dead letters; the same letter again changes nothing.

        Parameters
        ----------
        letters : sequence of DeadLetter
            Any order.
        """
        groups: dict[tuple[str, str, int], list[Call]] = {}
        for letter in letters:
            digest = letter_digest(letter)
            place = (letter.source, letter.reason, digest[0] % _BUCKETS)
            groups.setdefault(place, []).append(Call(_PUT_LETTER, (*place, digest)))
        self._db.write(
            group[at : at + _BATCH] for group in groups.values() for at in range(0, len(group), _BATCH)
        )
        _LETTERS.renew(self._db, ((place[2], json.dumps(place[:2]), place) for place in sorted(groups)))

    def put_health(self, health: SourceHealth) -> None:
        """Note when each source last brought a message; it never moves back.

        Parameters
        ----------
        health : SourceHealth
            Any order; rows without messages say nothing new.
        """
        newest = newest_messages(health)
        self._db.write(_newest(_SOURCE, source, 0, t_ms) for source, t_ms in sorted(newest.items()))

    def put_watermark(self, watermark_ms: int) -> None:
        """Note how far the data is complete; it never moves back.

        Parameters
        ----------
        watermark_ms : int
            Unix milliseconds UTC.
        """
        self._db.write([_newest(_WATERMARK, "", 0, watermark_ms)])

    def account(self) -> Account:
        """Read the counts.

        Returns
        -------
        Account
            As of now.
        """
        ledger, sources, watermark = self._db.read_each(
            Call(_NEWEST, (family,)) for family in (_LEDGER, _SOURCE, _WATERMARK)
        )
        tracks = [row for (row,) in self._db.read_each(Call(_TRACKS, (s,)) for s in range(PARTITIONS))]
        crafts = self._db.read_each(Call(_CRAFTS, (int(domain),)) for domain in Domain)
        events, alerts = (
            amount for ((amount,),) in self._db.read_each(
                Call(AMOUNT, (family.name,)) for family in (EVENT_DAYS, ALERT_DAYS)
            )
        )  # fmt: skip
        return Account(
            watermark_ms=watermark[0][2] if watermark else None,
            newest_position_ms=max((row[2] for row in tracks if row[2] is not None), default=None),
            sources=tuple((name, t_ms) for name, _, t_ms, _ in sources),
            crafts=sum(amount for ((amount,),) in crafts),
            chunks=sum(row[0] for row in tracks),
            positions=sum(row[1] for row in tracks),
            events=events,
            alerts=alerts,
            dead_letters=self._dead_letters(),
            ledger=tuple(
                LedgerEntry(stage, partition, t_ms, tuple((n, c) for n, c in json.loads(counts)))
                for stage, partition, t_ms, counts in ledger
            ),
        )

    def _dead_letters(self) -> tuple[tuple[str, str, int], ...]:
        found: Counter[tuple[str, str]] = Counter()
        for name, amount in self._db.read(AMOUNTS, _LETTERS.name):
            source, reason = json.loads(name)
            found[source, reason] += amount
        return tuple((source, reason, amount) for (source, reason), amount in sorted(found.items()))
