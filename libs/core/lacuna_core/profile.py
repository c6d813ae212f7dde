"""What stores derive from positions and identities: who a craft is, where it was last, when it was heard."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from lacuna_core.columns import Column, ColumnBatch
from lacuna_core.message import DeadLetter, LedgerEntry
from lacuna_core.position import Domain, SourceHealth
from lacuna_core.units import I32Array, U32Array, U64Array


@dataclass(frozen=True, slots=True)
class LastPosition:
    """The newest position of a craft.

    Attributes
    ----------
    t_ms : int
        Unix milliseconds UTC.
    lat_e7, lon_e7, speed_dkn, course_ddeg, heading_ddeg : int
        As in ``PositionBatch``, its nulls included.
    baro_altitude_ft, geo_altitude_ft, vertical_rate_fpm, flags, craft_class : int
        The same.
    """

    t_ms: int
    lat_e7: int
    lon_e7: int
    speed_dkn: int
    course_ddeg: int
    heading_ddeg: int
    baro_altitude_ft: int
    geo_altitude_ft: int
    vertical_rate_fpm: int
    flags: int
    craft_class: int


@dataclass(frozen=True, slots=True)
class Identity:
    """What a craft said of itself, each field as last heard.

    Attributes
    ----------
    imo, ship_type, to_bow_m, to_stern_m, to_port_m, to_starboard_m, draught_dm : int or None
        As in ``IdentityBatch``; None when never heard.
    squawk : int or None
        Octal digits read as decimal.
    name, callsign, destination, registration, type_code : str or None
        The same.
    """

    imo: int | None = None
    ship_type: int | None = None
    to_bow_m: int | None = None
    to_stern_m: int | None = None
    to_port_m: int | None = None
    to_starboard_m: int | None = None
    draught_dm: int | None = None
    squawk: int | None = None
    name: str | None = None
    callsign: str | None = None
    destination: str | None = None
    registration: str | None = None
    type_code: str | None = None


@dataclass(frozen=True, slots=True)
class CraftProfile:
    """One craft as the stores know it.

    Attributes
    ----------
    craft : int
        Craft key.
    domain : Domain
        Sea or air.
    first_ms, last_ms : int or None
        Times of its first and newest position; None when it has none.
    last : LastPosition or None
        The newest position.
    identity : Identity
        What it last said of itself.
    """

    craft: int
    domain: Domain
    first_ms: int | None
    last_ms: int | None
    last: LastPosition | None
    identity: Identity


@dataclass(frozen=True, slots=True)
class CraftQuery:
    """Which craft to list; every field narrows.

    Attributes
    ----------
    domain : Domain
        Sea or air.
    craft : int or None
        One craft.
    text : str
        Part of the name, callsign or registration, case ignored; ``""`` for all.
    mids : tuple of int
        Maritime identification digits (flag states); empty for all.
    ship_types : tuple of int
        AIS ship types; empty for all.
    imo : int or None
        IMO number.
    type_code : str
        ICAO type designator; ``""`` for all.
    after : int or None
        Only craft behind this one in the order.
    limit : int
        Most craft to return.
    """

    domain: Domain
    craft: int | None = None
    text: str = ""
    mids: tuple[int, ...] = ()
    ship_types: tuple[int, ...] = ()
    imo: int | None = None
    type_code: str = ""
    after: int | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True, eq=False)
class Exposure(ColumnBatch):
    """Hours of a day in which a craft was heard at least once: the denominator of every rate.

    Attributes
    ----------
    craft : numpy.ndarray
        Craft keys, uint64.
    day : numpy.ndarray
        Days since 1970-01-01 UTC, int32.
    hours : numpy.ndarray
        Bit h is set when it was heard in hour h, uint32.
    strings : tuple of str
        Empty.
    """

    craft: U64Array
    day: I32Array
    hours: U32Array
    strings: tuple[str, ...] = ()

    SCHEMA: ClassVar[tuple[Column, ...]] = (
        Column("craft", "<u8"),
        Column("day", "<i4"),
        Column("hours", "<u4"),
    )


class ProfileReader(Protocol):
    """Reads what was derived from tracks and identities."""

    def profile(self, craft: int) -> CraftProfile | None:
        """Read one craft.

        Parameters
        ----------
        craft : int
            Craft key.

        Returns
        -------
        CraftProfile or None
            None when nothing of it was ever stored.
        """
        ...

    def profiles(self, query: CraftQuery) -> Sequence[CraftProfile]:
        """List craft.

        Parameters
        ----------
        query : CraftQuery
            Which.

        Returns
        -------
        sequence of CraftProfile
            Ascending by craft key.
        """
        ...

    def exposure(self, start_ms: int, end_ms: int) -> Exposure:
        """Read when craft were heard.

        Parameters
        ----------
        start_ms, end_ms : int
            Half-open interval, Unix milliseconds UTC; hours that begin in it count.

        Returns
        -------
        Exposure
            Sorted by (day, craft); hours outside the interval are cleared.
        """
        ...


@dataclass(frozen=True, slots=True)
class Account:
    """What the projector took, for people who ask whether anything was lost.

    Attributes
    ----------
    watermark_ms : int or None
        Data time up to which everything is stored; None before the first tick.
    newest_position_ms : int or None
        Time of the newest position stored.
    sources : tuple of (str, int)
        Each feed that brought messages, and the end of the newest interval in which it did; sorted.
    crafts, chunks, positions, events, alerts : int
        Rows stored; ``positions`` counts repeats that are merged on read.
    dead_letters : tuple of (str, str, int)
        Source, reason and number, sorted.
    ledger : tuple of LedgerEntry
        The newest entry of each stage and partition, sorted.
    """

    watermark_ms: int | None
    newest_position_ms: int | None
    sources: tuple[tuple[str, int], ...]
    crafts: int
    chunks: int
    positions: int
    events: int
    alerts: int
    dead_letters: tuple[tuple[str, str, int], ...]
    ledger: tuple[LedgerEntry, ...]


class AccountWriter(Protocol):
    """Writes what accounts for the data."""

    def put_ledger(self, entries: Sequence[LedgerEntry]) -> None:
        """Upsert by (stage, partition, time).

        Parameters
        ----------
        entries : sequence of LedgerEntry
            Any order.
        """
        ...

    def put_dead_letters(self, letters: Sequence[DeadLetter]) -> None:
        """Count dead letters; the same letter again changes nothing.

        Parameters
        ----------
        letters : sequence of DeadLetter
            Any order.
        """
        ...

    def put_health(self, health: SourceHealth) -> None:
        """Note when each source last brought a message; it never moves back.

        Parameters
        ----------
        health : SourceHealth
            Any order; rows without messages say nothing new.
        """
        ...

    def put_watermark(self, watermark_ms: int) -> None:
        """Note how far the data is complete; it never moves back.

        Parameters
        ----------
        watermark_ms : int
            Unix milliseconds UTC.
        """
        ...


class AccountReader(Protocol):
    """Reads what accounts for the data."""

    def account(self) -> Account:
        """Read the counts.

        Returns
        -------
        Account
            As of now.
        """
        ...
