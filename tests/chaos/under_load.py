"""A stack under load, to be broken and looked at."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from deploy.local.lag import Lag
from lacuna_core.errors import Transient
from lacuna_runtime.sections import CassandraSettings, KafkaSettings
from lacuna_standalone.audit import audit_ports, audit_record
from tests.chaos.conftest import RECOVERIES
from tests.integration.scenario import Live, Season, live

T = TypeVar("T")
SESSION_MS = 6_000
STAGE = {"poll_records": 8, "snapshot_rows": 4_000, "snapshot_ms": 2_000}
"""Small bites and many snapshots, so that a fault finds the chain at work and restores matter."""
ONE_OF_EACH = {"detection": 1, "flight-correlation": 1, "query": 1}
PATIENCE_S = 180.0


class UnderLoad:
    """What a fault does its work on.

    Parameters
    ----------
    run : Live
        The stack.
    lag : Lag
        How far it is.
    loader : threading.Thread
        Puts the season into the log meanwhile.
    """

    def __init__(self, run: Live, lag: Lag, loader: threading.Thread) -> None:
        self.run = run
        self.stack = run.stack
        self._lag = lag
        self._loader = loader

    def wait_work(self, group: str) -> None:
        """Wait until a group has done something and has not done everything."""
        self._lag.wait_progress(group, 0, PATIENCE_S)

    def _ask(self, question: Callable[[], T]) -> T:
        """Ask a log that may be away for a while."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return question()
            except Transient:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def recovered(self, fault: str, group: str, before: int) -> None:
        """Wait until a group goes on, and note how long it took; all done counts too."""
        started = time.monotonic()
        while self.done(group) <= before and self._ask(self._lag.records)[group]:
            assert time.monotonic() - started < PATIENCE_S, f"{group} stands still"
            time.sleep(0.1)
        RECOVERIES.append((fault, group, time.monotonic() - started))

    def done(self, group: str) -> int:
        """Records that a group has committed."""
        return self._ask(lambda: self._lag.done(group))

    def behind(self, group: str) -> int:
        """Records that a group has not committed."""
        return self._ask(self._lag.records)[group]

    def loaded(self) -> None:
        """Wait until the season is in the log."""
        self._loader.join(PATIENCE_S)
        assert not self._loader.is_alive()

    def finish(self, wanted: Season) -> None:
        """Nothing lost, nothing doubled, books balanced."""
        self.loaded()
        self.run.wait_idle(PATIENCE_S)
        self.run.expect(wanted)
        # what a group has committed is in the ledger, and the projector brings the ledger into the store
        books = audit_ports(self.run.stack.settings, self.run.ports)
        assert books.balanced, audit_record(books)


def _load(run: Live, wanted: Season) -> None:
    """Put the season into the log; an import that failed is finished by starting it again."""
    while True:
        try:
            run.load(wanted.job)
            return
        except Transient:
            time.sleep(1.0)


@contextmanager
def under_load(
    folder: Path,
    kafka: KafkaSettings,
    cassandra: CassandraSettings,
    wanted: Season,
    *,
    replicas: Mapping[str, int] = ONE_OF_EACH,
    overrides: Mapping[str, Any] | None = None,
) -> Iterator[UnderLoad]:
    """Start a stack and load the season while it works."""
    told = {"stage": STAGE} | dict(overrides or {})
    with live(folder, kafka, cassandra, replicas=replicas, overrides=told) as run:
        loader = threading.Thread(target=_load, args=(run, wanted), daemon=True)
        with Lag(run.ports.bus, run.stack.settings) as lag:
            loader.start()
            yield UnderLoad(run, lag, loader)
