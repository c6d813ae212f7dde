"""AIS messages of ITU-R M.1371-5 as columns of fields, packed to payloads."""

from dataclasses import dataclass

import numpy as np

from lacuna_core.units import I64Array, U8Array
from lacuna_kernels.ais_encode import MAX_PAYLOAD_CHARS, pack_sixbit
from lacuna_simulator.sea.columns import Received
from lacuna_simulator.sea.stations import Station

_CLASS_A = np.array([6, 2, 30, 4, 8, 10, 1, 28, 27, 12, 9, 6, 2, 3, 1, 19])
_CLASS_B = np.array([6, 2, 30, 8, 10, 1, 28, 27, 12, 9, 6, 2, 1, 1, 1, 1, 1, 1, 1, 20])
_LONG_RANGE = np.array([6, 2, 30, 1, 1, 4, 18, 17, 6, 9, 1, 1])
_BASE = np.array([6, 2, 30, 14, 4, 5, 5, 6, 6, 1, 28, 27, 4, 1, 9, 1, 19])
_RADIO_STATE = 0x1F5A
"""A plausible communication state; it says nothing about the ship."""
_NO_RATE_OF_TURN = -128


@dataclass(frozen=True, slots=True, eq=False)
class Payloads:
    """Packed messages.

    Attributes
    ----------
    chars : numpy.ndarray
        Payload characters, shape (n, 72), uint8.
    n_chars, fill_bits : numpy.ndarray
        Characters used and bits that pad the last one, int64, shape (n,).
    """

    chars: U8Array
    n_chars: I64Array
    fill_bits: I64Array


def packed(values: I64Array, widths: I64Array) -> Payloads:
    """Pack rows of fields that all have one layout.

    Parameters
    ----------
    values : numpy.ndarray
        Fields, shape (n, k), int64.
    widths : numpy.ndarray
        Bits of each field, shape (k,), int64.

    Returns
    -------
    Payloads
        One row a message.
    """
    chars = pack_sixbit(np.ascontiguousarray(values), widths)
    wide = np.zeros((len(values), MAX_PAYLOAD_CHARS), np.uint8)
    wide[:, : chars.shape[1]] = chars
    fill = 6 * chars.shape[1] - int(widths.sum())
    return Payloads(wide, np.full(len(values), chars.shape[1]), np.full(len(values), fill))


def _columns(n: int, *fields: I64Array | int) -> I64Array:
    return np.column_stack([np.broadcast_to(np.asarray(f, np.int64), (n,)) for f in fields])


def class_a(rows: Received, mmsi: I64Array, second: I64Array) -> Payloads:
    """Pack messages 1, and 3 for one in eight (an answer to an interrogation).

    Parameters
    ----------
    rows : Received
        Reports of class A ships.
    mmsi, second : numpy.ndarray
        Radio identity and UTC second of each, int64.

    Returns
    -------
    Payloads
        168 bits each.
    """
    n = len(mmsi)
    kind = np.where((rows.t_s + rows.vessel) % 8 == 0, 3, 1)
    return packed(
        _columns(
            n, kind, 0, mmsi, rows.status, _NO_RATE_OF_TURN, np.minimum(rows.speed_dkn, 1022), 1,
            rows.lon_min4, rows.lat_min4, rows.course_ddeg, rows.heading_deg, second, 0, 0, 0, _RADIO_STATE,
        ),
        _CLASS_A,
    )  # fmt: skip


def class_b(rows: Received, mmsi: I64Array, second: I64Array) -> Payloads:
    """Pack messages 18 of carrier-sense transponders.

    Parameters
    ----------
    rows : Received
        Reports of class B ships.
    mmsi, second : numpy.ndarray
        Radio identity and UTC second of each, int64.

    Returns
    -------
    Payloads
        168 bits each.
    """
    n = len(mmsi)
    return packed(
        _columns(
            n, 18, 0, mmsi, 0, np.minimum(rows.speed_dkn, 1022), 0, rows.lon_min4, rows.lat_min4,
            rows.course_ddeg, rows.heading_deg, second, 0, 1, 0, 1, 1, 1, 0, 0, 393_222,
        ),
        _CLASS_B,
    )  # fmt: skip


def long_range(rows: Received, mmsi: I64Array) -> Payloads:
    """Pack messages 27: tenths of a minute, whole knots and degrees.

    Parameters
    ----------
    rows : Received
        Reports heard on the long-range channels.
    mmsi : numpy.ndarray
        Radio identity of each, int64.

    Returns
    -------
    Payloads
        96 bits each.
    """
    speed_kn = np.minimum((rows.speed_dkn + 5) // 10, 62)
    course_deg = (rows.course_ddeg + 5) // 10 % 360
    return packed(
        _columns(
            len(mmsi), 27, 0, mmsi, 1, 0, rows.status, np.rint(rows.lon_min4 / 1000.0).astype(np.int64),
            np.rint(rows.lat_min4 / 1000.0).astype(np.int64), speed_kn, course_deg, 0, 0,
        ),
        _LONG_RANGE,
    )  # fmt: skip


def base_station(station: Station, unix_s: I64Array) -> Payloads:
    """Pack messages 4 of one station.

    Parameters
    ----------
    station : Station
        Where it stands.
    unix_s : numpy.ndarray
        Unix seconds, int64, shape (n,).

    Returns
    -------
    Payloads
        168 bits each.
    """
    moment = unix_s.astype("datetime64[s]")
    day, month, year = (moment.astype(f"datetime64[{u}]") for u in "DMY")
    clock = unix_s % 86_400
    return packed(
        _columns(
            len(unix_s), 4, 0, station.mmsi, year.astype(np.int64) + 1970, month.astype(np.int64) % 12 + 1,
            (day - month).astype(np.int64) + 1, clock // 3600, clock // 60 % 60, clock % 60, 1,
            round(station.lon_deg * 600_000), round(station.lat_deg * 600_000), 1, 0, 0, 0, _RADIO_STATE,
        ),
        _BASE,
    )  # fmt: skip
