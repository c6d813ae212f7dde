"""What craft say of themselves, repeats left out, against the obvious way."""

from typing import Any, NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lacuna_core.position import Domain
from lacuna_core.units import NULL_U16
from lacuna_ingestion.coded import coded
from lacuna_ingestion.identities import identities
from lacuna_ingestion.parse_time import Times
from lacuna_ingestion.rows import FeedRows, Identity

LONG = "x" * 121


class Said(NamedTuple):
    """One row, in the order in which rows sort."""

    craft: int
    t_ms: int
    imo: float
    squawk: float
    name: str
    callsign: str


SAID = st.builds(
    Said,
    craft=st.sampled_from([5, 6, (1 << 56) | 5, (120 << 56) | 5]),
    t_ms=st.sampled_from([0, 1, 4_000_000_000_000]),
    imo=st.sampled_from([np.nan, 7.0, 2.0**30, 1e12]),
    squawk=st.sampled_from([np.nan, 0.0, 7700.0]),
    name=st.sampled_from(["", "A", "B", LONG]),
    callsign=st.sampled_from(["", "\U00010000", "\uffff"]),
)


def _obvious(rows: list[Said]) -> list[tuple[Any, ...]]:
    """Sort everything, then keep what differs from the row before."""
    plain = sorted(
        (
            r.craft,
            r.t_ms,
            int(r.imo) if r.imo < 2**32 else 0,
            NULL_U16 if np.isnan(r.squawk) else int(r.squawk),
            "" if r.name == LONG else r.name,
            r.callsign,
        )
        for r in rows
    )
    says = [row for row in plain if row[2:] != (0, NULL_U16, "", "")]
    return [
        row for i, row in enumerate(says) if not i or (row[0], *row[2:]) != (says[i - 1][0], *says[i - 1][2:])
    ]


@given(st.lists(SAID, max_size=40))
@settings(derandomize=True, max_examples=150, deadline=None)
def test_repeats_in_a_row_are_left_out(said: list[Said]) -> None:
    n = len(said)
    rows = FeedRows(
        Domain.SEA, "feed", np.array([r.craft for r in said], np.uint64),
        Times(np.array([r.t_ms for r in said], np.int64), np.zeros(n, np.bool_)), np.zeros(n), np.zeros(n),
        identity=Identity(
            numeric={"imo": np.array([r.imo for r in said]), "squawk": np.array([r.squawk for r in said])},
            text={"name": coded([r.name for r in said]), "callsign": coded([r.callsign for r in said])},
        ),
    )  # fmt: skip
    batches = identities(rows, np.ones(n, np.bool_))
    found = [
        row
        for b in batches
        for row in zip(
            b.craft.tolist(), b.t_ms.tolist(), b.imo.tolist(), b.squawk.tolist(), b.text("name"),
            b.text("callsign"), strict=True,
        )
    ]  # fmt: skip
    assert found == _obvious(said)
    assert all(set(b.text("source")) == {"feed"} and not b.ship_type.any() for b in batches)
