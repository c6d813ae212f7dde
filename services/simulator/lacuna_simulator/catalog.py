"""The scenarios there are: each module of ``scenarios`` with a ``SCENARIO``."""

import importlib
import pkgutil
from functools import cache
from typing import cast

from lacuna_simulator import scenarios
from lacuna_simulator.scenario import Scenario


@cache
def catalog() -> dict[str, Scenario]:
    """Find the scenarios.

    Returns
    -------
    dict of str to Scenario
        By name, sorted.
    """
    found: dict[str, Scenario] = {}
    for module_info in pkgutil.iter_modules(scenarios.__path__, scenarios.__name__ + "."):
        scenario = cast(Scenario, importlib.import_module(module_info.name).SCENARIO)
        found[scenario.name] = scenario
    return dict(sorted(found.items()))
