"""The folds of detection, in the order in which data moves."""

from collections.abc import Mapping, Sequence
from typing import Any

from lacuna_core.fold import Fold
from lacuna_detection.assess import AssessFold
from lacuna_detection.contacts import ContactsFold
from lacuna_detection.facts import FactsFold
from lacuna_reference.basins import load_basin


def build_folds(
    basins: Sequence[str], params: Mapping[str, Mapping[str, Any]], disabled: Sequence[str]
) -> tuple[Fold[Any], ...]:
    """Build every fold of detection.

    Parameters
    ----------
    basins : sequence of str
        Names of basin packs.
    params : mapping
        Overrides of detector parameters: kind, then field.
    disabled : sequence of str
        Detector kinds that are off.

    Returns
    -------
    tuple of Fold
        Facts, contacts, assess.

    Raises
    ------
    ConfigError
        If a basin, kind or parameter is not known.
    """
    packs = tuple(load_basin(name) for name in basins)
    off = frozenset(disabled)
    return (FactsFold(packs, params, off), ContactsFold(params), AssessFold(packs, params, off))
