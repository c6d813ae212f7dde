"""Sorting rows into positions, identities, counts and dead letters: every message is accounted for."""

from collections.abc import Callable, Sequence

import numpy as np

from lacuna_core.message import DeadLetter
from lacuna_core.position import RECEIVER_SEPARATOR, Domain, PositionBatch, SourceHealth
from lacuna_core.units import (
    NULL_I16,
    NULL_I32,
    NULL_TIME_MS,
    NULL_U16,
    BoolArray,
    F64Array,
    I64Array,
    U8Array,
)
from lacuna_ingestion.coded import Coded, joined_codes, mapped, values_of
from lacuna_ingestion.feed import Decoded
from lacuna_ingestion.health import count_messages
from lacuna_ingestion.identities import identities
from lacuna_ingestion.rows import FeedRows
from lacuna_ingestion.scale import angles_ddeg, degrees_e7, quantize
from lacuna_ingestion.validity import (
    EXPECTED,
    MAX_ALTITUDE_FT,
    MAX_SPEED_KN,
    MAX_TEXT_CHARS,
    MAX_VERTICAL_RATE_FPM,
    MIN_ALTITUDE_FT,
    Reason,
    bad_time,
    first_reason,
    outside,
)

MAX_POSITION_ROWS = 32_768
MAX_PAYLOAD_BYTES = 256 << 10


def _reasons(rows: FeedRows, receiver: Coded) -> U8Array:
    """Find the first thing wrong with each row."""
    craft_reason = Reason.BAD_MMSI if rows.domain is Domain.SEA else Reason.BAD_ICAO24
    too_long = values_of(receiver, lambda name: len(name) > MAX_TEXT_CHARS, np.bool_)
    checks: list[tuple[Reason, BoolArray]] = [
        (craft_reason, rows.craft == 0),
        (Reason.BAD_TIME, rows.times.bad | bad_time(rows.times.t_ms)),
        *rows.bad,
        (Reason.BAD_LATITUDE, outside(rows.lat_deg, -90.0, 90.0)),
        (Reason.BAD_LONGITUDE, outside(rows.lon_deg, -180.0, 180.0)),
        (Reason.BAD_TEXT, too_long),
    ]
    bounds: tuple[tuple[Reason, F64Array | None, float, float], ...] = (
        (Reason.BAD_SPEED, rows.speed_kn, 0.0, MAX_SPEED_KN),
        (Reason.BAD_COURSE, rows.course_deg, 0.0, 360.0),
        (Reason.BAD_HEADING, rows.heading_deg, 0.0, 360.0),
        (Reason.BAD_ALTITUDE, rows.baro_altitude_ft, MIN_ALTITUDE_FT, MAX_ALTITUDE_FT),
        (Reason.BAD_ALTITUDE, rows.geo_altitude_ft, MIN_ALTITUDE_FT, MAX_ALTITUDE_FT),
        (Reason.BAD_VERTICAL_RATE, rows.vertical_rate_fpm, -MAX_VERTICAL_RATE_FPM, MAX_VERTICAL_RATE_FPM),
    )
    checks += [(why, outside(v, low, high)) for why, v, low, high in bounds if v is not None]
    return first_reason(len(rows), checks)


def _positions(rows: FeedRows, receiver: Coded, keep: I64Array) -> tuple[PositionBatch, ...]:
    """Batches of the rows to publish."""
    parts = (keep[at : at + MAX_POSITION_ROWS] for at in range(0, len(keep), MAX_POSITION_ROWS))
    return tuple(_position_batch(rows, receiver, part) for part in parts)


