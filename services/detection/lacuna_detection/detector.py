"""What a detector is: one file with one class: what it looks for, at which scope, with which numbers.

Three scopes, one for each fold that drives them. ``craft`` detectors run in the facts fold over the rows of
all craft at once; ``pair`` detectors run over contacts; ``assess`` detectors run over facts and speak to the
world. A module in ``detectors/`` exposes one instance as ``DETECTOR``; nothing else is edited to add one.
"""

from typing import Any, Protocol

from lacuna_core.fact import Contacts, Fact
from lacuna_core.fold import Snapshot
from lacuna_detection.anchorages import Anchorages
from lacuna_detection.track_rows import TrackRows

CRAFT, PAIR, ASSESS = "craft", "pair", "assess"


def fact_order(fact: Fact) -> tuple[int, tuple[int, ...], str, int, int]:
    """Canonical place of a fact among others; a stable sort keeps several words of one moment in order.

    Parameters
    ----------
    fact : Fact
        Any fact.

    Returns
    -------
    tuple
        (as_of, crafts, kind, anchor time, anchor digest).
    """
    return fact.as_of_ms, fact.crafts, fact.kind, fact.anchor_t_ms, fact.anchor_digest


class Detector(Protocol):
    """What all detectors have in common.

    Attributes
    ----------
    kind : str
        Kind of its facts or events, lower snake case; the name of its module.
    scope : str
        ``craft``, ``pair`` or ``assess``: which fold drives it.
    Params : type
        Frozen dataclass of its thresholds; names end in units, defaults are cited.
    """

    kind: str
    scope: str
    Params: type


class CraftDetector(Detector, Protocol):
    """Looks at each craft alone; one state holds all craft as columns."""

    def initial(self) -> Any:
        """Make the state before the first row.

        Returns
        -------
        Any
            The empty state.
        """
        ...

    def step(self, state: Any, rows: TrackRows, until_ms: int, params: Any) -> list[Fact]:
        """Take the next rows and all timers due up to the watermark.

        Parameters
        ----------
        state : Any
            Changed in place.
        rows : TrackRows
            Rows in canonical order with their craft slots and steps.
        until_ms : int
            Watermark, Unix milliseconds UTC.
        params : Any
            An instance of its ``Params``.

        Returns
        -------
        list of Fact
            In any order; the fold sorts.
        """
        ...

    def dump(self, state: Any) -> Snapshot:
        """Write the state as arrays.

        Parameters
        ----------
        state : Any
            Any state.

        Returns
        -------
        dict of str to numpy.ndarray
            Everything needed to go on.
        """
        ...

    def load(self, snapshot: Snapshot) -> Any:
        """Read a state.

        Parameters
        ----------
        snapshot : dict of str to numpy.ndarray
            What ``dump`` wrote.

        Returns
        -------
        Any
            The state.
        """
        ...


class PairDetector(Detector, Protocol):
    """Looks at pairs of craft through their contacts."""

    def initial(self) -> Any:
        """Make the state before the first contact.

        Returns
        -------
        Any
            The empty state.
        """
        ...

    def step(
        self, state: Any, contacts: Contacts, until_ms: int, params: Any, anchorages: Anchorages
    ) -> list[Fact]:
        """Take the next contacts and close the runs that are over at the watermark.

        Parameters
        ----------
        state : Any
            Changed in place.
        contacts : Contacts
            Sorted by (t, craft_a, craft_b).
        until_ms : int
            Watermark, Unix milliseconds UTC.
        params : Any
            An instance of its ``Params``.
        anchorages : Anchorages
            Where meetings are ordinary.

        Returns
        -------
        list of Fact
            Sorted by (as_of, crafts, kind, anchor time, anchor digest).
        """
        ...

    def dump(self, state: Any) -> Snapshot:
        """Write the state as arrays.

        Parameters
        ----------
        state : Any
            Any state.

        Returns
        -------
        dict of str to numpy.ndarray
            Everything needed to go on.
        """
        ...

    def load(self, snapshot: Snapshot) -> Any:
        """Read a state.

        Parameters
        ----------
        snapshot : dict of str to numpy.ndarray
            What ``dump`` wrote.

        Returns
        -------
        Any
            The state.
        """
        ...
