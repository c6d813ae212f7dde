"""Which airframes count: a list with validity, carried by an ``Activate`` record of kind ``watchlist``."""

import json
from dataclasses import dataclass

from lacuna_core.errors import ConfigError
from lacuna_core.ids import craft_from_icao24
from lacuna_core.timestamps import parse_time


@dataclass(frozen=True, slots=True)
class Watched:
    """One airframe of the list.

    Attributes
    ----------
    craft : int
        Craft key of its address.
    registration, operator : str
        As listed; ``""`` for none.
    valid_from_ms, valid_to_ms : int or None
        Half-open interval in which the entry holds; None for no bound.
    """

    craft: int
    registration: str
    operator: str
    valid_from_ms: int | None
    valid_to_ms: int | None

    def holds(self, craft: int, t_ms: int) -> bool:
        """Tell whether the entry covers an airframe at a time.

        Parameters
        ----------
        craft : int
            Craft key.
        t_ms : int
            Unix milliseconds UTC.

        Returns
        -------
        bool
            True when it does.
        """
        after = self.valid_from_ms is None or t_ms >= self.valid_from_ms
        before = self.valid_to_ms is None or t_ms < self.valid_to_ms
        return craft == self.craft and after and before


def _time(entry: dict[str, object], name: str) -> int | None:
    value = entry.get(name)
    return None if value in (None, "") else parse_time(str(value))


def read_watchlist(body: str) -> tuple[Watched, ...]:
    """Read the body of a watchlist activation.

    Parameters
    ----------
    body : str
        JSON ``{"aircraft": [{"icao24", "registration", "operator", "valid_from", "valid_to"}]}``; only
        ``icao24`` is needed.

    Returns
    -------
    tuple of Watched
        In the order given; empty for an empty body.

    Raises
    ------
    ConfigError
        If an entry has no readable ``icao24`` or time.
    """
    if not body:
        return ()
    try:
        entries = json.loads(body)["aircraft"]
        return tuple(
            Watched(
                craft_from_icao24(str(entry["icao24"])),
                str(entry.get("registration") or ""),
                str(entry.get("operator") or ""),
                _time(entry, "valid_from"),
                _time(entry, "valid_to"),
            )
            for entry in entries
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f'watchlist: expected {{"aircraft": [{{"icao24": six hexadecimal digits, ...}}]}}, {error!r}'
        ) from error
