"""The folds of flight correlation, in the order in which data moves."""

from typing import Any

from lacuna_core.fold import Fold
from lacuna_flight_correlation.legs_fold import LegsFold
from lacuna_flight_correlation.link_fold import LinkFold
from lacuna_reference.airports import airport_groups, airports


def build_folds() -> tuple[Fold[Any], ...]:
    """Build every fold of flight correlation.

    Returns
    -------
    tuple of Fold
        Legs, link.
    """
    return (LegsFold(airports(), airport_groups()), LinkFold())
