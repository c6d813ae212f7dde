"""The facts and contacts folds keep G1 and G2 in the loop: any batches, ticks, restarts, arrivals."""

import random
from collections import defaultdict

import numpy as np
import pytest

from lacuna_core.ids import partition_of
from lacuna_core.position import SourceHealth
from lacuna_core.units import MS_PER_H
from lacuna_detection.contacts import ContactsFold
from lacuna_detection.facts import FactsFold
from tests.contract.fold_contract import InputRow, fold_property, messages
from tests.unit.detection.random_tracks import SEA, random_fleet
from tests.unit.detection.test_contacts import fleet
from tests.unit.detection.voyages import START_MS, At, Says, identities, positions


def input_rows(places: list[At], words: list[Says], seed: int) -> list[InputRow]:
    """Rows by partition, some heard again within the second by another receiver."""
    rng = random.Random(seed)
    places = [*places, *(p for p in places if rng.random() < 0.1)]
    by_partition: dict[int, list[At]] = defaultdict(list)
    said: dict[int, list[Says]] = defaultdict(list)
    for place in places:
        by_partition[partition_of(place.craft)].append(place)
    for word in words:
        said[partition_of(word.craft)].append(word)
    rows = [InputRow("positions", p, positions(part)) for p, part in sorted(by_partition.items())]
    return rows + [InputRow("positions", p, identities(part)) for p, part in sorted(said.items())]


@pytest.mark.parametrize("seed", [3, 5])
def test_facts_keep_the_contract(seed: int) -> None:
    places, words = random_fleet(seed, crafts=5, n=70)
    health = SourceHealth.build(
        {
            "t_ms": np.arange(3) * MS_PER_H + START_MS, "messages": [5, 0, 7],
            "start_ms": np.arange(3) * MS_PER_H + START_MS - 10_000,
            "domain_code": [1, 1, 1], "source": "test", "receiver": "r1",
        }
    )  # fmt: skip
    rows = [*input_rows(places, words, seed), InputRow("positions", 0, health)]
    found = fold_property(lambda: FactsFold((SEA,)), rows, settle_ms=40 * MS_PER_H, examples=15)
    assert len(messages(found, "facts")) > 50
    assert len(messages(found, "reception")) > 50


@pytest.mark.parametrize("seed", [5, 19])
def test_contacts_keep_the_contract(seed: int) -> None:
    rows = input_rows(fleet(seed), [], seed)
    found = fold_property(ContactsFold, rows, settle_ms=2 * MS_PER_H, examples=15)
    assert len(messages(found, "contacts")) > 50
