"""Ingestion as a process: the ticker and the push endpoint."""

from lacuna_core.clock import SystemClock
from lacuna_ingestion.grpc_server import ingest_servicer
from lacuna_ingestion.heartbeat import Heartbeat
from lacuna_ingestion.publisher import Publisher
from lacuna_ingestion.ticker import Ticker
from lacuna_runtime.loop_thread import LoopSpec
from lacuna_runtime.service import Frame, Parts, run_service


def build(frame: Frame) -> Parts:
    """Put the service together.

    Parameters
    ----------
    frame : Frame
        What it is built on.

    Returns
    -------
    Parts
        The ticker, unless it is off, the heartbeat of the receivers, and the push endpoint.
    """
    told, bus, clock = frame.settings.ingestion, frame.ports.bus, SystemClock()
    publisher = Publisher(bus, frame.instance, clock, frame.telemetry)
    heartbeat = Heartbeat(publisher)

    def ticker() -> Ticker:
        return Ticker(bus, clock, lateness_ms=told.lateness_ms, tick_ms=told.tick_ms)

    loops = [LoopSpec("heartbeat", lambda: heartbeat)]
    if told.ticker:
        loops.append(LoopSpec("ticker", ticker))
    return Parts(tuple(loops), (ingest_servicer(publisher, heartbeat.heard),), (publisher.close,))


def main() -> None:
    """Run ingestion; does not return."""
    run_service("ingestion", build)


if __name__ == "__main__":
    main()
