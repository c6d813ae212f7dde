"""Numbers that several detectors share, and overrides of any detector's numbers from settings."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypeVar

from lacuna_core.errors import ConfigError

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class TrackParams:
    """What the facts fold prepares for all its detectors.

    Attributes
    ----------
    port_entry_m, port_exit_m : float
        Distance from an anchorage point at which a craft is in port, and beyond which it no longer is
        (Global Fishing Watch, pipe-anchorages: 3 km and 4 km).
    heard_slot_min : float
        Length of the slots in which a craft counts as heard once.
    """

    port_entry_m: float = 3_000.0
    port_exit_m: float = 4_000.0
    heard_slot_min: float = 30.0


@dataclass(frozen=True, slots=True)
class ContactParams:
    """How pairs are found (Global Fishing Watch, pipe-encounters).

    Attributes
    ----------
    radius_m : float
        Two craft at most this far apart are in contact.
    """

    radius_m: float = 500.0


def overridden(default: P, name: str, overrides: Mapping[str, Mapping[str, Any]] | None) -> P:
    """Replace numbers of a parameter set by those of settings.

    Parameters
    ----------
    default : P
        Frozen dataclass.
    name : str
        Key of this set in ``overrides``.
    overrides : mapping or None
        By set, then by field.

    Returns
    -------
    P
        The changed set.

    Raises
    ------
    ConfigError
        For an unknown field or a value that is no number of its kind, by name.
    """
    wanted = dict((overrides or {}).get(name, {}))
    known = {f.name: getattr(default, f.name) for f in fields(default)}  # type: ignore[arg-type]
    for key, value in wanted.items():
        if key not in known:
            raise ConfigError(f"detection.{name}.{key} is not a parameter; known: {', '.join(sorted(known))}")
        kind = type(known[key])
        if is_dataclass(kind):
            raise ConfigError(f"detection.{name}.{key} is a set of parameters, which can't be replaced")
        fits = isinstance(value, bool) if kind is bool else isinstance(value, int | float | tuple | list)
        if not fits or isinstance(value, bool) != (kind is bool):
            raise ConfigError(f"detection.{name}.{key} is {value!r}; expected {kind.__name__}")
        wanted[key] = kind(value)
    return replace(default, **wanted)  # type: ignore[type-var]
