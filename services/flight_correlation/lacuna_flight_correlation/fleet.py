"""The airframes of one partition: which state row belongs to which craft, and columns for the splitter."""

from dataclasses import dataclass

import numpy as np

from lacuna_core.position import IdentityBatch, PositionBatch
from lacuna_core.units import NULL_I32, I64Array, U64Array
from lacuna_flight_correlation.leg_record import pack_text
from lacuna_kernels.leg_state import LegRows, NameRows, new_state


@dataclass(slots=True)
class Fleet:
    """State of the splitter.

    Attributes
    ----------
    crafts : numpy.ndarray
        Craft keys by slot, shape (n,), uint64.
    columns : numpy.ndarray
        State rows by slot, shape (n, 54), int64.
    """

    crafts: U64Array
    columns: I64Array

    @classmethod
    def empty(cls) -> "Fleet":
        """Make a fleet of no airframes.

        Returns
        -------
        Fleet
            Nothing seen.
        """
        return cls(np.empty(0, np.uint64), new_state(0))

    def enroll(self, crafts: U64Array) -> None:
        """Make room for airframes that were not seen before.

        Parameters
        ----------
        crafts : numpy.ndarray
            Craft keys, any shape and order, uint64.
        """
        fresh = np.setdiff1d(crafts, self.crafts)
        if len(fresh):
            self.crafts = np.concatenate([self.crafts, fresh])
            self.columns = np.concatenate([self.columns, new_state(len(fresh))])

    def slots(self, crafts: U64Array) -> I64Array:
        """Find state rows.

        Parameters
        ----------
        crafts : numpy.ndarray
            Craft keys that were enrolled, shape (n,), uint64.

        Returns
        -------
        numpy.ndarray
            Shape (n,), int64.
        """
        order = np.argsort(self.crafts)
        return order[np.searchsorted(self.crafts, crafts, sorter=order)].astype(np.int64)


def leg_rows(fleet: Fleet, air: PositionBatch, digest: U64Array) -> LegRows:
    """Lay positions out for the splitter.

    Parameters
    ----------
    fleet : Fleet
        Whose airframes are enrolled.
    air : PositionBatch
        Positions.
    digest : numpy.ndarray
        Row digests, shape (n,), uint64.

    Returns
    -------
    LegRows
        Columns; the altitude is barometric, or geometric where there is no barometric one.
    """
    return LegRows(
        slot=fleet.slots(air.craft),
        t_ms=air.t_ms,
        lat_e7=air.lat_e7,
        lon_e7=air.lon_e7,
        speed_dkn=air.speed_dkn,
        course_ddeg=air.course_ddeg,
        altitude_ft=np.where(air.baro_altitude_ft != NULL_I32, air.baro_altitude_ft, air.geo_altitude_ft),
        vertical_rate_fpm=air.vertical_rate_fpm,
        flags=air.flags,
        digest=digest.view(np.int64),
    )


def name_rows(fleet: Fleet, identity: IdentityBatch) -> NameRows:
    """Lay identities out for the splitter.

    Parameters
    ----------
    fleet : Fleet
        Whose airframes are enrolled.
    identity : IdentityBatch
        Flight identities.

    Returns
    -------
    NameRows
        Columns.
    """
    packed = np.array([pack_text(text) for text in identity.strings] or [0], np.int64)
    return NameRows(
        slot=fleet.slots(identity.craft),
        t_ms=identity.t_ms,
        callsign=packed[identity.callsign.astype(np.intp)],
        registration=packed[identity.registration.astype(np.intp)],
        type_code=packed[identity.type_code.astype(np.intp)],
    )
