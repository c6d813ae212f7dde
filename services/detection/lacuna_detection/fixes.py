"""Fixes kept by craft slot: the rows that facts rest on, after the batch that held them is gone."""

import json
from typing import Any

import numpy as np
import numpy.typing as npt

from lacuna_core.fact import Fix
from lacuna_core.fold import Snapshot
from lacuna_core.position import PositionBatch
from lacuna_core.units import NULL_TIME_MS, I64Array, U64Array
from lacuna_detection.craft_index import grown

_COLUMNS = (
    ("t_ms", "<i8"), ("lat_e7", "<i4"), ("lon_e7", "<i4"), ("speed_dkn", "<u2"), ("course_ddeg", "<u2"),
    ("digest", "<u8"), ("craft_class", "|u1"),
)  # fmt: skip


def pack_texts(texts: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Write a text column as codes and a table.

    Parameters
    ----------
    texts : numpy.ndarray
        Shape (n,), object, of str.

    Returns
    -------
    codes : numpy.ndarray
        Shape (n,), int32.
    table : numpy.ndarray
        JSON list of the sorted texts as UTF-8 bytes, uint8.
    """
    table = sorted(set(texts.tolist()))
    place = {text: i for i, text in enumerate(table)}
    codes = np.array([place[text] for text in texts.tolist()], np.int32)
    return codes, np.frombuffer(json.dumps(table).encode(), np.uint8).copy()


def unpack_texts(codes: npt.NDArray[Any], table: npt.NDArray[Any]) -> npt.NDArray[np.object_]:
    """Read a text column.

    Parameters
    ----------
    codes, table : numpy.ndarray
        What ``pack_texts`` wrote.

    Returns
    -------
    numpy.ndarray
        Shape (n,), object, of str.
    """
    texts = np.array([*json.loads(np.asarray(table, np.uint8).tobytes()), ""], dtype=object)
    return texts[np.asarray(codes, np.intp)]


def fix_of_row(batch: PositionBatch, digest: U64Array, row: int) -> Fix:
    """Take one row as evidence.

    Parameters
    ----------
    batch : PositionBatch
        Rows.
    digest : numpy.ndarray
        Their digests, uint64.
    row : int
        Which one.

    Returns
    -------
    Fix
        The row.
    """
    return Fix(
        t_ms=int(batch.t_ms[row]),
        lat_e7=int(batch.lat_e7[row]),
        lon_e7=int(batch.lon_e7[row]),
        speed_dkn=int(batch.speed_dkn[row]),
        course_ddeg=int(batch.course_ddeg[row]),
        digest=int(digest[row]),
        receiver=batch.strings[batch.receiver[row]] if batch.strings else "",
    )


class FixColumns:
    """One fix a slot, as columns; ``t_ms`` is ``NULL_TIME_MS`` where there is none."""

    def __init__(self) -> None:
        self.columns: dict[str, npt.NDArray[Any]] = {name: np.empty(0, dtype) for name, dtype in _COLUMNS}
        self.receiver = np.empty(0, dtype=object)

    def grow(self, rows: int) -> None:
        """Make room.

        Parameters
        ----------
        rows : int
            Slots needed.
        """
        for name, array in self.columns.items():
            self.columns[name] = grown(array, rows, NULL_TIME_MS if name == "t_ms" else 0)
        self.receiver = grown(self.receiver, rows, "")

    def keep(self, slots: I64Array, batch: PositionBatch, digest: U64Array, rows: I64Array) -> None:
        """Keep rows of a batch.

        Parameters
        ----------
        slots : numpy.ndarray
            Slots to write, each once, int64.
        batch : PositionBatch
            Where the rows are.
        digest : numpy.ndarray
            Their digests, uint64.
        rows : numpy.ndarray
            Row of each slot, int64.
        """
        if not len(slots):
            return
        for name, array in self.columns.items():
            array[slots] = (digest if name == "digest" else getattr(batch, name))[rows]
        table = np.array(batch.strings or ("",), dtype=object)
        self.receiver[slots] = table[batch.receiver[rows].astype(np.intp)]

    def fix(self, slot: int) -> Fix:
        """Read the fix of a slot.

        Parameters
        ----------
        slot : int
            A slot that has one.

        Returns
        -------
        Fix
            The fix.
        """
        values = {n: int(array[slot]) for n, array in self.columns.items() if n != "craft_class"}
        return Fix(**values, receiver=str(self.receiver[slot]))

    def copy(self, slots: I64Array, other: "FixColumns") -> None:
        """Keep the fixes that another set of columns holds for the same slots.

        Parameters
        ----------
        slots : numpy.ndarray
            Slots to write, int64.
        other : FixColumns
            Where they are.
        """
        for name, array in self.columns.items():
            array[slots] = other.columns[name][slots]
        self.receiver[slots] = other.receiver[slots]

    def dump(self, prefix: str, count: int) -> Snapshot:
        """Write the columns.

        Parameters
        ----------
        prefix : str
            Put before each name.
        count : int
            Slots in use.

        Returns
        -------
        dict of str to numpy.ndarray
            The columns.
        """
        codes, table = pack_texts(self.receiver[:count])
        snapshot = {f"{prefix}{name}": array[:count].copy() for name, array in self.columns.items()}
        return snapshot | {f"{prefix}receiver": codes, f"{prefix}receivers": table}

    @classmethod
    def load(cls, prefix: str, snapshot: Snapshot) -> "FixColumns":
        """Read the columns.

        Parameters
        ----------
        prefix : str
            As given to ``dump``.
        snapshot : dict of str to numpy.ndarray
            What ``dump`` wrote, among others.

        Returns
        -------
        FixColumns
            The columns.
        """
        fixes = cls()
        fixes.columns = {name: np.array(snapshot[prefix + name], dtype) for name, dtype in _COLUMNS}
        fixes.receiver = unpack_texts(snapshot[f"{prefix}receiver"], snapshot[f"{prefix}receivers"])
        return fixes
