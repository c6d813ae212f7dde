"""What may be asked of the stores, and the answers: the seam between query and gateway."""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from lacuna_core.event import Alert
from lacuna_core.ports import EncodedEvent
from lacuna_core.position import PositionBatch
from lacuna_core.profile import Account, CraftProfile, Identity
from lacuna_core.query_filter import CraftFilter, EventFilter, SilenceFilter, TripFilter
from lacuna_core.trip_count import TripCount

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items in order.

    Attributes
    ----------
    items : tuple
        The items.
    more : bool
        Whether there are items behind the last one.
    """

    items: tuple[T, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class CraftSummary:
    """One vessel or aircraft.

    Attributes
    ----------
    profile : CraftProfile
        What the stores know of it.
    flag : str or None
        Country of its radio license, ISO 3166-1 alpha-2: not the registry, not the owner's country.
    group : str or None
        Ship-type group; None for aircraft.
    """

    profile: CraftProfile
    flag: str | None
    group: str | None


@dataclass(frozen=True, slots=True)
class IdentityChange:
    """What a craft said of itself from a time on.

    Attributes
    ----------
    t_ms : int
        When it was first heard so, Unix milliseconds UTC.
    source : str
        Feed that brought it.
    identity : Identity
        All fields as known then.
    """

    t_ms: int
    source: str
    identity: Identity


@dataclass(frozen=True, slots=True)
class CraftDetail:
    """One vessel or aircraft with its history.

    Attributes
    ----------
    summary : CraftSummary
        As it is now.
    history : tuple of IdentityChange
        Ascending by time.
    """

    summary: CraftSummary
    history: tuple[IdentityChange, ...]


@dataclass(frozen=True, slots=True)
class Track:
    """Positions of one craft, perhaps thinned.

    Attributes
    ----------
    rows : PositionBatch
        Sorted by time.
    total : int
        Positions stored in the interval.
    stride_ms : int
        0 when all are here; else one position was kept of each stretch of this length, and the last one.
    """

    rows: PositionBatch
    total: int
    stride_ms: int


@dataclass(frozen=True, slots=True)
class SilenceFigure:
    """Silences of one month, flag and group beside what could have been heard.

    Attributes
    ----------
    month : str or None
        ``2022-09``; None when not broken down by month.
    flag, group : str or None
        The same.
    silences : int
        Silences that receivers do not explain, of at least the threshold.
    void : int
        Silences about which the receivers can say nothing: counted apart.
    crafts : int
        Distinct craft with a silence, void ones left out.
    exposure_craft_days : float
        Hours in which a craft was heard at least once, over 24.
    rate : float or None
        Silences per 1,000 craft-days; None without exposure.
    rate_low, rate_high : float or None
        Exact 95 % Poisson interval of the rate.
    """

    month: str | None
    flag: str | None
    group: str | None
    silences: int
    void: int
    crafts: int
    exposure_craft_days: float
    rate: float | None
    rate_low: float | None
    rate_high: float | None


class QueryApi(Protocol):
    """Every read that the gateway makes; in one process it is called directly."""

    def crafts(self, craft_filter: CraftFilter, after: int | None, limit: int) -> Page[CraftSummary]:
        """List vessels or aircraft, ascending by craft key.

        Parameters
        ----------
        craft_filter : CraftFilter
            Which.
        after : int or None
            Only craft behind this key.
        limit : int
            Most to return.

        Returns
        -------
        Page of CraftSummary
            One page.
        """
        ...

    def craft(self, craft: int) -> CraftDetail:
        """Read one vessel or aircraft.

        Parameters
        ----------
        craft : int
            Craft key.

        Returns
        -------
        CraftDetail
            With its identity history.

        Raises
        ------
        NotFound
            If nothing of it was ever stored.
        """
        ...

    def track(self, craft: int, start_ms: int, end_ms: int, max_points: int) -> Track:
        """Read a track, thinned when it is long.

        Parameters
        ----------
        craft : int
            Craft key.
        start_ms, end_ms : int
            Half-open interval, Unix milliseconds UTC.
        max_points : int
            Most positions, at least 2.

        Returns
        -------
        Track
            Both ends are always there.

        Raises
        ------
        NotFound
            If nothing of the craft was ever stored.
        """
        ...

    def events(
        self, event_filter: EventFilter, after: tuple[int, str] | None, limit: int
    ) -> Page[EncodedEvent]:
        """List events, ordered by (start, id), the newest revision of each.

        Parameters
        ----------
        event_filter : EventFilter
            Which.
        after : tuple of (int, str) or None
            Only events behind this (start, id).
        limit : int
            Most to return.

        Returns
        -------
        Page of EncodedEvent
            One page.
        """
        ...

    def event(self, event_id: str) -> EncodedEvent:
        """Read the newest revision of an event.

        Parameters
        ----------
        event_id : str
            Its id.

        Returns
        -------
        EncodedEvent
            Highest (generation, revision).

        Raises
        ------
        NotFound
            If there is none.
        """
        ...

    def event_revisions(self, event_id: str) -> tuple[EncodedEvent, ...]:
        """Read all revisions of an event.

        Parameters
        ----------
        event_id : str
            Its id.

        Returns
        -------
        tuple of EncodedEvent
            Ascending (generation, revision).

        Raises
        ------
        NotFound
            If there is none.
        """
        ...

    def trips(self, trip_filter: TripFilter, after: tuple[int, str] | None, limit: int) -> Page[EncodedEvent]:
        """List trips, ordered by (start, id).

        Parameters
        ----------
        trip_filter : TripFilter
            Which.
        after : tuple of (int, str) or None
            Only trips behind this (start, id).
        limit : int
            Most to return.

        Returns
        -------
        Page of EncodedEvent
            One page.
        """
        ...

    def count_trips(self, trip_filter: TripFilter) -> TripCount:
        """Count trips as confirmed, expected and possible.

        Parameters
        ----------
        trip_filter : TripFilter
            Which.

        Returns
        -------
        TripCount
            With the ids that made it.
        """
        ...

    def alerts(self, topic: str, after: tuple[int, str] | None, limit: int) -> Page[Alert]:
        """List alerts, ordered by (as_of, event id).

        Parameters
        ----------
        topic : str
            One alert topic; ``""`` for all.
        after : tuple of (int, str) or None
            Only alerts behind this (as_of, event id).
        limit : int
            Most to return.

        Returns
        -------
        Page of Alert
            One page.
        """
        ...

    def silences(self, silence_filter: SilenceFilter) -> tuple[SilenceFigure, ...]:
        """Count silences beside their exposure.

        Parameters
        ----------
        silence_filter : SilenceFilter
            Which.

        Returns
        -------
        tuple of SilenceFigure
            Sorted by month, flag and group.
        """
        ...

    def account(self) -> Account:
        """Say how far the data reaches and whether anything was lost.

        Returns
        -------
        Account
            As of now.
        """
        ...
