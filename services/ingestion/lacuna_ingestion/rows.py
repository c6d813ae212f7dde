"""The messages of a stretch of a file as columns in physical units: what a feed hands over."""

from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

from lacuna_core.position import Domain
from lacuna_core.units import BoolArray, F64Array, U8Array, U16Array, U64Array
from lacuna_ingestion.coded import Coded
from lacuna_ingestion.parse_time import Times
from lacuna_ingestion.validity import Reason


@dataclass(slots=True)
class Identity:
    """What the rows say of their craft besides the position; columns that a format lacks stay None.

    Attributes
    ----------
    numeric : dict of str to numpy.ndarray
        Columns of ``IdentityBatch`` that are numbers, shape (n,), any numeric dtype, NaN for none.
    text : dict of str to Coded
        Its text columns.
    """

    numeric: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    text: dict[str, Coded] = field(default_factory=dict)


@dataclass(slots=True)
class FeedRows:
    """The messages of a stretch of a file as columns of equal length, in physical units, NaN for none.

    Attributes
    ----------
    domain : Domain
        Sea or air.
    source : str
        Name of the feed.
    craft : numpy.ndarray
        Craft keys, uint64, 0 where there is none.
    times : Times
        Unix milliseconds UTC, and what was no time.
    lat_deg, lon_deg : numpy.ndarray
        Degrees.
    flags, craft_class : numpy.ndarray or int
        ``FLAG_`` bits and ``CraftClass`` values; one number for all rows.
    speed_kn, course_deg, heading_deg : numpy.ndarray or None
        None where the format has no such column; so below.
    baro_altitude_ft, geo_altitude_ft, vertical_rate_fpm : numpy.ndarray or None
        Feet and feet per minute.
    receiver : Coded or None
        Who heard it.
    no_position : numpy.ndarray or None
        Rows that by their type carry no position of a craft.
    bad : list of (Reason, numpy.ndarray)
        What could not even be read.
    identity : Identity
        The rest.
    """

    domain: Domain
    source: str
    craft: U64Array
    times: Times
    lat_deg: F64Array
    lon_deg: F64Array
    flags: U16Array | int = 0
    craft_class: U8Array | int = 0
    speed_kn: F64Array | None = None
    course_deg: F64Array | None = None
    heading_deg: F64Array | None = None
    baro_altitude_ft: F64Array | None = None
    geo_altitude_ft: F64Array | None = None
    vertical_rate_fpm: F64Array | None = None
    receiver: Coded | None = None
    no_position: BoolArray | None = None
    bad: list[tuple[Reason, BoolArray]] = field(default_factory=list)
    identity: Identity = field(default_factory=Identity)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.craft)
