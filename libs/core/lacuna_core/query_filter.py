"""Which things to read: the questions of ``lacuna_core.query``."""

from dataclasses import dataclass
from typing import TypeAlias

from lacuna_core.position import Domain
from lacuna_core.units import Degrees, Hours

Ring: TypeAlias = tuple[tuple[Degrees, Degrees], ...]
"""Closed line of (longitude, latitude) in degrees."""


@dataclass(frozen=True, slots=True)
class CraftFilter:
    """Which vessels or aircraft to list; every field narrows.

    Attributes
    ----------
    domain : Domain
        Sea or air.
    craft : int or None
        One craft key.
    text : str
        Part of the name, callsign or registration, case ignored.
    flags : tuple of str
        Countries of the radio license, ISO 3166-1 alpha-2.
    groups : tuple of str
        Ship-type groups such as ``cargo`` and ``tanker``.
    imo : int or None
        IMO number.
    type_code : str
        ICAO type designator.
    """

    domain: Domain
    craft: int | None = None
    text: str = ""
    flags: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    imo: int | None = None
    type_code: str = ""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events to list; every field narrows.

    Attributes
    ----------
    kinds : tuple of str
        Event kinds; empty for all.
    craft : int or None
        One craft key.
    start_ms, end_ms : int or None
        Events whose interval meets this half-open interval.
    bbox : tuple of float or None
        West, south, east, north in degrees, of either end; west > east crosses the antimeridian.
    polygon : tuple of Ring
        Outer ring and holes, of either end; empty for everywhere.
    status, verdict : str
        One word each; ``""`` for all, retracted events left out.
    min_duration_h : float or None
        Shortest interval.
    flags : tuple of str
        Countries of the radio license of a craft, ISO 3166-1 alpha-2.
    """

    kinds: tuple[str, ...] = ()
    craft: int | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    bbox: tuple[Degrees, Degrees, Degrees, Degrees] | None = None
    polygon: tuple[Ring, ...] = ()
    status: str = ""
    verdict: str = ""
    min_duration_h: Hours | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TripFilter:
    """Which trips to list or count.

    Attributes
    ----------
    group : str
        Destination group such as ``MOSCOW``; ``""`` lists all.
    aircraft : frozenset of int or None
        Craft keys; None for all airframes.
    watchlisted_only : bool
        Whether only trips marked ``watchlisted`` count.
    start_ms, end_ms : int or None
        Half-open window of the arrival, Unix milliseconds UTC; None leaves that side open.
    """

    group: str = ""
    aircraft: frozenset[int] | None = None
    watchlisted_only: bool = False
    start_ms: int | None = None
    end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class SilenceFilter:
    """Which silences to count.

    Attributes
    ----------
    start_ms, end_ms : int
        Half-open interval in which they began, Unix milliseconds UTC.
    threshold_h : float
        Shortest silence.
    by : tuple of str
        What to break down by: ``month``, ``flag``, ``group``; empty for one figure.
    flags, groups : tuple of str
        Only these flags and ship-type groups; empty for all.
    """

    start_ms: int
    end_ms: int
    threshold_h: Hours
    by: tuple[str, ...] = ("month",)
    flags: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
