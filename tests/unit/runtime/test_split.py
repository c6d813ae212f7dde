"""Cutting to 2,048 rows and 1 MiB loses nothing and always fits."""

from typing import Any

import numpy as np
import pytest

from lacuna_core.columns import ColumnBatch
from lacuna_core.event import Event
from lacuna_core.fact import Heard
from lacuna_core.message import EventBatch, FactBatch
from lacuna_core.position import Domain, IdentityBatch, PositionBatch, Tick
from lacuna_runtime.codec import MAX_VALUE_BYTES, Origin, encode, split


def positions(n: int) -> PositionBatch:
    values: dict[str, Any] = {c.name: np.arange(n) % 50 for c in PositionBatch.SCHEMA if not c.text}
    receivers = [f"station {i // 1000}" for i in range(n)]
    return PositionBatch.build({**values, "source": "x", "receiver": receivers}, domain=Domain.AIR)


def fitting(parts: list[Any]) -> list[Any]:
    for part in parts:
        assert len(encode(part, Origin("a", 0, 0))) <= MAX_VALUE_BYTES
    return parts


@pytest.mark.parametrize("n", [1, 2048, 2049, 10_000])
def test_rows_come_back_in_order(n: int) -> None:
    batch = positions(n)
    parts = fitting(list(split(batch)))
    assert len(parts) == -(-n // 2048)
    assert PositionBatch.concat(parts) == batch


def test_a_part_carries_only_its_own_strings() -> None:
    parts: list[ColumnBatch] = [p for p in split(positions(10_000)) if isinstance(p, ColumnBatch)]
    assert parts[0].strings == ("station 0", "station 1", "station 2", "x")


def test_long_strings_make_shorter_batches() -> None:
    n = 2048
    values: dict[str, Any] = {c.name: np.zeros(n) for c in IdentityBatch.SCHEMA if not c.text}
    texts = {c.name: "" for c in IdentityBatch.SCHEMA if c.text}
    names = [f"{i:04d}" + "n" * 1500 for i in range(n)]
    batch = IdentityBatch.build({**values, **texts, "name": names}, domain=Domain.SEA)
    parts = fitting(list(split(batch)))
    assert len(parts) > 3
    assert IdentityBatch.concat(parts) == batch


def test_large_events_make_shorter_batches() -> None:
    events = tuple(
        Event(str(i), "gap", (1,), 0, 1, "open", i, i, None, None, None, None, None, detail="x" * 300_000)
        for i in range(10)
    )
    parts = fitting(list(split(EventBatch(events))))
    assert tuple(e for part in parts for e in part.rows) == events


def test_nothing_of_nothing_and_single_messages_pass() -> None:
    assert list(split(Heard.empty())) == []
    assert list(split(FactBatch(()))) == []
    assert list(split(Tick(1, 2, 3))) == [Tick(1, 2, 3)]
