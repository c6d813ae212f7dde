"""What each craft last said of itself, as of any moment of the rows at hand."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lacuna_core.fold import Snapshot
from lacuna_core.position import IdentityBatch
from lacuna_core.units import NULL_TIME_MS, I64Array
from lacuna_detection.craft_index import grown
from lacuna_detection.fixes import pack_texts, unpack_texts
from lacuna_kernels.carry import FROM_STATE, carry_forward

_NUMBERS = ("imo", "ship_type", "length_m", "draught_dm", "draught_ms")
_TEXTS = ("name", "destination")
_FIELDS = _NUMBERS + _TEXTS


@dataclass(frozen=True, slots=True)
class Identity:
    """Static and voyage data of one craft at one moment; 0 and ``""`` where never said.

    Attributes
    ----------
    imo : int
        IMO number as transmitted.
    ship_type : int
        AIS ship and cargo type.
    length_m : int
        Length over all.
    draught_dm : int
        Draught in 0.1 m.
    draught_ms : int
        When the draught was said, Unix milliseconds UTC.
    name, destination : str
        As transmitted.
    """

    imo: int
    ship_type: int
    length_m: int
    draught_dm: int
    draught_ms: int
    name: str
    destination: str


class IdentityColumns:
    """The last known value of each field by slot, and the rows of the present call on top of it."""

    def __init__(self) -> None:
        self._known: dict[str, npt.NDArray[Any]] = {
            name: np.empty(0, np.int64 if name in _NUMBERS else object) for name in _FIELDS
        }
        self._values: dict[str, npt.NDArray[Any]] = {}
        self._source: I64Array = np.empty((0, len(_FIELDS)), np.int64)
        self._slots: I64Array = np.empty(0, np.int64)
        self._t_ms: I64Array = np.empty(0, np.int64)
        self._by_slot: dict[int, tuple[list[int], list[int]]] | None = {}

    def begin(self, slots: I64Array, batch: IdentityBatch, rows: int) -> None:
        """Lay the identity rows of a call over what is known.

        Parameters
        ----------
        slots : numpy.ndarray
            Craft slot of each row, int64.
        batch : IdentityBatch
            Sorted by (t, craft, content).
        rows : int
            Slots needed in all.
        """
        for name, array in self._known.items():
            fill: Any = "" if name in _TEXTS else (NULL_TIME_MS if name == "draught_ms" else 0)
            self._known[name] = grown(array, rows, fill)
        self._slots, self._t_ms, self._by_slot = slots, batch.t_ms, None
        if not len(batch):
            self._source, self._by_slot = np.empty((0, len(_FIELDS)), np.int64), {}
            return
        values: dict[str, npt.NDArray[Any]] = {
            "imo": batch.imo.astype(np.int64),
            "ship_type": batch.ship_type.astype(np.int64),
            "length_m": batch.to_bow_m.astype(np.int64) + batch.to_stern_m,
            "draught_dm": batch.draught_dm.astype(np.int64),
            "draught_ms": batch.t_ms,
            "name": batch.text("name"),
            "destination": batch.text("destination"),
        }
        known = np.column_stack([values[n] != ("" if n in _TEXTS else 0) for n in _FIELDS]).astype(np.bool_)
        known[:, _FIELDS.index("draught_ms")] = known[:, _FIELDS.index("draught_dm")]
        self._values = values
        self._source = carry_forward(slots, known, np.full(rows, FROM_STATE, np.int64))

    def at(self, slot: int, t_ms: int) -> Identity:
        """Tell what was known of a craft at a moment not before the present call's first.

        Parameters
        ----------
        slot : int
            Craft slot.
        t_ms : int
            Unix milliseconds UTC; rows at this very time count.

        Returns
        -------
        Identity
            As said until then.
        """
        if self._by_slot is None:
            self._by_slot = {}
            for row, (s, t) in enumerate(zip(self._slots.tolist(), self._t_ms.tolist(), strict=True)):
                times, places = self._by_slot.setdefault(s, ([], []))
                times.append(t)
                places.append(row)
        times, places = self._by_slot.get(slot, ([], []))
        upto = bisect_right(times, t_ms)
        sources = self._source[places[upto - 1]].tolist() if upto else [FROM_STATE] * len(_FIELDS)
        fields: dict[str, Any] = {
            name: self._known[name][slot] if row == FROM_STATE else self._values[name][row]
            for name, row in zip(_FIELDS, sources, strict=True)
        }
        return Identity(**{n: (str(v) if n in _TEXTS else int(v)) for n, v in fields.items()})  # type: ignore[arg-type]

    def commit(self) -> None:
        """Take the rows of the present call into what is known."""
        if not len(self._source):
            return
        slots, last = np.unique(self._slots[::-1], return_index=True)
        rows = len(self._slots) - 1 - last
        for f, name in enumerate(_FIELDS):
            source = self._source[rows, f]
            said = source != FROM_STATE
            self._known[name][slots[said]] = self._values[name][source[said]]
        self._source, self._by_slot, self._values = self._source[:0], {}, {}

    def dump(self, count: int) -> Snapshot:
        """Write what is known, after ``commit``.

        Parameters
        ----------
        count : int
            Slots in use.

        Returns
        -------
        dict of str to numpy.ndarray
            The columns, names starting with ``identity.``.
        """
        snapshot: Snapshot = {f"identity.{n}": self._known[n][:count].copy() for n in _NUMBERS}
        for name in _TEXTS:
            codes, table = pack_texts(self._known[name][:count])
            snapshot |= {f"identity.{name}": codes, f"identity.{name}.table": table}
        return snapshot

    @classmethod
    def load(cls, snapshot: Snapshot) -> "IdentityColumns":
        """Read what was known.

        Parameters
        ----------
        snapshot : dict of str to numpy.ndarray
            What ``dump`` wrote, among others.

        Returns
        -------
        IdentityColumns
            The columns.
        """
        columns = cls()
        for name in _NUMBERS:
            columns._known[name] = np.array(snapshot[f"identity.{name}"], np.int64)
        for name in _TEXTS:
            columns._known[name] = unpack_texts(
                snapshot[f"identity.{name}"], snapshot[f"identity.{name}.table"]
            )
        return columns
