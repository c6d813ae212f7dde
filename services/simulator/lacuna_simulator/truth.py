"""What was planted: the records of ``truth/truth.json``, which no stage of the pipeline reads."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import orjson

from lacuna_core.errors import InvalidInput

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence of more than one hour between two received positions of a vessel.

    Attributes
    ----------
    craft : str
        ``mmsi:...``.
    start, end : str
        Last position received before and first one after, RFC 3339.
    hours : float
        Length.
    cause : str
        ``switched_off`` when the transponder was off for half of it or more; ``outage`` when an outage of all
        receivers in range explains it: no silence of more than an hour would lie in it had it been received
        what they lost while no other receiver in range was up; ``outage_in_part`` when that is so only with
        what receivers out of range in ordinary radio weather would have heard, or while others in range were
        up; ``coverage`` otherwise.
    outage_id : str or None
        The outage that overlaps it most, for ``outage`` and ``outage_in_part``.
    """

    craft: str
    start: str
    end: str
    hours: float
    cause: str
    outage_id: str | None = None


@dataclass(frozen=True, slots=True)
class DarkCall:
    """A port call with the transponder off; times RFC 3339, silence ends None where it never closed."""

    craft: str
    port_id: str
    port_group: str
    arrive: str
    depart: str
    off: str
    on: str
    silence_start: str | None
    silence_end: str | None


@dataclass(frozen=True, slots=True)
class Outage:
    """An interval in which receivers gave nothing; ``total`` when all did."""

    id: str
    receivers: tuple[str, ...]
    start: str
    end: str
    total: bool


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two vessels side by side; ``visible`` when both kept transmitting."""

    crafts: tuple[str, ...]
    start: str
    end: str
    lat: float
    lon: float
    visible: bool


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """Out of a port and back into it without a call; ``dark_sts`` when a dark meeting was on the way."""

    craft: str
    port_id: str
    depart: str
    arrive: str
    turn_lat: float
    turn_lon: float
    dark_sts: bool


@dataclass(frozen=True, slots=True)
class Trip:
    """An arrival of a watchlisted aircraft in the destination group.

    ``evidence`` says how the landing can be known: ``surface``, ``low`` (last fix low near the field) or
    ``bracketed`` (reception lost far out; the next departure is seen on the same field). ``window_counts``
    says whether it lies in the counting window.
    """

    icao24: str
    airport: str
    arrival: str
    origin: str
    via: tuple[str, ...]
    evidence: str
    window_counts: bool


@dataclass(frozen=True, slots=True)
class NewsTruth:
    """Whether a dated news item was placed after a planted event."""

    id: str
    date: str
    linked: bool


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything planted in one world.

    Attributes
    ----------
    scenario, size : str
        What was played.
    seed : int
        Its seed.
    start, end : str
        Interval of the sea traffic, RFC 3339.
    silences : tuple of Silence
        All that are switched off or explained by an outage, in part too, and those of coverage from six
        hours on.
    dark_calls, outages, meetings, round_trips, trips, news : tuple
        The planted events.
    counts : dict of str to int
        ``trips_total``, ``vessels``, ``sentences``, ``positions``, ``silences_coverage_1h_6h`` and others.
    """

    scenario: str
    size: str
    seed: int
    start: str
    end: str
    silences: tuple[Silence, ...]
    dark_calls: tuple[DarkCall, ...]
    outages: tuple[Outage, ...]
    meetings: tuple[Meeting, ...]
    round_trips: tuple[RoundTrip, ...]
    trips: tuple[Trip, ...]
    news: tuple[NewsTruth, ...]
    counts: dict[str, int]

    def write(self, path: Path) -> None:
        """Write it as JSON.

        Parameters
        ----------
        path : Path
            The file; its folder is made.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))


def read_truth(path: Path) -> Truth:
    """Read a truth file.

    Parameters
    ----------
    path : Path
        ``truth.json``.

    Returns
    -------
    Truth
        The same as was written.

    Raises
    ------
    InvalidInput
        If it can't be read or is no truth file.
    """
    try:
        document = orjson.loads(path.read_bytes())
        return Truth(
            silences=_records(document, "silences", lambda r: Silence(**r)),
            dark_calls=_records(document, "dark_calls", lambda r: DarkCall(**r)),
            outages=_records(document, "outages", lambda r: Outage(**_tupled(r, "receivers"))),
            meetings=_records(document, "meetings", lambda r: Meeting(**_tupled(r, "crafts"))),
            round_trips=_records(document, "round_trips", lambda r: RoundTrip(**r)),
            trips=_records(document, "trips", lambda r: Trip(**_tupled(r, "via"))),
            news=_records(document, "news", lambda r: NewsTruth(**r)),
            counts={str(k): int(v) for k, v in document["counts"].items()},
            seed=int(document["seed"]),
            **{name: str(document[name]) for name in ("scenario", "size", "start", "end")},
        )
    except OSError as error:
        raise InvalidInput(f"{path}: can't be read: {error.strerror}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        names = ", ".join(f.name for f in fields(Truth))
        raise InvalidInput(f"{path}: not a truth file; expected an object with {names}: {error}") from error


def _records(
    document: dict[str, Any], key: str, make: Callable[[dict[str, Any]], Record]
) -> tuple[Record, ...]:
    return tuple(make(record) for record in document[key])


def _tupled(record: dict[str, Any], key: str) -> dict[str, Any]:
    return record | {key: tuple(record[key])}
