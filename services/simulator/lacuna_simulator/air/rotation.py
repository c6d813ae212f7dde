"""Who flies where and when: trips of the freighters, and other traffic around them."""

from dataclasses import dataclass

import numpy as np

from lacuna_simulator.air.airframes import Airframe
from lacuna_simulator.air.profile import flight_hours
from lacuna_simulator.air.receivers import Coverage, draw_coverage

_STOPS = ("URMM", "URWA", "UBBB", "URML")


@dataclass(frozen=True, slots=True)
class Flight:
    """One leg.

    Attributes
    ----------
    airframe : Airframe
        Who.
    callsign : str
        Its callsign.
    origin, destination : str
        ICAO codes.
    off_s : float
        Take-off, seconds from the start of the world.
    wind_kn : float
        Wind along the whole way.
    coverage : Coverage
        What receivers will hear of it.
    """

    airframe: Airframe
    callsign: str
    origin: str
    destination: str
    off_s: float
    wind_kn: float
    coverage: Coverage

    @property
    def on_s(self) -> float:
        """Touchdown.

        Returns
        -------
        float
            Seconds from the start of the world.
        """
        hours = flight_hours(self.airframe, self.origin, self.destination, self.wind_kn)
        return self.off_s + 3600.0 * hours


@dataclass(frozen=True, slots=True)
class TripFact:
    """An arrival in Moscow: the arriving leg, where the trip began, and its stops."""

    arriving: Flight
    origin: str
    via: tuple[str, ...]


class Dispatcher:
    """Flies one airframe through the whole time, leg after leg from where it stands.

    Parameters
    ----------
    airframe : Airframe
        Who.
    trips : int
        Trips to Moscow, for a watched airframe.
    end_s : float
        End of the world, seconds from its start.
    rng : numpy.random.Generator
        Source of randomness.
    """

    def __init__(self, airframe: Airframe, trips: int, end_s: float, rng: np.random.Generator) -> None:
        self._airframe = airframe
        self._end_s = end_s
        self._rng = rng
        self._at = airframe.homes[0]
        self._now_s = 3600.0 * float(rng.uniform(2.0, 10.0))
        period_s = (end_s - 4 * 86_400.0) / max(trips, 1)
        self._targets = [period_s * (k + float(rng.uniform(0.15, 0.55))) for k in range(trips)]
        self.flights: list[Flight] = []
        self.trips: list[TripFact] = []

    def fly(self) -> None:
        """Fill ``flights`` and ``trips``."""
        for target_s in [*self._targets, self._end_s]:
            self._idle_or_rotate(target_s)
            if target_s < self._end_s:
                self._now_s = max(self._now_s, target_s)
                self._trip()

    def _idle_or_rotate(self, until_s: float) -> None:
        while True:
            rest_h = float(self._rng.uniform(30.0, 150.0))
            place = self._airframe.others[int(self._rng.integers(len(self._airframe.others)))]
            ground_h = float(self._rng.uniform(2.0, 16.0))
            away_h = 2 * flight_hours(self._airframe, self._at, place, -25.0) + ground_h
            if self._now_s + 3600.0 * (rest_h + away_h + 30.0) > until_s:
                return
            self._now_s += 3600.0 * rest_h
            home = self._airframe.homes[int(self._rng.integers(len(self._airframe.homes)))]
            self._leg(place)
            self._now_s += 3600.0 * ground_h
            self._leg(home)

    def _leg(self, destination: str, evidence: str | None = None) -> Flight:
        number = int(self._rng.integers(100, 9_999))
        flight = Flight(
            self._airframe,
            f"{self._airframe.callsign}{number}",
            self._at,
            destination,
            self._now_s,
            float(np.clip(self._rng.normal(0.0, 10.0), -25.0, 25.0)),
            draw_coverage(self._at, destination, evidence, self._rng),
        )
        self.flights.append(flight)
        self._now_s, self._at = flight.on_s, destination
        return flight

    def _maybe_stop(self, chance: float) -> tuple[str, ...]:
        if self._rng.random() >= chance:
            return ()
        stop = _STOPS[int(self._rng.integers(len(_STOPS)))]
        self._leg(stop)
        self._now_s += 3600.0 * float(self._rng.uniform(1.1, 3.2))
        return (stop,)

    def _trip(self) -> None:
        origin = self._at
        airport = self._airframe.moscow[int(self._rng.integers(len(self._airframe.moscow)))]
        draw = float(self._rng.random())
        evidence = "surface" if draw < 0.66 else "low" if draw < 0.82 and airport != "UUBW" else "bracketed"
        via = self._maybe_stop(0.14)
        arriving = self._leg(airport, evidence)
        self.trips.append(TripFact(arriving, origin, via))
        self._now_s += 3600.0 * float(self._rng.uniform(2.5, 30.0))
        homes = self._airframe.homes
        home = homes[int(self._rng.integers(len(homes)))]
        self._maybe_stop(0.08)
        self._leg(home)
