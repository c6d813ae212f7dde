"""The catalog of detectors: the modules of ``detectors/``, listed when asked, sorted by kind."""

import importlib
import pkgutil
from typing import Any

import lacuna_detection.detectors as folder


def detectors(scope: str) -> tuple[Any, ...]:
    """Find the detectors of one scope.

    Parameters
    ----------
    scope : str
        ``craft``, ``pair`` or ``assess``.

    Returns
    -------
    tuple of Detector
        The ``DETECTOR`` of each module with that scope, sorted by kind.

    Examples
    --------
    >>> [d.kind for d in detectors("pair")]
    ['encounter']
    """
    names = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
    found = [importlib.import_module(f"{folder.__name__}.{name}").DETECTOR for name in names]
    return tuple(sorted((d for d in found if d.scope == scope), key=lambda d: str(d.kind)))
