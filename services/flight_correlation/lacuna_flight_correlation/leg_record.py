"""A leg as the splitter's record says it: its two ends, with what decides which airfield each belongs to."""

from dataclasses import dataclass

from lacuna_core.units import MS_PER_MIN, MS_PER_S, I64Array
from lacuna_kernels import leg_state as col

_FRESH_ALTITUDE_MS = 5 * MS_PER_MIN
_TREND_MS = (30 * MS_PER_S, 10 * MS_PER_MIN)


@dataclass(frozen=True, slots=True)
class End:
    """The fix that decides where a leg began or ended.

    Attributes
    ----------
    t_ms : int
        Unix milliseconds UTC.
    lat_e7, lon_e7 : int
        Degrees times 1e7.
    digest : int
        Row digest, unsigned 64 bits.
    on_ground : bool
        Whether it is a fix on the surface.
    altitude_ft : int or None
        Altitude; None when not known or on the ground.
    trend_fpm : float or None
        Mean vertical rate over the minutes near the end, feet per minute.
    speed_kn, course_deg : float or None
        Ground speed and course.
    """

    t_ms: int
    lat_e7: int
    lon_e7: int
    digest: int
    on_ground: bool
    altitude_ft: int | None
    trend_fpm: float | None
    speed_kn: float | None
    course_deg: float | None


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg of one airframe, open or closed.

    Attributes
    ----------
    craft : int
        Craft key.
    closed : bool
        Whether it ended.
    as_of_ms : int
        Data time at which it is said.
    first, last : End
        Deciding fixes of departure and arrival.
    open_reason, close_reason : str
        What separated it from the leg before and after.
    callsigns : tuple of str
        First and last callsign heard, once if equal.
    registration, type_code : str
        As transmitted or known to the feed; ``""`` for none.
    rows, rejected : int
        Positions taken, and jumps passed over.
    bridged, ambiguous : int
        Silences that did not end it, and those of them in which a landing can't be ruled out.
    max_altitude_ft : int or None
        Highest altitude.
    """

    craft: int
    closed: bool
    as_of_ms: int
    first: End
    last: End
    open_reason: str
    close_reason: str
    callsigns: tuple[str, ...]
    registration: str
    type_code: str
    rows: int
    rejected: int
    bridged: int
    ambiguous: int
    max_altitude_ft: int | None


def pack_text(text: str) -> int:
    """Keep the first eight ASCII characters of a short name as a number.

    Parameters
    ----------
    text : str
        Callsign, registration or type designator.

    Returns
    -------
    int
        Signed 64 bits; 0 for a blank text.
    """
    plain = text.strip().upper().encode("ascii", "ignore")[:8]
    return int.from_bytes(plain.ljust(8, b"\0"), "big", signed=True)


def unpack_text(number: int) -> str:
    """Read a name kept by ``pack_text``.

    Parameters
    ----------
    number : int
        The number.

    Returns
    -------
    str
        The text.
    """
    return int(number).to_bytes(8, "big", signed=True).rstrip(b"\0").decode("ascii")


def _value(number: int) -> int | None:
    return None if number == col.NONE else number


def _scaled(number: int) -> float | None:
    return None if number == col.NONE else number / 10.0


def _trend(late_t_ms: int, late_ft: int, early_t_ms: int, early_ft: int) -> float | None:
    span_ms = late_t_ms - early_t_ms
    if col.NONE in (late_ft, early_ft) or not _TREND_MS[0] <= span_ms <= _TREND_MS[1]:
        return None
    return (late_ft - early_ft) * MS_PER_MIN / span_ms


def _departure(r: list[int]) -> End:
    trend_fpm = _trend(r[col.QUALIFIED_T], r[col.QUALIFIED_ALT], r[col.AIR_T], r[col.AIR_ALT])
    if trend_fpm is None:
        trend_fpm = _value(r[col.FIRST_VRATE])
    return End(
        t_ms=r[col.FIRST_T],
        lat_e7=r[col.FIRST_LAT],
        lon_e7=r[col.FIRST_LON],
        digest=r[col.FIRST_DIGEST] % 2**64,
        on_ground=bool(r[col.FIRST_GROUND]),
        altitude_ft=_value(r[col.FIRST_ALT]),
        trend_fpm=trend_fpm,
        speed_kn=None,
        course_deg=None,
    )


def _arrival(r: list[int]) -> End:
    if r[col.GROUND_T] != col.NONE:
        return End(
            r[col.GROUND_T], r[col.GROUND_LAT], r[col.GROUND_LON], r[col.GROUND_DIGEST] % 2**64,
            True, None, None, None, None,
        )  # fmt: skip
    fresh = r[col.ALT_T] != col.NONE and r[col.LAST_T] - r[col.ALT_T] <= _FRESH_ALTITUDE_MS
    trend_fpm = _trend(r[col.ALT_T], r[col.ALT], r[col.MARK_BEFORE_T], r[col.MARK_BEFORE_ALT])
    if trend_fpm is None:
        trend_fpm = _trend(r[col.ALT_T], r[col.ALT], r[col.MARK_T], r[col.MARK_ALT])
    if trend_fpm is None:
        trend_fpm = _value(r[col.LAST_VRATE])
    return End(
        t_ms=r[col.LAST_T],
        lat_e7=r[col.LAST_LAT],
        lon_e7=r[col.LAST_LON],
        digest=r[col.LAST_DIGEST] % 2**64,
        on_ground=False,
        altitude_ft=_value(r[col.ALT]) if fresh else None,
        trend_fpm=trend_fpm,
        speed_kn=_scaled(r[col.LAST_SPEED]),
        course_deg=_scaled(r[col.LAST_COURSE]),
    )


def read_record(record: I64Array, craft: int) -> Leg:
    """Read one record of the splitter.

    Parameters
    ----------
    record : numpy.ndarray
        Shape (54,), int64.
    craft : int
        Whose it is.

    Returns
    -------
    Leg
        The leg.
    """
    r: list[int] = record.tolist()
    names = (unpack_text(r[col.FIRST_CALLSIGN]), unpack_text(r[col.LEG_CALLSIGN]))
    return Leg(
        craft=craft,
        closed=r[col.RECORD] == col.CLOSED,
        as_of_ms=r[col.AS_OF],
        first=_departure(r),
        last=_arrival(r),
        open_reason=col.REASONS[r[col.OPEN_REASON]],
        close_reason=col.REASONS[r[col.CLOSE_REASON]],
        callsigns=tuple(dict.fromkeys(name for name in names if name)),
        registration=unpack_text(r[col.LEG_REGISTRATION]),
        type_code=unpack_text(r[col.LEG_TYPE_CODE]),
        rows=r[col.ROWS],
        rejected=r[col.REJECTED],
        bridged=r[col.BRIDGED],
        ambiguous=r[col.AMBIGUOUS],
        max_altitude_ft=_value(r[col.MAX_ALT]),
    )
