"""Makes rows for the tests of detection: positions and identities as batches, cut into calls of a fold."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lacuna_core.digest import row_digest
from lacuna_core.fact import Fact
from lacuna_core.fold import Fold, Outputs, Rows
from lacuna_core.ids import craft_from_mmsi
from lacuna_core.place import Basin, Port
from lacuna_core.position import Domain, IdentityBatch, PositionBatch
from lacuna_core.units import MS_PER_H, NULL_I16, NULL_I32, NULL_U16

START_MS = 1_662_033_600_000
SHIP = craft_from_mmsi(273_123_456)
OTHER = craft_from_mmsi(422_000_111)


@dataclass(frozen=True, order=True)
class At:
    """One position: hours since the start, place, speed (None: not reported)."""

    hours: float
    lat_deg: float
    lon_deg: float
    speed_kn: float | None = 0.0
    craft: int = SHIP
    receiver: str = field(default="r1", compare=False)

    @property
    def t_ms(self) -> int:
        return START_MS + round(self.hours * MS_PER_H)


@dataclass(frozen=True)
class Says:
    """One static message."""

    hours: float
    craft: int = SHIP
    name: str = ""
    draught_dm: int = 0
    ship_type: int = 0

    @property
    def t_ms(self) -> int:
        return START_MS + round(self.hours * MS_PER_H)


def port(port_id: str, lat_deg: float, lon_deg: float, group: str = "", **limits: Any) -> Port:
    return Port(port_id, port_id.title(), "IR", "", lat_deg, lon_deg, group or port_id, **limits)


def basin(*ports: Port) -> Basin:
    return Basin("test_sea", "Test sea", "1", (-180.0, -90.0, 180.0, 90.0), ports, (), 8.0)


def positions(places: Sequence[At]) -> PositionBatch:
    n = len(places)
    blank = np.zeros(n, np.int64)
    return PositionBatch.build(
        {
            "craft": np.array([p.craft for p in places], np.uint64),
            "t_ms": [p.t_ms for p in places],
            "lat_e7": [round(p.lat_deg * 1e7) for p in places],
            "lon_e7": [round(p.lon_deg * 1e7) for p in places],
            "speed_dkn": [NULL_U16 if p.speed_kn is None else round(p.speed_kn * 10) for p in places],
            "course_ddeg": blank + NULL_U16, "heading_ddeg": blank + NULL_U16,
            "baro_altitude_ft": blank + NULL_I32, "geo_altitude_ft": blank + NULL_I32,
            "vertical_rate_fpm": blank + NULL_I16, "flags": blank, "craft_class": blank + 1,
            "source": "test", "receiver": [p.receiver for p in places],
        },
        domain=Domain.SEA,
    )  # fmt: skip


def identities(words: Sequence[Says]) -> IdentityBatch:
    n = len(words)
    blank = np.zeros(n, np.int64)
    return IdentityBatch.build(
        {
            "craft": np.array([w.craft for w in words], np.uint64), "t_ms": [w.t_ms for w in words],
            "imo": blank, "ship_type": [w.ship_type for w in words],
            "to_bow_m": blank + 60, "to_stern_m": blank + 20, "to_port_m": blank, "to_starboard_m": blank,
            "draught_dm": [w.draught_dm for w in words], "squawk": blank + NULL_U16,
            "name": [w.name for w in words], "callsign": "", "destination": "", "registration": "",
            "type_code": "", "source": "test",
        },
        domain=Domain.SEA,
    )  # fmt: skip


def digests(batch: PositionBatch) -> np.ndarray[Any, np.dtype[np.uint64]]:
    columns = [array.tolist() for column, array in batch.columns() if not column.text]
    return np.array([row_digest(*row) for row in zip(*columns, strict=True)], np.uint64)


def rows_of(places: Sequence[At], words: Sequence[Says] = ()) -> Rows:
    """Rows in canonical order."""
    batch = positions(places)
    digest = digests(batch)
    order = np.lexsort((digest, batch.craft, batch.t_ms))
    said = identities(sorted(words, key=lambda w: (w.t_ms, w.craft)))
    return Rows(sea=batch.take(order), sea_digest=digest[order], sea_identity=said)


def cut(rows: Rows, ends_ms: Sequence[int]) -> Iterator[tuple[Rows, int]]:
    """The same rows in calls that end at these watermarks."""
    before_ms = -(2**62)
    for until_ms in sorted(ends_ms):
        sea = (rows.sea.t_ms > before_ms) & (rows.sea.t_ms <= until_ms)
        said = (rows.sea_identity.t_ms > before_ms) & (rows.sea_identity.t_ms <= until_ms)
        yield (
            Rows(
                sea=rows.sea.take(sea),
                sea_digest=rows.sea_digest[sea],
                sea_identity=rows.sea_identity.take(said),
            ),
            until_ms,
        )
        before_ms = until_ms


def play(
    fold: Fold[Any], rows: Rows, ends_ms: Sequence[int], restart: bool = False, partition: int = 0
) -> list[Outputs]:
    """Run a fold over the calls, each from a restored snapshot when asked."""
    state = fold.initial(partition)
    outputs = []
    for part, until_ms in cut(rows, ends_ms):
        if restart:
            state = fold.load({name: array.copy() for name, array in fold.dump(state).items()})
        state, out = fold.step(state, part, until_ms, ())
        outputs.append(out)
    return outputs


def facts_of(outputs: Sequence[Outputs], kind: str = "") -> list[Fact]:
    return [f for out in outputs for f in out.facts if kind in ("", f.kind)]


def any_ends(rng: random.Random, rows: Rows, calls: int, settle_h: float = 40.0) -> list[int]:
    """Watermarks at random, among them row times and the milliseconds beside them."""
    times = rows.sea.t_ms.tolist() or [START_MS]
    last_ms = times[-1] + round(settle_h * MS_PER_H)
    found = {last_ms}
    for _ in range(calls):
        found.add(rng.randrange(times[0], last_ms))
        found.add(rng.choice(times) + rng.choice([-1, 0, 1, MS_PER_H, MS_PER_H + 1]))
    return sorted(found)
