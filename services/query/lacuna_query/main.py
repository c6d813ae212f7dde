"""Query as a process: the projector and the reads."""

from lacuna_core.clock import SystemClock
from lacuna_query.grpc_server import query_servicer
from lacuna_query.projector import Projector
from lacuna_query.service import QueryService
from lacuna_runtime.loop_thread import LoopSpec
from lacuna_runtime.service import Frame, Parts, run_service
from lacuna_runtime.sink_loop import SinkLoop


def build(frame: Frame) -> Parts:
    """Put the service together.

    Parameters
    ----------
    frame : Frame
        What it is built on.

    Returns
    -------
    Parts
        The projector and the reads.
    """
    bus, store = frame.ports.bus, frame.ports.store
    projector = LoopSpec(
        Projector.name,
        lambda: SinkLoop(Projector(store, SystemClock()), bus, telemetry=frame.telemetry),
    )
    reads = QueryService(store, store, store, store)
    return Parts(loops=(projector,), servicers=(query_servicer(reads),))


def main() -> None:
    """Run query; does not return."""
    run_service("query", build)


if __name__ == "__main__":
    main()
