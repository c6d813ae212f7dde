"""What the first folds of detection hand to ``assess``: facts, contacts, and who was heard."""

from dataclasses import dataclass
from typing import ClassVar

from lacuna_core.columns import Column, ColumnBatch
from lacuna_core.units import I32Array, I64Array, U16Array, U64Array

CONTACT_SLOT_MS = 600_000
"""Length of a contact slot."""
CONTACT_DELAY_MS = 3_600_000
"""Time from the start of a slot until its contacts are known: a fix less than an hour later can still move a
position on the slot's start (MARITIME 2.4)."""


@dataclass(frozen=True, slots=True)
class Fix:
    """One accepted position, as evidence.

    Attributes
    ----------
    t_ms : int
        Unix milliseconds UTC.
    lat_e7, lon_e7 : int
        Degrees times 1e7.
    speed_dkn, course_ddeg : int
        0.1 kn and 0.1 deg, ``NULL_U16`` for none.
    digest : int
        Row digest, unsigned 64 bits.
    receiver : str
        Receivers that heard it, joined by ``|``.
    """

    t_ms: int
    lat_e7: int
    lon_e7: int
    speed_dkn: int
    course_ddeg: int
    digest: int
    receiver: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement about one craft or a pair; a later one of the same kind and anchor replaces it.

    Attributes
    ----------
    kind : str
        Kind of the detector that says it: ``gap``, ``port_visit``, ``loitering``, ``encounter``.
    crafts : tuple of int
        Craft keys, sorted.
    as_of_ms : int
        Data time at which it is said: a row's time or a timer's due time.
    status : str
        ``open``, ``closed`` or ``retracted``.
    anchor_t_ms : int
        Time of the anchor.
    anchor_digest : int
        Digest of the anchor row.
    start, end : Fix or None
        First and last position of the interval; ``end`` is None while open.
    start_ms : int
        Start of the interval, Unix milliseconds UTC.
    end_ms : int or None
        Its end; None while open.
    detail : str
        Canonical JSON; its schema stands beside the detector.
    """

    kind: str
    crafts: tuple[int, ...]
    as_of_ms: int
    status: str
    anchor_t_ms: int
    anchor_digest: int
    start_ms: int
    end_ms: int | None
    start: Fix | None
    end: Fix | None
    detail: str = "{}"


@dataclass(frozen=True, slots=True, eq=False)
class Contacts(ColumnBatch):
    """Pairs of craft within the pair radius of each other in a 10-minute slot.

    Attributes
    ----------
    t_ms : numpy.ndarray
        Start of the slot, Unix milliseconds UTC, int64.
    craft_a, craft_b : numpy.ndarray
        Craft keys, ``craft_a < craft_b``, uint64.
    distance_m : numpy.ndarray
        Distance in whole meters, uint16.
    lat_e7, lon_e7 : numpy.ndarray
        Midpoint, degrees times 1e7, int32.
    speed_a_dkn, speed_b_dkn : numpy.ndarray
        Speeds in 0.1 kn, uint16.
    strings : tuple of str
        Empty.
    """

    t_ms: I64Array
    craft_a: U64Array
    craft_b: U64Array
    distance_m: U16Array
    lat_e7: I32Array
    lon_e7: I32Array
    speed_a_dkn: U16Array
    speed_b_dkn: U16Array
    strings: tuple[str, ...] = ()

    SCHEMA: ClassVar[tuple[Column, ...]] = (
        Column("t_ms", "<i8"),
        Column("craft_a", "<u8"),
        Column("craft_b", "<u8"),
        Column("distance_m", "<u2"),
        Column("lat_e7", "<i4"),
        Column("lon_e7", "<i4"),
        Column("speed_a_dkn", "<u2"),
        Column("speed_b_dkn", "<u2"),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Heard(ColumnBatch):
    """Craft-slots heard: one row the first time a receiver set hears a craft in a 30-minute slot.

    Attributes
    ----------
    t_ms : numpy.ndarray
        Time of that first position, Unix milliseconds UTC, int64.
    craft : numpy.ndarray
        Craft keys, uint64.
    lat_e7, lon_e7 : numpy.ndarray
        Where it was, degrees times 1e7, int32.
    receiver : numpy.ndarray
        Index into ``strings``, uint16: the receivers, joined by ``|``.
    strings : tuple of str
        Sorted string table.
    """

    t_ms: I64Array
    craft: U64Array
    lat_e7: I32Array
    lon_e7: I32Array
    receiver: U16Array
    strings: tuple[str, ...]

    SCHEMA: ClassVar[tuple[Column, ...]] = (
        Column("t_ms", "<i8"),
        Column("craft", "<u8"),
        Column("lat_e7", "<i4"),
        Column("lon_e7", "<i4"),
        Column("receiver", "<u2", text=True),
    )
