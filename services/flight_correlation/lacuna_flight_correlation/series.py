"""Event series for correlation: trips, dark port calls and a dated news list as points in time."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lacuna_core.errors import ConfigError
from lacuna_core.event import RETRACTED, VOID, Event
from lacuna_core.timestamps import parse_time
from lacuna_core.units import MS_PER_DAY

TRIP, CALL, NEWS = "trip", "dark_port_call", "news"
_NOON_MS = MS_PER_DAY // 2


@dataclass(frozen=True, slots=True)
class Series:
    """One series of events.

    Attributes
    ----------
    kind : str
        ``trip`` (at landing), ``dark_port_call`` (at the start of the silence; void ones left out), ``news``.
    group : str
        Trips: destination group.
    min_share : float
        Trips: least share.
    watchlisted_only : bool
        Trips: whether the airframe must be on the watchlist.
    types : tuple of str
        News: types; empty for all.
    """

    kind: str
    group: str = "MOSCOW"
    min_share: float = 0.95
    watchlisted_only: bool = False
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewsItem:
    """One dated item.

    Attributes
    ----------
    item_id, label, item_type : str
        As listed.
    t_ms : int
        Its time; noon UTC where only the date is known.
    """

    item_id: str
    label: str
    item_type: str
    t_ms: int


def read_news(body: str) -> tuple[NewsItem, ...]:
    """Read the body of a news activation.

    Parameters
    ----------
    body : str
        JSON ``{"items": [{"id", "date", "label", "type"}]}``; ``""`` for none.

    Returns
    -------
    tuple of NewsItem
        One for each id, sorted by time and id.

    Raises
    ------
    ConfigError
        If an item has no readable date.
    """
    if not body:
        return ()
    try:
        items = {}
        for entry in json.loads(body)["items"]:
            text = str(entry["date"]).strip()
            t_ms = parse_time(text) + (_NOON_MS if len(text) == 10 else 0)
            item_id = str(entry.get("id") or text)
            items[item_id] = NewsItem(item_id, str(entry.get("label", "")), str(entry.get("type", "")), t_ms)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f'news: expected {{"items": [{{"id", "date": RFC 3339 or a date, ...}}]}}, {error!r}'
        ) from error
    return tuple(sorted(items.values(), key=lambda item: (item.t_ms, item.item_id)))


@dataclass(frozen=True, slots=True)
class Point:
    """One event as a point of a series.

    Attributes
    ----------
    event_id : str
        The event.
    kind : str
        ``trip`` or ``dark_port_call``.
    t_ms : int
        When it counts.
    shares : tuple of (str, float)
        Trips: share by destination group.
    watchlisted : bool
        Trips: whether the airframe was on the watchlist.
    """

    event_id: str
    kind: str
    t_ms: int
    shares: tuple[tuple[str, float], ...] = ()
    watchlisted: bool = False


def point(event: Event) -> Point | None:
    """Read an event as a point.

    Parameters
    ----------
    event : Event
        Any event.

    Returns
    -------
    Point or None
        None for other kinds, retracted events and void calls.
    """
    if event.status == RETRACTED or event.verdict == VOID:
        return None
    if event.kind == CALL:
        return Point(event.event_id, CALL, event.start_ms)
    if event.kind != TRIP or event.end_ms is None:
        return None
    detail = json.loads(event.detail)
    shares = tuple(sorted((name, float(g["score_share"])) for name, g in detail["groups"].items()))
    return Point(event.event_id, TRIP, event.end_ms, shares, bool(detail["watchlisted"]))


def series_times(series: Series, points: Iterable[Point], news: Sequence[NewsItem]) -> list[int]:
    """Times of one series.

    Parameters
    ----------
    series : Series
        Which events.
    points : iterable of Point
        Events known.
    news : sequence of NewsItem
        The dated list.

    Returns
    -------
    list of int
        Unix milliseconds UTC, in the order given.
    """
    if series.kind == NEWS:
        return [item.t_ms for item in news if not series.types or item.item_type in series.types]
    return [
        p.t_ms
        for p in points
        if p.kind == series.kind
        and (
            series.kind == CALL
            or (
                dict(p.shares).get(series.group, 0.0) >= series.min_share
                and (p.watchlisted or not series.watchlisted_only)
            )
        )
    ]
