"""Blocks of neighboring craft numbers: partitions in the order of craft keys, at most 100,000 craft each."""

from collections.abc import Sequence

from lacuna_core.ids import Scheme, craft_number, craft_scheme

_SCHEME_BLOCKS = 1 << 16
_MMSI_PER_BLOCK = 100_000
_MMSI_PER_MID = 1_000_000
_ADDRESS_BITS = 14
"""Low bits of a 24-bit address within a block."""


def block_of(craft: int) -> int:
    """Block of a craft.

    Parameters
    ----------
    craft : int
        Craft key.

    Returns
    -------
    int
        Ascends with the craft key.
    """
    scheme, number = craft_scheme(craft), craft_number(craft)
    within = number // _MMSI_PER_BLOCK if scheme is Scheme.MMSI else number >> _ADDRESS_BITS
    return int(scheme) * _SCHEME_BLOCKS + within


def may_hold(block: int, mids: Sequence[int]) -> bool:
    """Tell whether a block may hold craft with one of some maritime identification digits.

    Parameters
    ----------
    block : int
        A block.
    mids : sequence of int
        Digits.

    Returns
    -------
    bool
        False when it holds ships of other flags only.
    """
    scheme, within = divmod(block, _SCHEME_BLOCKS)
    mid = within * _MMSI_PER_BLOCK // _MMSI_PER_MID
    # Numbers that begin with 2 to 7 are ships; coast stations, buoys and the like carry the digits elsewhere.
    return scheme == Scheme.MMSI and (not 200 <= mid <= 799 or mid in mids)
