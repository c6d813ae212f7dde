"""Writes readsb ``trace_full`` files: one gzipped JSON an airframe and UTC day."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from lacuna_simulator.air.airframes import Airframe
from lacuna_simulator.air.rotation import Flight
from lacuna_simulator.air.samples import Samples

DAY_S = 86_400
_NEW_LEG, _STALE = 2, 1
_DETAIL_EVERY = 12


class TraceFiles:
    """Collects the legs of one airframe and writes its days.

    Parameters
    ----------
    airframe : Airframe
        Who.
    start_unix_s : int
        Start of the world, a midnight, Unix seconds.
    """

    def __init__(self, airframe: Airframe, start_unix_s: int) -> None:
        self._airframe = airframe
        self._start_unix_s = start_unix_s
        self._days: dict[int, list[list[Any]]] = {}

    def add(self, flight: Flight, samples: Samples, rng: np.random.Generator) -> int:
        """Add one leg.

        Parameters
        ----------
        flight : Flight
            The leg.
        samples : Samples
            What was heard of it.
        rng : numpy.random.Generator
            Draws the squawk and the pressure of the day.

        Returns
        -------
        int
            Rows added.
        """
        squawk = "".join(str(int(d)) for d in rng.integers(0, 8, 4))
        higher_ft = 25 * int(rng.integers(-12, 40))
        columns = zip(
            samples.t_s.tolist(),
            np.round(samples.lat_deg, 6).tolist(), np.round(samples.lon_deg, 6).tolist(),
            (25 * np.rint(samples.altitude_ft / 25)).astype(int).tolist(),
            np.round(samples.speed_kn, 1).tolist(), np.round(samples.track_deg, 1).tolist(),
            samples.rate_fpm.astype(int).tolist(), samples.ground.tolist(), samples.stale.tolist(),
            strict=True,
        )  # fmt: skip
        for at, (t_s, lat, lon, altitude, speed, track, rate, ground, stale) in enumerate(columns):
            day = int(t_s // DAY_S)
            flags = (_NEW_LEG if at == 0 else 0) | (_STALE if stale else 0)
            height = altitude + higher_ft
            climb = None if ground else rate
            details = (
                self._details(flight, squawk, height, track, ground) if at % _DETAIL_EVERY == 0 else None
            )
            self._days.setdefault(day, []).append(
                [
                    round(t_s - day * DAY_S, 2), lat, lon, "ground" if ground else altitude, speed, track,
                    flags, climb, details, "adsb_icao", height, climb, None, None,
                ]
            )  # fmt: skip
        return len(samples.t_s)

    def _details(
        self, flight: Flight, squawk: str, height_ft: int, track_deg: float, ground: bool
    ) -> dict[str, Any]:
        return {
            "type": "adsb_icao", "flight": flight.callsign.ljust(8), "alt_geom": height_ft,
            "track": track_deg, "squawk": squawk, "emergency": "none",
            "category": "C2" if ground else "A5", "nic": 8, "rc": 186,
            "version": 2, "nac_p": 9, "sil": 3, "sil_type": "perhour", "alert": 0, "spi": 0,
        }  # fmt: skip

    def write(self, folder: Path) -> None:
        """Write a file for each day with samples.

        Parameters
        ----------
        folder : Path
            Where they go; exists.
        """
        airframe = self._airframe
        for day, rows in sorted(self._days.items()):
            midnight_s = self._start_unix_s + day * DAY_S
            document = {
                "icao": airframe.icao24, "r": airframe.registration, "t": airframe.type_code, "dbFlags": 0,
                "desc": airframe.description, "ownOp": airframe.operator, "timestamp": float(midnight_s),
                "trace": sorted(rows, key=lambda row: float(row[0])),
            }  # fmt: skip
            date = str(np.datetime64(midnight_s, "s"))[:10]
            path = folder / f"trace_full_{airframe.icao24}_{date}.json.gz"
            path.write_bytes(gzip.compress(orjson.dumps(document), 6, mtime=0))
