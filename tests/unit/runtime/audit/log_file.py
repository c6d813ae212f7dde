"""A log that was worked off, and the means to falsify it behind everybody's back."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from lacuna_core.fold import Fold
from lacuna_core.message import LedgerEntry, Message
from lacuna_core.ports import Outgoing, TopicPartition
from lacuna_core.position import Activate, Tick
from lacuna_core.profile import Account
from lacuna_core.topics import ALL_TOPICS
from lacuna_core.units import MS_PER_DAY, MS_PER_MIN
from lacuna_runtime.archive import load_archive
from lacuna_runtime.audit import AuditReport, audit
from lacuna_runtime.bus.sqlite import SqliteBus
from lacuna_runtime.codec import Origin, decode, encode
from lacuna_runtime.loop.emit import OriginWriter
from lacuna_runtime.loop.row_books import Claim, row_entry
from lacuna_runtime.stage import Loop, Stage, StageLimits
from tests.contract.demo_fold import DemoFold, TallyFold
from tests.unit.runtime.sea import T0, positions
from tests.unit.runtime.test_pipeline import SilentContacts

FOLDS: tuple[Fold[Any], ...] = (DemoFold(), SilentContacts(), TallyFold())
LATENESS_MS = 5 * MS_PER_MIN
LIVE = 77


class NoStore:
    """Stores in which no projector has ever written."""

    def account(self) -> Account:
        return Account(None, None, (), 0, 0, 0, 0, 0, (), ())


def audited(bus: SqliteBus) -> AuditReport:
    return audit(bus, NoStore(), FOLDS, [])


def stages(bus: SqliteBus) -> list[Loop]:
    limits = StageLimits(poll_records=3)
    return [Stage(fold, bus, limits=limits) for fold in FOLDS]


def archive_log(path: Path) -> SqliteBus:
    """Seven ships in an archive."""
    bus = SqliteBus(path, synchronous="NORMAL")
    bus.create(ALL_TOPICS)
    crafts = [(1 << 56) + i % 7 for i in range(700)]
    times = [T0 + i * 3 * MS_PER_DAY // 700 for i in range(700)]
    load_archive([positions(times, craft=crafts)], bus, activations=[Activate("params", "m1", "{}")])
    return bus


def live_log(path: Path, minutes: int = 90) -> SqliteBus:
    """Three ships live in partition 0, some rows late, some with a broken clock, some records twice."""
    bus = SqliteBus(path, synchronous="NORMAL")
    bus.create(ALL_TOPICS)
    writer = OriginWriter("ingestion", LIVE)
    rows = 0
    for minute in range(minutes):
        t_ms = T0 + minute * MS_PER_MIN
        times = [t_ms, t_ms + 500, t_ms + (90_000 if minute % 7 == 0 else 900)]
        times += [t_ms - 10 * MS_PER_MIN] * (minute % 11 == 10)
        batch = positions(times, craft=[(1 << 56) + minute % 3] * len(times))
        records = list(writer.write("positions", 0, batch))
        bus.publish(records * (1 + (minute % 5 == 4)))
        rows += len(batch)
        tick(bus, minute)
        if minute % 4 == 3:
            book(bus, minute, rows)
    return bus


def tick(bus: SqliteBus, minute: int) -> None:
    value = encode(Tick(minute, T0 + minute * MS_PER_MIN, LATENESS_MS), Origin("ingestion", 0, minute))
    bus.publish([Outgoing("positions", p, b"", value) for p in range(16)])


def book(bus: SqliteBus, minute: int, rows: int) -> None:
    entry = row_entry(LIVE, T0 + minute * MS_PER_MIN, [Claim(0, "sea", 0, rows)])
    bus.publish([Outgoing("ledger", 0, b"", encode(entry, Origin("ingestion", LIVE, minute)))])


class LogFile:
    """The file of a closed log.

    Parameters
    ----------
    path : Path
        The file.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)

    def _number(self, at: TopicPartition) -> int:
        sql = "SELECT number FROM partitions WHERE topic = ? AND partition = ?"
        return int(self._db.execute(sql, (at.topic, at.partition)).fetchone()[0])

    def messages(self, at: TopicPartition) -> list[tuple[int, Origin, Message]]:
        """Places and messages of a partition."""
        number = self._number(at)
        sql = "SELECT place, value FROM records WHERE place >= ? AND place < ? ORDER BY place"
        rows = self._db.execute(sql, (number << 40, (number + 1) << 40)).fetchall()
        return [(place, *decode(value)) for place, value in rows]

    def rows(self, at: TopicPartition) -> list[tuple[int, Origin, Message]]:
        """The same without ticks and activations."""
        return [row for row in self.messages(at) if not isinstance(row[2], Tick | Activate)]

    def delete(self, place: int) -> None:
        """Lose a record."""
        assert self._db.execute("DELETE FROM records WHERE place = ?", (place,)).rowcount == 1

    def append(self, at: TopicPartition, value: bytes) -> None:
        """Slip a record in at the end."""
        number = self._number(at)
        (end,) = self._db.execute("SELECT next_offset FROM partitions WHERE number = ?", (number,)).fetchone()
        self._db.execute("INSERT INTO records VALUES (?, ?, ?)", ((number << 40) | end, b"", value))
        self._db.execute("UPDATE partitions SET next_offset = ? WHERE number = ?", (end + 1, number))

    def overwrite(self, place: int, value: bytes) -> None:
        """Put another record in the place of one."""
        self._db.execute("UPDATE records SET value = ? WHERE place = ?", (value, place))

    def falsify(
        self, stage: str, task: int, change: Callable[[dict[str, int]], None], which: int = -1
    ) -> None:
        """Change the counts of one entry of the ledger."""
        mine = [
            row for row in self.messages(TopicPartition("ledger", 0))
            if isinstance(row[2], LedgerEntry) and (row[2].stage, row[2].partition) == (stage, task)
        ]  # fmt: skip
        place, origin, entry = mine[which]
        assert isinstance(entry, LedgerEntry)
        counts = dict(entry.counts)
        change(counts)
        self.overwrite(place, encode(replace(entry, counts=tuple(sorted(counts.items()))), origin))

    def close(self) -> None:
        """Close the file."""
        self._db.close()
