"""Plays the air: aircraft fly, receivers hear, traces are written, the truth is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lacuna_core.timestamps import format_time, parse_time
from lacuna_simulator.air.airframes import AIRFRAMES
from lacuna_simulator.air.rotation import Dispatcher, TripFact
from lacuna_simulator.air.samples import sample_flight
from lacuna_simulator.air.trace import TraceFiles
from lacuna_simulator.truth import Trip

_FLY, _SAMPLE = 100, 101
"""Streams of random draws, apart from those of the sea."""


@dataclass(frozen=True, slots=True)
class AirPlan:
    """How much flies.

    Attributes
    ----------
    start, end : str
        RFC 3339, midnights; also the window in which trips count.
    trips : tuple of int
        Trips of each watched airframe.
    aircraft : int
        How many of the airframes fly; the watched ones come first.
    """

    start: str
    end: str
    trips: tuple[int, ...]
    aircraft: int


@dataclass(slots=True)
class AirTruth:
    """The planted trips, the watchlist, and counts of what was emitted."""

    trips: tuple[Trip, ...]
    watchlist: dict[str, Any]
    counts: dict[str, int]


def play_air(plan: AirPlan, folder: Path, seed: int, progress: Callable[[float, str], None]) -> AirTruth:
    """Play the air and write its traces.

    Parameters
    ----------
    plan : AirPlan
        How much flies.
    folder : Path
        Where the traces go; made if absent.
    seed : int
        Seed of every draw.
    progress : callable
        Told the share done and what is being done.

    Returns
    -------
    AirTruth
        What was planted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    start_ms = parse_time(plan.start)
    end_s = (parse_time(plan.end) - start_ms) / 1000.0
    trips: list[Trip] = []
    flights = rows = 0
    for index, airframe in enumerate(AIRFRAMES[: plan.aircraft]):
        count = plan.trips[index] if airframe.watched else 0
        dispatcher = Dispatcher(airframe, count, end_s, np.random.default_rng([seed, _FLY, index]))
        dispatcher.fly()
        files = TraceFiles(airframe, start_ms // 1000)
        rng = np.random.default_rng([seed, _SAMPLE, index])
        for flight in dispatcher.flights:
            rows += files.add(flight, sample_flight(flight, rng), rng)
        files.write(folder)
        flights += len(dispatcher.flights)
        trips += [_trip(fact, start_ms, end_s) for fact in dispatcher.trips]
        progress((index + 1) / plan.aircraft, "aircraft flying")
    trips.sort(key=lambda trip: (trip.arrival, trip.icao24))
    counts = {
        "trips_total": sum(trip.window_counts for trip in trips),
        "aircraft": plan.aircraft,
        "flights": flights,
        "trace_rows": rows,
    }
    return AirTruth(tuple(trips), _watchlist(plan), counts)


def _trip(fact: TripFact, start_ms: int, end_s: float) -> Trip:
    landed_s = fact.arriving.on_s
    return Trip(
        icao24=fact.arriving.airframe.icao24,
        airport=fact.arriving.destination,
        arrival=format_time(start_ms + 1000 * round(landed_s)),
        origin=fact.origin,
        via=fact.via,
        evidence=fact.arriving.coverage.evidence or "",
        window_counts=0 <= landed_s < end_s,
    )


def _watchlist(plan: AirPlan) -> dict[str, Any]:
    return {
        "aircraft": [
            {
                "icao24": a.icao24, "registration": a.registration, "operator": a.operator,
                "valid_from": plan.start[:10], "valid_to": plan.end[:10],
            }
            for a in AIRFRAMES
            if a.watched
        ]
    }  # fmt: skip
