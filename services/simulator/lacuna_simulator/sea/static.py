"""Static and voyage messages: 5 of class A, 24 A and B of class B."""

from dataclasses import dataclass

import numpy as np

from lacuna_core.units import I64Array
from lacuna_simulator.sea.columns import Received
from lacuna_simulator.sea.fleet import Vessel
from lacuna_simulator.sea.itinerary import Logbook
from lacuna_simulator.sea.messages import Payloads, packed

EVERY_S = 6 * 3600
"""The thinned feed passes static data on this often, and when the voyage data changed."""
_VOYAGE = np.array([6, 2, 30, 2, 30, *[6] * 7, *[6] * 20, 8, 9, 9, 6, 6, 4, 4, 5, 5, 6, 8, *[6] * 20, 1, 1])
_NAME_PART = np.array([6, 2, 30, 2, *[6] * 20])
_SHIP_PART = np.array([6, 2, 30, 2, 8, *[6] * 3, 24, *[6] * 7, 9, 9, 6, 6, 4, 2])


@dataclass(frozen=True, slots=True, eq=False)
class Statics:
    """Static messages of all ships, in no order.

    Attributes
    ----------
    payloads : Payloads
        Packed.
    t_s, bits : numpy.ndarray
        Time from the start of the world in seconds and receivers, int64, shape (n,).
    """

    payloads: Payloads
    t_s: I64Array
    bits: I64Array


def _sixbit(text: str, count: int) -> list[int]:
    padded = text.upper()[:count].ljust(count, "@")
    return [ord(c) - 64 if ord(c) >= 64 else ord(c) for c in padded]


def _eta(unix_s: float) -> list[int]:
    moment = np.datetime64(int(unix_s), "s").item()
    return [moment.month, moment.day, moment.hour, moment.minute]


def _voyage_fields(vessel: Vessel, log: Logbook, number: int, start_unix_s: int) -> list[int]:
    _, draught_m, destination = log.voyages[number]
    known = number + 1 < len(log.voyages) and (vessel.index + number) % 3 != 0
    eta = _eta(start_unix_s + log.voyages[number + 1][0] - 90_000) if known else [0, 0, 24, 60]
    return [
        5, 0, vessel.mmsi, 1, vessel.imo, *_sixbit(vessel.callsign, 7), *_sixbit(vessel.name, 20),
        vessel.ship_type, *vessel.dimensions_m, 1, *eta, round(10 * draught_m), *_sixbit(destination, 20),
        0, 0,
    ]  # fmt: skip


def _occasions(rows: Received, log: Logbook) -> tuple[I64Array, I64Array]:
    """Rows beside which static data was passed on, and the voyage entry then in force."""
    voyage = np.searchsorted([t for t, _, _ in log.voyages], rows.t_s, side="right") - 1
    key = rows.t_s // EVERY_S * 10_000 + voyage
    first = np.flatnonzero(np.diff(key, prepend=-1) != 0)
    return first, voyage[first]


def statics_of(vessel: Vessel, log: Logbook, rows: Received, start_unix_s: int) -> Statics:
    """Make the static messages of one ship.

    Parameters
    ----------
    vessel : Vessel
        The ship.
    log : Logbook
        What its crew entered when.
    rows : Received
        Its received reports, ascending in time.
    start_unix_s : int
        Start of the world, Unix seconds.

    Returns
    -------
    Statics
        Each at the second of a received report, heard by the same receivers.
    """
    rows = rows.rows(np.flatnonzero(~rows.long_range))
    first, voyage = _occasions(rows, log)
    t_s, bits = rows.t_s[first], rows.bits[first]
    if not vessel.class_b:
        entries = np.array([_voyage_fields(vessel, log, k, start_unix_s) for k in range(len(log.voyages))])
        return Statics(packed(entries[voyage], _VOYAGE), t_s, bits)
    name = [24, 0, vessel.mmsi, 0, *_sixbit(vessel.name, 20)]
    ship = [
        24, 0, vessel.mmsi, 1, vessel.ship_type, *_sixbit("SRT", 3), vessel.index,
        *_sixbit(vessel.callsign, 7), *vessel.dimensions_m, 1, 0,
    ]  # fmt: skip
    parts = [
        packed(np.tile(np.array(fields), (len(first), 1)), widths)
        for fields, widths in ((name, _NAME_PART), (ship, _SHIP_PART))
    ]
    return join_statics([Statics(part, t_s, bits) for part in parts])


def join_statics(parts: list[Statics]) -> Statics:
    """Put static messages together.

    Parameters
    ----------
    parts : list of Statics
        At least one.

    Returns
    -------
    Statics
        All of them.
    """
    payloads = Payloads(
        np.concatenate([p.payloads.chars for p in parts]),
        np.concatenate([p.payloads.n_chars for p in parts]),
        np.concatenate([p.payloads.fill_bits for p in parts]),
    )
    return Statics(payloads, np.concatenate([p.t_s for p in parts]), np.concatenate([p.bits for p in parts]))
