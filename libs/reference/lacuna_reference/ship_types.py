"""AIS ship and cargo types (ITU-R M.1371-5 table 53) as groups."""

from functools import cache

from lacuna_reference.resources import read_table

UNKNOWN = "unknown"
CARGO = "cargo"
TANKER = "tanker"


@cache
def _groups() -> tuple[str, ...]:
    groups = [UNKNOWN] * 256
    for row in read_table("ship_types.csv"):
        for code in range(int(row["first"]), int(row["last"]) + 1):
            groups[code] = row["group"]
    return tuple(groups)


def ship_group(ship_type: int) -> str:
    """Group of a ship type.

    Parameters
    ----------
    ship_type : int
        AIS code, 0-255.

    Returns
    -------
    str
        ``cargo``, ``tanker``, ``passenger``, ``fishing``, ``tug`` and so on; ``unknown`` for 0, reserved and
        regional codes.

    Examples
    --------
    >>> ship_group(79), ship_group(0)
    ('cargo', 'unknown')
    """
    return _groups()[ship_type] if 0 <= ship_type <= 255 else UNKNOWN


def ship_groups() -> tuple[str, ...]:
    """List the groups.

    Returns
    -------
    tuple of str
        Sorted, ``unknown`` among them.
    """
    return tuple(sorted(set(_groups())))
