"""Ledger, dead letters and watermark: whether anything was lost, and how far the data reaches."""

import json
from collections.abc import Sequence

from lacuna_core.message import DeadLetter, LedgerEntry
from lacuna_core.position import SourceHealth
from lacuna_core.profile import Account
from lacuna_runtime.stores.accounting import letter_digest, newest_messages
from lacuna_runtime.stores.sqlite.connection import Connections
from lacuna_runtime.stores.sqlite.profiles import count


class Accounts:
    """What accounts for the data, in SQLite.

    Parameters
    ----------
    connections : Connections
        Where.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def put_ledger(self, entries: Sequence[LedgerEntry]) -> None:
        """Upsert by (stage, partition, time).

        Parameters
        ----------
        entries : sequence of LedgerEntry
            Any order.
        """
        with self._connections.writing() as db:
            db.executemany(
                "INSERT OR REPLACE INTO ledger (stage, partition, t_ms, counts) VALUES (?, ?, ?, ?)",
                [(e.stage, e.partition, e.t_ms, json.dumps(e.counts)) for e in entries],
            )

    def put_dead_letters(self, letters: Sequence[DeadLetter]) -> None:
        """Count dead letters; the same letter again changes nothing.

        Parameters
        ----------
        letters : sequence of DeadLetter
            Any order.
        """
        with self._connections.writing() as db:
            db.executemany(
                "INSERT OR IGNORE INTO dead_letter (digest, source, reason) VALUES (?, ?, ?)",
                [(letter_digest(letter), letter.source, letter.reason) for letter in letters],
            )

    def put_health(self, health: SourceHealth) -> None:
        """Note when each source last brought a message; it never moves back.

        Parameters
        ----------
        health : SourceHealth
            Any order; rows without messages say nothing new.
        """
        newest = newest_messages(health)
        with self._connections.writing() as db:
            db.executemany(
                "INSERT INTO source (source, newest_ms) VALUES (?, ?)"
                " ON CONFLICT (source) DO UPDATE SET newest_ms = max(newest_ms, excluded.newest_ms)",
                sorted(newest.items()),
            )

    def put_watermark(self, watermark_ms: int) -> None:
        """Note how far the data is complete; it never moves back.

        Parameters
        ----------
        watermark_ms : int
            Unix milliseconds UTC.
        """
        with self._connections.writing() as db:
            db.execute(
                "INSERT INTO watermark (one, t_ms) VALUES (1, ?)"
                " ON CONFLICT (one) DO UPDATE SET t_ms = max(t_ms, excluded.t_ms)",
                (watermark_ms,),
            )

    def account(self) -> Account:
        """Read the counts.

        Returns
        -------
        Account
            As of now.
        """
        with self._connections.reading() as db:
            watermark = db.execute("SELECT t_ms FROM watermark").fetchone()
            (newest,) = db.execute("SELECT max(last_ms) FROM craft").fetchone()
            sql = "SELECT count(*), coalesce(sum(position_count), 0) FROM track_chunk"
            chunks, positions = db.execute(sql).fetchone()
            dead = db.execute(
                "SELECT source, reason, count(*) FROM dead_letter GROUP BY source, reason ORDER BY 1, 2"
            ).fetchall()
            entries = db.execute(
                "SELECT stage, partition, max(t_ms), counts FROM ledger"
                " GROUP BY stage, partition ORDER BY stage, partition"
            ).fetchall()
            sources = db.execute("SELECT source, newest_ms FROM source ORDER BY source").fetchall()
            return Account(
                watermark_ms=watermark[0] if watermark else None,
                newest_position_ms=newest,
                sources=tuple(sources),
                crafts=count(db, "craft"),
                chunks=chunks,
                positions=positions,
                events=count(db, "event"),
                alerts=count(db, "alert"),
                dead_letters=tuple(dead),
                ledger=tuple(
                    LedgerEntry(stage, partition, t_ms, tuple((n, c) for n, c in json.loads(counts)))
                    for stage, partition, t_ms, counts in entries
                ),
            )
