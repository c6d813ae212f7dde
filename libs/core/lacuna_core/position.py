"""What the ``positions`` topic carries: positions, identities, source health, ticks, activations."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar

from lacuna_core.columns import Column, ColumnBatch
from lacuna_core.units import I16Array, I32Array, I64Array, U8Array, U16Array, U32Array, U64Array

MAX_ROWS = 2_048
"""Most rows of one batch on a topic."""


class Domain(IntEnum):
    """Which traffic a batch belongs to; a batch holds one."""

    SEA = 1
    AIR = 2


class CraftClass(IntEnum):
    """What transmitted a position."""

    UNKNOWN = 0
    CLASS_A = 1
    CLASS_B = 2
    SAR_AIRCRAFT = 3
    AIRCRAFT = 4


FLAG_NAV_STATUS_MASK = 0x000F
"""Bits 0-3: AIS navigational status, 15 when undefined or not given (ITU-R M.1371-5 table 48)."""
FLAG_ON_GROUND = 0x0010
FLAG_ACCURATE = 0x0020
"""AIS position accuracy of 10 m or better."""
FLAG_RAIM = 0x0040
FLAG_LONG_RANGE = 0x0080
"""AIS message 27: position in tenths of a minute."""
FLAG_STALE = 0x0100
"""ADS-B trace point whose position was older than 20 s."""
RECEIVER_SEPARATOR = "|"
"""Joins the sorted names of the receivers that heard one merged row."""


@dataclass(frozen=True, slots=True, eq=False)
class PositionBatch(ColumnBatch):
    """Positions as columns, all of one domain.

    Attributes
    ----------
    craft : numpy.ndarray
        Craft keys, shape (n,), uint64.
    t_ms : numpy.ndarray
        Unix time in milliseconds UTC, int64.
    lat_e7, lon_e7 : numpy.ndarray
        Degrees times 1e7, int32, ``NULL_I32`` for none.
    speed_dkn : numpy.ndarray
        Speed over ground in 0.1 kn, uint16, ``NULL_U16`` for none.
    course_ddeg, heading_ddeg : numpy.ndarray
        Course over ground and true heading in 0.1 deg, uint16, ``NULL_U16`` for none.
    baro_altitude_ft, geo_altitude_ft : numpy.ndarray
        Altitudes in feet, int32, ``NULL_I32`` for none.
    vertical_rate_fpm : numpy.ndarray
        Vertical rate in feet per minute, int16, ``NULL_I16`` for none.
    flags : numpy.ndarray
        The ``FLAG_`` bits, uint16.
    craft_class : numpy.ndarray
        ``CraftClass`` values, uint8.
    source, receiver : numpy.ndarray
        Indices into ``strings``, uint16: the feed, and the station or satellite that heard it.
    strings : tuple of str
        Sorted string table.
    domain : Domain
        Sea or air.
    """

    craft: U64Array
    t_ms: I64Array
    lat_e7: I32Array
    lon_e7: I32Array
    speed_dkn: U16Array
    course_ddeg: U16Array
    heading_ddeg: U16Array
    baro_altitude_ft: I32Array
    geo_altitude_ft: I32Array
    vertical_rate_fpm: I16Array
    flags: U16Array
    craft_class: U8Array
    source: U16Array
    receiver: U16Array
    strings: tuple[str, ...]
    domain: Domain = Domain.SEA

    SCHEMA: ClassVar[tuple[Column, ...]] = (
        Column("craft", "<u8"),
        Column("t_ms", "<i8"),
        Column("lat_e7", "<i4"),
        Column("lon_e7", "<i4"),
        Column("speed_dkn", "<u2"),
        Column("course_ddeg", "<u2"),
        Column("heading_ddeg", "<u2"),
        Column("baro_altitude_ft", "<i4"),
        Column("geo_altitude_ft", "<i4"),
        Column("vertical_rate_fpm", "<i2"),
        Column("flags", "<u2"),
        Column("craft_class", "|u1"),
        Column("source", "<u2", text=True),
        Column("receiver", "<u2", text=True),
    )

    def constants(self) -> dict[str, Any]:
        """Fields that are not columns.

        Returns
        -------
        dict of str to Any
            ``domain``.
        """
        return {"domain": self.domain}


@dataclass(frozen=True, slots=True, eq=False)
class IdentityBatch(ColumnBatch):
    """What craft say of themselves: static and voyage data of ships, flight identity of aircraft.

    Attributes
    ----------
    craft, t_ms : numpy.ndarray
        As in ``PositionBatch``.
    imo : numpy.ndarray
        IMO number as transmitted, uint32, 0 for none.
    ship_type : numpy.ndarray
        AIS ship and cargo type, uint8, 0 for none.
    to_bow_m, to_stern_m, to_port_m, to_starboard_m : numpy.ndarray
        Distances of the antenna from the sides of the ship in meters, uint16, 0 for none.
    draught_dm : numpy.ndarray
        Draught in 0.1 m, uint8, 0 for none.
    squawk : numpy.ndarray
        Transponder code, its octal digits read as decimal, uint16, ``NULL_U16`` for none.
    name, callsign, destination, registration, type_code, source : numpy.ndarray
        Indices into ``strings``, uint16; ``""`` for none. ``type_code`` is the ICAO type designator.
    strings : tuple of str
        Sorted string table.
    domain : Domain
        Sea or air.
    """

    craft: U64Array
    t_ms: I64Array
    imo: U32Array
    ship_type: U8Array
    to_bow_m: U16Array
    to_stern_m: U16Array
    to_port_m: U16Array
    to_starboard_m: U16Array
    draught_dm: U8Array
    squawk: U16Array
    name: U16Array
    callsign: U16Array
    destination: U16Array
    registration: U16Array
    type_code: U16Array
    source: U16Array
    strings: tuple[str, ...]
    domain: Domain = Domain.SEA

    SCHEMA: ClassVar[tuple[Column, ...]] = (
        Column("craft", "<u8"),
        Column("t_ms", "<i8"),
        Column("imo", "<u4"),
        Column("ship_type", "|u1"),
        Column("to_bow_m", "<u2"),
        Column("to_stern_m", "<u2"),
        Column("to_port_m", "<u2"),
        Column("to_starboard_m", "<u2"),
        Column("draught_dm", "|u1"),
        Column("squawk", "<u2"),
        Column("name", "<u2", text=True),
        Column("callsign", "<u2", text=True),
        Column("destination", "<u2", text=True),
        Column("registration", "<u2", text=True),
        Column("type_code", "<u2", text=True),
        Column("source", "<u2", text=True),
    )

    def constants(self) -> dict[str, Any]:
        """Fields that are not columns.

        Returns
        -------
        dict of str to Any
            ``domain``.
        """
        return {"domain": self.domain}


@dataclass(frozen=True, slots=True, eq=False)
class SourceHealth(ColumnBatch):
    """How much each receiver of each source was heard to say in an interval, zero included.

    Attributes
    ----------
    t_ms : numpy.ndarray
        End of the interval, Unix milliseconds UTC, int64.
    start_ms : numpy.ndarray
        Its start, int64.
    messages : numpy.ndarray
        Messages of any type received, uint32.
    domain_code : numpy.ndarray
        ``Domain`` value, uint8.
    source, receiver : numpy.ndarray
        Indices into ``strings``, uint16.
    strings : tuple of str
        Sorted string table.
    """

    t_ms: I64Array
    start_ms: I64Array
    messages: U32Array
    domain_code: U8Array
    source: U16Array
    receiver: U16Array
    strings: tuple[str, ...]

    SCHEMA: ClassVar[tuple[Column, ...]] = (
        Column("t_ms", "<i8"),
        Column("start_ms", "<i8"),
        Column("messages", "<u4"),
        Column("domain_code", "|u1"),
        Column("source", "<u2", text=True),
        Column("receiver", "<u2", text=True),
    )


@dataclass(frozen=True, slots=True)
class Tick:
    """The clock in the log: everything of this origin up to ``t_ms`` minus the lateness is there.

    Attributes
    ----------
    seq : int
        Grows by one a tick of one origin.
    t_ms : int
        Data time, Unix milliseconds UTC.
    lateness_ms : int
        How late a row may come and still be taken in order.
    """

    seq: int
    t_ms: int
    lateness_ms: int


@dataclass(frozen=True, slots=True)
class Activate:
    """Puts a content-addressed model in force from the next tick on.

    Attributes
    ----------
    kind : str
        What it replaces: ``params``, ``watchlist``, ``basin``, ``reception``, ``news``.
    digest : str
        Hexadecimal blake2b-128 of ``body``.
    body : str
        Canonical JSON of the model itself when it is small; ``""`` when it must be read from ``models``.
    """

    kind: str
    digest: str
    body: str = ""
