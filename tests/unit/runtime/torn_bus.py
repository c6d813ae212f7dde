"""A log without transactions: a publish may fail half way and leave a prefix in each partition."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lacuna_core.errors import Transient
from lacuna_core.ports import Delivery, Outgoing, TopicPartition
from lacuna_runtime.bus.sqlite import MEMORY, SqliteBus


class TornBus(SqliteBus):
    """Fails a number of times, at random."""

    def __init__(self, path: Path | str = MEMORY, *, failures: int = 0, seed: int = 0) -> None:
        super().__init__(path, synchronous="NORMAL")
        self.failures = failures
        self._random = random.Random(seed)

    @contextmanager
    def cycle(self) -> Iterator[None]:
        yield

    def publish(self, records: Sequence[Outgoing]) -> Sequence[Delivery]:  # type: ignore[override]
        if not self.failures or self._random.random() < 0.5:
            return super().publish(records)
        self.failures -= 1
        kept: list[Outgoing] = []
        for at in sorted({TopicPartition(r.topic, r.partition) for r in records}):
            mine = [r for r in records if (r.topic, r.partition) == (at.topic, at.partition)]
            kept += mine[: self._random.randrange(len(mine) + 1)]
        super().publish(kept)
        raise Transient("the broker is away")
