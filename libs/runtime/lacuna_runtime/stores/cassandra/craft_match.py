"""Whether a craft row is what a query asks for; the embedded store says the same in SQL."""

from collections.abc import Callable
from typing import Any, TypeAlias

from lacuna_core.profile import CraftQuery
from lacuna_runtime.stores.derived import mid_of

Match: TypeAlias = Callable[[int, dict[str, Any]], bool]
"""Takes a craft and its columns by name."""
_SEARCHED = ("name", "callsign", "registration")


def _folded(text: str) -> bytes:
    """Text with the case of ASCII letters ignored: the letters that radios send."""
    return text.encode().lower()


def _text_in(wanted: bytes, row: dict[str, Any]) -> bool:
    return any(wanted in _folded(row[name]) for name in _SEARCHED if row[name] is not None)


def craft_match(query: CraftQuery) -> Match:
    """Make the condition of a query.

    Parameters
    ----------
    query : CraftQuery
        Which craft.

    Returns
    -------
    callable
        True for a craft that is asked for.
    """
    checks: list[Match] = [lambda _, row: row["domain"] == query.domain]
    if query.craft is not None:
        checks.append(lambda craft, _: craft == query.craft)
    if query.after is not None:
        after = query.after
        checks.append(lambda craft, _: craft > after)
    if query.text:
        wanted = _folded(query.text)
        checks.append(lambda _, row: _text_in(wanted, row))
    if query.mids:
        mids = frozenset(query.mids)
        checks.append(lambda craft, _: mid_of(craft) in mids)
    if query.ship_types:
        types = frozenset(query.ship_types)
        checks.append(lambda _, row: row["ship_type"] in types)
    if query.imo is not None:
        checks.append(lambda _, row: row["imo"] == query.imo)
    if query.type_code:
        checks.append(lambda _, row: row["type_code"] == query.type_code)
    return lambda craft, row: all(check(craft, row) for check in checks)
