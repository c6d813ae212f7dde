"""What a detector of scope ``assess`` is: it hears each fact with its judgement and speaks to the world."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, Protocol

from lacuna_core.event import Event
from lacuna_core.fact import Fact
from lacuna_core.fold import Snapshot
from lacuna_core.place import Basin, Port, Region
from lacuna_core.units import Degrees
from lacuna_detection.detector import Detector
from lacuna_detection.diary import Diary
from lacuna_detection.void import Judgement
from lacuna_reference.regions import RegionIndex


@dataclass(frozen=True, slots=True)
class Said:
    """A fact, read once for all detectors.

    Attributes
    ----------
    fact : Fact
        The fact.
    detail : mapping of str to Any
        Its detail, parsed.
    event : Event
        The event that passes it on, with its id.
    judgement : Judgement or None
        Verdict on a gap; None for other kinds.
    """

    fact: Fact
    detail: Mapping[str, Any]
    event: Event
    judgement: Judgement | None


class World:
    """What a detector may look at beside the fact: the basins, and what was said before.

    Parameters
    ----------
    basins : tuple of Basin
        All basins watched.
    diary : Diary
        Events of the newest days, up to the fact at hand.
    """

    def __init__(self, basins: tuple[Basin, ...], diary: Diary) -> None:
        self.basins = tuple(sorted(basins, key=lambda b: b.basin_id))
        self.diary = diary
        self.ports: dict[str, Port] = {p.port_id: p for b in self.basins for p in b.ports}
        self._regions = RegionIndex(r for b in self.basins for r in b.regions)
        # Regions that lead to a port are those that it lies in, except the sea and rivers as a whole.
        self.ways_to: dict[str, frozenset[str]] = {
            port.port_id: frozenset(
                r.region_id
                for r in self._regions.at(port.lat_deg, port.lon_deg)
                if r.kind in ("approach", "canal")
            )
            for port in self.ports.values()
        }

    def reading(self, diary: Diary) -> "World":
        """Look at the same basins with another diary.

        Parameters
        ----------
        diary : Diary
            What was said.

        Returns
        -------
        World
            Shares everything else with this one.
        """
        world = copy(self)
        world.diary = diary
        return world

    def basin_at(self, lat_deg: Degrees, lon_deg: Degrees) -> Basin | None:
        """Find the basin of a point.

        Parameters
        ----------
        lat_deg, lon_deg : float
            The point.

        Returns
        -------
        Basin or None
            The first whose box holds it.
        """
        for basin in self.basins:
            west, south, east, north = basin.bbox
            if south <= lat_deg <= north and west <= lon_deg <= east:
                return basin
        return None

    def regions_at(self, lat_deg: Degrees, lon_deg: Degrees) -> tuple[Region, ...]:
        """Find the regions at a point.

        Parameters
        ----------
        lat_deg, lon_deg : float
            The point.

        Returns
        -------
        tuple of Region
            The smallest first.
        """
        return self._regions.at(lat_deg, lon_deg)


class AssessDetector(Detector, Protocol):
    """Looks at facts in canonical order; it may emit only at the fact's ``as_of_ms``.

    Attributes
    ----------
    version : int
        Number in its model version; raised when its logic changes.
    """

    version: int

    def initial(self) -> Any:
        """Make the state before the first fact.

        Returns
        -------
        Any
            The empty state.
        """
        ...

    def step(self, state: Any, said: Said, world: World, params: Any, model_version: str) -> list[Event]:
        """Hear one fact.

        Parameters
        ----------
        state : Any
            Changed in place.
        said : Said
            The fact.
        world : World
            What else is known.
        params : Any
            An instance of its ``Params``.
        model_version : str
            To sign with.

        Returns
        -------
        list of Event
            Unnumbered.
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
