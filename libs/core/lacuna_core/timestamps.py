"""RFC 3339 at the edges, integer milliseconds everywhere else."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def format_time(t_ms: int) -> str:
    """Write a time as RFC 3339 with Z; milliseconds only where there are any.

    Parameters
    ----------
    t_ms : int
        Unix milliseconds UTC.

    Returns
    -------
    str
        For example ``2022-09-01T12:00:00Z``.

    Examples
    --------
    >>> format_time(1662033600000), format_time(1662033600250)
    ('2022-09-01T12:00:00Z', '2022-09-01T12:00:00.250Z')
    """
    moment = _EPOCH + timedelta(milliseconds=int(t_ms))
    timespec = "milliseconds" if t_ms % 1000 else "seconds"
    return moment.replace(tzinfo=None).isoformat(timespec=timespec) + "Z"


def parse_time(text: str) -> int:
    """Read an RFC 3339 time; without a zone it is UTC.

    Parameters
    ----------
    text : str
        Date and time, or a date alone (midnight).

    Returns
    -------
    int
        Unix milliseconds UTC.

    Raises
    ------
    ValueError
        If it is no such time.

    Examples
    --------
    >>> parse_time("2022-09-01T12:00:00Z")
    1662033600000
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f"{text!r} is not an RFC 3339 time such as 2022-09-01T12:00:00Z") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round((moment - _EPOCH) / timedelta(milliseconds=1))
