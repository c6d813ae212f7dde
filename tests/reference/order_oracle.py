"""Order, repeats and their witnesses, by plain Python over rows."""

from typing import NamedTuple

from lacuna_core.position import PositionBatch
from tests.reference.digest_oracle import FIELDS, row_digests

PAYLOAD = FIELDS[2:]


class Row(NamedTuple):
    t_ms: int
    craft: int
    digest: int
    payload: tuple[int, ...]
    source: str
    receiver: str


def rows_of(batch: PositionBatch) -> list[Row]:
    columns = {name: getattr(batch, name) for name in FIELDS}
    payloads = list(zip(*(columns[name].tolist() for name in PAYLOAD), strict=True))
    return [
        Row(*row)
        for row in zip(
            batch.t_ms.tolist(), batch.craft.tolist(), row_digests(columns), payloads,
            batch.text("source").tolist(), batch.text("receiver").tolist(), strict=True,
        )
    ]  # fmt: skip


def merged(rows: list[Row]) -> list[Row]:
    """Canonical order, repeats of one second as one row with all its witnesses."""
    groups: dict[tuple[int, int, tuple[int, ...]], list[Row]] = {}
    for row in sorted(rows):
        groups.setdefault((row.craft, row.t_ms // 1000, row.payload), []).append(row)
    found = []
    for group in groups.values():
        earliest = min(row.t_ms for row in group)
        heard = {name for row in group for name in row.receiver.split("|")} - {""}
        source = min(row.source for row in group if row.t_ms == earliest)
        found.append(group[0]._replace(source=source, receiver="|".join(sorted(heard))))
    return sorted(found)
