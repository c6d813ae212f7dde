"""Flight correlation as a process."""

from lacuna_flight_correlation.folds import build_folds
from lacuna_flight_correlation.grpc_server import flight_servicer
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
        Legs and link; trips and hypotheses over gRPC.
    """
    store = frame.ports.store
    return Parts(loops=stage_specs(build_folds(), frame), servicers=(flight_servicer(store, store),))


def main() -> None:
    """Run flight correlation; does not return."""
    run_service("flight-correlation", build)


if __name__ == "__main__":
    main()
