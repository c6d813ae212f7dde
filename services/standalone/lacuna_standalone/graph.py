"""The flow as data: which folds run and which sink, in the order in which data moves."""

from typing import Any

from lacuna_core.clock import SystemClock
from lacuna_core.fold import Fold
from lacuna_core.ports import Bus
from lacuna_detection.folds import build_folds as detection_folds
from lacuna_flight_correlation.folds import build_folds as flight_folds
from lacuna_query.projector import Projector, Writer
from lacuna_runtime.settings import Settings
from lacuna_runtime.sink_loop import SinkLoop
from lacuna_runtime.stage import Stage, StageLimits


def folds(settings: Settings) -> tuple[Fold[Any], ...]:
    """Build every fold.

    Parameters
    ----------
    settings : Settings
        Basins, detectors, parameters.

    Returns
    -------
    tuple of Fold
        In the order in which data moves.
    """
    detection = settings.detection
    return (
        *detection_folds(detection.basins, detection.params, detection.disabled),
        *flight_folds(),
    )


def stages(settings: Settings, bus: Bus) -> tuple[Stage[Any], ...]:
    """Put every fold on the log, restored to where it was.

    Parameters
    ----------
    settings : Settings
        What runs and how much at once.
    bus : Bus
        The log.

    Returns
    -------
    tuple of Stage
        In the order in which data moves.
    """
    limits = StageLimits(**settings.stage.model_dump())
    return tuple(Stage(fold, bus, limits=limits) for fold in folds(settings))


def projector(writer: Writer, bus: Bus) -> SinkLoop:
    """Put the one writer of the stores on the log.

    Parameters
    ----------
    writer : Writer
        The stores.
    bus : Bus
        The log.

    Returns
    -------
    SinkLoop
        Its loop.
    """
    return SinkLoop(Projector(writer, SystemClock()), bus)
