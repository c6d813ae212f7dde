"""The rows of one call as a craft-scope detector sees them: each with its craft slot and its step."""

from dataclasses import dataclass

from lacuna_core.fact import Fix
from lacuna_core.position import PositionBatch
from lacuna_core.units import BoolArray, F64Array, I64Array, U16Array, U64Array
from lacuna_detection.anchorages import Anchorages
from lacuna_detection.fixes import FixColumns, fix_of_row
from lacuna_detection.identity import IdentityColumns


@dataclass(frozen=True, slots=True, eq=False)
class TrackRows:
    """Sea positions in canonical order with what all detectors need to know of them.

    Attributes
    ----------
    batch : PositionBatch
        The rows, shape (n,).
    digest : numpy.ndarray
        Row digests, uint64.
    slot : numpy.ndarray
        Craft slot, int64.
    previous : numpy.ndarray
        Row before of the same craft, ``FROM_STATE`` or ``NO_PREDECESSOR`` (``lacuna_kernels.tracks``), int64.
    dt_ms : numpy.ndarray
        Time since it, int64, milliseconds.
    step_nm : numpy.ndarray
        Distance from it, float64, nautical miles.
    speed_dkn : numpy.ndarray
        Speed reported or else implied by the step, uint16, 0.1 kn.
    port : numpy.ndarray
        Port of the nearest anchorage point within the exit radius, index into ``anchorages.ports``, or -1.
    in_port : numpy.ndarray
        Whether inside the entry radius or not yet beyond the exit radius, bool.
    crafts : numpy.ndarray
        Craft key by slot, uint64.
    count : int
        Slots in use.
    last : FixColumns
        Last fix by slot before these rows.
    last_row : numpy.ndarray
        Last of these rows by slot, ``FROM_STATE`` where there is none, int64.
    identity : IdentityColumns
        What craft said of themselves.
    anchorages : Anchorages
        The points.
    """

    batch: PositionBatch
    digest: U64Array
    slot: I64Array
    previous: I64Array
    dt_ms: I64Array
    step_nm: F64Array
    speed_dkn: U16Array
    port: I64Array
    in_port: BoolArray
    crafts: U64Array
    count: int
    last: FixColumns
    last_row: I64Array
    identity: IdentityColumns
    anchorages: Anchorages

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.slot)

    def craft(self, slot: int) -> int:
        """Craft of a slot.

        Parameters
        ----------
        slot : int
            Craft slot.

        Returns
        -------
        int
            Craft key.
        """
        return int(self.crafts[slot])

    def fix(self, row: int) -> Fix:
        """Take a row as evidence.

        Parameters
        ----------
        row : int
            Row number.

        Returns
        -------
        Fix
            The row.
        """
        return fix_of_row(self.batch, self.digest, row)

    def fix_before(self, row: int, slot: int) -> Fix:
        """Take the row before a row as evidence.

        Parameters
        ----------
        row : int
            Row number; it has a predecessor.
        slot : int
            Its craft slot.

        Returns
        -------
        Fix
            Its predecessor, of this call or of an earlier one.
        """
        before = int(self.previous[row])
        return self.fix(before) if before >= 0 else self.last.fix(slot)

    def last_fix(self, slot: int) -> Fix:
        """Take the last row of a craft as evidence, these rows included.

        Parameters
        ----------
        slot : int
            Craft slot that has had a row.

        Returns
        -------
        Fix
            The row.
        """
        row = int(self.last_row[slot])
        return self.fix(row) if row >= 0 else self.last.fix(slot)

    def class_before(self, row: int, slot: int) -> int:
        """Craft class of the row before a row, or of the last row.

        Parameters
        ----------
        row : int
            Row number, or a negative number for "after all rows".
        slot : int
            Its craft slot.

        Returns
        -------
        int
            ``CraftClass`` value.
        """
        before = int(self.previous[row]) if row >= 0 else int(self.last_row[slot])
        held = self.batch.craft_class[before] if before >= 0 else self.last.columns["craft_class"][slot]
        return int(held)
