"""Writes the AIS feed: one gzipped NMEA file a day, lines in order of time."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lacuna_core.units import I64Array, U8Array
from lacuna_kernels.ais_encode import STATION_BYTES, sentence_lines
from lacuna_simulator.sea.columns import Received
from lacuna_simulator.sea.fleet import Vessel
from lacuna_simulator.sea.messages import Payloads, base_station, class_a, class_b, long_range
from lacuna_simulator.sea.outages import OutagePlan, down_bits, receiver_names
from lacuna_simulator.sea.static import Statics, join_statics
from lacuna_simulator.sea.stations import STATIONS

DAY_S = 86_400
HEARTBEAT_S = 600
"""Thinned interval of base-station reports."""


@dataclass(frozen=True, slots=True, eq=False)
class AisFeed:
    """Everything that goes into the files.

    Attributes
    ----------
    fleet : tuple of Vessel
        The ships.
    start_unix_s, end_s : int
        Start of the world in Unix seconds, and its length.
    rows : Received
        Positions, ascending in time.
    statics : Statics
        Static messages, in any order.
    outages : tuple of OutagePlan
        Silence the base stations too.
    """

    fleet: tuple[Vessel, ...]
    start_unix_s: int
    end_s: int
    rows: Received
    statics: Statics
    outages: tuple[OutagePlan, ...]

    def write(self, folder: Path, progress: Callable[[float], None]) -> int:
        """Write one file a day.

        Parameters
        ----------
        folder : Path
            Made if absent.
        progress : callable
            Told the share done.

        Returns
        -------
        int
            Messages written; one heard by three receivers counts three times.
        """
        folder.mkdir(parents=True, exist_ok=True)
        count = 0
        for first_s in range(0, self.end_s, DAY_S):
            lines, messages = self._day(first_s, min(first_s + DAY_S, self.end_s))
            count += messages
            date = str(np.datetime64(self.start_unix_s + first_s, "s"))[:10]
            # no name and no time in the header: the same world gives the same bytes
            with (
                (folder / f"{date}.nmea.gz").open("wb") as raw,
                gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0) as packed,
            ):
                packed.write(lines.data)
            progress((first_s + DAY_S) / self.end_s)
        return count

    def _day(self, first_s: int, last_s: int) -> tuple[U8Array, int]:
        low, high = np.searchsorted(self.rows.t_s, [first_s, last_s])
        positions = self.rows.rows(slice(int(low), int(high)))
        during = np.flatnonzero((self.statics.t_s >= first_s) & (self.statics.t_s < last_s))
        whole = join_statics(
            [
                Statics(self._positions(positions), positions.t_s, positions.bits),
                Statics(
                    _choose(self.statics.payloads, during),
                    self.statics.t_s[during],
                    self.statics.bits[during],
                ),
                *self._bases(first_s, last_s),
            ]
        )
        return self._lines(whole)

    def _positions(self, rows: Received) -> Payloads:
        mmsi = np.array([v.mmsi for v in self.fleet])[rows.vessel]
        is_b = np.array([v.class_b for v in self.fleet])[rows.vessel]
        second = (self.start_unix_s + rows.t_s) % 60
        chars = np.zeros((len(mmsi), 72), np.uint8)
        n_chars, fill = np.zeros(len(mmsi), np.int64), np.zeros(len(mmsi), np.int64)
        far = np.flatnonzero(rows.long_range)
        a, b = (np.flatnonzero(~rows.long_range & (is_b == kind)) for kind in (False, True))
        made = (
            (far, long_range(rows.rows(far), mmsi[far])),
            (a, class_a(rows.rows(a), mmsi[a], second[a])),
            (b, class_b(rows.rows(b), mmsi[b], second[b])),
        )
        for where, payloads in made:
            chars[where], n_chars[where], fill[where] = payloads.chars, payloads.n_chars, payloads.fill_bits
        return Payloads(chars, n_chars, fill)

    def _bases(self, first_s: int, last_s: int) -> list[Statics]:
        made = []
        for bit, station in enumerate(STATIONS):
            t_s = np.arange(first_s + 17 * bit % HEARTBEAT_S, last_s, HEARTBEAT_S)
            t_s = t_s[(down_bits(self.outages, t_s.astype(np.float64)) >> bit & 1) == 0]
            made.append(
                Statics(base_station(station, self.start_unix_s + t_s), t_s, np.full(len(t_s), 1 << bit))
            )
        return made

    def _lines(self, whole: Statics) -> tuple[U8Array, int]:
        """Write each message once for each receiver that heard it."""
        heard = [np.flatnonzero(whole.bits >> bit & 1) for bit in range(len(receiver_names()))]
        message = np.concatenate(heard)
        receiver = np.repeat(np.arange(len(heard)), [len(h) for h in heard])
        order = np.lexsort((receiver, message, whole.t_s[message]))
        message, receiver = message[order], receiver[order]
        payloads = _choose(whole.payloads, message)
        channel = np.where((whole.t_s[message] // 7 + message) % 2 == 0, ord("A"), ord("B")).astype(np.uint8)
        # digits of a group number stay few, as in real feeds
        group = 1 + np.arange(len(message)) % 9_999
        unix_s = self.start_unix_s + whole.t_s[message]
        lines = sentence_lines(
            payloads.chars, payloads.n_chars, payloads.fill_bits, channel, receiver, unix_s, group, _names()
        )
        return lines, len(message)


def _choose(payloads: Payloads, rows: I64Array) -> Payloads:
    return Payloads(payloads.chars[rows], payloads.n_chars[rows], payloads.fill_bits[rows])


def _names() -> U8Array:
    table = np.zeros((len(receiver_names()), STATION_BYTES), np.uint8)
    for row, name in zip(table, receiver_names(), strict=True):
        row[: len(name)] = np.frombuffer(name.encode("ascii"), np.uint8)
    return table
