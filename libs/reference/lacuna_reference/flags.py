"""Flags of radio licenses: maritime identification digits (MID) to countries.

The MID says who licensed the radio. It is not the ship's registry and not her owner.
"""

from dataclasses import dataclass
from functools import cache

from lacuna_core.ids import Scheme, craft_number, craft_scheme, mmsi_mid
from lacuna_reference.resources import read_table


@dataclass(frozen=True, slots=True)
class Flag:
    """Country of a radio license.

    Attributes
    ----------
    country : str
        ISO 3166-1 alpha-2.
    name : str
        English name.
    """

    country: str
    name: str


@cache
def flags_by_mid() -> dict[int, Flag]:
    """Read the table of all maritime identification digits in use.

    Returns
    -------
    dict of int to Flag
        By MID.
    """
    return {int(row["mid"]): Flag(row["country"], row["name"]) for row in read_table("mids.csv")}


def flag_of_mmsi(mmsi: int) -> Flag | None:
    """Flag of the radio license behind an MMSI.

    Parameters
    ----------
    mmsi : int
        Radio identity of any class.

    Returns
    -------
    Flag or None
        None where the MMSI carries no known MID.

    Examples
    --------
    >>> flag_of_mmsi(273123456).country
    'RU'
    """
    mid = mmsi_mid(mmsi)
    return None if mid is None else flags_by_mid().get(mid)


def flag_of_craft(craft: int) -> Flag | None:
    """Flag of the radio license of a craft.

    Parameters
    ----------
    craft : int
        Craft key.

    Returns
    -------
    Flag or None
        None for aircraft and unknown MIDs.
    """
    return flag_of_mmsi(craft_number(craft)) if craft_scheme(craft) is Scheme.MMSI else None
