"""Strategies for every message that the log can hold."""

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lacuna_core.columns import ColumnBatch
from lacuna_core.event import Alert, Event, Term
from lacuna_core.fact import Contacts, Fact, Fix, Heard
from lacuna_core.message import DeadLetter, EventBatch, FactBatch, LedgerEntry, Message
from lacuna_core.position import Activate, Domain, IdentityBatch, PositionBatch, SourceHealth, Tick
from lacuna_core.units import NULL_I16, NULL_I32

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
U64 = st.integers(0, 2**64 - 1)
I64 = st.integers(-(2**63), 2**63 - 1)
I32 = st.integers(-(2**31), 2**31 - 1)
U32 = st.integers(0, 2**32 - 1)
U16 = st.integers(0, 2**16 - 1)


@st.composite
def batches(draw: st.DrawFn, /, batch_class: type[ColumnBatch], **extra: Any) -> Any:
    n = draw(st.integers(1, 5))
    values: dict[str, Any] = {}
    for column in batch_class.SCHEMA:
        if column.text:
            values[column.name] = draw(st.lists(TEXTS, min_size=n, max_size=n))
        else:
            values[column.name] = draw(hnp.arrays(np.dtype(column.dtype), n))
    return batch_class.build(values, **extra)


@st.composite
def ship_positions(draw: st.DrawFn) -> PositionBatch:
    batch = draw(batches(PositionBatch, domain=Domain.SEA))
    n = len(batch)
    columns = {c.name: array for c, array in batch.columns()}
    columns["baro_altitude_ft"] = np.full(n, NULL_I32, np.int32)
    columns["geo_altitude_ft"] = np.full(n, NULL_I32, np.int32)
    columns["vertical_rate_fpm"] = np.full(n, NULL_I16, np.int16)
    return PositionBatch(**columns, strings=batch.strings, domain=Domain.SEA)


FIXES = st.builds(
    Fix, t_ms=I64, lat_e7=I32, lon_e7=I32, speed_dkn=U16, course_ddeg=U16, digest=U64, receiver=TEXTS
)
FACTS = st.builds(
    Fact, kind=TEXTS, crafts=st.lists(U64, max_size=2).map(tuple), as_of_ms=I64, status=TEXTS,
    anchor_t_ms=I64, anchor_digest=U64, start_ms=I64, end_ms=st.none() | I64, start=st.none() | FIXES,
    end=st.none() | FIXES, detail=TEXTS,
)  # fmt: skip
FLOATS = st.floats(allow_nan=False)
EVENTS = st.builds(
    Event, event_id=TEXTS, kind=TEXTS, crafts=st.lists(U64, max_size=2).map(tuple), generation=U32,
    revision=U32, status=TEXTS, as_of_ms=I64, start_ms=I64, end_ms=st.none() | I64,
    start_lat_e7=st.none() | I32, start_lon_e7=st.none() | I32, end_lat_e7=st.none() | I32,
    end_lon_e7=st.none() | I32, place=TEXTS, verdict=TEXTS,
    probabilities=st.lists(st.tuples(TEXTS, st.none() | FLOATS), max_size=2).map(tuple),
    terms=st.lists(st.builds(Term, name=TEXTS, value=FLOATS, unit=TEXTS), max_size=2).map(tuple),
    evidence=st.lists(TEXTS, max_size=2).map(tuple), detail=TEXTS, model_version=TEXTS,
)  # fmt: skip
ALERTS = st.builds(
    Alert, topic=st.sampled_from(["alerts.maritime", "alerts.aviation"]), event_id=TEXTS, generation=U32,
    revision=U32, kind=TEXTS, as_of_ms=I64,
    body=st.sampled_from(['{"specversion":"1.0","id":"a.0.1"}', '{"data":{"x":[1,"é"]}}']),
)  # fmt: skip
MESSAGES: st.SearchStrategy[Message] = st.one_of(
    batches(PositionBatch, domain=Domain.SEA),
    batches(PositionBatch, domain=Domain.AIR),
    ship_positions(),
    batches(IdentityBatch, domain=Domain.SEA),
    batches(IdentityBatch, domain=Domain.AIR),
    batches(SourceHealth),
    batches(Contacts),
    batches(Heard),
    st.builds(Tick, seq=U64, t_ms=I64, lateness_ms=st.integers(0, 2**63)),
    st.builds(Activate, kind=TEXTS, digest=TEXTS, body=TEXTS),
    st.builds(FactBatch, st.lists(FACTS, min_size=1, max_size=2).map(tuple)),
    st.builds(EventBatch, st.lists(EVENTS, min_size=1, max_size=2).map(tuple)),
    ALERTS,
    st.builds(DeadLetter, source=TEXTS, origin=TEXTS, reason=TEXTS, detail=TEXTS, payload=st.binary()),
    st.builds(
        LedgerEntry, stage=TEXTS, partition=U32, t_ms=I64,
        counts=st.lists(st.tuples(TEXTS, I64), max_size=3).map(tuple),
    ),
)  # fmt: skip
