"""Detection as a process."""

from lacuna_detection.folds import build_folds
from lacuna_detection.grpc_server import detection_servicer
from lacuna_reference.basins import load_basin
from lacuna_runtime.service import Frame, Parts, run_service, stage_specs


def build(frame: Frame) -> Parts:
    """Put the service together.

    Parameters
    ----------
    frame : Frame
        What it is built on.

    Returns
    -------
    Parts
        Facts, contacts and assess; what could have been reached, over gRPC.
    """
    told = frame.settings.detection
    folds = build_folds(told.basins, told.params, told.disabled)
    basins = tuple(load_basin(name) for name in told.basins)
    return Parts(loops=stage_specs(folds, frame), servicers=(detection_servicer(basins, told.params),))


def main() -> None:
    """Run detection; does not return."""
    run_service("detection", build)


if __name__ == "__main__":
    main()