def _position_batch(rows: FeedRows, receiver: Coded, at: I64Array) -> PositionBatch:
    n = len(at)
    codes, strings = joined_codes({"source": rows.source, "receiver": receiver}, at)

    def picked(values: F64Array | None) -> F64Array | None:
        return None if values is None else values[at]

    return PositionBatch(
        craft=rows.craft[at],
        t_ms=rows.times.t_ms[at],
        lat_e7=degrees_e7(rows.lat_deg[at]),
        lon_e7=degrees_e7(rows.lon_deg[at]),
        speed_dkn=quantize(picked(rows.speed_kn), n, 10.0, np.uint16, NULL_U16),
        course_ddeg=angles_ddeg(picked(rows.course_deg), n),
        heading_ddeg=angles_ddeg(picked(rows.heading_deg), n),
        baro_altitude_ft=quantize(picked(rows.baro_altitude_ft), n, 1.0, np.int32, NULL_I32),
        geo_altitude_ft=quantize(picked(rows.geo_altitude_ft), n, 1.0, np.int32, NULL_I32),
        vertical_rate_fpm=quantize(picked(rows.vertical_rate_fpm), n, 1.0, np.int16, NULL_I16),
        flags=np.full(len(rows), rows.flags, np.uint16)[at],
        craft_class=np.full(len(rows), rows.craft_class, np.uint8)[at],
        **codes,
        strings=strings,
        domain=rows.domain,
    )


def dead_letters(source: str, origin: str, reason: Reason, payload: bytes) -> list[DeadLetter]:
    """Write a message off.

    Parameters
    ----------
    source : str
        Name of the feed.
    origin : str
        File and row.
    reason : Reason
        Why.
    payload : bytes
        The original bytes.

    Returns
    -------
    list of DeadLetter
        With the reason's code and what was expected; one, or several where the bytes must be cut to fit the
        records of the log.
    """
    return [
        DeadLetter(source, origin, reason.code, EXPECTED[reason], payload[at : at + MAX_PAYLOAD_BYTES])
        for at in range(0, max(len(payload), 1), MAX_PAYLOAD_BYTES)
    ]


def decoded(
    rows: FeedRows,
    origin: Callable[[int], str],
    payload: Callable[[int], bytes],
    *,
    dead: Sequence[DeadLetter] = (),
    bytes_read: int,
) -> Decoded:
    """Sort rows into positions, identities, counts and dead letters; every message is accounted for.

    Parameters
    ----------
    rows : FeedRows
        Messages that could be taken apart.
    origin : callable
        Row to its place, for dead letters.
    payload : callable
        Row to its original bytes.
    dead : sequence of DeadLetter
        Messages that could not even be taken apart.
    bytes_read : int
        Bytes of the file consumed so far.

    Returns
    -------
    Decoded
        ``messages == published + non_position + len(dead)``.
    """
    n = len(rows)
    silent = Coded(np.zeros(n, np.int64), ("",))
    receiver = silent if rows.receiver is None else mapped(rows.receiver, _one_name)
    reasons = _reasons(rows, receiver)
    fine = reasons == Reason.FINE
    timed = fine & (rows.times.t_ms != NULL_TIME_MS)
    placed = timed & np.isfinite(rows.lat_deg) & np.isfinite(rows.lon_deg)
    if rows.no_position is not None:
        placed &= ~rows.no_position
    keep = np.flatnonzero(placed)
    lost = list(dead)
    for row in np.flatnonzero(~fine).tolist():
        lost += dead_letters(rows.source, origin(row), Reason(int(reasons[row])), payload(row))
    return Decoded(
        positions=_positions(rows, receiver, keep),
        identities=identities(rows, timed),
        health=count_messages(
            rows.domain, rows.source, Coded(receiver.codes[timed], receiver.table), rows.times.t_ms[timed]
        ),
        dead=tuple(lost),
        messages=int(fine.sum()) + len(lost),
        published=len(keep),
        non_position=int(fine.sum()) - len(keep),
        bytes_read=bytes_read,
    )


def _one_name(receiver: str) -> str:
    return receiver.replace(RECEIVER_SEPARATOR, "/")


def undecoded(dead: Sequence[DeadLetter], bytes_read: int) -> Decoded:
    """Account for messages none of which could be taken apart.

    Parameters
    ----------
    dead : sequence of DeadLetter
        One a message.
    bytes_read : int
        Bytes of the file consumed so far.

    Returns
    -------
    Decoded
        Dead letters only.
    """
    return Decoded((), (), SourceHealth.empty(), tuple(dead), len(dead), 0, 0, bytes_read)
