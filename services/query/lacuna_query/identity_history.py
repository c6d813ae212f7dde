"""The identity of a craft over time, from the changes that the store keeps."""

from dataclasses import fields
from typing import Any

from lacuna_core.position import IdentityBatch
from lacuna_core.profile import Identity
from lacuna_core.query import IdentityChange
from lacuna_core.units import NULL_U16

_NAMES = tuple(field.name for field in fields(Identity))
_TEXTS = frozenset(column.name for column in IdentityBatch.SCHEMA if column.text)


def _null(name: str) -> Any:
    if name in _TEXTS:
        return ""
    return NULL_U16 if name == "squawk" else 0


def history(changes: IdentityBatch) -> tuple[IdentityChange, ...]:
    """Carry each field forward, so that every change shows the whole identity.

    Parameters
    ----------
    changes : IdentityBatch
        One craft, sorted by time.

    Returns
    -------
    tuple of IdentityChange
        One a row, ascending by time.
    """
    columns = {
        name: (changes.text(name) if name in _TEXTS else getattr(changes, name)).tolist() for name in _NAMES
    }
    sources = changes.text("source").tolist()
    known: dict[str, Any] = {}
    rows = []
    for i, t_ms in enumerate(changes.t_ms.tolist()):
        known.update({n: values[i] for n, values in columns.items() if values[i] != _null(n)})
        rows.append(IdentityChange(t_ms, sources[i], Identity(**known)))
    return tuple(rows)
